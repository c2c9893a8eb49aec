"""Addresses of the site, the API and the portal."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("razao.web.urls")),
]
