"""The pages of a file in, the documents on them out: where one invoice ends and the next begins, and why (S4, S5)."""

from __future__ import annotations

from collections.abc import Sequence

from razao.capture.reading.document import Cut, Page


def documents(pages: Sequence[Page]) -> tuple[list[list[Page]], tuple[Cut, ...]]:
    """The pages of each document, blank pages left out, and the cuts between documents."""
    kept = [p for p in pages if not p.blank]
    return ([kept] if kept else []), ()
