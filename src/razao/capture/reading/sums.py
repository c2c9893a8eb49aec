"""The nouns of arithmetic on a page: an amount that labels call a total, a row of the breakdown, and a choice of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from razao.capture.reading.amounts import Amount
from razao.capture.reading.labels import Label

ZERO = Decimal("0.00")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Candidate:
    """A printed amount that labels call net, VAT, gross …; ``score`` says how clearly."""

    amount: Amount
    score: float
    line: int

    @property
    def value(self) -> Decimal:
        return abs(self.amount.value).quantize(CENT)


@dataclass(frozen=True)
class Row:
    """One rate with its base and tax. ``printed`` is how many of the three the page prints together."""

    rate: Decimal
    base: Decimal
    tax: Decimal
    line: int
    printed: int
    base_amount: Amount | None = None
    tax_amount: Amount | None = None
    exemption: str | None = None
    """reason code (M07 …) printed beside a base without tax"""
    kind: str | None = None
    """'surcharge' for a row that is no VAT"""


@dataclass(frozen=True)
class Totals:
    """What was chosen. ``agreeing`` names the sums that hold; ``rivals`` is True when another choice was as good."""

    gross: Candidate | None = None
    net: Candidate | None = None
    vat: Candidate | None = None
    stamp: Candidate | None = None
    """stamp duty, part of ``vat_value``"""
    net_value: Decimal | None = None
    vat_value: Decimal | None = None
    gross_value: Decimal | None = None
    rows: tuple[Row, ...] = ()
    withholding: Candidate | None = None
    payable: Candidate | None = None
    agreeing: frozenset[str] = frozenset()
    score: float = 0.0
    rivals: bool = False
    unexplained: bool = False
    """an amount to be paid is printed that differs from the gross total for no reason that was found"""
    kinds: dict[Label, list[Candidate]] = field(default_factory=dict)

    @property
    def taxed_value(self) -> Decimal:
        """VAT without stamp duty."""
        return (self.vat_value or ZERO) - (self.stamp.value if self.stamp else ZERO)
