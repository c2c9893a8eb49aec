"""Deals: a random source, a trade and two parties in, an invoice with exact amounts out (nothing is laid out yet)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random

from razao.capture.samples.parties import Party
from razao.capture.samples.trades import Item, Trade, rate_of
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount
from razao.kernel.money import amount, tax_on

ZERO = Decimal("0.00")
#: Letters of validation codes as AT gives them out (no vowels that could be read as digits).
ATCUD_LETTERS = "ABCDFGHJKMNPQRSTVWXYZ23456789"
HASH_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True, slots=True)
class DealLine:
    """A line as it will be printed; ``printed`` is the amount in the unit prices' terms (net, or with VAT)."""

    article: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    """per cent"""
    printed: Decimal
    rate: Decimal
    exemption: str | None
    letter: str


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


def draw_quantity(rng: Random, item: Item) -> Decimal:
    """A plausible quantity of an item: one of what is dear, many of what is cheap."""
    unit = item.unit
    if item.letter == "S" or item.high > 1000:
        return Decimal(1)
    if item.high > 150:
        return Decimal(rng.choice((1, 1, 1, 2, 3)))
    if unit in {"mês", "ano", "month", "psch", "forfait"}:
        return Decimal(1)
    if unit in {"KG", "LT", "M2", "M3", "ML", "kWh", "m3", "TON", "m"}:
        high = {"kWh": 900, "TON": 9, "m3": 40, "LT": 75}.get(unit, 60)
        return Decimal(rng.randrange(50, high * 100)).scaleb(-2)
    if unit in {"h", "noite", "dia", "noche", "hour", "day"}:
        return Decimal(rng.randrange(1, 31))
    return Decimal(rng.choice((1, 1, 1, 2, 2, 3, 4, 5, 6, 10, 12, 24, 50)))


def draw_price(rng: Random, item: Item, places: int) -> Decimal:
    """A unit price between the item's bounds."""
    low, high = float(item.low), float(item.high)
    if high > 200 and rng.random() < 0.5:
        return Decimal(round(rng.uniform(low, high) / 5) * 5).quantize(Decimal(1).scaleb(-places))
    if high < 1:
        places = max(places, 4 if high < 0.02 else 3)
    return Decimal(rng.uniform(low, high)).quantize(Decimal(1).scaleb(-places))


def draw_lines(
    rng: Random, trade: Trade, count: int, region: str, on: date
) -> tuple[DealLine, ...]:
    """``count`` lines of a trade with their amounts."""
    places = rng.choice((2, 2, 2, 3, 4)) if not trade.gross else 2
    discounts = rng.random() < 0.25
    lines = []
    chosen = (
        rng.choices(trade.items, k=count)
        if count > len(trade.items)
        else rng.sample(trade.items, count)
    )
    for item in chosen:
        quantity, price = draw_quantity(rng, item), draw_price(rng, item, places)
        discount = Decimal(rng.choice((0, 0, 5, 10, 12.5, 20))) if discounts else Decimal(0)
        lines.append(
            DealLine(
                article=rng.choice("ABCFMPRST") + f"{rng.randrange(10, 99999):05d}",
                description=item.description,
                unit=item.unit,
                quantity=quantity,
                unit_price=price,
                discount=discount,
                printed=max(amount(quantity * price * (100 - discount) / 100), Decimal("0.01")),
                rate=rate_of(item.rate, region, on),
                exemption=item.rate[2:] if item.rate.startswith("E:M") else None,
                letter=item.letter,
            )
        )
    return tuple(lines)


