"""The text of a document in, its number out: by the label beside or above it, or by the form that a series gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from razao.capture.reading.at_qr import same_sequence
from razao.capture.reading.dates import DAY_FIRST, NUMERIC, plain
from razao.capture.reading.document import Word
from razao.capture.reading.labels import Hit, Label, token
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text

#: the form of a number in Portugal: internal code, series, slash, sequence (SAF-T InvoiceNo)
SERIES = re.compile(
    r"(?<![\w/])(?P<code>FTR|FAC|FT|FR|FS|NC|ND|VD|FA|RG|RC|GT|GR|PF|NCR|NDB|FD|FC|FO|OR|NE)\s?(?P<series>[A-Z0-9][\w.\-]*)\s?/\s?(?P<seq>\d+)(?![\w/]|[-.]\w)"
)
ATCUD = re.compile(r"ATCUD\s*[:;.]?\s*([A-Z0-9]{8,})\s?[-–]\s?(\d+)", re.IGNORECASE)
PART = re.compile(r"#?[A-Za-z0-9][A-Za-z0-9/_.\-#]*")
SHORT_CODE = re.compile(r"[A-Z]{1,5}[.:]?|\d{1,2}[A-Z]{1,3}")


ORDER_LABELS = frozenset({"order", "contract", "estimate", "encomenda", "pedido", "bestellung"})
"""first words of labels that number the document when it is an order and no invoice"""


@dataclass(frozen=True)
class NumberFound:
    """A number of the document as printed; ``strong`` when its label or form leaves no doubt."""

    value: str
    run: Run
    score: float
    strong: bool = False


def atcud_of(text: Text) -> NumberFound | None:
    """The printed ATCUD, with its hyphen."""
    for line in text.lines:
        match = ATCUD.search(line.run.text)
        if match:
            value = f"{match[1].upper()}-{match[2]}"
            return NumberFound(value, line.run.between(*match.span()), 9, True)
    return None


def number_of(text: Text, atcud: str | None = None) -> NumberFound | None:
    """The document's number; None when no label or form points to one.

    The ATCUD, where one is printed, ends in the number's sequence: it decides between several numbers, and a
    number that differs from it is not strong.
    """
    found = list(_found(text))
    counts: dict[str, int] = {}
    for candidate in found:
        counts[candidate.value] = counts.get(candidate.value, 0) + 1
    tied = {c.value for c in found if atcud and same_sequence(atcud, c.value)}
    best = max(
        found,
        key=lambda c: (c.value in tied, c.score + 0.5 * min(counts[c.value] - 1, 3)),
        default=None,
    )
    if best is None:
        return None
    if atcud:
        return replace(best, strong=best.strong and best.value in tied)
    rivals = {c.value for c in found if c.strong and c.score >= 8}
    return replace(best, strong=best.strong and len(rivals) == 1)


def reference_of(text: Text, own: str | None) -> NumberFound | None:
    """The number of the document that this one corrects, where a label says so."""
    for hit in text.of(Label.REFERENCE):
        if hit.weight < 4:
            continue
        places = [text.after(hit), *(run for _, run in text.below(hit, 1))]
        for run in places:
            match = SERIES.search(run.text) if run else None
            if run and match:
                value = f"{match['code']} {match['series']}/{match['seq']}"
                return NumberFound(value, run.between(*match.span()), 8)
            found = _number_at_start(run) if run else None
            if found and found[0] != own and _digits(found[0]) >= 3:
                return NumberFound(found[0], found[1], 6)
    return None


def all_numbers(text: Text) -> set[str]:
    """Every value that a strong label or form calls a document number."""
    return {c.value for c in _found(text) if c.score >= 8}


def _found(text: Text) -> Iterator[NumberFound]:
    total = max(len(text.lines), 1)
    for index, line in enumerate(text.lines):
        for match in SERIES.finditer(line.run.text):
            value = f"{match['code']} {match['series']}/{match['seq']}"
            refers = any(h.label is Label.REFERENCE for h in text.by_line.get(index, ()))
            score = 12 - 2 * index / total - (6 if refers else 0)
            yield NumberFound(value, line.run.between(*match.span()), score, True)
    yield from _wrapped(text)
    for hit in text.of(Label.NUMBER):
        yield from _labelled(text, hit, total)
    for hit in text.of(Label.OTHER_NUMBER):
        if token(hit.run.words[0].text) in ORDER_LABELS:
            yield from _labelled(text, replace(hit, weight=min(hit.weight, 3)), total)


CODE_AT_END = re.compile(r"(?<![\w/])(?:FTR|FAC|FT|FR|FS|NC|ND|VD|FA|NCR|NDB)$")


WRAP_LINES = 3


def _wrapped(text: Text) -> Iterator[NumberFound]:
    """Numbers that break after their code: the series and sequence stand below it."""
    for index, line in enumerate(text.lines[:-1]):
        for segment in line.segments:
            if not CODE_AT_END.search(segment.text):
                continue
            for after in text.lines[index + 1 : index + 1 + WRAP_LINES]:
                found = _rest_of(segment, after.segments) if after.sheet is line.sheet else None
                if found is not None:
                    yield found
                    break


def _rest_of(code: Run, below: Sequence[Run]) -> NumberFound | None:
    """The number whose code ends a segment, and whose rest begins a segment under it."""
    for segment in below:
        whole = Run((code.words[-1], segment.words[0]), segment.aspect, segment.order)
        match = SERIES.fullmatch(whole.text)
        beside = min(segment.box[2], code.box[2]) > max(segment.box[0], code.box[0])
        if match and beside and segment.box[1] - code.box[3] < 2 * code.height:
            return NumberFound(f"{match['code']} {match['series']}/{match['seq']}", whole, 10.5)
    return None


def _labelled(text: Text, hit: Hit, total: int) -> Iterator[NumberFound]:
    if _outweighed(text, hit):
        return
    early = 1.5 * (1 - hit.line / total)
    beside = text.after(hit)
    value = _number_at_start(beside) if beside else None
    if value and hit.weight <= 2 and _digits(value[0]) < 3:
        return
    if value:
        strong = hit.weight >= 7 and _digits(value[0]) >= 2
        yield NumberFound(value[0], value[1], hit.weight + 1 + early + _form(value[0]), strong)
        return
    if beside is not None and hit.weight < 6:
        return
    for line, run in text.below(hit, 2):
        if any(
            h.run.box[0] <= run.box[0] + 0.001 and h.weight > 4
            for h in text.by_line.get(line, ())
            if h.run.words[0] in run.words
        ):
            continue
        value = _number_at_start(run)
        if value:
            strong = hit.weight >= 8 and _digits(value[0]) >= 3
            yield NumberFound(
                value[0], value[1], hit.weight + early + _form(value[0]) - 0.5, strong
            )
            return


def _outweighed(text: Text, hit: Hit) -> bool:
    """True when a longer label of another meaning covers the same words."""
    return any(
        other.label not in {Label.NUMBER, hit.label} and other.weight >= hit.weight
        and other.first <= hit.first < other.last and len(other.run.words) >= len(hit.run.words)
        for other in text.by_line.get(hit.line, ())
    )  # fmt: skip


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _form(value: str) -> float:
    """Points for looking like a number: many digits, letters and digits mixed; less for one or two digits."""
    digits = _digits(value)
    if digits <= 1:
        return -2.5
    return min(digits, 6) * 0.25 - (1.0 if digits == 2 else 0)


def _number_at_start(run: Run) -> tuple[str, Run] | None:
    """The number with which a run begins; None when it begins with something else."""
    words = list(run.words)
    start = 0
    while start < len(words) and (
        token(words[start].text) in {"", "no", "#"} or words[start].text in {":", "#", "-"}
    ):
        start += 1
    if start >= len(words) or _is_date(run, start):
        return None
    pieces: list[str] = []
    at = start
    while at < len(words) and len(pieces) < 3:
        piece = words[at].text.strip(",;()[]:|\"'").removesuffix(".")
        if not PART.fullmatch(piece):
            break
        if _digits(piece):
            pieces.append(piece)
            at += 1
            parted = piece.endswith("/") or (len(pieces) == 1 and _is_code(words, at))
            if not (at < len(words) and parted):
                break
        elif (
            not pieces
            and SHORT_CODE.fullmatch(piece)
            and at + 1 < len(words)
            and _digits(words[at + 1].text)
            and not _is_date(run, at + 1)
        ):
            pieces.append(piece)
            at += 1
        else:
            break
    value = " ".join(pieces).replace("/ ", "/")
    if (
        not _digits(value)
        or re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*[.,]\d{2}", value)
        or "%" in words[start].text
    ):
        return None
    return value, run.part(start, at)


def _is_code(words: Sequence[Word], after: int) -> bool:
    """True when the word before ``after`` is a document's code in digits, with series and sequence behind it: '1 2026/318'."""
    code = words[after - 1].text
    rest = words[after].text if after < len(words) else ""
    return bool(re.fullmatch(r"\d{1,3}", code) and re.fullmatch(r"[A-Za-z0-9.\-]+/\d+", rest))


def _is_date(run: Run, start: int) -> bool:
    rest = plain(" ".join(w.text for w in run.words[start:]))
    return bool(NUMERIC.match(rest) or DAY_FIRST.match(rest))
