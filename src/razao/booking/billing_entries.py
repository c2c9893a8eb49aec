"""Booking billing documents: frames, rules and options in, a plan with its tie-out out (P1–P18, P22).

The chain, slice by slice: heads → rows of sale → what the variables say → goods and gifts → reflections → what
stands against it → grouping. Columnar from end to end; the same documents under the same rules give the same plan
in whatever order they came and however they are cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from razao.booking.billing_checks import problems_of
from razao.booking.billing_documents import Customers, heads_of, with_cash
from razao.booking.billing_grouping import joined, plan_of
from razao.booking.billing_lines import lines_of
from razao.booking.billing_rows import Rows, rows_of
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.billing_slices import SLICE, Slice, slices
from razao.booking.goods import movements_of
from razao.booking.parts import empty, parts
from razao.booking.plan import COVERED, PROBLEM_SCHEMA, Plan
from razao.booking.reasons import facts
from razao.booking.reflections import reflected
from razao.booking.rules import Rules
from razao.booking.tie_out import summed, tie_out
from razao.countries.facts import Direction
from razao.invoices.frame import InvoiceFrames
from razao.kernel.money import step_of
from razao.kernel.problems import Severity


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan of documents that can be integrated, with every problem of those that cannot."""

    plan: Plan
    tie_out: pl.DataFrame
    documents: int
    """documents looked at"""


def prepare(
    frames: InvoiceFrames,
    rules: Rules,
    billing: BillingRules,
    options: Options,
    *,
    at_once: int = SLICE,
) -> Prepared:
    """The entries that these documents become under these rules; documents with an error stay out.

    ``at_once`` documents are booked at a time: it decides how much memory is needed, and nothing else.
    """
    done = list(_sliced(frames, rules, billing, options, at_once))
    tied = summed([tied for _, tied in done])
    return Prepared(joined([plan for plan, _ in done]), tied, frames.documents.height)


def prepare_again(
    plan: Plan,
    frames: InvoiceFrames,
    rules: Rules,
    billing: BillingRules,
    options: Options,
    *,
    at_once: int = SLICE,
    stop: Callable[[], bool] = lambda: False,
) -> pl.DataFrame | None:
    """The tie-out, where these documents become exactly the entries of ``plan``; None where they become anything else.

    Looks at a slice and forgets it, so that it needs little memory; ``stop`` is asked between two of them.
    """
    done, tied = Counter(dict.fromkeys(COVERED, 0)), []
    for part, tie in _sliced(frames, rules, billing, options, at_once):
        if stop() or not _comes_next(part, plan, done):
            return None
        done.update({name: getattr(part, name).height for name in COVERED})
        tied.append(tie)
    whole = done == {name: getattr(plan, name).height for name in COVERED}
    return summed(tied) if whole else None


def _comes_next(part: Plan, plan: Plan, done: Mapping[str, int]) -> bool:
    """Whether ``part`` is what follows in ``plan`` on so many rows ``done`` of each frame."""
    entry = pl.col("entry") + done["entries"]
    for name, columns in COVERED.items():
        made = getattr(part, name).select(columns).with_columns(entry)
        if not made.equals(getattr(plan, name).slice(done[name], made.height).select(columns)):
            return False
    return True


def _sliced(
    frames: InvoiceFrames, rules: Rules, billing: BillingRules, options: Options, at_once: int
) -> Iterator[tuple[Plan, pl.DataFrame]]:
    """Plan and tie-out of each slice; entries count from 0 in each."""
    customers = Customers(rules, billing)
    for cut in slices(frames, rules, billing, options, at_once):
        yield _booked(cut, rules, billing, options, customers)


