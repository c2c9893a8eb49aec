"""Addresses of the site, the API and the portal."""

from django.urls import include, path

from razao.api.main import api

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("", include("razao.web.urls")),
]
