"""Pages as typed text, for tests of single causes: a character is a cell, three spaces part two columns."""

from __future__ import annotations

import re

from razao.capture.reading.document import Page, Word
from razao.capture.reading.fields import invoice_of
from razao.invoices.invoice import Invoice, Source

ACROSS, DOWN, TALL = 0.008, 0.018, 0.012


def typed(text: str, *, source: Source = Source.TEXT) -> Page:
    """The page on which this text stands, top left at the top left."""
    words = tuple(
        Word(
            m[0],
            1,
            (m.start() * ACROSS, 0.05 + row * DOWN, m.end() * ACROSS, 0.05 + row * DOWN + TALL),
            1.0 if source is Source.TEXT else 0.97,
        )
        for row, line in enumerate(text.strip("\n").splitlines())
        for m in re.finditer(r"\S+", line)
    )
    return Page(1, 0.707, words, (), source)


def read(text: str, country: str = "PT", *, source: Source = Source.TEXT) -> Invoice:
    """The invoice that this text is."""
    found = invoice_of([typed(text, source=source)], country)
    assert found is not None
    return found
