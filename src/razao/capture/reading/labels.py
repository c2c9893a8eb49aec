"""The vocabulary of printed labels in pt, es, en, fr, de, it and nl; a line of words in, the labels on it out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from razao.capture.reading.dates import plain
from razao.capture.reading.layout import Run
from razao.countries import pack


class Label(StrEnum):
    NUMBER = "number"
    DATE = "date"
    DUE = "due"
    OTHER_DATE = "other_date"
    OTHER_NUMBER = "other_number"
    NET = "net"
    VAT = "vat"
    GROSS = "gross"
    PAYABLE = "payable"
    WITHHOLDING = "withholding"
    PAID = "paid"
    CHANGE = "change"
    DISCOUNT = "discount"
    OTHER_AMOUNT = "other_amount"
    TAX_ID = "tax_id"
    BUYER = "buyer"
    SELLER = "seller"
    ATCUD = "atcud"
    RATE = "rate"
    BASE = "base"
    REFERENCE = "reference"
    CURRENCY = "currency"
    STAMP_DUTY = "stamp_duty"
    NAME = "name"
    TERMS = "terms"


NUMBER_WORDS = frozenset(
    {
        "n",
        "no",
        "nr",
        "num",
        "numero",
        "number",
        "nro",
        "nbr",
        "#",
        "nummer",
        "n°",
        "nº",
        "nos",
        "num°",
        "n9",
        "no9",
    }
)
_DROP = re.compile(r"[.:;,*\"'`´’“”|_\[\]{}!?<>=~^\-–—]")


@dataclass(frozen=True)
class Hit:
    """A label found on a line: which, how strongly its words speak for it, and where it stands."""

    label: Label
    weight: int
    run: Run
    line: int
    first: int
    last: int
    """words ``first`` up to, without, ``last`` of the line"""


@lru_cache(maxsize=1 << 16)
def token(text: str) -> str:
    """A word as the vocabulary writes it: plain letters, no punctuation, every number sign as 'no'."""
    cleaned = _DROP.sub("", plain(text).replace("№", "no"))
    if sum(c.isalpha() for c in cleaned) >= 2:
        cleaned = cleaned.replace("0", "o").replace("1", "l").replace("5", "s")
    if cleaned in NUMBER_WORDS:
        return "no"
    if cleaned.startswith(("n°", "nº")):  # OCR glues the sign to the word after it
        cleaned = "no" + cleaned[2:]
    if len(cleaned) > 4 and cleaned.endswith("nr"):
        return cleaned[:-2] + "nummer"
    return cleaned if any(c.isalnum() or c == "%" for c in cleaned) else ""


def labels_of(line: Run, segments: Sequence[Run], index: int) -> Iterator[Hit]:
    """The labels of a line, each with the weight that its place leaves it: words of a sentence are no labels."""
    start = 0
    for segment in segments:
        found = list(labels_on(segment, index))
        covered = {at for hit in found for at in range(hit.first, hit.last)}
        prose = PROSE if len(segment.words) > SENTENCE else 0
        for hit in found:
            before = segment.words[hit.first - 1].text if hit.first else ":"
            apart = before[-1] in APART or (before[-1] in ",;" and hit.label is Label.TAX_ID)
            series = hit.first > 1 and token(segment.words[hit.first - 2].text) == "serie"
            loose = not (apart or series) and hit.first - 1 not in covered
            heads = segment.words[hit.last - 1].text[-1] == ":" or (apart and hit.first)
            weight = hit.weight - (LOOSE if loose else 0) - (0 if heads else prose)
            if weight > 0:
                yield replace(hit, weight=weight, first=hit.first + start, last=hit.last + start)
        start += len(segment.words)


APART = ":|-–/)·•●"
"""what may stand between a label and the words before it"""
LOOSE = 3
"""points that a label loses when another word leads up to it"""
PROSE = 5
"""points that a label loses in a sentence"""
SENTENCE = 9
"""words from which on a segment is a sentence"""


GLUED = 7
"""letters from which on a phrase is also known without its spaces, as OCR often prints it"""


def _phrases() -> dict[str, list[tuple[tuple[str, ...], Label, int]]]:
    """The vocabulary by first token, longest phrases first.

    In ``labels.csv`` 'no' stands for every way of writing "number" (n.º, n°, nr, num, #); ``weight`` says how
    strongly a phrase speaks, 1–9. A phrase may have several meanings. What it does not list, the packs of the
    countries may add.
    """
    weighed: dict[tuple[tuple[str, ...], Label], int] = {}
    with Path(__file__).with_name("labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tokens = tuple(t for t in map(token, row["phrase"].split()) if t)
            key = tokens, Label(row["label"])
            weighed[key] = max(weighed.get(key, 0), int(row["weight"]))
    ranked = {tokens for tokens, _ in weighed}
    found = {k: w for k, w in _of_packs() if k[0] not in ranked} | weighed
    out: dict[str, list[tuple[tuple[str, ...], Label, int]]] = {}
    for (tokens, label), weight in found.items():
        for form in _forms(tokens):
            out.setdefault(form[0], []).append((form, label, weight))
    for entries in out.values():
        entries.sort(key=lambda e: -len(e[0]))
    return out


OF_PACKS = {
    "number": (Label.NUMBER, 6), "date": (Label.DATE, 7), "due_date": (Label.DUE, 8), "tax_id": (Label.TAX_ID, 7),
    "buyer": (Label.BUYER, 8), "net_total": (Label.NET, 4), "vat_total": (Label.VAT, 6), "gross_total": (Label.GROSS, 8),
    "payable": (Label.PAYABLE, 8), "withholding": (Label.WITHHOLDING, 8), "vat_rate": (Label.RATE, 6),
    "vat_base": (Label.BASE, 6), "vat_amount": (Label.VAT, 6), "reference": (Label.REFERENCE, 8),
}  # fmt: skip
"""fields of a pack's ``labels`` that name something to read, with the label and weight that they get"""


def _of_packs() -> Iterator[tuple[tuple[tuple[str, ...], Label], int]]:
    for country in pack.available():
        for name, words in pack.load(country).labels.items():
            for phrase in words if name in OF_PACKS else ():
                label, weight = OF_PACKS[name]
                yield (tuple(t for t in map(token, phrase.split()) if t), label), weight


def _forms(tokens: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The phrase as it is written, and as one word where it is long enough to be no other."""
    if not tokens:
        return []
    glued = "".join(tokens)
    long = len(glued) >= (5 if tokens[0] == "no" else GLUED)
    return [tokens, (glued,)] if len(tokens) > 1 and long else [tokens]


PHRASES = _phrases()


def labels_on(line: Run, index: int) -> Iterator[Hit]:
    """The labels of a line; at each place the longest phrase, which may carry several meanings."""
    words = [(token(w.text), at) for at, w in enumerate(line.words)]
    words = [(t, at) for t, at in words if t]
    position = 0
    while position < len(words):
        length = 0
        for tokens, label, weight in PHRASES.get(words[position][0], ()):
            if length and len(tokens) < length:
                break
            if tuple(t for t, _ in words[position : position + len(tokens)]) == tokens:
                length = len(tokens)
                first, last = words[position][1], words[position + length - 1][1] + 1
                yield Hit(label, weight, line.part(first, last), index, first, last)
        position += max(length, 1)
