"""What stands against booking an invoice: documents, rows and lines with their accounts in, rows of problems out.

Each function answers one incidence; all are asked, so that a reviewer sees every problem at once. The codes
have texts in ``kernel/problem_texts/booking.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from razao.booking.counterparties import key_of
from razao.booking.plan import PROBLEM_SCHEMA
from razao.booking.reasons import NOTHING, facts
from razao.booking.rules import Profile, Rules
from razao.booking.surcharges import SURCHARGE
from razao.countries.facts import Direction
from razao.invoices.invoice import NOT_INVOICES
from razao.kernel.money import step_of
from razao.kernel.problems import Severity

#: Difference between a tax amount and base × rate that rounding of single lines explains, in the least amounts of the currency.
TAX_TOLERANCE = 5


def problems_of(
    documents: pl.DataFrame, rows: pl.DataFrame, lines: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """Every problem of every document, by document and then by code."""
    direction = Direction(str(documents["direction"][0])) if documents.height else Direction.SALE
    profile = rules.profiles[direction]
    found = [
        *_document(documents, rules, direction),
        *_identity(documents, rules),
        *_posting(documents, rules, profile),
        *_withholding(documents, profile, direction),
        *_breakdown(rows),
        *_amounts(rows, step_of(rules.currency)),
        *_accounts(lines, rules),
    ]
    order = documents.lazy().select("doc", "source_key").with_row_index("order")
    # All questions are asked as one: for a single invoice, asking each by itself took a third of its proposal.
    return (
        pl.concat(found)
        .unique(maintain_order=True)
        .join(order, on="doc", how="inner")
        .sort("order", "code", "field", "values")
        .select("doc", *PROBLEM_SCHEMA)
        .collect()
    )


def _problem(
    frame: pl.DataFrame,
    applies: pl.Expr,
    code: str,
    field: pl.Expr | str,
    severity: Severity = Severity.ERROR,
    /,
    **values: pl.Expr | str | int,
) -> pl.LazyFrame:
    return (
        frame.lazy()
        .filter(applies.fill_null(False))
        .select(
            "doc",
            pl.lit(code).alias("code"),
            pl.lit(severity.value).alias("severity"),
            (field if isinstance(field, pl.Expr) else pl.lit(field)).alias("field"),
            (facts(**values) if values else pl.lit(NOTHING)).alias("values"),
        )
    )


def _document(
    documents: pl.DataFrame, rules: Rules, direction: Direction
) -> Iterator[pl.LazyFrame]:
    """The document itself: is it an invoice of this company that may be booked once?"""
    kind, number = pl.col("document_type"), pl.col("number")
    ours = "buyer" if direction is Direction.PURCHASE else "seller"
    stated = key_of(pl.col(f"{ours}_tax_id"))
    final = pl.col("document_type").is_in(["FS", "TV", "VD"])
    yield _problem(
        documents,
        kind.is_in(sorted(NOT_INVOICES)),
        "booking.not_an_invoice",
        "document_type",
        document_type=kind,
    )
    yield _problem(documents, kind.is_null(), "booking.type_missing", "document_type")
    yield _problem(documents, pl.col("status") == "A", "booking.cancelled", "status", number=number)
    yield _problem(
        documents,
        stated != rules.tax_id,
        "booking.wrong_company",
        f"{ours}_tax_id",
        found=stated,
        company=rules.tax_id,
    )
    yield _problem(
        documents,
        stated.is_null() & ~final,
        "booking.company_unsaid",
        f"{ours}_tax_id",
        Severity.WARNING,
    )
    yield _problem(documents, pl.col("party") == rules.tax_id, "booking.both_sides", "party")


def _identity(documents: pl.DataFrame, rules: Rules) -> Iterator[pl.LazyFrame]:
    """Can it be told from every other document, and is it new?"""
    number = pl.col("number")
    yield _problem(documents, number.is_null(), "booking.number_missing", "number")
    yield _problem(documents, pl.col("date").is_null(), "booking.date_missing", "issue_date")
    yield _problem(
        documents,
        pl.col("issue_date") > rules.today,
        "booking.future_date",
        "issue_date",
        date=pl.col("issue_date"),
    )
    posted = pl.col("source_key").is_in(rules.posted["source_key"].implode())
    again = pl.col("source_key").is_not_null() & pl.col("source_key").is_duplicated()
    yield _problem(documents, posted, "booking.duplicate", "number", number=number)
    yield _problem(documents, again, "booking.twice", "number", number=number)
    unsaid = pl.col("credit") & pl.col("reference").is_null()
    yield _problem(
        documents, unsaid, "booking.credit_without_reference", "reference", Severity.WARNING
    )


def _posting(documents: pl.DataFrame, rules: Rules, profile: Profile) -> Iterator[pl.LazyFrame]:
    """Where it goes: journal, entry type, period, party's account, totals."""
    journal, kind = pl.col("journal"), pl.col("entry_type")
    yield _problem(
        documents,
        ~journal.is_in(sorted(rules.journals)) | journal.is_null(),
        "booking.journal_missing",
        "journal",
        journal=journal,
    )
    yield _problem(
        documents,
        ~kind.is_in(sorted(rules.entry_types)) | kind.is_null(),
        "booking.entry_type_missing",
        "entry_type",
        entry_type=kind,
        document_type=pl.col("document_type"),
    )
    yield from _period(documents, rules)
    yield from _totals(documents)
    yield _problem(
        documents,
        pl.col("account").is_null(),
        "booking.account_missing",
        "account",
        party=pl.col("party"),
        name=pl.col("party_name"),
        classifier=profile.classifier,
    )
    yield _problem(
        documents,
        pl.col("foreign") & pl.col("par").is_null(),
        "booking.exchange_rate_missing",
        "exchange_rate",
        currency=pl.col("currency"),
        date=pl.col("date"),
    )


