"""The address map as the tests walk it: nothing in, every address of Razão out, in order."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def every_address() -> list[str]:
    """Every address of Razão itself (sign-in is a library's and names no company)."""

    def walk(resolver: URLResolver, before: str = "") -> Iterator[str]:
        for part in resolver.url_patterns:
            place = before + str(part.pattern)
            if isinstance(part, URLResolver):
                yield from walk(part, place)
            elif isinstance(part, URLPattern):
                yield place

    ours = (a for a in walk(get_resolver()) if not a.startswith(("accounts/", "_gallery/")))
    return sorted(set(ours))


def of_companies() -> list[str]:
    """Those that name a company."""
    return [a for a in every_address() if "<" in a and "company" in a]
