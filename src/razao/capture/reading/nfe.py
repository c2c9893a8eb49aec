"""The text of a document in; what the access key of a Brazilian NF-e says on its DANFE out, checked by its last digit.

The 44 characters hold issuer, month, series and number (``countries.nfe_key``): with a check digit that holds
they are as exact as a fiscal code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text
from razao.countries.nfe_key import NfeKey, read_nfe_key

KEY = re.compile(r"(?<![\w])\d{4}(?:[ .\-]?[0-9A-Z]{4}){9}[ .\-]?\d{4}(?![\w])")
PART = re.compile(r"(?:[0-9A-Z]{4}[ .]?){1,10}")
BRAZIL = "BR"


@dataclass(frozen=True)
class KeyFound:
    """An access key and where it is printed."""

    key: NfeKey
    run: Run


def key_of(text: Text) -> KeyFound | None:
    """The access key of the document; None where none is printed or its check digit does not hold."""
    for index, line in enumerate(text.lines):
        for run in (line.run, *_continued(text, index)):
            for match in KEY.finditer(run.text):
                key = read_nfe_key(match[0])
                if key and key.model in {"55", "65"}:
                    return KeyFound(key, run.between(*match.span()))
    return None


def _continued(text: Text, index: int) -> Iterator[Run]:
    """Groups of digits with those under them: keys that break over two lines of their box."""
    for upper in text.lines[index].segments:
        if not PART.fullmatch(upper.text):
            continue
        for line in text.lines[index + 1 : index + 3]:
            for lower in line.segments:
                close = lower.box[1] - upper.box[3] < upper.height
                if close and PART.fullmatch(lower.text) and abs(lower.box[0] - upper.box[0]) < 0.02:
                    yield Run(upper.words + lower.words, upper.aspect, upper.order)
