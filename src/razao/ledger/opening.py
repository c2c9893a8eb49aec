"""Opening a company's books: a company in; its chart, journals, codes and fiscal years out, as its country's pack has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from razao.companies.models import Company, FiscalYear
from razao.companies.opening import open_fiscal_year
from razao.countries.facts import VatCodeSpec
from razao.countries.pack import Pack, load
from razao.kernel.audit import record
from razao.ledger.models import (
    Account,
    Direction,
    EntryType,
    Journal,
    Period,
    VatCode,
    VatCodeRate,
    WithholdingAccount,
    WithholdingCode,
    WithholdingRate,
)

CLOSING_PERIODS = range(13, 17)


def open_books(company: Company, user_id: UUID, years: Sequence[int] = ()) -> None:
    """Give ``company`` the chart, journals, entry types, tax codes and fiscal years of its country's pack.

    ``years``: the fiscal years to open, by the year they begin in; last year and this one when none is
    named. Run again, it adds what is missing and changes nothing. The session must act for the company.
    """
    pack = load(company.country)
    today = timezone.localdate()
    accounts = _chart(company, pack)
    _journals(company, pack)
    _vat_codes(company, pack, accounts)
    _withholding(company, pack, accounts)
    for year in years or (today.year - 1, today.year):
        open_year(company, year)
    record("books.opened", user=user_id, company=company.pk, subject=company.code)


def open_year(company: Company, year: int) -> FiscalYear:
    """The fiscal year that begins in ``year`` with its periods (0 opening, 1–12, 13–16 closing), created when absent."""
    fiscal_year = open_fiscal_year(company, year)
    months = list(_months(fiscal_year.start, fiscal_year.end))
    spans = [(0, fiscal_year.start, fiscal_year.start)]
    spans += [(number, *month) for number, month in enumerate(months, 1)]
    spans += [(number, *months[-1]) for number in CLOSING_PERIODS]
    Period.objects.bulk_create(
        [
            Period(company=company, fiscal_year=fiscal_year, number=number, start=start, end=end)
            for number, start, end in spans
        ],
        ignore_conflicts=True,
    )
    return fiscal_year


def _months(start: date, end: date) -> Iterable[tuple[date, date]]:
    """First and last day of each month from ``start`` to ``end``."""
    first = start
    while first <= end:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, min(following - timedelta(days=1), end)
        first = following


def _chart(company: Company, pack: Pack) -> dict[str, Account]:
    micro = company.taxonomy == "M"
    Account.objects.bulk_create(
        [
            Account(
                company=company,
                code=a.code,
                name=a.name,
                kind=a.kind.value,
                postable=a.postable,
                party_group=a.party_group,
                classifier=a.classifier,
                taxonomy=a.taxonomy_m if micro else a.taxonomy_s,
                contra=a.contra,
                either_side=a.either_side,
            )
            for a in pack.accounts
        ],
        ignore_conflicts=True,
    )
    return {a.code: a for a in Account.objects.filter(company=company)}


def _journals(company: Company, pack: Pack) -> None:
    Journal.objects.bulk_create(
        [Journal(company=company, code=j.code, name=j.name, kind=j.kind) for j in pack.journals],
        ignore_conflicts=True,
    )
    journals = {j.code: j for j in Journal.objects.filter(company=company)}
    EntryType.objects.bulk_create(
        [
            EntryType(
                company=company,
                code=t.code,
                name=t.name,
                journal=journals.get(t.journal),
                transaction=t.transaction,
            )
            for t in pack.entry_types
        ],
        ignore_conflicts=True,
    )


def _vat_codes(company: Company, pack: Pack, accounts: dict[str, Account]) -> None:
    VatCode.objects.bulk_create(
        [_vat_code(company, spec, accounts) for spec in pack.vat_codes], ignore_conflicts=True
    )
    codes = {c.code: c for c in VatCode.objects.filter(company=company)}
    VatCodeRate.objects.bulk_create(
        [
            VatCodeRate(
                company=company,
                vat_code=codes[spec.code],
                rate=rate.rate,
                valid_from=rate.period.valid_from,
                valid_to=rate.period.valid_to,
            )
            for spec in pack.vat_codes
            for rate in pack.vat_rates
            if (rate.kind, rate.tax) == (spec.kind, spec.tax) and rate.region in {spec.region, "*"}
        ],
        ignore_conflicts=True,
    )


def _vat_code(company: Company, spec: VatCodeSpec, accounts: dict[str, Account]) -> VatCode:
    return VatCode(
        company=company,
        code=spec.code,
        name=spec.name,
        direction=spec.direction.value,
        operation=spec.operation,
        nature=spec.nature.value,
        modality=spec.modality,
        kind=spec.kind,
        region=spec.region,
        tax=spec.tax,
        deductible_percent=spec.deductible_percent,
        base_account=accounts.get(spec.base_account or ""),
        tax_account=accounts.get(spec.tax_account or ""),
        reverse_charge=spec.reverse_charge,
        reverse_account=accounts.get(spec.reverse_account or ""),
        regularisation_account=accounts.get(spec.regularisation_account or ""),
        captive_percent=spec.captive_percent,
        captive_account=accounts.get(spec.captive_account or ""),
        base_fields=list(spec.return_fields.base),
        tax_fields=list(spec.return_fields.tax),
        deduction_fields=list(spec.return_fields.deduction),
        regularisation_fields=list(spec.return_fields.regularisation),
        saft_tax_code=spec.saft_tax_code,
        exemption_required=spec.exemption_required,
        exemption=spec.exemption or "",
    )


def _withholding(company: Company, pack: Pack, accounts: dict[str, Account]) -> None:
    # the rows of a code follow one another in time: the last one describes it as it is today
    latest = {spec.code: spec for spec in pack.withholding}
    WithholdingCode.objects.bulk_create(
        [
            WithholdingCode(
                company=company,
                code=spec.code,
                name=spec.description,
                tax=spec.tax,
                category=spec.category,
                rubric=spec.rubric,
                annual_code=spec.annual_code,
            )
            for spec in latest.values()
        ],
        ignore_conflicts=True,
    )
    codes = {c.code: c for c in WithholdingCode.objects.filter(company=company)}
    WithholdingRate.objects.bulk_create(
        [
            WithholdingRate(
                company=company,
                code=codes[spec.code],
                rate=spec.rate,
                valid_from=spec.period.valid_from,
                valid_to=spec.period.valid_to,
            )
            for spec in pack.withholding
        ],
        ignore_conflicts=True,
    )
    suffered = accounts.get(pack.roles.get("withholding_suffered", ""))
    owed = {spec.code: accounts.get(spec.account or "") for spec in latest.values()}
    WithholdingAccount.objects.bulk_create(
        [
            WithholdingAccount(
                company=company,
                chart=company.country,
                code=codes[code],
                direction=direction,
                account=account,
            )
            for code, paid in owed.items()
            for direction, account in ((Direction.PURCHASE, paid), (Direction.SALE, suffered))
            if account is not None
        ],
        ignore_conflicts=True,
    )