def breakdown(
    lines: Sequence[DealLine], region: str, *, gross: bool, off: Decimal, by_line: bool
) -> tuple[tuple[VatAmount, ...], Decimal]:
    """The tax breakdown of lines and the amount that a global discount of ``off`` per cent took away.

    ``by_line`` rounds the tax of each line and adds up, as some programs do; else each rate's base is taxed.
    """
    rows, taken = [], ZERO
    ordered = sorted(lines, key=lambda line: (-line.rate, line.exemption or ""))
    for (rate, exemption), group in groupby(ordered, key=lambda line: (line.rate, line.exemption)):
        members = list(group)
        printed = sum((line.printed for line in members), ZERO)
        kept = amount(printed * (100 - off) / 100)
        taken += printed - kept
        if gross:
            base = amount(kept / (1 + rate / 100))
            tax = kept - base
        elif by_line and not off:
            base, tax = kept, sum((tax_on(line.printed, rate) for line in members), ZERO)
        else:
            base, tax = kept, tax_on(kept, rate)
        rows.append(VatAmount(rate=rate, base=base, amount=tax, region=region, exemption=exemption))
    return tuple(rows), taken


def stamp_duty(lines: Sequence[DealLine], region: str) -> VatAmount | None:
    """The stamp duty of insurance premiums (verba 22 of the Tabela Geral, 9 %), if any line bears it."""
    premiums = sum((line.printed for line in lines if line.letter == "S"), ZERO)
    if not premiums:
        return None
    duty = tax_on(premiums, Decimal(9))
    return VatAmount(rate=Decimal(9), base=premiums, amount=duty, region=region, kind="stamp_duty")


def draw_number(rng: Random, kind: str, year: int) -> tuple[str, str]:
    """A Portuguese document number and its ATCUD, e.g. ('FT 2026A/123', 'JFK3T7BM-123')."""
    sequence = rng.choice(
        (rng.randrange(1, 99), rng.randrange(100, 9999), rng.randrange(10000, 999999))
    )
    series = rng.choice(
        (
            f"{year}",
            f"A{year}",
            f"{year}A{rng.randrange(1, 30)}",
            f"{rng.choice('ABCFLMP')}",
            f"{year % 100}",
        )
    )
    series = series if rng.random() < 0.9 else f"{rng.randrange(1, 99):04d}"
    shown = f"{sequence:06d}" if rng.random() < 0.1 else str(sequence)
    inner = kind
    if rng.random() < 0.1:
        inner = {"FT": "FAC", "FR": "FTR", "FS": "VD", "NC": "NCR", "ND": "NDB"}[kind]
    code = "".join(rng.choice(ATCUD_LETTERS) for _ in range(8))
    return f"{inner} {series}/{shown}", f"{code}-{sequence}"


def foreign_number(rng: Random, kind: str, year: int) -> str:
    """A document number as sellers outside Portugal write it."""
    sequence = rng.randrange(1, 99999)
    prefix = (
        rng.choice(("INV-", "F", "RE-", "", "A-"))
        if kind != "NC"
        else rng.choice(("CN-", "GS-", "R-"))
    )
    return rng.choice(
        (
            f"{prefix}{year}-{sequence:05d}",
            f"{prefix}{year % 100}{sequence:05d}",
            f"{prefix}{year}/{sequence}",
            f"{prefix}{sequence:06d}",
        )
    )


