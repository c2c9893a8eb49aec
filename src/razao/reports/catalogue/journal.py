"""Journal (diário): parameters in; every entry of the period with its lines out, in the order of its number."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from razao.reports.lines import BY_ENTRY, line_count, posted_lines
from razao.reports.parameters import Parameters
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

CODE = "journal"


def columns() -> tuple[Column, ...]:
    return (
        Column("date", _("Date"), Kind.DATE, 1.05),
        Column("entry", _("Entry"), Kind.CODE, 1.3),
        Column("account", _("Account"), Kind.CODE, 1.3),
        Column("text", _("Description"), Kind.TEXT, 3.9),
        Column("cost_center", _("Cost centre"), Kind.CODE, 1),
        Column("debit", _("Debit"), Kind.AMOUNT, 1.3, carried=True),
        Column("credit", _("Credit"), Kind.AMOUNT, 1.3, carried=True),
    )


def build(parameters: Parameters) -> Sheet:
    """The journal of a period."""
    return Sheet(
        CODE,
        _("Journal"),
        columns(),
        lambda: _rows(parameters),
        facts_of(parameters),
        language=parameters.language,
        row_count=line_count(parameters),
    )


def _rows(parameters: Parameters) -> Iterator[Row]:
    debit = credit = Decimal("0.00")
    for _entry, lines in groupby(
        posted_lines(parameters, BY_ENTRY), key=lambda line: line.entry_id
    ):
        for place, line in enumerate(lines):
            debit += line.debit
            credit += line.credit
            first = place == 0
            number, text = line.reference or "", line.text or ""
            # most texts begin with the document's number
            told = (text,) if text.startswith(number) else (number, text)
            words = " · ".join(filter(None, told))
            yield Row(
                (
                    line.date if first else None,
                    f"{line.journal}/{line.number}" if first else "",
                    line.account,
                    words if first else line.account_name,
                    line.cost_center or "",
                    line.debit or None,
                    line.credit or None,
                ),
                link=f"entry:{line.entry_id}",
            )
    yield Row((None, "", "", _("Total"), "", debit, credit), Weight.TOTAL)
