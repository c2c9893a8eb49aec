"""Checks before posting: drafts and what the books know in; every problem of every document out, nothing written.

Pure: frames and values only. Each rule is an expression that is true of what is wrong; all rules of a
frame are asked at once whether they found anything, and only those that did are asked what. The
database's triggers refuse the same things for whoever comes past the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from razao.kernel.money import LIMIT, from_minor_units, minor_units
from razao.kernel.problems import Problem
from razao.ledger.books import Known, Spot
from razao.ledger.drafts import Drafts

Spots = dict[tuple[str, date], Spot | None]
#: A finding is an entry's ordinal and what to say of it.
Findings = Iterator[tuple[int, Problem]]
Values = Callable[[dict[str, Any]], dict[str, Any]]
_MOST = minor_units(LIMIT)


@dataclass(frozen=True, slots=True)
class _Rule:
    """``wrong`` picks rows; ``values`` makes of one such row what fills the problem's texts; ``once`` an entry and value."""

    code: str
    wrong: pl.Expr
    values: Values = lambda row: {}
    once: str = ""


def check(drafts: Drafts, known: Known, spots: Spots) -> list[Problem]:
    """All problems, in the order of the drafts; ``where`` is the document's source key."""
    if drafts.count == 0:
        return [Problem("post.empty")]
    sums = _sums(drafts.lines)
    found = [
        *_findings(drafts.entries, _entry_rules(known)),
        *_days(drafts.entries, known, spots),
        *_stray(drafts, sums),
        *_findings(sums, SUM_RULES),
        *_findings(drafts.lines, [*LINE_RULES, *_code_rules(known)]),
    ]
    if not found:
        return []
    keys = dict(drafts.entries.select("entry", "source_key").iter_rows())
    found.sort(key=lambda finding: finding[0])
    return [
        Problem(p.code, p.severity, where=keys.get(entry) or "", values=p.values)
        for entry, p in found
    ]


def _findings(frame: pl.DataFrame, rules: list[_Rule]) -> Findings:
    """What the rules say of the rows of ``frame``."""
    asked = [rule.wrong.fill_null(value=False).any().alias(str(n)) for n, rule in enumerate(rules)]
    (answers,) = frame.select(asked).rows()
    for rule, some in zip(rules, answers, strict=True):
        if not some:
            continue
        rows = frame.filter(rule.wrong.fill_null(value=False))
        if rule.once:
            rows = rows.unique(["entry", rule.once], keep="first", maintain_order=True)
        for row in rows.iter_rows(named=True):
            yield row["entry"], Problem(rule.code, values=rule.values(row))


def _code(column: str) -> Values:
    return lambda row: {"code": row[column] or ""}


def _position(row: dict[str, Any]) -> dict[str, Any]:
    return {"position": row["position"]}


def _among(column: str, having: object) -> pl.Expr:
    return pl.col(column).is_in(list(having)).fill_null(value=False)  # type: ignore[call-overload]


def _entry_rules(known: Known) -> list[_Rule]:
    """Journals and entry types that do not exist, keys that are missing or stand twice in the same batch."""
    key = pl.col("source_key")
    return [
        _Rule("post.journal_missing", ~_among("journal", known.journals), _code("journal")),
        _Rule(
            "post.entry_type_missing", ~_among("entry_type", known.entry_types), _code("entry_type")
        ),
        _Rule("post.key_missing", key.is_null()),
        _Rule("post.twice_in_batch", key.is_duplicated() & key.is_not_null()),
    ]


def _days(entries: pl.DataFrame, known: Known, spots: Spots) -> Findings:
    """Days outside every fiscal year or in a closed period."""
    bad = any(spot is None or spot.closed for spot in spots.values())
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


