"""The state of a list: in: the address's query, out: order, filters, page and the links that change one of them.

A list's whole state stands in its address, so that it can be kept, sent and gone back to. A view makes a
``Listing`` from its columns and filters, orders and narrows its query by it, and hands over the rows; the
tags of ``razao_ui`` draw the head, the chips and the row that loads more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise

PAGE_ROWS = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``kind`` is text, num, day, state or action; ``order`` are the fields that sorting by it orders by."""

    key: str
    label: str | Promise
    kind: str = "text"
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of a filter, as a chip above the list; an empty ``value`` takes the filter away."""

    name: str
    value: str
    label: str
    count: int | None = None


@dataclass(slots=True)
class Listing:
    """What the address says of a list, and what its links must say."""

    path: str
    query: QueryDict
    columns: Sequence[Column]
    default: str
    chips: Sequence[Chip] = ()
    page_rows: int = PAGE_ROWS
    rows: list[Any] = field(default_factory=list)
    more: bool = False
    total: int | None = None
    totals: dict[str, Any] = field(default_factory=dict)

    @property
    def sort(self) -> str:
        """The key of the column that orders the list, with ``-`` in front when downwards."""
        asked = self.query.get("sort", "")
        known = {column.key for column in self.columns if column.order}
        return asked if asked.removeprefix("-") in known else self.default

    @property
    def page(self) -> int:
        """The page asked for, from 1."""
        text = self.query.get("page", "1")
        return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1

    @property
    def order_by(self) -> list[str]:
        """Field names for ``order_by``, the id last, so that the order is total."""
        sort = self.sort
        column = next(c for c in self.columns if c.key == sort.removeprefix("-"))
        down = sort.startswith("-")
        return [f"-{name}" if down else name for name in (*column.order, "pk")]

    def value(self, name: str) -> str:
        """The value of the filter ``name``; '' when it is not set."""
        return self.query.get(name, "")

    def link(self, **changes: str | int | None) -> str:
        """The list's address with some parameters changed; None or '' takes one away. Any change goes to page 1."""
        query = self.query.copy()
        for name in ("page", "as"):
            query.pop(name, None)
        for name, value in changes.items():
            if value in (None, ""):
                query.pop(name, None)
            else:
                query[name] = str(value)
        text = query.urlencode()
        return f"{self.path}?{text}" if text else self.path

    def sort_link(self, key: str) -> str:
        """The address that orders by ``key``: upwards first, downwards when it is upwards already."""
        return self.link(sort=f"-{key}" if self.sort == key else key)

    def load(self, found: QuerySet[Any] | Sequence[Any], total: int | None = None) -> Listing:
        """Take this page's rows of ``found`` (ordered already); one row more is read to know whether there are more."""
        start = (self.page - 1) * self.page_rows
        rows = list(found[start : start + self.page_rows + 1])
        self.more = len(rows) > self.page_rows
        self.rows = rows[: self.page_rows]
        self.total = total
        return self


def listing(
    request: HttpRequest,
    columns: Iterable[Column],
    *,
    default: str,
    chips: Iterable[Chip] = (),
    page_rows: int = PAGE_ROWS,
) -> Listing:
    """The list's state as the request's address says it."""
    return Listing(
        request.path, request.GET, tuple(columns), default, tuple(chips), page_rows=page_rows
    )


def rows_only(request: HttpRequest) -> bool:
    """True when the page asks for more rows, and the view is to send the rows' template alone."""
    return "HX-Request" in request.headers and request.headers.get("HX-Target", "") == "more-rows"
