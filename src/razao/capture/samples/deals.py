"""Deals: a random source, a trade and two parties in, an invoice with exact amounts out (nothing is laid out yet)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from razao.capture.samples.lines import DealLine, draw_lines, truth_line
from razao.capture.samples.numbering import draw_number
from razao.capture.samples.parties import Party
from razao.capture.samples.taxes import ZERO, breakdown, other_taxes, with_totals, withheld_rate
from razao.capture.samples.trades import Trade
from razao.invoices.invoice import Invoice
from razao.kernel.money import tax_on

#: What stands before the number of a buyer's order.
ORDERS = ("", "PO", "ENC ", "V/")
HASH_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True, slots=True)
class Deal:
    """One document before it gets a look: the truth and what else will be printed."""

    invoice: Invoice
    trade: Trade
    seller: Party
    buyer: Party | None
    lines: tuple[DealLine, ...]
    global_discount: Decimal = ZERO
    """amount that was taken off the lines' sum, in the lines' terms"""
    withheld_rate: Decimal | None = None
    retention: Decimal = ZERO
    terms_days: int | None = None
    """payment term printed in days instead of a date"""
    order: str = ""
    certificate: str = ""
    signature: str = ""
    """the four characters of the signature that are printed"""
    direction: str = "received"


def line_count(rng: Random, trade: Trade, kind: str) -> int:
    """How many lines a document of a trade gets; one in fourteen A4 documents runs over pages."""
    if trade.single:
        return 1
    if trade.few or kind in {"NC", "ND"}:
        return rng.randrange(1, 4)
    if "till" not in trade.sheets and "utility" not in trade.sheets and rng.random() < 0.07:
        return rng.randrange(32, 80)
    return rng.randrange(1, min(len(trade.items), 12) + 1)


@dataclass(frozen=True, slots=True)
class Parties:
    """Who sells to whom; no buyer where the document names nobody."""

    seller: Party
    buyer: Party | None


def draw_deal(
    rng: Random,
    trade: Trade,
    parties: Parties,
    on: date,
    *,
    count: int | None = None,
    kind: str = "",
) -> Deal:
    """One document of a trade between two parties on a day."""
    kind = kind or rng.choice(trade.types)
    if kind == "FS" and trade.withheld:
        kind = "FR"
    seller = parties.seller
    lines = draw_lines(rng, trade, count or line_count(rng, trade, kind), seller.region, on)
    off = Decimal(rng.choice((2, 3, 5, 10))) if rng.random() < 0.08 and not trade.single else ZERO
    by_line = rng.random() < 0.1
    rows, taken = breakdown(lines, seller.region, trade, off=off, by_line=by_line)
    withheld = withheld_rate(rng, trade, parties.buyer, on)
    retention_rate = rng.choice((5, 10)) if trade.retention and rng.random() < 0.5 else 0
    invoice = replace(
        draw_header(rng, trade, parties, on, kind),
        vat=(*rows, *other_taxes(rng, trade, lines, rows)),
        lines=tuple(truth_line(line, gross=trade.gross) for line in lines),
    )
    invoice = with_totals(invoice, withheld, retention_rate)
    ordered = rng.random() < 0.5
    deal = Deal(
        invoice=invoice,
        trade=trade,
        seller=seller,
        buyer=parties.buyer,
        lines=lines,
        global_discount=taken,
        withheld_rate=withheld,
        retention=tax_on(invoice.net_total or ZERO, Decimal(retention_rate), trade.currency),
        order=rng.choice(ORDERS) + str(rng.randrange(100, 99999)) if ordered else "",
        certificate=str(rng.randrange(20, 3000)),
        signature="".join(rng.choice(HASH_LETTERS) for _ in range(4)),
    )
    return with_terms(rng, deal)


def draw_header(rng: Random, trade: Trade, parties: Parties, on: date, kind: str) -> Invoice:
    """Type, number, day, currency and parties."""
    seller, buyer = parties.seller, parties.buyer
    number, atcud = draw_number(rng, seller.country, kind, on.year)
    return Invoice(
        pages=(1,),
        document_type=kind,
        number=number,
        atcud=atcud,
        issue_date=on,
        currency=trade.currency,
        seller_tax_id=seller.tax_id,
        seller_name=seller.name,
        seller_country=seller.country,
        buyer_tax_id=buyer.tax_id if buyer else None,
        buyer_name=buyer.name if buyer else None,
        buyer_country=buyer.country if buyer else None,
    )


def with_terms(rng: Random, deal: Deal) -> Deal:
    """The deal with a due date or a term in days, and with the number that a credit note corrects."""
    invoice = deal.invoice
    if invoice.document_type in {"NC", "ND"} and invoice.issue_date:
        earlier = invoice.issue_date - timedelta(days=rng.randrange(2, 90))
        number, _ = draw_number(rng, deal.seller.country, "FT", earlier.year)
        return replace(deal, invoice=replace(invoice, reference=number))
    if invoice.document_type != "FT" or invoice.issue_date is None:
        return deal
    days = rng.choice((0, 8, 10, 15, 20, 30, 30, 30, 45, 60, 90))
    if rng.random() < 0.15:
        return replace(deal, terms_days=days)
    return replace(
        deal, invoice=replace(invoice, due_date=invoice.issue_date + timedelta(days=days))
    )
