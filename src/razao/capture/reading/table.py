"""The text of a document in, its invoiced lines out: the table under a header of columns."""

from __future__ import annotations

from razao.capture.reading.text import Text
from razao.invoices.invoice import InvoiceLine


def lines_of(text: Text) -> tuple[InvoiceLine, ...]:
    """The invoiced lines; () where no header of columns is found."""
    return ()
