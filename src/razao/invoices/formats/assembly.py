"""From what an e-invoice states to an invoice: totals completed, signs settled, evidence and confidence given.

The sign rule: amounts of an invoice are positive. A document whose total is negative reduces what is
owed, so it becomes a credit note with positive amounts, whatever code it carries. A credit note that
is itself negative is read as the same credit note, but left to a person: by the letter it would be a debit.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from razao.invoices.invoice import (
    CREDIT_TYPES,
    NOT_INVOICES,
    Evidence,
    Invoice,
    InvoiceLine,
    Source,
    VatAmount,
)
from razao.kernel.problems import Problem, Severity

ZERO = Decimal("0.00")
CENT = Decimal("0.01")

#: Fields without which nothing can be posted.
NEEDED = (
    *("document_type", "number", "issue_date", "currency", "seller_tax_id"),
    *("net_total", "vat_total", "gross_total", "vat"),
)
_EVIDENCED = (
    *("document_type", "number", "atcud", "issue_date", "due_date", "currency"),
    *("seller_tax_id", "seller_name", "seller_country", "seller_address"),
    *("buyer_tax_id", "buyer_name", "buyer_country", "net_total", "vat_total"),
    *("withholding", "gross_total", "payable", "status", "reference"),
)
#: Rows that stand beside a VAT row on the same base.
_ON_THE_SAME_BASE = frozenset({"surcharge", "icms", "icms_st", "ipi"})
#: Taxes of NF-e: their rows are sums over items with bases of their own, not base × rate.
_SUMS = frozenset({"icms", "icms_st", "ipi"})


@dataclass(frozen=True, slots=True)
class Settlement:
    """What stands between the total and the amount due besides withholding."""

    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO
    """added to the amount due"""
    in_total: Decimal = ZERO
    """in the total, but neither in a base nor a tax (roundings, stamp duty passed on); a person posts these"""


def finish(
    invoice: Invoice,
    problems: list[Problem],
    settlement: Settlement | None = None,
    *,
    doubtful: bool = False,
) -> Invoice:
    """The invoice complete: what follows from other fields filled in, amounts positive, each field with evidence.

    ``confident`` is true when every needed field is there and the document's arithmetic holds to the cent;
    what does not hold is added to ``problems`` as a warning. ``doubtful`` says that the reader found a reason
    of its own not to trust the document.
    """
    settlement = settlement or Settlement()
    stated = invoice
    invoice = _completed(invoice, settlement)
    derived = {
        n for n in _EVIDENCED if getattr(stated, n) is None and getattr(invoice, n) is not None
    }
    wrong = [*_missing(invoice), *_contradictions(invoice, settlement), *_twice_negative(invoice)]
    problems.extend(wrong)
    return replace(
        with_evidence(_signed(invoice), derived),
        confident=not wrong
        and not doubtful
        and settlement.in_total == ZERO
        and invoice.document_type not in NOT_INVOICES,
    )


def with_evidence(invoice: Invoice, derived: Set[str] = frozenset()) -> Invoice:
    """The invoice with evidence for every field it has: stated in the XML, or derived from what is."""
    return replace(invoice, evidence=MappingProxyType(dict(_evidence(invoice, derived))))


def _completed(invoice: Invoice, settlement: Settlement) -> Invoice:
    net, vat, gross = invoice.net_total, invoice.vat_total, invoice.gross_total
    bases = [row.base for row in invoice.vat if row.kind not in _ON_THE_SAME_BASE]
    if net is None and bases:
        net = sum(bases, ZERO)
    if vat is None and invoice.vat:
        vat = sum((row.amount for row in invoice.vat), ZERO)
    if vat is None and net is not None and gross is not None:
        vat = gross - net
    if gross is None and net is not None and vat is not None:
        gross = net + vat + settlement.in_total
    if net is None and gross is not None and vat is not None:
        net = gross - vat
    payable = invoice.payable
    if payable is None and gross is not None:
        payable = gross - (invoice.withholding or ZERO) - settlement.prepaid + settlement.rounding
    return replace(invoice, net_total=net, vat_total=vat, gross_total=gross, payable=payable)


def _missing(invoice: Invoice) -> Iterator[Problem]:
    for name in NEEDED:
        if getattr(invoice, name) in (None, "", ()):
            yield Problem("read.xml_missing", Severity.WARNING, name, {"field": name})


def _contradictions(invoice: Invoice, settlement: Settlement) -> Iterator[Problem]:
    """Sums that the document states and that do not hold."""
    net, vat, gross = invoice.net_total, invoice.vat_total, invoice.gross_total
    if net is None or vat is None or gross is None:
        return
    yield from _differs("gross_total", gross, net + vat + settlement.in_total)
    due = gross - (invoice.withholding or ZERO) - settlement.prepaid + settlement.rounding
    yield from _differs("payable", invoice.payable or ZERO, due)
    if not invoice.vat:
        return
    yield from _differs("vat_total", vat, sum((row.amount for row in invoice.vat), ZERO))
    bases = [r.base for r in invoice.vat if r.kind not in _ON_THE_SAME_BASE]
    if bases:
        yield from _differs("net_total", net, sum(bases, ZERO))
    # tax may be rounded line by line: half a cent a line, and one for the row itself
    slack = CENT + CENT / 2 * len(invoice.lines)
    for at, row in enumerate(invoice.vat):
        expected = row.base * row.rate / 100
        if row.kind not in _SUMS and abs(row.amount - expected) > slack:
            yield _contradiction(f"vat.{at}.amount", row.amount, expected.quantize(CENT))


def _differs(field: str, stated: Decimal, computed: Decimal) -> Iterator[Problem]:
    if stated != computed:
        yield _contradiction(field, stated, computed)


def _contradiction(field: str, stated: Decimal, computed: Decimal) -> Problem:
    values = {"field": field, "stated": str(stated), "computed": str(computed)}
    return Problem("read.xml_totals", Severity.WARNING, field, values)


def _total(invoice: Invoice) -> Decimal:
    return invoice.gross_total or invoice.net_total or ZERO


def _twice_negative(invoice: Invoice) -> Iterator[Problem]:
    if invoice.document_type in CREDIT_TYPES and _total(invoice) < 0:
        yield Problem("read.xml_negative_credit_note", Severity.WARNING, "gross_total")


def _signed(invoice: Invoice) -> Invoice:
    if _total(invoice) >= 0:
        return invoice
    credit = invoice.document_type in CREDIT_TYPES or invoice.document_type in NOT_INVOICES
    return replace(
        invoice,
        document_type=invoice.document_type if credit else "NC",
        net_total=_negated(invoice.net_total),
        vat_total=_negated(invoice.vat_total),
        gross_total=_negated(invoice.gross_total),
        withholding=_negated(invoice.withholding),
        payable=_negated(invoice.payable),
        vat=tuple(_negated_vat(row) for row in invoice.vat),
        lines=tuple(_negated_line(line) for line in invoice.lines),
    )


def _negated(value: Decimal | None) -> Decimal | None:
    return None if value is None else ZERO - value


def _negated_vat(row: VatAmount) -> VatAmount:
    return replace(row, base=ZERO - row.base, amount=ZERO - row.amount)


def _negated_line(line: InvoiceLine) -> InvoiceLine:
    quantity = line.quantity
    price = line.unit_price
    if quantity is not None and quantity < 0:
        quantity = -quantity
    elif price is not None:
        price = -price
    return replace(line, quantity=quantity, unit_price=price, net_amount=_negated(line.net_amount))


def _evidence(invoice: Invoice, derived: Set[str]) -> Iterator[tuple[str, Evidence]]:
    exact, computed = Evidence(Source.XML), Evidence(Source.DERIVED)
    for name in _EVIDENCED:
        if getattr(invoice, name) is not None:
            yield name, computed if name in derived else exact
    for at in range(len(invoice.vat)):
        for part in ("rate", "base", "amount"):
            yield f"vat.{at}.{part}", exact
