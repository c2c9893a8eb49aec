"""Addresses of the pages. A company's pages live under ``c/<uuid:company>/`` with the keyword ``company``."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from razao.web import gallery

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
]

if settings.DEBUG:
    urlpatterns.append(path("_gallery/", gallery.gallery, name="gallery"))