def with_totals(invoice: Invoice, withheld_rate: Decimal | None, retention_rate: int) -> Invoice:
    """The invoice with the sums of its breakdown (payable = gross − withheld − retention)."""
    net = sum((row.base for row in invoice.vat if row.kind is None), ZERO)
    tax = sum((row.amount for row in invoice.vat), ZERO)
    withheld = tax_on(net, withheld_rate) if withheld_rate else None
    retention = tax_on(net, Decimal(retention_rate))
    return replace(
        invoice,
        net_total=net,
        vat_total=tax,
        gross_total=net + tax,
        withholding=withheld,
        payable=net + tax - (withheld or ZERO) - retention,
    )


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
    rng: Random, trade: Trade, parties: Parties, on: date, *, count: int | None = None
) -> Deal:
    """One document of a trade between two parties on a day."""
    seller, buyer = parties.seller, parties.buyer
    kind = rng.choice(trade.types)
    if kind == "FS" and trade.withheld:
        kind = "FR"
    lines = draw_lines(rng, trade, count or line_count(rng, trade, kind), seller.region, on)
    off = Decimal(rng.choice((2, 3, 5, 10))) if rng.random() < 0.08 and not trade.single else ZERO
    by_line = rng.random() < 0.1
    rows, taken = breakdown(lines, seller.region, gross=trade.gross, off=off, by_line=by_line)
    duty = stamp_duty(lines, seller.region)
    rows = (*rows, duty) if duty else rows
    withheld = withheld_rate(rng, trade, buyer, on)
    retention_rate = rng.choice((5, 10)) if trade.retention and rng.random() < 0.5 else 0
    number, atcud = draw_number(rng, kind, on.year)
    invoice = Invoice(
        pages=(1,),
        document_type=kind,
        number=number if seller.country == "PT" else foreign_number(rng, kind, on.year),
        atcud=atcud if seller.country == "PT" else None,
        issue_date=on,
        currency=trade.currency,
        seller_tax_id=seller.tax_id,
        seller_name=seller.name,
        seller_country=seller.country,
        buyer_tax_id=buyer.tax_id if buyer else None,
        buyer_name=buyer.name if buyer else None,
        buyer_country=buyer.country if buyer else None,
        vat=rows,
        lines=tuple(truth_line(line, gross=trade.gross) for line in lines),
    )
    invoice = with_totals(invoice, withheld, retention_rate)
    deal = Deal(
        invoice=invoice,
        trade=trade,
        seller=seller,
        buyer=buyer,
        lines=lines,
        global_discount=taken,
        withheld_rate=withheld,
        retention=tax_on(invoice.net_total or ZERO, Decimal(retention_rate)),
        order=f"{rng.choice(('', 'PO', 'ENC ', 'V/'))}{rng.randrange(100, 99999)}"
        if rng.random() < 0.5
        else "",
        certificate=str(rng.randrange(20, 3000)),
        signature="".join(rng.choice(HASH_LETTERS) for _ in range(4)),
    )
    return with_terms(rng, deal)


def withheld_rate(rng: Random, trade: Trade, buyer: Party | None, on: date) -> Decimal | None:
    """The rate withheld: only business buyers withhold; professionals 25 % until 2024, 23 % since (CIRS 101.º)."""
    if trade.withheld is None or buyer is None or buyer.person or rng.random() < 0.25:
        return None
    if trade.withheld == 23 and on.year < 2025:
        return Decimal(25)
    if trade.withheld == 23 and rng.random() < 0.1:
        return Decimal("11.5")
    return trade.withheld


def truth_line(line: DealLine, *, gross: bool) -> InvoiceLine:
    """The line of the invoice: its net amount, found from the gross one where prices include VAT."""
    net = amount(line.printed / (1 + line.rate / 100)) if gross else line.printed
    return InvoiceLine(
        description=line.description,
        article=line.article,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        net_amount=net,
        vat_rate=line.rate,
        exemption=line.exemption,
    )


def with_terms(rng: Random, deal: Deal) -> Deal:
    """The deal with a due date or a term in days, and with the number that a credit note corrects."""
    invoice = deal.invoice
    if invoice.document_type in {"NC", "ND"} and invoice.issue_date:
        earlier = invoice.issue_date - timedelta(days=rng.randrange(2, 90))
        number = (
            draw_number(rng, "FT", earlier.year)[0]
            if deal.seller.country == "PT"
            else foreign_number(rng, "FT", earlier.year)
        )
        return replace(deal, invoice=replace(invoice, reference=number))
    if invoice.document_type != "FT" or invoice.issue_date is None:
        return deal
    days = rng.choice((0, 8, 10, 15, 20, 30, 30, 30, 45, 60, 90))
    if rng.random() < 0.15:
        return replace(deal, terms_days=days)
    return replace(
        deal, invoice=replace(invoice, due_date=invoice.issue_date + timedelta(days=days))
    )
