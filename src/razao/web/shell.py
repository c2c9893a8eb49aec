"""The frame around every page: in: the request, out: what the rail and the top bar show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context that every page has."""
    del request
    return {}
