"""Onboarding by example: the SAF-T file of a company's former software in; its books, and the rules behind them, out (M15).

    file ─read▶ books taken over ─derive▶ proposal with the share it reproduces ─(a person looks)▶ accept

Every function needs an open transaction that acts for the company.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from razao.billing.models import (
    AdvanceAccounts,
    Article,
    BillingDocumentType,
    BillingParameters,
    Customer,
    PostingCode,
    PostingCodeRate,
    Variable,
)
from razao.billing.onboarding import books
from razao.billing.onboarding.configuring import configuration
from razao.billing.onboarding.deriving import derive
from razao.billing.onboarding.examples import examples
from razao.billing.onboarding.habits import supplier_habits
from razao.billing.onboarding.reproducing import Reproduced, reproduced
from razao.booking.billing_rules import BillingRules
from razao.booking.defaults import profile_of
from razao.booking.loading import rules_for
from razao.booking.models import Habit
from razao.booking.rules import HABITS
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.countries.facts import Direction
from razao.countries.pack import load
from razao.invoices.formats.saft import Saft
from razao.kernel.audit import record


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rules derived from a file, and how well they explain it."""

    billing: BillingRules
    habits: pl.DataFrame
    day_totals: bool
    reproduced: Reproduced


def take_over_books(access: Access, saft: Saft) -> books.TakenOver:
    """Chart, parties, journals, opening balances and past entries."""
    done = books.take_over(access, saft)
    record(
        "onboarding.books_taken_over",
        user=access.user_id,
        company=access.company.pk,
        details={
            "entries": done.entries,
            "accounts": done.accounts,
            "problems": len(done.problems),
        },
    )
    return done


def propose(access: Access, saft: Saft) -> Proposal:
    """The rules that would have produced the file's entries, with the share they reproduce to the cent."""
    access.require(May.CONFIGURE)
    company = access.company
    pack = load(company.country)
    tax_prefixes = _common({c.tax_account for c in pack.vat_codes if c.tax_account})
    customers = tuple(
        p
        for c in pack.classifiers
        if c.code == profile_of(pack, Direction.SALE).classifier
        for p in c.prefixes
    )
    seen = examples(saft)
    found = derive(seen, tax_prefixes, customers)
    rules = rules_for(company)
    found.customers = _own_accounts(saft, rules.accounts, customers) | found.customers
    entry_types = {kind: _entry_type(company, kind, rules.entry_types) for kind in found.types}
    billing = configuration(
        found,
        seen,
        vat_code=_vat_codes(rules.vat_codes),
        free_code=_free_codes(company),
        entry_types=entry_types,
    )
    posted = replace(rules, periods=rules.periods.with_columns(open=pl.lit(True)))
    return Proposal(
        billing,
        supplier_habits(saft, rules.vat_codes, tax_prefixes, _expense_prefixes(company)),
        found.day_totals,
        reproduced(saft, posted, billing, day_totals=found.day_totals),
    )


def _own_accounts(saft: Saft, accounts: pl.DataFrame, prefixes: tuple[str, ...]) -> dict[str, str]:
    """Accounts that the file gives single customers, where the chart lets them be posted to."""
    moving = accounts.filter("postable").select("account")
    rows = saft.ledger.customers.drop_nulls(["id", "account"]).join(
        moving, on="account", how="semi"
    )
    alone = rows.unique("account", keep="none").select("id", "account").iter_rows()
    return {number: account for number, account in alone if account.startswith(prefixes)}


def _common(accounts: set[str]) -> tuple[str, ...]:
    """The three-digit groups of VAT accounts."""
    return tuple(sorted({account[:3] for account in accounts}))


def _expense_prefixes(company: Company) -> tuple[str, ...]:
    pack = load(company.country)
    return (*pack.inventory_prefixes, *pack.asset_prefixes, "6")


def _entry_type(company: Company, kind: str, known: frozenset[str]) -> str:
    usual = profile_of(load(company.country), Direction.SALE).entry_types
    wanted = usual.get(kind, usual.get("*", ""))
    return wanted if wanted in known else books.ENTRY_TYPE


