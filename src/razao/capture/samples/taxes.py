"""Taxes of a deal: its lines in, tax breakdown, other taxes, withholding and sums out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from random import Random

from razao.capture.samples.lines import DealLine
from razao.capture.samples.parties import Party
from razao.capture.samples.trades import Trade
from razao.invoices.invoice import Invoice, VatAmount
from razao.kernel.money import round_to_currency, tax_on

ZERO = Decimal("0.00")
#: The Spanish equivalence surcharge on each rate (Ley 37/1992 art. 161).
SURCHARGES = {Decimal(21): Decimal("5.2"), Decimal(10): Decimal("1.4"), Decimal(4): Decimal("0.5")}


def breakdown(
    lines: Sequence[DealLine], region: str, trade: Trade, *, off: Decimal, by_line: bool
) -> tuple[tuple[VatAmount, ...], Decimal]:
    """The tax breakdown of lines and the amount that a global discount of ``off`` per cent took away.

    ``by_line`` rounds the tax of each line and adds up, as some programs do; else each rate's base is taxed.
    """
    rows, taken, currency = [], ZERO, trade.currency
    ordered = sorted(lines, key=lambda line: (-line.rate, line.exemption or ""))
    for (rate, exemption), group in groupby(ordered, key=lambda line: (line.rate, line.exemption)):
        members = list(group)
        printed = sum((line.printed for line in members), ZERO)
        kept = round_to_currency(printed * (100 - off) / 100, currency)
        taken += printed - kept
        if trade.gross:
            base = round_to_currency(kept / (1 + rate / 100), currency)
            tax = kept - base
        elif by_line and not off:
            base = kept
            tax = sum((tax_on(line.printed, rate, currency) for line in members), ZERO)
        else:
            base, tax = kept, tax_on(kept, rate, currency)
        rows.append(VatAmount(rate=rate, base=base, amount=tax, region=region, exemption=exemption))
    return tuple(rows), taken


def other_taxes(
    rng: Random, trade: Trade, lines: Sequence[DealLine], rows: Sequence[VatAmount]
) -> list[VatAmount]:
    """Stamp duty of insurance premiums (Tabela Geral, verba 22, 9 %) and the equivalence surcharge."""
    found = []
    premiums = sum((line.printed for line in lines if line.letter == "S"), ZERO)
    if premiums:
        duty = tax_on(premiums, Decimal(9))
        found.append(
            VatAmount(Decimal(9), premiums, duty, rows[0].region, kind="stamp_duty"),
        )
    if trade.surcharge and rng.random() < 0.5:
        found += [
            VatAmount(
                SURCHARGES[row.rate],
                row.base,
                tax_on(row.base, SURCHARGES[row.rate]),
                row.region,
                kind="surcharge",
            )
            for row in rows
            if row.rate in SURCHARGES
        ]
    return found


def withheld_rate(rng: Random, trade: Trade, buyer: Party | None, on: date) -> Decimal | None:
    """The rate withheld: only business buyers withhold; professionals 25 % until 2024, 23 % since (CIRS 101.º)."""
    if trade.withheld is None or buyer is None or buyer.person or rng.random() < 0.25:
        return None
    if trade.withheld == 23 and on.year < 2025:
        return Decimal(25)
    if trade.withheld == 23 and rng.random() < 0.1:
        return Decimal("11.5")
    return trade.withheld


def with_totals(invoice: Invoice, withheld: Decimal | None, retention: int) -> Invoice:
    """The invoice with the sums of its breakdown (payable = gross − withheld − retention, both per cent of net)."""
    currency = invoice.currency or "EUR"
    net = sum((row.base for row in invoice.vat if row.kind is None), ZERO)
    tax = sum((row.amount for row in invoice.vat), ZERO)
    held = tax_on(net, withheld, currency) if withheld else None
    kept = tax_on(net, Decimal(retention), currency)
    return replace(
        invoice,
        net_total=net,
        vat_total=tax,
        gross_total=net + tax,
        withholding=held,
        payable=net + tax - (held or ZERO) - kept,
    )