def _sums(lines: pl.DataFrame) -> pl.DataFrame:
    """One row an entry: what its lines come to."""
    return lines.group_by("entry", maintain_order=True).agg(
        pl.col("debit").sum(),
        pl.col("credit").sum(),
        pl.col("currency_amount").sum().alias("foreign"),
        pl.col("currency").is_null().any().alias("some_home"),
        pl.col("currency").n_unique().alias("currencies"),
        pl.col("currency").first(),
        pl.len().cast(pl.Int64).alias("count"),
        pl.col("position").min().alias("low"),
        pl.col("position").max().alias("high"),
        pl.col("position").n_unique().alias("places"),
    )


def _stray(drafts: Drafts, sums: pl.DataFrame) -> Findings:
    """Entries without lines, and lines without entry."""
    ordinals, named = drafts.entries["entry"], sums["entry"]
    if ordinals.len() == named.len() and bool(ordinals.is_in(named.implode()).all()):
        return
    for entry in ordinals.filter(~ordinals.is_in(named.implode())):
        yield entry, Problem("post.no_lines")
    for entry in named.filter(~named.is_in(ordinals.implode())):
        yield entry, Problem("post.line_without_entry", values={"entry": entry})


def _difference(row: dict[str, Any]) -> dict[str, Any]:
    debit, credit = row["debit"], row["credit"]
    return {
        "debit": from_minor_units(debit),
        "credit": from_minor_units(credit),
        "difference": from_minor_units(debit - credit),
    }


#: Entries that do not balance; that do not in the one currency which all their lines carry; positions not from 1 on.
SUM_RULES = [
    _Rule("post.unbalanced", pl.col("debit") != pl.col("credit"), _difference),
    _Rule(
        "post.unbalanced_in_currency",
        ~pl.col("some_home") & (pl.col("currencies") == 1) & (pl.col("foreign") != 0),
        lambda row: {
            "difference": from_minor_units(row["foreign"]),
            "currency": row["currency"],
        },
    ),
    _Rule(
        "post.positions",
        (pl.col("low") != 1)
        | (pl.col("high") != pl.col("count"))
        | (pl.col("places") != pl.col("count")),
    ),
]

_DEBIT, _CREDIT = pl.col("debit").fill_null(0), pl.col("credit").fill_null(0)
_FOREIGN = pl.col("currency_amount")
#: Lines with both sides, none or a negative one; too large; a currency or base that contradicts the side.
LINE_RULES = [
    _Rule(
        "post.one_side",
        ~(((_DEBIT > 0) & (_CREDIT == 0)) | ((_DEBIT == 0) & (_CREDIT > 0))),
        _position,
    ),
    _Rule("post.amount_too_large", (_DEBIT > _MOST) | (_CREDIT > _MOST), _position),
    _Rule(
        "post.currency_or_base",
        (pl.col("currency").is_null() != _FOREIGN.is_null())
        | (_FOREIGN.fill_null(0).sign() * (_DEBIT - _CREDIT).sign() < 0)
        | (pl.col("tax_base").fill_null(0) < 0),
        _position,
    ),
]


def _code_rules(known: Known) -> list[_Rule]:
    """Codes that the company does not have, accounts that take no postings or demand a cost centre (P11)."""
    postable = [code for code, (takes, _) in known.accounts.items() if takes]
    demanding = [code for code, (_, needs) in known.accounts.items() if needs]

    def missing(column: str, having: object) -> pl.Expr:
        return pl.col(column).is_not_null() & ~_among(column, having)

    exists = _among("account", known.accounts)
    return [
        _Rule("post.account_missing", ~exists, _code("account"), "account"),
        _Rule(
            "post.cost_center_missing",
            missing("cost_center", known.cost_centers),
            _code("cost_center"),
            "cost_center",
        ),
        _Rule(
            "post.vat_code_missing",
            missing("vat_code", known.vat_codes),
            _code("vat_code"),
            "vat_code",
        ),
        _Rule("post.party_missing", missing("party", known.parties), _code("party"), "party"),
        _Rule(
            "post.account_not_postable",
            exists & ~_among("account", postable),
            _code("account"),
            "account",
        ),
        _Rule(
            "post.needs_cost_center",
            _among("account", demanding) & pl.col("cost_center").is_null(),
            _code("account"),
            "account",
        ),
    ]