def _vat_codes(codes: pl.DataFrame) -> dict[tuple[str, int], str]:
    """Sales VAT code by tax account and rate; the home region's first."""
    sales = codes.filter((pl.col("direction") == "sale") & (pl.col("modality") == "domestic"))
    rows = sales.sort(pl.col("region").str.len_chars(), "vat_code", descending=[True, True])
    return {
        (account, rate): code
        for account, rate, code in rows.select("tax_account", "rate", "vat_code").iter_rows()
    }


def _free_codes(company: Company) -> dict[str, str]:
    """VAT code of sales without tax by exemption reason."""
    pack = load(company.country)
    modalities = profile_of(pack, Direction.SALE).modalities
    reasons = {"": "exempt"} | {k: m for k, m in modalities.items() if k.startswith("M")}
    specs = {r: pack.vat_code(Direction.SALE, m, "exempt") for r, m in reasons.items()}
    return {reason: spec.code for reason, spec in specs.items() if spec is not None}


def accept(access: Access, proposal: Proposal) -> None:
    """Keep the proposal as the company's configuration; what a name of it had before is replaced."""
    access.require(May.CONFIGURE)
    company, billing = access.company, proposal.billing
    _keep_codes(company, billing)
    _keep_types(company, billing)
    Article.objects.bulk_create(
        [
            Article(company=company, code=code, posting_code=posting_code)
            for code, posting_code in billing.articles.select("article", "posting_code").iter_rows()
        ],
        update_conflicts=True,
        unique_fields=["company", "code"],
        update_fields=["posting_code"],
    )
    Customer.objects.bulk_create(
        [
            Customer(company=company, number=number, account=account)
            for number, account in billing.customers.select("buyer_id", "account").iter_rows()
        ],
        update_conflicts=True,
        unique_fields=["company", "number"],
        update_fields=["account"],
    )
    BillingParameters.objects.update_or_create(
        company=company, defaults={"default_posting_code": billing.default_posting_code}
    )
    if billing.withholding:
        AdvanceAccounts.objects.update_or_create(
            company=company, defaults={"withholding": billing.withholding}
        )
    _keep_habits(company, proposal.habits)
    record(
        "onboarding.accepted",
        user=access.user_id,
        company=company.pk,
        details={"reproduced": proposal.reproduced.same, "of": proposal.reproduced.entries},
    )


def _keep_codes(company: Company, billing: BillingRules) -> None:
    for code, cash in billing.posting_codes.select("posting_code", "cash").iter_rows():
        made, _ = PostingCode.objects.update_or_create(
            company=company, code=code, defaults={"cash_account": cash}
        )
        PostingCodeRate.objects.filter(posting_code=made).delete()
        rows = billing.posting_rates.filter(pl.col("posting_code") == code).drop("posting_code")
        PostingCodeRate.objects.bulk_create(
            PostingCodeRate(
                company=company,
                posting_code=made,
                **{**row, "rate": Decimal(row["rate"]).scaleb(-2)},
            )
            for row in rows.iter_rows(named=True)
        )


def _keep_types(company: Company, billing: BillingRules) -> None:
    for row in billing.types.iter_rows(named=True):
        code = row.pop("billing_type")
        row["treasury_place"] = row["treasury_place"] or ""
        made, _ = BillingDocumentType.objects.update_or_create(
            company=company, code=code, defaults=row
        )
        Variable.objects.filter(document_type=made).delete()
        variables = billing.variables.filter(pl.col("billing_type") == code).drop("billing_type")
        Variable.objects.bulk_create(
            Variable(company=company, document_type=made, position=at, **values)
            for at, values in enumerate(variables.iter_rows(named=True), 1)
        )


def _keep_habits(company: Company, habits: pl.DataFrame) -> None:
    Habit.objects.bulk_create(
        [
            Habit(company=company, **(row | {"documents": json.loads(row["documents"])}))
            for row in habits.select(*HABITS).iter_rows(named=True)
        ],
        ignore_conflicts=True,
    )
