"""Lines of a deal: a random source and a trade in, what is sold with quantities, prices and rates out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from razao.capture.samples.trades import Item, Trade, rate_of
from razao.invoices.invoice import InvoiceLine
from razao.kernel.money import amount, decimals_of, round_to_currency

#: Currencies in whose units prices are small enough for three and four decimals.
FINE_PRICES = frozenset({"EUR", "USD", "GBP"})


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


def draw_quantity(rng: Random, item: Item) -> Decimal:
    """A plausible quantity of an item: one of what is dear, many of what is cheap."""
    unit = item.unit
    if item.letter == "S" or unit in {"mês", "ano", "month", "psch", "forfait"}:
        return Decimal(1)
    if item.high > 1000 and unit == "UN" and item.low > 100:
        return Decimal(rng.choice((1, 1, 2)))
    if unit in {"KG", "LT", "M2", "M3", "ML", "kWh", "m3", "TON", "m", "MT"}:
        high = {"kWh": 900, "TON": 9, "m3": 40, "LT": 75}.get(unit, 60)
        return Decimal(rng.randrange(50, high * 100)).scaleb(-2)
    if unit in {"h", "noite", "dia", "noche", "hour", "day"}:
        return Decimal(rng.randrange(1, 31))
    few = (1, 1, 1, 2, 3)
    return Decimal(rng.choice(few if item.high > 150 else (*few, 2, 4, 5, 6, 10, 12, 24, 50)))


def draw_price(rng: Random, item: Item, places: int) -> Decimal:
    """A unit price between the item's bounds."""
    low, high = float(item.low), float(item.high)
    if high > 200 and rng.random() < 0.5:
        return Decimal(round(rng.uniform(low, high) / 5) * 5).quantize(Decimal(1).scaleb(-places))
    if high < 1:
        places = max(places, 4 if high < 0.02 else 3)
    return Decimal(rng.uniform(low, high)).quantize(Decimal(1).scaleb(-places))


def price_places(rng: Random, trade: Trade) -> int:
    """How many decimals a document's unit prices have."""
    if trade.currency not in FINE_PRICES:
        return decimals_of(trade.currency)
    return 2 if trade.gross else rng.choice((2, 2, 2, 3, 4))


def draw_lines(
    rng: Random, trade: Trade, count: int, region: str, on: date
) -> tuple[DealLine, ...]:
    """``count`` lines of a trade with their amounts."""
    places = price_places(rng, trade)
    discounts = rng.random() < 0.25
    all_items = trade.items
    many = count > len(all_items)
    chosen = rng.choices(all_items, k=count) if many else rng.sample(all_items, count)
    lines = []
    for item in chosen:
        quantity, price = draw_quantity(rng, item), draw_price(rng, item, places)
        discount = Decimal(rng.choice((0, 0, 5, 10, 12.5, 20))) if discounts else Decimal(0)
        printed = round_to_currency(quantity * price * (100 - discount) / 100, trade.currency)
        lines.append(
            DealLine(
                article=rng.choice("ABCFMPRST") + f"{rng.randrange(10, 99999):05d}",
                description=item.description,
                unit=item.unit,
                quantity=quantity,
                unit_price=price,
                discount=discount,
                printed=max(printed, Decimal("0.01")),
                rate=rate_of(item.rate, region, on),
                exemption=item.rate[2:] if item.rate.startswith("E:M") else None,
                letter=item.letter,
            )
        )
    return tuple(lines)


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
