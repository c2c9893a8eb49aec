"""Checks before posting: drafts and what the books know in; every problem of every document out, nothing written.

Pure: frames and values only. The database's triggers refuse the same things for whoever comes past the door.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from razao.kernel.money import LIMIT, from_minor_units, minor_units
from razao.kernel.problems import Problem
from razao.ledger.books import Known, Spot
from razao.ledger.drafts import Drafts

#: A finding is an entry's ordinal and what to say of it.
Findings = Iterator[tuple[int, Problem]]
_MOST = minor_units(LIMIT)


def check(
    drafts: Drafts, known: Known, spots: dict[tuple[str, date], Spot | None]
) -> list[Problem]:
    """All problems, in the order of the drafts; ``where`` is the document's source key."""
    if drafts.count == 0:
        return [Problem("post.empty")]
    keys = dict(drafts.entries.select("entry", "source_key").iter_rows())
    found = [
        *_entries(drafts.entries, known),
        *_days(drafts.entries, known, spots),
        *_whole(drafts),
        *_sides(drafts.lines),
        *_balance(drafts.lines),
        *_codes(drafts.lines, known),
        *_cost_centers(drafts.lines, known),
    ]
    found.sort(key=lambda finding: finding[0])
    return [
        Problem(p.code, p.severity, where=keys.get(entry) or "", values=p.values)
        for entry, p in found
    ]


def _entries(entries: pl.DataFrame, known: Known) -> Findings:
    """Journals and entry types that do not exist, keys that are missing or stand twice in the same batch."""
    for column, having, code in (
        ("journal", known.journals, "post.journal_missing"),
        ("entry_type", known.entry_types, "post.entry_type_missing"),
    ):
        bad = entries.filter(~_among(column, having))
        for entry, value in bad.select("entry", column).iter_rows():
            yield entry, Problem(code, values={"code": value or ""})
    keyless = entries.filter(pl.col("source_key").is_null())
    for (entry,) in keyless.select("entry").iter_rows():
        yield entry, Problem("post.key_missing")
    twice = entries.filter(
        pl.col("source_key").is_duplicated() & pl.col("source_key").is_not_null()
    )
    for (entry,) in twice.select("entry").iter_rows():
        yield entry, Problem("post.twice_in_batch")


def _among(column: str, having: object) -> pl.Expr:
    return pl.col(column).is_in(list(having)).fill_null(value=False)  # type: ignore[call-overload]


def _days(
    entries: pl.DataFrame, known: Known, spots: dict[tuple[str, date], Spot | None]
) -> Findings:
    """Days outside every fiscal year or in a closed period."""
    bad: set[tuple[str, date]] = {key for key, spot in spots.items() if spot is None or spot.closed}
    if not bad and not entries["date"].has_nulls():
        return
    for entry, journal, day in entries.select("entry", "journal", "date").iter_rows():
        if journal not in known.journals:
            continue
        spot = spots.get((journal, day)) if day else None
        if spot is None:
            yield entry, Problem("post.outside_fiscal_year", values={"date": str(day or "")})
        elif spot.closed:
            values = {"period": spot.period, "year": spot.year, "date": str(day)}
            yield entry, Problem("post.period_closed", values=values)


def _whole(drafts: Drafts) -> Findings:
    """Entries without lines, lines without entry, positions that do not count from 1."""
    entries, lines = drafts.entries, drafts.lines
    for (entry,) in entries.join(lines, on="entry", how="anti").select("entry").iter_rows():
        yield entry, Problem("post.no_lines")
    stray = lines.join(entries, on="entry", how="anti").select("entry").unique()
    for (entry,) in stray.iter_rows():
        yield entry, Problem("post.line_without_entry", values={"entry": entry})
    counted = lines.group_by("entry").agg(
        pl.len().alias("count"),
        pl.col("position").min().alias("low"),
        pl.col("position").max().alias("high"),
        pl.col("position").n_unique().alias("places"),
    )
    wrong = counted.filter(
        (pl.col("low") != 1)
        | (pl.col("high") != pl.col("count"))
        | (pl.col("places") != pl.col("count"))
    )
    for (entry,) in wrong.select("entry").iter_rows():
        yield entry, Problem("post.positions")


