"""The text of a document in, its invoiced lines out: the rows of amounts under a header of columns (BG-25).

Columns are taken from the header's words; a row is a line of the table's part of the page that ends in an
amount. Quantity × price less discount = amount tells which number is which where the header does not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from razao.capture.reading.amounts import Amount, parted
from razao.capture.reading.dates import plain
from razao.capture.reading.labels import Label
from razao.capture.reading.layout import Run
from razao.capture.reading.sums import CENT, ZERO, Totals
from razao.capture.reading.text import Text
from razao.invoices.invoice import InvoiceLine

SLACK = Decimal("0.02")
"""of a sum of rounded lines"""
#: words of a header, by the column that they head
HEADS = {
    "description": r"descr|design|artigo|produto|servico|item|product|descripcion|concepto|articulo|bezeichnung|beschreibung|leistung|libelle|details|descrizione|omschrijving|title|titulo",
    "quantity": r"^q(td|t|uant|ty|uantity)|^uds|cantidad|menge|anzahl|quantite|^qta|aantal|hours|^nombre$",
    "price": r"unit|pr\.|preco|precio|price|preis|prix|prezzo|p\.u|pu ht|rate|prijs",
    "amount": r"total|valor|montante|importe|importancia|amount|betrag|montant|importo|bedrag|subtotal|liquido",
}
HEAD = {name: re.compile(pattern) for name, pattern in HEADS.items()}
END_LABELS = frozenset({Label.NET, Label.GROSS, Label.PAYABLE, Label.VAT, Label.STAMP_DUTY})
CODE = re.compile(r"[A-Z]{0,4}\d[\w.-]{2,}|[A-Z]+-?\d+\w*")
TRANSPORT = re.compile(
    r"^\W*(a transportar|transporta|transporte|vem de|carried|brought|report|a reporter|ubertrag|uebertrag|suma y sigue|suma anterior)\b"
)
"""how a line begins that carries a sum over from page to page"""
TAXED = re.compile(
    r"\b(c/ ?iva|com iva|iva incl\w*|con iva|ttc|(?:vat|tax|gst) incl\w*|incl\w*\.? (?:vat|tax|gst|mwst|ust|btw)|brutto)"
)
"""how a header says that amounts hold the tax"""
GAP_LINES = 6
"""lines without an amount after which a table is over"""


@dataclass(frozen=True)
class TableRow:
    """A line found; ``proven`` when quantity × price less discount is its amount."""

    line: InvoiceLine
    proven: bool
    index: int = -1
    """of its line in the text"""


@dataclass(frozen=True)
class Header:
    """A line of column heads: the index of the line and where the description begins and ends."""

    line: int
    left: float
    right: float
    taxed: bool = False
    """the amounts hold the tax"""


def lines_of(text: Text, totals: Totals) -> tuple[InvoiceLine, ...]:
    """The invoiced lines, net of tax: as many as add up to a total, else those that bear themselves out; () for none."""
    headers = list(_headers(text))
    headed = [row for header in headers for row in _rows(text, header)]
    taxed = any(header.taxed for header in headers)
    for rows in (headed, list(_unheaded(text))):
        tied = _tied(rows, totals, taxed=taxed)
        if tied:
            return tied
    return tuple(r.line for r in headed if r.proven)


def _tied(rows: Sequence[TableRow], totals: Totals, *, taxed: bool) -> tuple[InvoiceLine, ...]:
    """The first rows that together are the net, a subtotal, or the gross of documents whose prices hold the tax.

    The sum before a discount is a subtotal as well; so are the bases of single rates, which is why the most rows
    that make one are the lines. ``taxed`` says that the header calls the amounts ones with tax.
    """
    run = Decimal(0)
    best: tuple[int, int, bool] = (0, 0, False)
    for count, row in enumerate(rows, 1):
        run += row.line.net_amount or 0
        if row.line.net_amount:
            rank, holds_tax = _meaning(run, row.index, totals, taxed=taxed)
            best = max(best, (rank, count if rank else 0, holds_tax))
    _, count, holds_tax = best
    return tuple(_without_tax(r.line, totals) if holds_tax else r.line for r in rows[:count])


def _meaning(run: Decimal, index: int, totals: Totals, *, taxed: bool) -> tuple[int, bool]:
    """What a sum of rows down to a line is of the document: how clearly, 0 for nothing, and whether it holds the tax."""
    gross, net = totals.gross_value or ZERO, totals.net_value or ZERO
    charged = bool(totals.vat_value)

    def near(value: Decimal, slack: Decimal = SLACK) -> bool:
        return bool(value) and abs(run - value) <= slack

    if near(net):
        return 3, False
    if near(gross, CENT):
        return (3 if taxed else 1), charged
    less = [c.value for c in totals.kinds.get(Label.DISCOUNT, ()) if c.value]
    if charged and any(near(gross + d) for d in less) and not any(near(net + d) for d in less):
        return 2, True
    if any(near(net + d) for d in less):
        return 2, False
    below = {
        c.value for c in totals.kinds.get(Label.NET, ()) if c.line > index and c.value != gross
    }
    return (2, taxed and charged) if any(near(n) for n in below) else (0, False)


def _without_tax(line: InvoiceLine, totals: Totals) -> InvoiceLine:
    """A line whose printed amount holds the tax, with the amount without it."""
    rates = {r.rate for r in totals.rows}
    rate = (
        line.vat_rate if line.vat_rate is not None else (rates.pop() if len(rates) == 1 else None)
    )
    if rate is None or line.net_amount is None:
        return line
    factor = 1 + rate / 100
    price = line.unit_price / factor if line.unit_price is not None else None
    net = (line.net_amount / factor).quantize(CENT, ROUND_HALF_UP)
    price = price.quantize(Decimal("0.0001"), ROUND_HALF_UP) if price is not None else None
    return replace(line, net_amount=net, unit_price=price, vat_rate=rate)


def _unheaded(text: Text) -> Iterator[TableRow]:
    """Rows of a till receipt, which has no header: lines with an amount above the first total."""
    everything = Header(0, 0.0, 1.0)
    pending = ""
    for index in range(len(text.lines)):
        if _ends(text, index) and any(a.money for a in text.amounts(index)):
            return
        if text.by_line.get(index) and any(h.weight >= 7 for h in text.by_line[index]):
            pending = ""
            continue
        row = _row(text.lines[index].run, text.amounts(index), everything)
        if row is None:
            pending = text.lines[index].run.text
            continue
        if not any(c.isalpha() for c in row.line.description):
            row = replace(row, line=replace(row.line, description=pending))
        pending = ""
        yield replace(row, index=index)


def _headers(text: Text) -> Iterator[Header]:
    """Lines that head a table of lines: a description and at least two other columns."""
    for index, line in enumerate(text.lines):
        words = [(plain(w.text).strip(" .:"), w) for w in line.run.words]
        heads = {name: [w for t, w in words if pattern.search(t)] for name, pattern in HEAD.items()}
        named = [name for name in ("quantity", "price", "amount") if heads[name]]
        if not heads["description"] or len(named) < 2 or any(a.money for a in text.amounts(index)):
            continue
        first = heads["description"][0]
        others = [w for name in named for w in heads[name] if w.box[0] > first.box[0]]
        right = min((w.box[0] for w in others), default=1.0)
        taxed = bool(TAXED.search(text.plain_lines[index]))
        yield Header(index, first.box[0], right, taxed)


def _rows(text: Text, header: Header) -> Iterator[TableRow]:
    sheet = text.lines[header.line].sheet
    empty, pending = 0, ""
    for index in range(header.line + 1, len(text.lines)):
        line = text.lines[index]
        if line.sheet is not sheet or empty > GAP_LINES:
            return
        numbers = [a for a in text.amounts(index) if a.run.box[2] > header.left]
        if TRANSPORT.search(plain(line.run.text)) and len(numbers) == 1:
            continue
        row = _row(line.run, numbers, header)
        if row is None:
            empty += 1
            pending = line.run.text if not numbers else ""
            continue
        empty = 0
        if not row.line.description and pending:
            row = replace(row, line=replace(row.line, description=pending))
        pending = ""
        yield replace(row, index=index)


def _ends(text: Text, index: int) -> bool:
    """True for the line on which the totals begin."""
    hits = [h for h in text.by_line.get(index, ()) if h.label in END_LABELS and h.weight >= 5]
    first = text.lines[index].run.words[0]
    return any(h.run.words[0] is first or (h.first > 0 and h.weight >= 7) for h in hits) or bool(
        hits and any(a.money for a in text.amounts(index)) and hits[0].first <= 1
    )


def _row(run: Run, numbers: Sequence[Amount], header: Header) -> TableRow | None:
    """A line with an amount at its end; None for other lines."""
    plain_numbers = [a for a in numbers if not a.percent]
    money = [a for a in plain_numbers if a.decimals == 2]
    if not money or money[-1].run.box[0] < header.left:
        return None
    rates = [a.value for a in numbers if a.percent]
    chosen = _product(plain_numbers, rates)
    if chosen is None:
        apart = [part for a in plain_numbers for part in parted(a)]
        chosen = _product(apart, rates) if len(apart) > len(plain_numbers) else None
    amount, quantity, price = chosen or (money[-1], None, None)
    described = [
        w
        for w in run.words
        if w.box[0] < max(header.right - 0.01, header.left + 0.05)
        and not any(w in a.run.words for a in (amount, quantity, price) if a is not None)
    ]
    article = None
    if described and described[0].box[2] < header.left and CODE.fullmatch(described[0].text):
        article = described[0].text
    text = " ".join(w.text for w in described[1 if article else 0 :]).strip(" -–")
    if len(text) < 2 and quantity is None:
        return None
    used = {id(a) for a in (amount, quantity, price)}
    plain_rates = [a.value for a in plain_numbers if id(a) not in used and a.value in COMMON_RATES]
    rate = next((r for r in reversed(rates) if r in COMMON_RATES), None)
    line = InvoiceLine(
        text,
        article,
        quantity.value if quantity else None,
        None,
        price.value if price else None,
        amount.value.quantize(CENT),
        rate if rate is not None else next(reversed(plain_rates), None),
    )
    return TableRow(line, chosen is not None)


COMMON_RATES = frozenset(
    Decimal(r)
    for r in (
        "0",
        "4",
        "5",
        "6",
        "7",
        "9",
        "10",
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "19",
        "20",
        "21",
        "22",
        "23",
    )
)


def _product(
    numbers: Sequence[Amount], rates: Sequence[Decimal]
) -> tuple[Amount, Amount, Amount] | None:
    """Amount, quantity and price among the numbers of a row, with quantity × price − discount = amount."""
    discounts = [
        Decimal(0),
        *(r for r in rates if 0 < r < 100),
        *(n.value for n in numbers if 0 < n.value < 100),
    ]
    best: tuple[int, Amount, Amount, Amount] | None = None
    for (i, quantity), (j, price) in itertools.permutations(enumerate(numbers[:8]), 2):
        if not quantity.value or not price.value or i > j:
            continue
        for amount in (
            n for n in reversed(numbers) if n.decimals == 2 and n not in (quantity, price)
        ):
            full = quantity.value * price.value
            for rank, discount in enumerate(dict.fromkeys(discounts)):
                if abs(full * (100 - discount) / 100 - amount.value) <= max(CENT, full / 20000):
                    if best is None or rank < best[0]:
                        best = rank, amount, quantity, price
                    break
    return (best[1], best[2], best[3]) if best else None