def _booked(
    cut: Slice, rules: Rules, billing: BillingRules, options: Options, customers: Customers
) -> tuple[Plan, pl.DataFrame]:
    """The plan of one slice, and its tie-out."""
    heads = heads_of(cut.documents, rules, billing, options, customers)
    rows = rows_of(cut, heads, billing, options)
    heads = _added_up(with_cash(heads, _leading(rows), billing, options), rows)
    step = step_of(rules.currency)
    lines = lines_of(heads, rows, billing, step)
    goods, unknown = movements_of(heads, rows, billing, options, step)
    rounding = _rounding(heads, lines, rules)
    lines = pl.concat([lines, rounding, goods])
    if options.reflections:
        lines = pl.concat([lines, reflected(lines, billing.reflections, step)])
    heads = _balanced(heads, lines)
    problems = problems_of(heads, rows, lines, unknown, rules, billing, options)
    ready, lines = _open_ones(heads, lines, problems)
    tied = tie_out(heads, ready, rows, lines)
    return plan_of(ready, lines, problems.select(*PROBLEM_SCHEMA), options), tied


def _leading(rows: Rows) -> pl.DataFrame:
    """The posting code that gives a document its cash account: that of the first of its treatments."""
    first = rows.rows.group_by("doc").agg(pl.col("treatment").min())
    codes = rows.treatments.select("treatment", "posting_code")
    return first.join(codes, on="treatment", how="left").select("doc", "posting_code")


def _added_up(heads: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """``difference`` of the document's total to its breakdown."""
    sums = rows.vat.group_by("doc").agg(
        (pl.col("base") + pl.col("amount")).sum().alias("breakdown")
    )
    heads = heads.join(sums, on="doc", how="left", maintain_order="left")
    difference = (pl.col("gross") - pl.col("breakdown")).fill_null(0)
    return heads.with_columns(difference.alias("difference"))


def _rounding(heads: pl.DataFrame, lines: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The cents that a document's own rounding, or its conversion, leaves over. A wrong configuration is never mended."""
    uneven = heads.filter((pl.col("difference") != 0) | pl.col("foreign")).select(
        "doc", "difference", "foreign"
    )
    if uneven.height == 0:
        return empty()
    sums = (
        lines.join(uneven, on="doc", how="semi")
        .group_by("doc")
        .agg(pl.col("amount").sum().alias("left"))
    )
    uneven = uneven.join(sums, on="doc", how="inner").filter(
        (pl.col("left") != 0) & (pl.col("left").abs() <= rules.rounding_limit)
    )
    profile = rules.profiles[Direction.SALE]
    loss = pl.lit(profile.rounding_loss or None, pl.String)
    gain = pl.lit(profile.rounding_gain or profile.rounding_loss or None, pl.String)
    return parts(
        uneven.sort("doc"),
        "rounding",
        account=pl.when(pl.col("left") < 0).then(loss).otherwise(gain),
        amount=-pl.col("left"),
        rule="rounding",
        because=facts(difference=pl.col("left")),
    )


def _balanced(heads: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """``balance`` of each document's lines; null when it has none."""
    balance = np.zeros(heads.height, dtype=np.int64)
    count = np.zeros(heads.height, dtype=np.int64)
    doc = lines["doc"].to_numpy()
    np.add.at(balance, doc, lines["amount"].to_numpy())
    np.add.at(count, doc, 1)
    sums = pl.DataFrame({"balance": balance, "count": count})
    return heads.with_columns(
        sums.select(pl.when(pl.col("count") > 0).then("balance").alias("balance"))["balance"]
    )


def _open_ones(
    heads: pl.DataFrame, lines: pl.DataFrame, problems: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents without an error, not cancelled, that have something to post; and their lines."""
    blocked = problems.filter(
        (pl.col("severity") == Severity.ERROR.value) | (pl.col("code") == "billing.cancelled")
    ).select("doc")
    if blocked.height:
        heads = heads.join(blocked, on="doc", how="anti", maintain_order="left")
    heads = heads.filter(pl.col("balance").is_not_null())
    kept = heads.height and int(str(heads["doc"].max())) == heads.height - 1 and not blocked.height
    return heads, lines if kept else lines.join(
        heads.select("doc"), on="doc", how="semi", maintain_order="left"
    )
