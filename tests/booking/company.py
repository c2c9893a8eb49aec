"""A company for tests of booking: the Portuguese pack's chart and codes as rules, with a few parties of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from razao.booking.defaults import profile_of
from razao.booking.plan import Plan
from razao.booking.rules import ACCOUNTS, PARTIES, PERIODS, VAT_CODES, WITHHOLDING, Rules
from razao.countries.facts import Direction
from razao.countries.pack import Pack, load
from razao.invoices.invoice import Invoice, VatAmount
from razao.kernel.money import fixed_point, from_minor_units

OURS = "501964843"
SUPPLIER = "502011378"
CUSTOMER = "503504564"
LAWYER = "123456789"
LANDLORD = "508025338"
MACHINES = "500697256"
FRENCH = "FR83404833048"
AMERICAN = "US-77"
TODAY = date(2026, 11, 21)

#: tax id → account, classifier, withholding code, counterpart kept on the account
PARTIES_OF_TESTS: dict[str, tuple[str, str, str, str]] = {
    SUPPLIER: ("221110001", "FOR", "", "311"),
    CUSTOMER: ("211110001", "CLI", "", ""),
    LAWYER: ("221110002", "FOR", "B", "6224"),
    LANDLORD: ("221110003", "FOR", "F25", "62611"),
    MACHINES: ("271110001", "FIM", "", "433"),
    "83404833048": ("221120001", "FOR", "", ""),
    AMERICAN: ("221130001", "FOR", "", "62211"),
}


def rules(**changes: Any) -> Rules:
    """Rules as a new Portuguese company has them; ``changes`` replace fields."""
    return rules_in("PT", OURS, PARTIES_OF_TESTS, **changes)


def rules_in(
    country: str, tax_id: str, parties: dict[str, tuple[str, str, str, str]], **changes: Any
) -> Rules:
    """Rules as a new company of ``country`` has them, with accounts for ``parties`` (as PARTIES_OF_TESTS)."""
    pack = load(country)
    given = Rules(
        tax_id=tax_id,
        country=country,
        currency=pack.currency,
        today=TODAY,
        profiles={d: profile_of(pack, d) for d in Direction},
        accounts=_accounts(pack, parties),
        vat_codes=_vat_codes(pack),
        withholding=_withholding(pack),
        parties=pl.DataFrame(
            [(tax_id, tax_id, row[2]) for tax_id, row in parties.items()], PARTIES, orient="row"
        ),
        periods=pl.DataFrame(
            [
                (date(2020, 1, 1), date(2025, 12, 31), False),
                (date(2026, 1, 1), date(2026, 12, 31), True),
            ],
            PERIODS,
            orient="row",
        ),
        journals=frozenset(j.code for j in pack.journals),
        entry_types=frozenset(t.code for t in pack.entry_types),
        regions=pack.regions,
        region=pack.default_region,
        inventory_prefixes=pack.inventory_prefixes,
        asset_prefixes=pack.asset_prefixes,
    )
    return replace(given, **changes)


def profile(direction: Direction, country: str = "PT", **changes: Any) -> dict[Direction, Any]:
    """Profiles of the pack with some values of one direction changed."""
    pack = load(country)
    profiles = {d: profile_of(pack, d) for d in Direction}
    profiles[direction] = replace(profiles[direction], **changes)
    return profiles


def _accounts(pack: Pack, parties: dict[str, tuple[str, str, str, str]]) -> pl.DataFrame:
    chart = [(a.code, a.name, a.postable, a.classifier, None, None, False) for a in pack.accounts]
    own = [
        (account, tax_id, True, family, tax_id, counterpart or None, False)
        for tax_id, (account, family, _, counterpart) in parties.items()
    ]
    return pl.DataFrame([*chart, *own], ACCOUNTS, orient="row")


def _vat_codes(pack: Pack) -> pl.DataFrame:
    rows = [
        (
            *(code.code, code.direction.value, code.modality, code.kind, code.tax),
            *(code.region, None if rate.rate is None else fixed_point(rate.rate, 2)),
            *(rate.period.valid_from, rate.period.valid_to),
            *(fixed_point(code.deductible_percent, 2), code.base_account),
            *(code.tax_account, code.reverse_account, code.regularisation_account),
            *(fixed_point(code.captive_percent, 2), code.captive_account),
        )
        for code in pack.vat_codes
        for rate in pack.vat_rates
        if (rate.kind, rate.tax) == (code.kind, code.tax) and rate.region in {code.region, "*"}
    ]
    return pl.DataFrame(rows, VAT_CODES, orient="row")


def _withholding(pack: Pack) -> pl.DataFrame:
    rows = [
        (
            *(w.code, w.account, None if w.rate is None else fixed_point(w.rate, 2)),
            *(w.period.valid_from, w.period.valid_to),
        )
        for w in pack.withholding
    ]
    return pl.DataFrame(rows, WITHHOLDING, orient="row")


def invoice(*rows: tuple[str, str, str] | VatAmount, **fields: Any) -> Invoice:
    """An invoice from (rate, base, tax) rows, its totals added up; received from SUPPLIER unless said otherwise."""
    vat = tuple(
        r if isinstance(r, VatAmount) else VatAmount(*(Decimal(part) for part in r)) for r in rows
    )
    net = sum((v.base for v in vat), Decimal(0))
    tax = sum((v.amount for v in vat), Decimal(0))
    given: dict[str, Any] = {
        "document_type": "FT",
        "number": "FT 2026/17",
        "issue_date": date(2026, 5, 14),
        "currency": "EUR",
        "seller_tax_id": SUPPLIER,
        "seller_name": "Fornecedor Lda",
        "seller_country": "PT",
        "buyer_tax_id": OURS,
        "buyer_country": "PT",
        "vat": vat,
        "net_total": net,
        "vat_total": tax,
        "gross_total": net + tax,
    }
    return Invoice(**(given | fields))


def sale(*rows: tuple[str, str, str] | VatAmount, **fields: Any) -> Invoice:
    """As ``invoice``, issued by the company to CUSTOMER."""
    given: dict[str, Any] = {
        "seller_tax_id": OURS,
        "seller_name": "Nós Lda",
        "buyer_tax_id": CUSTOMER,
        "buyer_name": "Cliente SA",
    }
    return invoice(*rows, **(given | fields))


def entry(plan: Plan, number: int = 0) -> list[tuple[str, str, str]]:
    """The lines of an entry as an accountant writes them: D or C, account, amount."""
    lines = plan.lines.filter(pl.col("entry") == number).sort("position")
    return [
        (
            "D" if row["debit"] else "C",
            row["account"],
            str(from_minor_units(row["debit"] or row["credit"])),
        )
        for row in lines.iter_rows(named=True)
    ]


def codes(plan: Plan) -> list[str]:
    """Codes of the plan's problems."""
    return plan.problems["code"].to_list()


def balance(plan: Plan) -> Sequence[int]:
    """Debit less credit of each entry."""
    sums = plan.lines.group_by("entry", maintain_order=True).agg(
        (pl.col("debit") - pl.col("credit")).sum().alias("balance")
    )
    return sums["balance"].to_list()
