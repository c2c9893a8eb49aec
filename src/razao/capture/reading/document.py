"""What passes between the steps of reading: words with places, pages, codes, cuts, and the reading of a whole file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from razao.invoices.invoice import Invoice, Source
from razao.kernel.problems import Problem

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) as fractions 0–1 of the page as displayed upright"""


@dataclass(frozen=True, slots=True)
class Word:
    """One word as printed, with its place; ``confidence`` is 1 for a PDF's own text."""

    text: str
    page: int
    """1-based, within the file"""
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Code:
    """The content of a two-dimensional barcode and its place."""

    text: str
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page, read: its words in reading order and its codes."""

    number: int
    """1-based, within the file"""
    aspect: float
    """width divided by height of the page as displayed upright"""
    words: tuple[Word, ...] = ()
    codes: tuple[Code, ...] = ()
    source: Source = Source.TEXT
    rotation: int = 0
    """quarter turns clockwise, in degrees, that bring the stored page upright"""
    skew: float = 0.0
    """slope of the text lines at mid-page: fall in page heights over one page height to the right"""
    fan: float = 0.0
    """by how much that slope is greater at the foot than at the head of the page"""

    @property
    def blank(self) -> bool:
        """True when nothing was found on the page."""
        return not self.codes and sum(len(w.text) for w in self.words) < 4


@dataclass(frozen=True, slots=True)
class Cut:
    """A boundary between two invoices of one file; ``certain`` is False where a person should look (M6)."""

    before_page: int
    certain: bool
    reasons: tuple[str, ...]
    """what speaks for the cut: 'qr', 'number', 'tax_id', 'page_count', 'total', 'blank'"""


@dataclass(frozen=True, slots=True)
class KnownParty:
    """What the books know of a party that may appear on the document."""

    tax_id: str
    name: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Knowledge that may decide who is seller and who is buyer; never invents a value that the page does not bear out.

    ``company`` is the company whose document it is; ``parties`` its suppliers and customers;
    ``direction`` is 'received', 'issued' or '' where it is not known.
    """

    company: KnownParty | None = None
    parties: tuple[KnownParty, ...] = ()
    direction: str = ""

    def name_of(self, tax_id: str) -> str:
        """The name in the books of the party with this tax id, or an empty text."""
        known = (self.company, *self.parties) if self.company else self.parties
        return next((p.name for p in known if p and p.tax_id == tax_id), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that reading a file gives: invoices, problems, cuts between invoices, and the words of its pages."""

    file: str
    invoices: tuple[Invoice, ...] = ()
    problems: tuple[Problem, ...] = ()
    cuts: tuple[Cut, ...] = ()
    words: Mapping[int, tuple[Word, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """by page, 1-based"""
    page_count: int = 0
    rotations: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """degrees clockwise that bring the stored page upright, for pages that are not"""
