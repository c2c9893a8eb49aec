"""Cells as text in a person's language: in: a cell and its column's kind, out: what is printed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from razao.reports.sheet import Cell, Kind

#: (decimal mark, group mark) by language; a narrow no-break space groups as Portuguese typography asks.
MARKS = {
    "pt": (",", "\u00a0"),
    "pt-br": (",", "."),
    "es": (",", "."),
    "en": (".", ","),
}


def amount_text(value: Decimal, language: str = "pt", places: int = 2) -> str:
    """An amount with its marks; a minus sign (U+2212) rather than a hyphen."""
    mark, group = MARKS.get(language, MARKS["pt"])
    text = (
        f"{abs(value):,.{places}f}".replace(",", "\x00").replace(".", mark).replace("\x00", group)
    )
    return f"\u2212{text}" if value < 0 else text


def cell_text(cell: Cell, kind: Kind, language: str = "pt", places: int = 2) -> str:
    """What stands in the cell; empty for None. ``places``: decimals of amounts."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat() if language == "en" else cell.strftime("%d/%m/%Y")
    if isinstance(cell, Decimal):
        if kind is Kind.PERCENT:
            return amount_text(cell, language, 1) + " %"
        return amount_text(cell, language, places)
    if isinstance(cell, int):
        return amount_text(Decimal(cell), language, 0)
    return cell
