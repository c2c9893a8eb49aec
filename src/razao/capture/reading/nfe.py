"""The text of a document in; what the access key of a Brazilian NF-e says on its DANFE out, checked by its last digit.

The 44 characters hold issuer, month, series and number (``countries.nfe_key``): with a check digit that holds
they are as exact as a fiscal code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text
from razao.countries.nfe_key import NfeKey, read_nfe_key

KEY = re.compile(r"(?<![\w])\d{4}(?:[ .\-]?[0-9A-Z]{4}){9}[ .\-]?\d{4}(?![\w])")
BRAZIL = "BR"


@dataclass(frozen=True)
class KeyFound:
    """An access key and where it is printed."""

    key: NfeKey
    run: Run


def key_of(text: Text) -> KeyFound | None:
    """The access key of the document; None where none is printed or its check digit does not hold."""
    for line in text.lines:
        for match in KEY.finditer(line.run.text):
            key = read_nfe_key(match[0])
            if key and key.model in {"55", "65"}:
                return KeyFound(key, line.run.between(*match.span()))
    return None
