"""Small plots: in: numbers, out: inline SVG without script or style attributes; colours come from the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from razao.web.figures import money, number

Number = int | float | Decimal
#: From this width (px of the drawing) on, letters grow where the page is narrow.
WIDE = 500


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


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where bars stand: px of a bar's place, of the axis from the top, and of a unit of value."""

    slot: float
    zero: float
    scale: float
    as_money: bool

    def middle(self, index: int) -> str:
        return f"{self.slot * (index + 0.5):.1f}"

    def tall(self, value: Number) -> float:
        return abs(float(value)) * self.scale

    def top(self, value: Number) -> float:
        return self.zero - (self.tall(value) if value > 0 else 0)

    def said(self, value: Number) -> str:
        return money(Decimal(str(value))) if self.as_money else number(int(value))


def bars(
    rows: Sequence[Bar], *, title: str, height: int = 160, width: int = 720, as_money: bool = False
) -> SafeString:
    """A bar a row, negative ones below the axis; the outermost say their figure, which gives the scale.

    The values are in the drawing's text for screen readers too.
    """
    heights = [0.0, *(float(row.value) for row in rows)]
    top = max(heights) if any(heights) else 1.0
    span = top - min(heights)
    room = height - 36
    slot = width / max(1, len(rows))
    frame = _Frame(slot, 16 + room * top / span, room / span, as_money)
    drawn = format_html_join(
        "", "{}", ((_bar(row, index, frame),) for index, row in enumerate(rows))
    )
    return format_html(
        '<svg class="plot{}" viewBox="0 0 {} {}" role="group" aria-label="{}">{}'
        '<path class="axis" d="M0 {}H{}"/>{}</svg>',
        " wide" if width > WIDE else "",
        width,
        height,
        title,
        drawn,
        f"{frame.zero:.1f}",
        width,
        _outermost(rows, frame),
    )


def _outermost(rows: Sequence[Bar], frame: _Frame) -> SafeString:
    """The figure of the highest bar on it, of the lowest (if below the axis) over the axis: its label stands below."""
    order = sorted(enumerate(rows), key=lambda place: (place[1].value, -place[0]))
    highest = [place for place in order[-1:] if place[1].value > 0]
    lowest = [place for place in order[:1] if place[1].value < 0]
    return format_html_join(
        "",
        '<text class="value" x="{}" y="{}" text-anchor="middle" aria-hidden="true">{}</text>',
        (
            (frame.middle(at), f"{frame.top(row.value) - 4:.1f}", frame.said(row.value))
            for at, row in highest + lowest
        ),
    )


def _bar(row: Bar, index: int, frame: _Frame) -> SafeString:
    text = frame.said(row.value)
    tall = frame.tall(row.value)
    body = format_html(
        '<rect class="bar{}" x="{}" y="{}" width="{}" height="{}" rx="1"><title>{}: {}</title></rect>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        " now" if row.now else "",
        f"{frame.slot * (index + 0.18):.1f}",
        f"{frame.top(row.value):.1f}",
        f"{frame.slot * 0.64:.1f}",
        f"{max(tall, 0.5):.1f}",
        row.label,
        text,
        frame.middle(index),
        f"{frame.zero + (tall if row.value < 0 else 0) + 14:.1f}",
        row.label,
    )
    if not row.href:
        return body
    return format_html('<a href="{}" aria-label="{}: {}">{}</a>', row.href, row.label, text, body)
