"""VAT lines: a VAT code, a use or a field of the return in; the posted lines that its figure is made of, out.

Sums are those of the VAT summary and of the periodic return: the same lines, the same signs (``vat.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from razao.ledger.models import Direction, VatCode
from razao.reports.catalogue.vat import IS_TAX, SIGNED_BASE, USES, ZERO, code_figures, uses
from razao.reports.lines import stream
from razao.reports.parameters import Parameters
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

CODE = "vat_lines"

QUERY = f"""
SELECT l.date, j.code, e.number, e.id, v.code, v.direction, v.reverse_charge, u.use,
  coalesce(p.name, l.text, e.text, ''), coalesce(e.reference, ''), coalesce({SIGNED_BASE}, 0),
  CASE WHEN {IS_TAX} THEN u.sign * (l.debit - l.credit) ELSE 0 END
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_journal j ON j.id = e.journal_id
JOIN ledger_vatcode v ON v.id = l.vat_code_id
LEFT JOIN companies_party p ON p.id = l.party_id
{USES}
WHERE l.company_id = %(company)s AND e.fiscal_year_id = %(year)s AND e.period BETWEEN %(first)s AND %(last)s
  AND (%(code)s = '' OR v.code = %(code)s) AND (%(use)s = '' OR u.use = %(use)s)
ORDER BY l.date, j.code, e.number, l.position
"""  # noqa: S608  (own texts)


def columns() -> tuple[Column, ...]:
    return (
        Column("date", _("Date"), Kind.DATE, 1.05),
        Column("entry", _("Entry"), Kind.CODE, 1.25),
        Column("reference", _("Document"), Kind.CODE, 1.6),
        Column("name", _("Name"), Kind.TEXT, 3),
        Column("code", _("VAT code"), Kind.CODE, 1.3),
        Column("base", _("Base"), Kind.AMOUNT, 1.3, carried=True),
        Column("tax", _("VAT"), Kind.AMOUNT, 1.3, carried=True),
    )


def build(parameters: Parameters) -> Sheet:
    """The lines behind a figure of the VAT summary or of the return; without a choice, every line that carries a VAT code."""
    said = {
        _("VAT code"): parameters.vat_code,
        _("Use"): uses().get(parameters.vat_use, ""),
        _("Field"): parameters.vat_field,
    }
    return Sheet(
        CODE,
        _("VAT lines"),
        columns(),
        lambda: _rows(parameters),
        facts_of(parameters, **{name: value for name, value in said.items() if value}),
        language=parameters.language,
    )


def _rows(parameters: Parameters) -> Iterator[Row]:
    counted = _Counted(parameters) if parameters.vat_field else None
    base = tax = ZERO
    for row in stream(QUERY, _arguments(parameters)):
        day, journal, number, entry, code, direction, reverse, use, name, reference, *amounts = row
        if counted is not None:
            amounts = counted.part(code, direction, use, reverse, amounts)
        if not any(amounts):
            continue
        base += amounts[0] or ZERO
        tax += amounts[1] or ZERO
        cells = (day, f"{journal}/{number}", reference, name, code, amounts[0], amounts[1])
        yield Row(cells, link=f"entry:{entry}")
    yield Row((None, "", "", _("Total"), "", base, tax), Weight.TOTAL)


def _arguments(parameters: Parameters) -> dict[str, Any]:
    return {
        "company": parameters.company.pk,
        "year": parameters.fiscal_year.pk,
        "first": parameters.first_period,
        "last": parameters.last_period,
        "code": parameters.vat_code,
        "use": parameters.vat_use,
    }


class _Counted:
    """What of a line counts into a field of the return, as ``vat.return_fields`` adds it up."""

    def __init__(self, parameters: Parameters) -> None:
        self.field = parameters.vat_field
        self.codes = {c.code: c for c in VatCode.objects.filter(company=parameters.company)}
        # Fields of regularisations are positive, whatever the side that they were posted on.
        self.turned = {
            f.code for f in code_figures(parameters) if f.use == "regularisation" and f.tax < 0
        }

    def part(
        self, code: str, direction: str, use: str, reverse_charge: bool, amounts: list[Decimal]
    ) -> list[Decimal | None]:
        base, tax = amounts
        of = self.codes[code]
        if use == "captive":
            return [None, None]
        if use == "regularisation":
            sign = -1 if code in self.turned else 1
            return [None, sign * tax if self._in(of.regularisation_fields) else None]
        stated = direction == Direction.SALE or reverse_charge
        taxed = of.tax_fields if use == "output" else of.deduction_fields
        return [
            base if stated and self._in(of.base_fields) else None,
            tax if self._in(taxed) else None,
        ]

    def _in(self, numbers: list[Any]) -> bool:
        return self.field in map(str, numbers)
