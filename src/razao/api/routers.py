"""The routers of the API, in the order of its description: (prefix, router)."""

from __future__ import annotations

from ninja import Router

from razao.api import billing, capture, companies, delivery, reports

ROUTERS: tuple[tuple[str, Router], ...] = (
    ("/companies", companies.router),
    ("/companies", capture.router),
    ("/companies", billing.router),
    ("/companies", delivery.router),
    ("/companies", reports.router),
    ("/portal", delivery.people),
)
