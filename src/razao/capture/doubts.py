"""Which fields of an invoice a person must look at; the invoice as it stands in, names of fields out; pure."""

from __future__ import annotations

from collections.abc import Iterable

from razao.invoices.invoice import Invoice, Source
from razao.kernel.problems import Problem

#: Below this a value that was read is looked at. The reader's own verdict (``confident``) goes before it.
CERTAIN = 0.9

#: What posting needs, in the order in which a person meets them. The party's side depends on the direction.
NEEDED = ("document_type", "number", "issue_date", "gross_total")
PARTY = {"received": "seller_tax_id", "issued": "buyer_tax_id"}


def doubtful_fields(
    invoice: Invoice, direction: str, problems: Iterable[Problem] = ()
) -> tuple[str, ...]:
    """Fields that are missing or uncertain and that nobody has confirmed, in the order of the screen.

    ``problems`` are the reader's: the field that one is about is in doubt too. An invoice that the reader
    is sure of has none.
    """
    named = {p.where for p in problems if p.where}
    if invoice.confident:
        return ()
    fields = [PARTY[direction], *NEEDED, *_amount_fields(invoice)]
    found = tuple(f for f in fields if _doubtful(invoice, f, named))
    if found or _settled(invoice, fields):
        return found
    # The reader is not sure and does not say of what: the total is what everything else must add up to.
    return ("gross_total",)


def _amount_fields(invoice: Invoice) -> list[str]:
    if not invoice.vat:
        return ["vat"]
    parts = ("rate", "base", "amount")
    rows = [f"vat.{n}.{part}" for n in range(len(invoice.vat)) for part in parts]
    return [*rows, *(["withholding"] if invoice.withholding else [])]


def _doubtful(invoice: Invoice, field: str, named: set[str]) -> bool:
    evidence = invoice.evidence.get(field)
    if evidence and evidence.source is Source.PERSON:
        return False
    if field in named or (field == "vat" and not invoice.vat):
        return True
    if field.startswith("vat"):
        # Cells of the breakdown are proven by the total they add up to.
        return bool(evidence and evidence.confidence < CERTAIN) and not _adds_up(invoice)
    missing = getattr(invoice, field) is None
    return missing or evidence is None or evidence.confidence < CERTAIN


def _adds_up(invoice: Invoice) -> bool:
    total = sum(row.base + row.amount for row in invoice.vat)
    return invoice.gross_total is not None and total == invoice.gross_total


def _settled(invoice: Invoice, fields: list[str]) -> bool:
    """Whether a person has already had their say on what the reader was not sure of."""
    evidence = (invoice.evidence.get(field) for field in fields)
    return any(e is not None and e.source is Source.PERSON for e in evidence)
