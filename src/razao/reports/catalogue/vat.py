"""VAT summary: parameters in; bases and tax by code, and the fields of the periodic return, out.

Posted lines carry the code and the base (``tax_base``), so that the summary rests on the ledger alone. A
line's side says whether it adds: collected tax stands on the credit side, deductible tax on the debit side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import quote

from django.db import connection
from django.utils.translation import gettext as _

from razao.countries.pack import load
from razao.ledger.models import Direction, VatCode
from razao.reports.parameters import Parameters, sums_of
from razao.reports.sheet import Column, Kind, Row, Sheet, Weight
from razao.reports.wording import facts_of

SUMMARY = "vat_summary"
RETURN = "vat_return"
ZERO = Decimal("0.00")

#: One row for each code and use: output (tax owed), input (deducted), regularisations of either,
#: captive (kept by the buyer; positive: owed to the State by the company that buys, recovered by one that sells). Booking states
#: the base once a document row; in reverse charge the collected line has the tax alone.
USES = """
CROSS JOIN LATERAL (SELECT
  CASE
    WHEN l.account_id = v.captive_account_id THEN 'captive'
    WHEN l.account_id = v.regularisation_account_id THEN 'regularisation'
    WHEN v.direction = 'sale' OR (v.reverse_charge AND l.account_id = v.reverse_account_id) THEN 'output'
    ELSE 'input' END AS use,
  CASE
    WHEN l.account_id = v.captive_account_id THEN CASE v.direction WHEN 'sale' THEN 1 ELSE -1 END
    WHEN v.direction = 'sale' OR (v.reverse_charge AND l.account_id = v.reverse_account_id)
    THEN -1 ELSE 1 END AS sign) u
"""
#: Whether a line's amount is tax, and its base with the sign of its side.
IS_TAX = "l.account_id IN (v.tax_account_id, v.reverse_account_id, v.regularisation_account_id, v.captive_account_id)"
SIGNED_BASE = "u.sign * sign(l.debit - l.credit) * l.tax_base"
QUERY = f"""
SELECT v.code, v.name, v.direction, v.reverse_charge, u.use,
  coalesce(sum(u.sign * (l.debit - l.credit)) FILTER (WHERE {IS_TAX}), 0) AS tax,
  coalesce(sum({SIGNED_BASE}), 0) AS base
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_vatcode v ON v.id = l.vat_code_id
{USES}
WHERE l.company_id = %(company)s AND e.fiscal_year_id = %(year)s
  AND e.period BETWEEN %(first)s AND %(last)s
GROUP BY v.code, v.name, v.direction, v.reverse_charge, u.use
ORDER BY v.direction DESC, v.code, u.use
"""  # noqa: S608  (own texts)


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """A VAT code's base and tax in one use."""

    code: str
    name: str
    direction: str
    reverse_charge: bool
    use: str
    tax: Decimal
    base: Decimal


def code_figures(parameters: Parameters) -> list[CodeFigures]:
    """Bases and tax by code and use, in the order of the summary."""
    with connection.cursor() as cursor:
        cursor.execute(
            QUERY,
            {
                "company": parameters.company.pk,
                "year": parameters.fiscal_year.pk,
                "first": parameters.first_period,
                "last": parameters.last_period,
            },
        )
        return [CodeFigures(*row) for row in cursor.fetchall()]


def return_fields(parameters: Parameters) -> dict[str, Decimal]:
    """Field number of the periodic return → amount; sums over codes. Totals of the form are left to the form."""
    codes = {c.code: c for c in VatCode.objects.filter(company=parameters.company)}
    fields: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for figures in code_figures(parameters):
        code = codes[figures.code]
        if figures.use == "captive":
            continue
        if figures.use == "regularisation":
            # Both fields of regularisations are positive; which one says in whose favour.
            _add(fields, code.regularisation_fields, abs(figures.tax))
            continue
        if figures.direction == Direction.SALE or figures.reverse_charge:
            _add(fields, code.base_fields, figures.base)
        _add(
            fields,
            code.tax_fields if figures.use == "output" else code.deduction_fields,
            figures.tax,
        )
    return {number: amount for number, amount in fields.items() if amount}


def _add(fields: defaultdict[str, Decimal], numbers: list[str], amount: Decimal) -> None:
    for number in numbers:
        fields[str(number)] += amount


#: What a field's kind does to the tax to be paid; others are bases, totals, or not of the ledger.
SIGNS = {"tax": 1, "regularisation_state": 1, "deduction": -1, "regularisation_company": -1}
#: Fields that repeat a part of another one (13 is a part of 11).
PARTS = frozenset({"13"})
#: Account of the tax to be recovered (SNC, code of accounts): its debit balance is the excess of the period before, field 61.
CREDIT_BROUGHT_FORWARD = "2437"


def payable(parameters: Parameters) -> Decimal:
    """Tax to be paid for the period (field 93); negative: a credit (field 94). In euro, from the ledger alone."""
    kinds = {field.number: field.kind for field in load(parameters.company.country).return_fields}
    whole = sum(
        (
            SIGNS.get(kinds.get(number, ""), 0) * amount
            for number, amount in return_fields(parameters).items()
            if number not in PARTS
        ),
        ZERO,
    )
    credit = sums_of(replace(parameters, account=CREDIT_BROUGHT_FORWARD))
    return whole - max(ZERO, sum((row.opening for row in credit), ZERO))


def uses() -> dict[str, str]:
    """What the uses are called."""
    return {
        "output": _("Tax owed"),
        "input": _("Tax deducted"),
        "regularisation": _("Regularisation"),
        "captive": _("Captive tax"),
    }


def build_summary(parameters: Parameters) -> Sheet:
    """Bases and tax by VAT code."""
    columns = (
        Column("code", _("VAT code"), Kind.CODE, 1.8),
        Column("name", _("Name"), Kind.TEXT, 4),
        Column("use", _("Use"), Kind.TEXT, 1.6),
        Column("base", _("Base"), Kind.AMOUNT, 1.4),
        Column("tax", _("VAT"), Kind.AMOUNT, 1.4),
    )

    def rows() -> Iterator[Row]:
        words = uses()
        sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        for f in code_figures(parameters):
            sums[f.use] += f.tax
            link = f"vat_lines:vat_code={quote(f.code)}&vat_use={f.use}"
            yield Row((f.code, f.name, words[f.use], f.base, f.tax), link=link)
        for use, amount in sums.items():
            link = f"vat_lines:vat_use={use}"
            yield Row(("", words[use], "", None, amount), Weight.SUBTOTAL, link=link)

    return Sheet(
        SUMMARY, _("VAT summary"), columns, rows, facts_of(parameters), language=parameters.language
    )


def build_return(parameters: Parameters) -> Sheet:
    """The figures of the periodic return, field by field."""
    columns = (
        Column("field", _("Field"), Kind.CODE, 0.8),
        Column("name", _("Name"), Kind.TEXT, 5),
        Column("amount", _("Amount"), Kind.AMOUNT, 1.4),
    )
    names = {field.number: field.name for field in load(parameters.company.country).return_fields}

    def rows() -> Iterator[Row]:
        amounts = return_fields(parameters)
        for number in sorted(amounts, key=lambda text: (len(text), text)):
            link = f"vat_lines:vat_field={quote(number)}"
            yield Row((number, names.get(number, ""), amounts[number]), link=link)

    return Sheet(
        RETURN,
        _("Periodic VAT return"),
        columns,
        rows,
        facts_of(parameters),
        notes=(_("Totals are those of the form; this sheet has what comes from the ledger."),),
        language=parameters.language,
    )