def _sides(lines: pl.DataFrame) -> Findings:
    """Lines with both sides, none, a negative amount, or a currency that contradicts the side."""
    debit, credit = pl.col("debit").fill_null(0), pl.col("credit").fill_null(0)
    one_side = ((debit > 0) & (credit == 0)) | ((debit == 0) & (credit > 0))
    for entry, position in lines.filter(~one_side).select("entry", "position").iter_rows():
        yield entry, Problem("post.one_side", values={"position": position})
    large = lines.filter(pl.max_horizontal(debit, credit) > _MOST)
    for entry, position in large.select("entry", "position").iter_rows():
        yield entry, Problem("post.amount_too_large", values={"position": position})
    amount = pl.col("currency_amount")
    odd = lines.filter(
        (pl.col("currency").is_null() != amount.is_null())
        | (amount.fill_null(0).sign() * (debit - credit).sign() < 0)
        | (pl.col("tax_base").fill_null(0) < 0)
    )
    for entry, position in odd.select("entry", "position").iter_rows():
        yield entry, Problem("post.currency_or_base", values={"position": position})


def _balance(lines: pl.DataFrame) -> Findings:
    """Entries whose debits and credits differ; or whose lines all carry one currency and do not balance in it."""
    sums = lines.group_by("entry").agg(
        pl.col("debit").sum(),
        pl.col("credit").sum(),
        pl.col("currency_amount").sum().alias("foreign"),
        pl.col("currency").is_null().any().alias("some_home"),
        pl.col("currency").n_unique().alias("currencies"),
        pl.col("currency").first().alias("currency"),
    )
    wrong = sums.filter(pl.col("debit") != pl.col("credit"))
    for entry, debit, credit in wrong.select("entry", "debit", "credit").iter_rows():
        values = {"debit": from_minor_units(debit), "credit": from_minor_units(credit)}
        values["difference"] = from_minor_units(debit - credit)
        yield entry, Problem("post.unbalanced", values=values)
    foreign = sums.filter(
        ~pl.col("some_home") & (pl.col("currencies") == 1) & (pl.col("foreign") != 0)
    )
    for entry, currency, units in foreign.select("entry", "currency", "foreign").iter_rows():
        values = {"difference": from_minor_units(units), "currency": currency}
        yield entry, Problem("post.unbalanced_in_currency", values=values)


def _codes(lines: pl.DataFrame, known: Known) -> Findings:
    """Accounts, cost centres, VAT codes and parties that the company does not have or that take no postings."""
    postable = [code for code, (takes, _) in known.accounts.items() if takes]
    for column, having, code in (
        ("account", known.accounts, "post.account_missing"),
        ("cost_center", known.cost_centers, "post.cost_center_missing"),
        ("vat_code", known.vat_codes, "post.vat_code_missing"),
        ("party", known.parties, "post.party_missing"),
    ):
        bad = lines.filter(~_among(column, having))
        if column != "account":
            bad = bad.filter(pl.col(column).is_not_null())
        for entry, value in bad.select("entry", column).unique(maintain_order=True).iter_rows():
            yield entry, Problem(code, values={"code": value or ""})
    closed = lines.filter(_among("account", known.accounts) & ~_among("account", postable))
    for entry, value in closed.select("entry", "account").unique(maintain_order=True).iter_rows():
        yield entry, Problem("post.account_not_postable", values={"code": value})


def _cost_centers(lines: pl.DataFrame, known: Known) -> Findings:
    """Lines on accounts that demand a cost centre and have none (P11)."""
    demanding = [code for code, (_, needs) in known.accounts.items() if needs]
    if not demanding:
        return
    bad = lines.filter(_among("account", demanding) & pl.col("cost_center").is_null())
    for entry, value in bad.select("entry", "account").unique(maintain_order=True).iter_rows():
        yield entry, Problem("post.needs_cost_center", values={"code": value})
