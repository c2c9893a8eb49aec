"""The vocabulary of printed labels in pt, es, en, fr, de, it and nl; a line of words in, the labels on it out."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from razao.capture.reading.dates import plain
from razao.capture.reading.document import Word
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
PLURAL = re.compile(r"(?<=[\w.])\((?:e?s|as?|os?)\)(?=\W*$)")
"""'Locador(es)', 'Emitido(a)'"""
_DROP = re.compile(r"[.:;,*\"'`´’“”|_\[\]{}!?<>=~^\-–—·]|^/|/$")


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
    cleaned = _DROP.sub("", PLURAL.sub("", plain(text).replace("№", "no")))
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
            asked = segment.words[hit.last - 1].text[-1] == "?"  # 'Até quando?'
            series = hit.first > 1 and token(segment.words[hit.first - 2].text) == "serie"
            loose = not (apart or series) and hit.first - 1 not in covered
            heads = asked or segment.words[hit.last - 1].text[-1] == ":" or (apart and hit.first)
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


LONG = 6
"""letters from which on a word is known although OCR misread one of them"""
KNOWN = {word for forms in PHRASES.values() for form, _, _ in forms for word in form}


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _neighbours() -> dict[str, set[str]]:
    """The long words of the vocabulary by each form that lacks one of their letters."""
    out: dict[str, set[str]] = {}
    for word in KNOWN:
        for form in (word, *_without_one(word)) if len(word) >= LONG else ():
            out.setdefault(form, set()).add(word)
    return out


NEIGHBOURS = _neighbours()
BRACKETS = str.maketrans("", "", "()")


@lru_cache(maxsize=1 << 14)
def mended(word: str) -> str:
    """The one word of the vocabulary that differs from a misread one in a single letter; else the word itself."""
    if len(word) < LONG or word in KNOWN or not word.translate(BRACKETS).isalpha():
        return word
    near = {n for form in (word, *_without_one(word)) for n in NEIGHBOURS.get(form, ())}
    close = {n for n in near if _one_off(word, n)}
    return close.pop() if len(close) == 1 else word


def _one_off(one: str, other: str) -> bool:
    """True when one letter replaced, left out or put in leads from one word to the other."""
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and short in _without_one(long)


def _seen(word: Word) -> str:
    """A word as the vocabulary writes it, and misread ones of OCR as the word that they must be."""
    return mended(token(word.text)) if word.confidence < 1 else token(word.text)


SHORT = {
    "".join(form)
    for forms in PHRASES.values()
    for form, label, weight in forms
    if label is Label.TAX_ID and weight >= 7
}
"""abbreviations of tax identifiers, also known with their letters apart: 'N. I. F.'"""
PAIRS = {pair for forms in PHRASES.values() for form, _, _ in forms for pair in pairwise(form)}
"""words of the vocabulary that follow each other in a phrase"""
LETTERS = 5
"""words at most that make such an abbreviation"""


def labels_on(line: Run, index: int) -> Iterator[Hit]:
    """The labels of a line; at each place the longest phrase, which may carry several meanings."""
    words = [(_seen(w), at) for at, w in enumerate(line.words)]
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
        letters = length < 2 and len(words[position][0]) <= 2
        spelt = _spelt(line, words[position][1]) if letters else 0
        if spelt:
            first = words[position][1]
            yield Hit(Label.TAX_ID, 7, line.part(first, first + spelt), index, first, first + spelt)
        position += max(length, spelt, 1)


def _spelt(line: Run, first: int) -> int:
    """How many words from ``first`` on spell an abbreviation of a tax identifier letter by letter; 0 for none."""
    letters = ""
    for count, word in enumerate(line.words[first : first + LETTERS], 1):
        part = "".join(c for c in plain(word.text) if c.isalnum())
        if not 0 < len(part) <= 2 or not part.isalpha():
            return 0
        letters += part
        if count > 1 and letters in SHORT:
            return count
    return 0


def wrapped_on(upper: Run, lower: Run, index: int, start: int) -> Iterator[Hit]:
    """Labels that break over two segments of a column, as hits on the upper one, whose words begin at ``start``."""
    if (_seen(upper.words[-1]), _seen(lower.words[0])) not in PAIRS:
        return
    joined = Run(upper.words + lower.words, upper.aspect, upper.order)
    size = len(upper.words)
    for hit in labels_on(joined, index):
        if hit.first < size < hit.last:
            part = upper.part(hit.first, size)
            yield replace(hit, run=part, first=hit.first + start, last=size + start)