def _totals(documents: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    """Do the amounts add up, and is there anything to post?"""
    yield _problem(
        documents,
        pl.col("gross").is_null() | (pl.col("row_count") == 0),
        "booking.amounts_missing",
        "gross",
    )
    yield _problem(documents, pl.col("gross") == 0, "booking.nothing_to_post", "gross")
    yield _problem(
        documents,
        ~pl.col("adds_up"),
        "booking.unbalanced",
        "gross",
        gross=_money("gross"),
        rows=_money("row_total"),
        difference=_money("difference"),
    )
    small = pl.col("adds_up") & (pl.col("difference") != 0)
    yield _problem(
        documents,
        small,
        "booking.rounding",
        "gross",
        Severity.ADVICE,
        difference=_money("difference"),
    )


def _period(documents: pl.DataFrame, rules: Rules) -> Iterator[pl.LazyFrame]:
    day = pl.col("date")
    inside, is_open = pl.lit(False), pl.lit(False)
    for start, end, opened in rules.periods.select("start", "end", "open").iter_rows():
        covered = day.is_between(pl.lit(start), pl.lit(end))
        inside = inside | covered
        is_open = is_open | (covered & pl.lit(bool(opened)))
    yield _problem(
        documents, day.is_not_null() & ~inside, "booking.outside_fiscal_year", "date", date=day
    )
    yield _problem(documents, inside & ~is_open, "booking.period_closed", "date", date=day)


def _money(column: str) -> pl.Expr:
    units = pl.col(column)
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = (units.abs() % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(sign, units.abs() // 100, pl.lit("."), cents)


def _withholding(
    documents: pl.DataFrame, profile: Profile, direction: Direction
) -> Iterator[pl.LazyFrame]:
    held = pl.col("withholding").fill_null(0) != 0
    code, account = pl.col("code"), pl.col("withholding_account").replace("", None)
    if direction is Direction.SALE:
        none = pl.lit(not profile.withholding_account)
        yield _problem(
            documents,
            held & none,
            "booking.withholding_account_missing",
            "withholding",
            withholding_code=code,
        )
        return
    yield _problem(
        documents,
        held & code.is_null(),
        "booking.withholding_code_missing",
        "withholding_code",
        party=pl.col("party"),
    )
    yield _problem(
        documents,
        held & code.is_not_null() & account.is_null(),
        "booking.withholding_account_missing",
        "withholding_code",
        withholding_code=code,
    )
    yield _problem(
        documents,
        ~held & code.is_not_null() & ~pl.col("credit"),
        "booking.withholding_expected",
        "withholding",
        Severity.WARNING,
        withholding_code=code,
    )


def _breakdown(rows: pl.DataFrame) -> Iterator[pl.LazyFrame]:
    """The VAT code of each row of the breakdown."""
    place = pl.format("vat.{}", pl.col("position") - 1)
    taxed = pl.col("kind").is_null() | (pl.col("kind") == SURCHARGE)
    named = {"rate": _money("rate"), "modality": pl.col("modality"), "region": pl.col("region")}
    missing = pl.col("vat_code").is_null() & taxed
    asked = pl.col("asked").is_not_null()
    yield _problem(
        rows,
        missing & asked,
        "booking.vat_code_unknown",
        place,
        vat_code=pl.col("asked"),
        rate=_money("rate"),
    )
    yield _problem(
        rows,
        missing & ~asked & pl.col("modality").is_null(),
        "booking.vat_modality_missing",
        place,
        **named,
    )
    yield _problem(
        rows,
        missing & ~asked & pl.col("modality").is_not_null(),
        "booking.vat_rate_missing",
        place,
        **named,
    )


def _amounts(rows: pl.DataFrame, step: int) -> Iterator[pl.LazyFrame]:
    """Accounts of each row, its tax against base × rate, and the parts it was split into."""
    place = pl.format("vat.{}", pl.col("position") - 1)
    no_account = (pl.col("tax_line") != 0) & pl.col("tax_account").replace("", None).is_null()
    untold = (pl.col("captive") != 0) & pl.col("captive_account").replace("", None).is_null()
    yield _problem(
        rows, no_account | untold, "booking.vat_account_missing", place, vat_code=pl.col("vat_code")
    )
    yield _problem(rows, pl.col("counterpart").is_null(), "booking.counterpart_missing", place)
    computed = pl.col("base") * pl.col("rate") / 10_000
    off = (pl.col("amount") - computed).abs() > TAX_TOLERANCE * step + 0.5
    yield _problem(
        rows,
        off & pl.col("kind").is_null(),
        "booking.tax_differs",
        place,
        Severity.WARNING,
        base=_money("base"),
        rate=_money("rate"),
        amount=_money("amount"),
    )
    unequal = pl.col("is_split") & (pl.col("split_total") != pl.col("base"))
    yield _problem(
        rows,
        unequal,
        "booking.split_unequal",
        place,
        base=_money("base"),
        parts=_money("split_total"),
    )


def _accounts(lines: pl.DataFrame, rules: Rules) -> Iterator[pl.LazyFrame]:
    """Every account named: is it in the chart, may it be posted to, does it demand a cost centre?"""
    chart = rules.accounts.select("account", "postable", "needs_cost_center").unique("account")
    used = lines.select("account", "cost_center", doc="entry").unique()
    used = used.filter(pl.col("account").is_not_null()).join(chart, on="account", how="left")
    account, center = pl.col("account"), pl.col("cost_center")
    yield _problem(
        used, pl.col("postable").is_null(), "booking.account_unknown", "account", account=account
    )
    yield _problem(
        used, ~pl.col("postable"), "booking.account_not_postable", "account", account=account
    )
    yield _problem(
        used,
        pl.col("needs_cost_center") & center.is_null(),
        "booking.cost_center_missing",
        "cost_center",
        account=account,
    )
    unknown = center.is_not_null() & ~center.is_in(sorted(rules.cost_centers))
    yield _problem(used, unknown, "booking.cost_center_unknown", "cost_center", cost_center=center)
