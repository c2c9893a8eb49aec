"""What stands against integrating billing documents: heads, rows and parts in, rows of problems by document out (P21, P22)."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from razao.booking.billing_rows import Rows
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.counterparties import key_of
from razao.booking.plan import PROBLEM_SCHEMA
from razao.booking.reasons import NOTHING, facts
from razao.booking.rules import Rules
from razao.kernel.problems import Severity

#: Rule of a line without account → what is missing.
MISSING = {
    "billing.customer": "billing.customer_missing",
    "billing.cash": "billing.cash_account_missing",
    "billing.treasury_place": "billing.treasury_account_missing",
    "billing.titled_debts": "billing.customer_missing",
    "billing.withholding": "billing.withholding_account_missing",
    "billing.exchange": "billing.exchange_account_missing",
    "billing.advance": "billing.advance_account_missing",
    "billing.advance_tax": "billing.advance_tax_missing",
    "billing.fixed": "billing.variable_account_missing",
}
ARTICLE_RULES = {
    *("gift.cost", "gift.regularisation", "gift.tax", "gift.stock"),
    *("inventory.cost", "inventory.stock"),
}


def problem(
    frame: pl.DataFrame,
    applies: pl.Expr,
    code: str,
    field: str,
    severity: Severity = Severity.ERROR,
    /,
    **values: pl.Expr | str | int,
) -> pl.DataFrame:
    """The rows to which a problem applies: doc, code, severity, field, values."""
    return frame.filter(applies.fill_null(False)).select(
        pl.col("doc").cast(pl.Int64),
        pl.lit(code).alias("code"),
        pl.lit(severity.value).alias("severity"),
        pl.lit(field).alias("field"),
        (facts(**values) if values else pl.lit(NOTHING)).alias("values"),
    )


def problems_of(
    heads: pl.DataFrame,
    rows: Rows,
    lines: pl.DataFrame,
    unknown: pl.DataFrame,
    rules: Rules,
    billing: BillingRules,
    options: Options,
) -> pl.DataFrame:
    """Every problem (doc and PROBLEM_SCHEMA), in the order of the documents and then by code."""
    found = [
        *_documents(heads, rules),
        *_types(heads, rules, billing),
        *_dates(heads, rules),
        *_rows(rows),
        *_accounts(heads, lines, rules, options),
        *_goods(unknown),
    ]
    every = _without_echoes(pl.concat(found)).unique().sort("doc", "code", "field", "values")
    keys = heads["source_key"].gather(every["doc"])
    return every.with_columns(keys.alias("source_key")).select("doc", *PROBLEM_SCHEMA)


def _without_echoes(found: pl.DataFrame) -> pl.DataFrame:
    """A posting code or rate that is missing is said once, not again for each account it would have given."""
    said = found.filter(
        pl.col("code").str.starts_with("billing.posting_code")
        | (pl.col("code") == "billing.posting_rate_missing")
    )
    echo = found.filter(pl.col("code") == "billing.posting_account_missing").join(
        said.select("doc"), on="doc", how="semi"
    )
    return (
        found.join(echo, on=["doc", "code"], how="anti", maintain_order="left")
        if echo.height
        else found
    )


def _documents(heads: pl.DataFrame, rules: Rules) -> Iterator[pl.DataFrame]:
    """The document itself."""
    number = pl.col("number")
    strangers = _strangers(heads, rules)
    seller = pl.col("seller_tax_id")
    yield problem(
        heads,
        pl.col("status") == "A",
        "billing.cancelled",
        "status",
        Severity.ADVICE,
        number=number,
    )
    yield problem(
        heads,
        seller.is_in(strangers),
        "billing.other_company",
        "seller_tax_id",
        found=seller,
        company=rules.tax_id,
    )
    yield problem(heads, number.is_null(), "billing.number_missing", "number")
    yield problem(heads, pl.col("posted"), "billing.already_integrated", "number", number=number)
    yield problem(heads, pl.col("twice"), "billing.twice", "number", number=number)
    rate = pl.col("foreign") & pl.col("par").is_null()
    yield problem(
        heads,
        rate,
        "billing.exchange_rate_missing",
        "exchange_rate",
        currency=pl.col("currency"),
        date=pl.col("issue_date"),
    )
    off = (pl.col("difference").abs() > rules.rounding_limit) & pl.col("breakdown").is_not_null()
    yield problem(
        heads, off, "billing.totals_differ", "gross", gross=money("gross"), rows=money("breakdown")
    )
    yield problem(
        heads, pl.col("gross").is_null(), "billing.amounts_missing", "gross", number=number
    )


def _strangers(heads: pl.DataFrame, rules: Rules) -> list[str]:
    """Sellers that are not this company; compared once each, for a million documents name one."""
    named = heads.select("seller_tax_id").unique().drop_nulls()
    other = key_of(pl.col("seller_tax_id")) != key_of(pl.lit(rules.tax_id))
    return named.filter(other)["seller_tax_id"].to_list()


def money(column: str) -> pl.Expr:
    """Hundredths as text with two decimals."""
    units = pl.col(column)
    sign = pl.when(units < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(
        sign, units.abs() // 100, pl.lit("."), (units.abs() % 100).cast(pl.String).str.zfill(2)
    )


def _types(heads: pl.DataFrame, rules: Rules, billing: BillingRules) -> Iterator[pl.DataFrame]:
    """Its type: configured, with variables, journal and entry type; and does the entry balance?"""
    kind = pl.col("billing_type")
    with_variables = billing.variables["billing_type"].unique().to_list()
    bare = pl.col("configured") & ~kind.is_in(with_variables)
    journal, entry_type = pl.col("journal"), pl.col("entry_type")
    yield problem(
        heads, ~pl.col("configured"), "billing.type_missing", "billing_type", billing_type=kind
    )
    yield problem(
        heads,
        bare,
        "billing.no_variables",
        "billing_type",
        billing_type=kind,
        amount=money("gross"),
    )
    lost = pl.col("configured") & (~journal.is_in(sorted(rules.journals)) | journal.is_null())
    yield problem(
        heads,
        lost,
        "billing.journal_missing",
        "journal",
        billing_type=kind,
        journal=journal.fill_null(""),
    )
    lost = pl.col("configured") & (
        ~entry_type.is_in(sorted(rules.entry_types)) | entry_type.is_null()
    )
    yield problem(
        heads,
        lost,
        "billing.entry_type_missing",
        "entry_type",
        billing_type=kind,
        entry_type=entry_type.fill_null(""),
    )
    idle = pl.col("configured") & ~bare & pl.col("balance").is_null()
    yield problem(
        heads, idle, "billing.nothing_to_post", "gross", Severity.ADVICE, number=pl.col("number")
    )
    uneven = ~bare & pl.col("configured") & (pl.col("balance") != 0)
    yield problem(
        heads,
        uneven,
        "billing.not_balanced",
        "billing_type",
        billing_type=kind,
        difference=money("balance"),
    )


def _dates(heads: pl.DataFrame, rules: Rules) -> Iterator[pl.DataFrame]:
    """The accounting date: said, in a fiscal year, in an open period."""
    days = heads.select("date").unique().drop_nulls()
    day = pl.col("date")
    inside, is_open = pl.lit(False), pl.lit(False)
    for start, end, opened in rules.periods.select("start", "end", "open").iter_rows():
        covered = day.is_between(pl.lit(start), pl.lit(end))
        inside, is_open = inside | covered, is_open | (covered & pl.lit(bool(opened)))
    days = days.with_columns(inside.alias("inside"), is_open.alias("open"))
    bad = heads.select("doc", "date").join(days.filter(~pl.col("open")), on="date", how="inner")
    yield problem(heads, day.is_null(), "billing.date_missing", "issue_date")
    yield problem(bad, ~pl.col("inside"), "billing.outside_fiscal_year", "date", date=day)
    yield problem(bad, pl.col("inside"), "billing.period_closed", "date", date=day)


def _rows(rows: Rows) -> Iterator[pl.DataFrame]:
    """Lines against the breakdown, and the posting codes of the lines."""
    named = rows.treatments.filter(pl.col("treatment").is_not_null())
    bad = named.filter(~pl.col("rate_known")).select(
        "treatment", "posting_code", "code_known", "rate", "region", "exemption"
    )
    used = rows.rows.filter((pl.col("net") != 0) | (pl.col("tax") != 0)).select("doc", "treatment")
    used = (
        used.join(bad, on="treatment", how="inner")
        if bad.height
        else used.clear().join(bad, on="treatment")
    )
    code = pl.col("posting_code")
    yield problem(used, code.is_null(), "billing.posting_code_unsaid", "article")
    yield problem(
        used,
        code.is_not_null() & ~pl.col("code_known"),
        "billing.posting_code_missing",
        "article",
        posting_code=code,
    )
    yield problem(
        used,
        pl.col("code_known"),
        "billing.posting_rate_missing",
        "article",
        posting_code=code,
        rate=money("rate"),
        region=pl.col("region"),
        exemption=pl.col("exemption"),
    )
    yield problem(
        rows.rows, pl.col("gap") != 0, "billing.lines_differ", "vat", difference=money("gap")
    )
    without = rows.vat.join(rows.rows.select("doc", "place"), on=["doc", "place"], how="anti")
    lost = (pl.col("base") != 0) | (pl.col("amount") != 0)
    yield problem(without, lost, "billing.lines_differ", "vat", difference=money("base"))


def _accounts(
    heads: pl.DataFrame, lines: pl.DataFrame, rules: Rules, options: Options
) -> Iterator[pl.DataFrame]:
    """Every account: said, in the chart, open to postings, with the cost centre it demands (P11, P21)."""
    chart = rules.accounts.select("account", "postable", "needs_cost_center").unique("account")
    used = lines.select("account").unique().drop_nulls()
    used = used.join(chart, on="account", how="left")
    wrong = used.filter(~pl.col("postable").fill_null(False))
    bad = (
        lines.join(wrong, on="account", how="inner")
        if wrong.height
        else lines.clear().with_columns(pl.lit(None, pl.Boolean).alias("postable"))
    )
    account = pl.col("account")
    yield problem(
        bad,
        pl.col("postable").is_null(),
        "billing.account_unknown",
        "account",
        account=account,
        rule=pl.col("rule"),
    )
    yield problem(
        bad, ~pl.col("postable"), "billing.account_not_postable", "account", account=account
    )
    yield from _unsaid(heads, lines.filter(account.is_null()))
    strict = (
        used.filter(pl.col("needs_cost_center").fill_null(False))
        if options.check_cost_center
        else used.clear()
    )
    asking = lines.join(strict.select("account"), on="account", how="semi")
    yield problem(
        asking,
        pl.col("cost_center").is_null(),
        "billing.cost_center_missing",
        "cost_center",
        account=account,
    )
    centres = lines.filter(pl.col("cost_center").is_not_null())
    strange = ~pl.col("cost_center").is_in(sorted(rules.cost_centers))
    yield problem(
        centres,
        strange,
        "billing.cost_center_unknown",
        "cost_center",
        cost_center=pl.col("cost_center"),
    )


def _unsaid(heads: pl.DataFrame, lines: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Lines whose account is blank: what it is that has none, in the accountant's words."""
    doc = lines["doc"]
    lines = lines.with_columns(
        *(
            heads[name].gather(doc).alias(name)
            for name in ("buyer_id", "buyer_name", "key", "place", "leading")
        ),
        pl.col("rule").replace_strict(MISSING, default=None, return_dtype=pl.String).alias("code"),
    )
    told = {
        "customer": pl.col("buyer_name"),
        "tax_id": pl.col("key"),
        "customer_number": pl.col("buyer_id"),
        "place": pl.col("place"),
        "posting_code": pl.col("leading"),
    }
    for code in sorted(set(MISSING.values())):
        yield problem(lines, pl.col("code") == code, code, "account", **told)
    of_article = pl.col("rule").is_in(sorted(ARTICLE_RULES))
    yield problem(
        lines, of_article, "billing.article_account_missing", "article", rule=pl.col("rule")
    )
    rest = pl.col("code").is_null() & ~of_article
    yield problem(
        lines,
        rest,
        "billing.posting_account_missing",
        "account",
        rule=pl.col("rule"),
        because=pl.col("because"),
    )


def _goods(unknown: pl.DataFrame) -> Iterator[pl.DataFrame]:
    article, what = pl.col("article").fill_null(""), pl.col("what")
    yield problem(unknown, what == "article", "billing.article_missing", "article", article=article)
    yield problem(unknown, what == "cost", "billing.cost_missing", "article", article=article)
