"""Truth: an invoice in, the fields of DESIGN §6 as JSON values out (amounts as text, dates ISO)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from razao.invoices.invoice import Invoice

FIELDS = (
    "document_type",
    "number",
    "atcud",
    "issue_date",
    "due_date",
    "currency",
    "seller_tax_id",
    "seller_name",
    "seller_country",
    "buyer_tax_id",
    "buyer_name",
    "buyer_country",
    "net_total",
    "vat_total",
    "withholding",
    "gross_total",
    "payable",
    "reference",
)


def plain(value: object) -> object:
    """A field's value as JSON holds it: amounts with two decimals, rates without trailing zeros."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return value


def rate_text(rate: Decimal) -> str:
    """23, 13, 6.5: a rate without trailing zeros."""
    return f"{rate.normalize():f}"


def as_truth(invoice: Invoice, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What a reader must find. A field in ``without`` is not judged; null means that the document does not say it."""
    truth: dict[str, Any] = {"pages": list(invoice.pages)}
    truth |= {name: plain(getattr(invoice, name)) for name in FIELDS if name not in without}
    truth["vat"] = [
        {
            "rate": rate_text(row.rate),
            "base": plain(row.base),
            "amount": plain(row.amount),
            "region": row.region,
            "exemption": row.exemption,
            "kind": row.kind,
        }
        for row in invoice.vat
    ]
    truth["lines"] = [
        {
            "description": line.description,
            "quantity": f"{line.quantity:f}" if line.quantity is not None else None,
            "unit_price": f"{line.unit_price:f}" if line.unit_price is not None else None,
            "net_amount": plain(line.net_amount),
            "vat_rate": rate_text(line.vat_rate) if line.vat_rate is not None else None,
        }
        for line in invoice.lines
    ]
    return {name: value for name, value in truth.items() if name not in without}
