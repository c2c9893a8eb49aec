"""An invoice as JSON values and back, for the table and the API; exact both ways, evidence included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from razao.invoices.invoice import Evidence, Invoice, InvoiceLine, Source, VatAmount
from razao.kernel.money import exact

#: How the text of each kind of field becomes a value again.
DATES = frozenset({"issue_date", "due_date"})
AMOUNTS = frozenset({"net_total", "vat_total", "withholding", "gross_total", "payable"})
NUMBERS = frozenset({"rate", "base", "amount", "quantity", "unit_price", "net_amount", "vat_rate"})
_PARTS = frozenset({"vat", "lines", "evidence", "pages"})


def to_json(invoice: Invoice) -> dict[str, Any]:
    """Every field of the invoice; amounts and dates as text, evidence by field."""
    values = {
        f.name: _plain(getattr(invoice, f.name)) for f in fields(Invoice) if f.name not in _PARTS
    }
    return values | {
        "pages": list(invoice.pages),
        "vat": [_row(row) for row in invoice.vat],
        "lines": [_row(row) for row in invoice.lines],
        "evidence": {name: _evidence(e) for name, e in invoice.evidence.items()},
    }


def from_json(values: Mapping[str, Any]) -> Invoice:
    """The invoice that ``to_json`` wrote; an empty mapping is an invoice that says nothing."""
    plain = {f.name for f in fields(Invoice)} - _PARTS
    return Invoice(
        **{name: value(name, values[name]) for name in plain if name in values},
        pages=tuple(values.get("pages", ())),
        vat=tuple(VatAmount(**_typed(row)) for row in values.get("vat", ())),
        lines=tuple(InvoiceLine(**_typed(row)) for row in values.get("lines", ())),
        evidence={n: _evidence_of(e) for n, e in values.get("evidence", {}).items()},
    )


def value(name: str, text: Any) -> Any:
    """A field's value from its JSON form. Raises ValueError (NotAnAmount) for what is none."""
    if text is None:
        return None
    if name in DATES or name == "date":
        return date.fromisoformat(text)
    if name in AMOUNTS or name in NUMBERS:
        return exact(text)
    return text


def _plain(content: Any) -> Any:
    if isinstance(content, Decimal):
        return str(content)
    return content.isoformat() if isinstance(content, date) else content


def _row(row: VatAmount | InvoiceLine) -> dict[str, Any]:
    return {f.name: _plain(getattr(row, f.name)) for f in fields(row)}


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value(name, text) for name, text in row.items()}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "source": str(evidence.source),
        "page": evidence.page,
        "box": list(evidence.box) if evidence.box else None,
        "confidence": evidence.confidence,
    }


def _evidence_of(values: Mapping[str, Any]) -> Evidence:
    box = values["box"]
    return Evidence(
        Source(values["source"]),
        values["page"],
        (box[0], box[1], box[2], box[3]) if box else None,
        values["confidence"],
    )
