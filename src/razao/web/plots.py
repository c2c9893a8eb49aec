"""Small plots: in: numbers, out: inline SVG without script or style attributes; colours come from the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from razao.web.figures import money, number

Number = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label under the axis, its value, where a click goes, and whether it is the current one."""

    label: str
    value: Number
    href: str = ""
    now: bool = False


def spark(values: Sequence[Number], label: str = "") -> SafeString:
    """A line of 96 × 20 px without axes; ``label`` says in words what it shows (empty hides it from screen readers)."""
    points = _line(values, width=96, height=20, pad=2)
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="plot spark" viewBox="0 0 96 20" {}><polyline class="stroke" points="{}"/></svg>',
        said,
        points,
    )


def _line(values: Sequence[Number], *, width: int, height: int, pad: int) -> str:
    if not values:
        return ""
    heights = [float(value) for value in values]
    low = min(heights)
    span = (max(heights) - low) or 1.0
    step = (width - 2 * pad) / max(1, len(values) - 1)
    return " ".join(
        f"{pad + index * step:.1f},{height - pad - ((value - low) / span) * (height - 2 * pad):.1f}"
        for index, value in enumerate(heights)
    )


def bars(
    rows: Sequence[Bar], *, title: str, height: int = 160, width: int = 720, as_money: bool = False
) -> SafeString:
    """A bar a row, negative ones below the axis; the values are in the drawing's text for screen readers too."""
    write = money if as_money else number
    heights = [0.0, *(float(row.value) for row in rows)]
    top = max(heights) if any(heights) else 1.0
    span = top - min(heights)
    room = height - 36
    zero = 16 + room * top / span
    slot = width / max(1, len(rows))
    drawn = format_html_join(
        "",
        "{}",
        ((_bar(row, index, slot, zero, room / span, write),) for index, row in enumerate(rows)),
    )
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="group" aria-label="{}">{}'
        '<path class="axis" d="M0 {}H{}"/></svg>',
        width,
        height,
        title,
        drawn,
        f"{zero:.1f}",
        width,
    )


def _bar(row: Bar, index: int, slot: float, zero: float, scale: float, write: object) -> SafeString:
    text = money(Decimal(str(row.value))) if write is money else number(int(row.value))
    tall = abs(float(row.value)) * scale
    top = zero - tall if row.value >= 0 else zero
    middle = slot * (index + 0.5)
    body = format_html(
        '<rect class="bar{}" x="{}" y="{}" width="{}" height="{}" rx="1"><title>{}: {}</title></rect>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        " now" if row.now else "",
        f"{slot * (index + 0.18):.1f}",
        f"{top:.1f}",
        f"{slot * 0.64:.1f}",
        f"{max(tall, 0.5):.1f}",
        row.label,
        text,
        f"{middle:.1f}",
        f"{zero + (tall if row.value < 0 else 0) + 14:.1f}",
        row.label,
    )
    if not row.href:
        return body
    return format_html('<a href="{}" aria-label="{}: {}">{}</a>', row.href, row.label, text, body)
