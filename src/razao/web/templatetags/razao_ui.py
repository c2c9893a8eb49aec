"""Tags and filters of every page: in: values of the views, out: the design system's HTML. docs/design.md shows each in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from razao.companies.rights import Access, May
from razao.kernel.problems import Problem, Severity
from razao.web import figures, plots, vat_words
from razao.web.devices import device_words
from razao.web.icons import ICONS, SHAPES
from razao.web.listing import Listing

register = template.Library()

register.filter("money", figures.money)
register.filter("plain", figures.plain)
register.filter("count", figures.number)
register.filter("percent", figures.percent)
register.filter("size", figures.size)
register.filter("day", figures.day)
register.filter("stamp", figures.stamp)
register.filter("device", device_words)
register.filter("short_stamp", figures.short_stamp)


@register.filter
def money_or_blank(value: Decimal | int | None) -> str:
    """An amount; nothing for zero, as debit and credit columns stay readable."""
    return figures.money(value, blank_zero=True)


@register.filter
def minor(value: Decimal | None) -> str:
    """An amount in hundredths, for ``data-amount`` of a row whose marked sum is shown."""
    return "" if value is None else str(int(value.scaleb(2)))


@register.simple_tag
def icon(name: str, small: str = "") -> SafeString:
    """A pictogram; it says nothing to screen readers, its button or link does."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 18 18" aria-hidden="true"><path d="{}"/></svg>',
        " small" if small else "",
        ICONS[name],
    )


@register.simple_tag
def badge(state: str, text: str, boxed: str = "") -> SafeString:
    """A state as word and shape; ``state`` is new wait work doubt ready done fail off."""
    return format_html(
        '<span class="badge {}{}"><svg viewBox="0 0 12 12" aria-hidden="true">{}</svg>{}</span>',
        state,
        " boxed" if boxed else "",
        mark_safe(SHAPES[state]),  # noqa: S308  (a constant of this site)
        text,
    )


@register.simple_tag
def keys(combination: str) -> SafeString:
    """Key caps as a hint: ``{% keys "g c" %}``."""
    caps = [format_html("<kbd>{}</kbd>", part) for part in combination.split(" ")]
    return format_html(
        '<span class="hint-keys" aria-hidden="true">{}</span>',
        mark_safe(" ".join(caps)),  # noqa: S308  (escaped above)
    )


@register.simple_tag
def address(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, or '' while no such page exists."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


# Problems


def _told(problem: Problem | Mapping[str, Any]) -> Problem:
    if isinstance(problem, Problem):
        return problem
    return Problem(
        problem["code"],
        Severity(problem.get("severity", "error")),
        problem.get("where", ""),
        problem.get("values", {}),
    )


@register.inclusion_tag("razao/parts/problems.html")
def problems(found: Iterable[Problem | Mapping[str, Any]]) -> dict[str, Any]:
    """Problems with title, cause and remedy, those that block first."""
    told = [_told(problem) for problem in found]
    order = list(Severity)
    told.sort(key=lambda problem: order.index(problem.severity))
    return {"problems": [(problem, vat_words.told(problem)) for problem in told]}


# Forms


@register.inclusion_tag("razao/parts/field.html")
def field(
    bound: BoundField, css: str = "", unit: str = "", note: str = "", doubt: bool = False
) -> dict[str, Any]:
    """A form's field with label, help and its errors beside it; ``css`` is its width in the form's grid (c-6)."""
    widget = bound.field.widget
    kind = "plain"
    if isinstance(widget, CheckboxInput):
        kind = "check"
    elif isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        kind = "choices"
    attributes: dict[str, str | bool] = {}
    described = [
        f"{bound.id_for_label}_{part}"
        for part, there in (("error", bound.errors), ("help", bound.help_text or note))
        if there
    ]
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {
        "bound": bound,
        "control": bound.as_widget(attrs=attributes),
        "kind": kind,
        "css": css,
        "unit": unit,
        "help": note or bound.help_text,
        "doubt": doubt,
    }


# Lists


@register.simple_tag
def head(listing: Listing, key: str) -> SafeString:
    """The ``<th>`` of a column, with its sort link where the column can order the list."""
    column = next(c for c in listing.columns if c.key == key)
    css = " num" if column.kind == "num" else ""
    if not column.order:
        return format_html('<th scope="col" class="col-{}{}">{}</th>', key, css, column.label)
    sort = listing.sort
    state = {key: ' aria-sort="ascending"', f"-{key}": ' aria-sort="descending"'}.get(sort, "")
    return format_html(
        '<th scope="col" class="col-{}{}"{}><a href="{}">{}{}</a></th>',
        key,
        css,
        mark_safe(state),  # noqa: S308  (one of two constants)
        listing.sort_link(key),
        column.label,
        icon("up", "small"),
    )


@register.inclusion_tag("razao/parts/chips.html")
def chips(listing: Listing) -> dict[str, Any]:
    """The filter chips of a list; the chosen one is current, and a click on it takes the filter away."""
    return {
        "chips": [
            {
                "chip": chip,
                "on": listing.value(chip.name) == chip.value,
                "href": listing.link(
                    **{chip.name: None if listing.value(chip.name) == chip.value else chip.value}
                ),
            }
            for chip in listing.chips
        ]
    }


@register.inclusion_tag("razao/parts/more_rows.html")
def more_rows(listing: Listing, columns: int) -> dict[str, Any]:
    """The last row of a page of rows: loads the next page when it comes into sight."""
    shown = (listing.page - 1) * listing.page_rows + len(listing.rows)
    query = listing.query.copy()
    query["page"] = str(listing.page + 1)
    return {
        "listing": listing,
        "columns": columns,
        "shown": shown,
        "href": f"{listing.path}?{query.urlencode()}",
    }


# Figures


@register.simple_tag
def spark(values: Sequence[plots.Number], label: str = "") -> SafeString:
    """A line without axes, for a row of a table."""
    return plots.spark(values, label)


@register.simple_tag
def bars(
    rows: Sequence[plots.Bar],
    title: str,
    height: int = 160,
    money: bool = False,
    width: int = 720,
) -> SafeString:
    """A bar a month (``razao.web.plots.Bar``); a smaller ``width`` makes larger letters in a narrow place."""
    return plots.bars(rows, title=title, height=height, width=width, as_money=money)


@register.filter
def may(access: Access, right: str) -> bool:
    """``{% if access|may:"post" %}``: whether to offer what needs this right (``May``); the view asks for it again."""
    return access.may(May(right))


@register.filter
def iso(value: date | datetime | None) -> str:
    """A day or instant for the ``datetime`` attribute."""
    return "" if value is None else value.isoformat()
