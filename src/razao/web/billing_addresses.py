"""Addresses of billing's pages, under ``c/<uuid:company>/billing/``."""

from django.urls import path

from razao.web import (
    billing,
    billing_compare,
    billing_configuration,
    billing_mapping,
    billing_sources,
    billing_takeover,
)

_ROOT = "c/<uuid:company>/billing/"
_PART = f"{_ROOT}configuration/<str:section>/"
BILLING = [
    path(_ROOT, billing.index, name="index"),
    path(f"{_ROOT}start/", billing.start, name="start"),
    path(f"{_ROOT}account/", billing_configuration.account, name="account"),
    path(f"{_ROOT}cost-center/", billing_configuration.cost_center, name="cost-center"),
    path(f"{_ROOT}configuration/", billing_configuration.configuration, name="configuration"),
    path(f"{_ROOT}copy/", billing_configuration.copy, name="copy"),
    path(f"{_ROOT}sources/", billing_sources.sources, name="sources"),
    path(f"{_ROOT}sources/new/<str:kind>/", billing_sources.new, name="source-new"),
    path(f"{_ROOT}sources/<uuid:source>/", billing_sources.edit, name="source"),
    path(f"{_ROOT}sources/<uuid:source>/mapping/", billing_mapping.mapping, name="mapping"),
    path(f"{_ROOT}takeover/", billing_takeover.index, name="takeovers"),
    path(f"{_ROOT}takeover/<uuid:takeover>/", billing_takeover.one, name="takeover"),
    path(
        f"{_ROOT}takeover/<uuid:takeover>/accept/", billing_takeover.accept, name="takeover-accept"
    ),
    path(f"{_ROOT}comparison/<uuid:what_if>/", billing_compare.comparison, name="comparison"),
    path(_PART, billing_configuration.section, name="section"),
    path(f"{_PART}new/", billing_configuration.new, name="new"),
    path(f"{_PART}<uuid:row>/", billing_configuration.edit, name="edit"),
    path(f"{_PART}<uuid:row>/remove/", billing_configuration.remove, name="remove"),
    path(f"{_ROOT}<uuid:preparation>/", billing.preparation, name="preparation"),
    path(f"{_ROOT}<uuid:preparation>/integrate/", billing.integrate, name="integrate"),
    path(f"{_ROOT}<uuid:preparation>/undo/", billing.undo, name="undo"),
    path(f"{_ROOT}<uuid:preparation>/again/", billing.again, name="again"),
    path(f"{_ROOT}<uuid:preparation>/stop/", billing.stop, name="stop"),
]
