"""Printed dates in, dates out, with whether day and month could be told apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from razao.capture.reading.layout import Run

_MONTH_NAMES = {
    1: "janeiro jan enero ene january januar januari janvier janv gennaio gen jaenner",
    2: "fevereiro fev febrero feb february februar februari fevrier fevr febbraio",
    3: "marco mar marzo march maerz marz maart mars mrt mrz",
    4: "abril abr april apr avril avr aprile",
    5: "maio mai mayo may mei maggio mag",
    6: "junho jun junio june juni juin giugno giu",
    7: "julho jul julio july juli juillet juil luglio lug",
    8: "agosto ago august aug augustus aout",
    9: "setembro set septiembre sep sept september septembre settembre",
    10: "outubro out octubre oct october oktober okt octobre ottobre ott",
    11: "novembro nov noviembre november novembre",
    12: "dezembro dez diciembre dic december dezember dec decembre dicembre",
}
MONTHS = {name: month for month, names in _MONTH_NAMES.items() for name in names.split()}
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
NUMERIC = re.compile(
    r"(?<![\d/.,-])(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}(?=\d{2}:\d{2})|\d{4}(?!\d)|\d{2}(?!\d))(?!/|[-.]\d)"
)
"""a date, also with the time of day right after its year, as tills' narrow lines have it"""
DAY_FIRST = re.compile(
    rf"(?<![\d/.])(\d{{1,2}})(?:st|nd|rd|th|er|º|\.|o)?[\s./·-]*(?:de\s*|of\s+)?({_NAMES})(?:\b|(?=de))\.?[\s,./·'-]*(?:del?[\s.]*)?(\d{{4}}|\d{{2}})(?!\d|\s?,\s?\d)"
)
MONTH_FIRST = re.compile(
    rf"\b({_NAMES})\b\.?[\s./-]*(\d{{1,2}})(?:st|nd|rd|th)?\s?[\s,./-]\s*(\d{{4}})(?!\d)"
)
COMPACT = re.compile(r"(?<!\d)(\d{2})(\d{2})(20\d{2})(?!\d)")
YEARS = range(1990, 2100)


@dataclass(frozen=True)
class DateFound:
    """A date on a page. ``swapped`` is the other reading where day and month could change places."""

    value: date
    run: Run
    swapped: date | None = None
    worded: bool = False
    """the month is written as a word, or the year comes first: nothing to guess"""


class _Folded(dict[int, str]):
    """Each character without its accent, worked out once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if code < 128 else unicodedata.normalize("NFKD", char)[0]
        return self[code]


_FOLDED = _Folded()


def plain(text: str) -> str:
    """Lower case without accents, of the same length wherever one character stays one character."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return lower.translate(_FOLDED)


Span = tuple[int, int, date, date | None, bool]
"""start and end in the text, the date, its other reading, and whether nothing is left to guess"""


def dates_in(run: Run, month_first: bool = False) -> Iterator[DateFound]:
    """The dates of a run of words, from left to right; ``month_first`` for documents of countries that write so."""
    text = plain(run.text)
    found = [*_numeric(text, month_first), *_worded(text)] or list(_compact(text))
    end = -1
    for start, stop, value, swapped, worded in sorted(found, key=lambda f: (f[0], -f[1])):
        if start >= end:
            yield DateFound(value, run.between(start, stop), swapped, worded)
            end = stop


def _numeric(text: str, month_first: bool) -> Iterator[Span]:
    for match in NUMERIC.finditer(text):
        parsed = numeric_date(match[1], match[3], match[4], month_first)
        if parsed is not None:
            yield match.start(), match.end(), parsed[0], parsed[1], len(match[1]) == 4


def _worded(text: str) -> Iterator[Span]:
    for pattern, order in ((DAY_FIRST, (3, 2, 1)), (MONTH_FIRST, (3, 1, 2))):
        for match in pattern.finditer(text):
            year, month, day = (match[i] for i in order)
            made = _date(_year(year), MONTHS[month], int(day))
            if made:
                yield match.start(), match.end(), made, None, True


def _compact(text: str) -> Iterator[Span]:
    """25032018, as some tills print it; never beyond doubt."""
    for match in COMPACT.finditer(text):
        made = _date(int(match[3]), int(match[2]), int(match[1]))
        if made:
            yield match.start(), match.end(), made, made, False


def numeric_date(
    first: str, second: str, third: str, month_first: bool
) -> tuple[date, date | None] | None:
    """The date of three numbers and its other reading, if it has one; None when they make no date."""
    if len(first) == 4:
        made = _date(int(first), int(second), int(third)) if len(third) <= 2 else None
        return (made, None) if made else None
    if len(first) > 2:
        return None
    year = _year(third)
    day_first = _date(year, int(second), int(first))
    month_led = _date(year, int(first), int(second))
    chosen, other = (month_led, day_first) if month_first else (day_first, month_led)
    if chosen is None:
        chosen, other = other, None
    if chosen is None:
        return None
    return chosen, other if other != chosen else None


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _date(year: int, month: int, day: int) -> date | None:
    if year not in YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
