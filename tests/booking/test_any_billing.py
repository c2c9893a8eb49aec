"""For any generated documents and configuration: entries balance, nothing is lost, and order does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bench._billing_documents import shuffled
from razao.booking.billing_entries import Prepared, prepare, prepare_again
from razao.booking.billing_rules import BillingRules, CostMethod, Options
from razao.booking.plan import COVERED, Plan
from razao.booking.tie_out import ties
from razao.kernel.problems import Severity
from tests.booking.billing_company import DAY, Doc, billing, doc, frames
from tests.booking.company import balance, rules

RULES = rules(cost_centers=frozenset({"LX", "PT"}))
CENTS = st.decimals("-999.99", "99999.99", places=2)


@st.composite
def lines(draw: Any) -> tuple[str, str, str, str]:
    """A line: goods, services, advances, gifts; some articles and rates are not configured."""
    article = draw(st.sampled_from(["CANETA", "MESA", "HORA", "ADIANT", "NADA"]))
    gift = draw(st.integers(0, 5)) == 0
    rate = draw(st.sampled_from(["6", "13", "23", "23", "0", "22"]))
    quantity = draw(st.decimals("0.5", "20", places=1))
    return (article, str(quantity), "0.00" if gift else str(draw(CENTS)), rate)


@st.composite
def documents(draw: Any) -> list[Doc]:
    """Up to eight documents of any type over three days, with everything a source may say."""
    made = []
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["FT", "FR", "VD", "NC", "ADI", "XX"]))
        currency, rate = draw(st.sampled_from([("EUR", None), ("EUR", None), ("USD", 91_234_567)]))
        made.append(
            doc(
                f"{kind} {number}",
                *draw(st.lists(lines(), min_size=1, max_size=5)),
                day=DAY + timedelta(days=draw(st.integers(0, 2))),
                currency=currency,
                exchange_rate=rate,
                buyer_tax_id=draw(st.sampled_from(["503504564", "509442013", None, "999999990"])),
                buyer_id=draw(st.sampled_from(["C1", "C9", None])),
                treasury_place=draw(st.sampled_from([None, "Caixa", "Banco XPTO"])),
                paid_by_title=draw(st.booleans()),
                cost_center=draw(st.sampled_from([None, "LX"])),
                withholding=draw(st.sampled_from([None, 100])),
                line={"internal_reference": draw(st.sampled_from([None, "R1"]))},
            )
        )
    return made


OPTIONS = st.builds(
    Options,
    day_totals=st.booleans(),
    reflections=st.booleans(),
    rubric=st.booleans(),
    cost_center=st.booleans(),
    check_cost_center=st.booleans(),
    inventory=st.booleans(),
    exclude_gifts=st.booleans(),
    treasury_account=st.booleans(),
    per_document=st.booleans(),
    internal_date=st.booleans(),
    movement_date=st.sampled_from([None, date(2026, 5, 31)]),
)


@st.composite
def configurations(draw: Any) -> BillingRules:
    """The usual configuration with some of it changed or missing."""
    usual = billing()
    drop = draw(st.sampled_from(["", "FT", "VD"]))
    return replace(
        usual,
        variables=usual.variables.filter(pl.col("billing_type") != drop),
        cost_method=draw(st.sampled_from(list(CostMethod))),
        titled_debts=draw(st.booleans()),
        small_gift_limit=draw(st.sampled_from([0, 5000])),
        customers=usual.customers.head(draw(st.integers(0, 1))),
    )


def same(one: Prepared, other: Prepared) -> bool:
    return (
        one.plan.fingerprint == other.plan.fingerprint
        and one.plan.problems.equals(other.plan.problems)
        and one.tie_out.equals(other.tie_out)
    )


@settings(deadline=None, max_examples=120)
@given(documents(), configurations(), OPTIONS)
def test_every_entry_balances_and_nothing_is_lost(
    made: list[Doc], company: BillingRules, options: Options
) -> None:
    source = frames(*made)
    done = prepare(source, RULES, company, options)

    assert balance(done.plan) == [0] * done.plan.entries.height
    assert ties(done.tie_out)
    keys = set(source.documents["source_key"])
    named = set(done.plan.sources["source_key"]) | set(done.plan.problems["source_key"])
    assert named == keys
    errors = done.plan.problems.filter(pl.col("severity") == Severity.ERROR.value)
    assert set(done.plan.sources["source_key"]) & set(errors["source_key"]) == set()
    lines = done.plan.lines
    assert lines.filter((pl.col("debit") > 0) == (pl.col("credit") > 0)).height == 0
    assert lines["account"].null_count() == 0


@settings(deadline=None, max_examples=40)
@given(documents(), configurations(), OPTIONS, st.integers(0, 1000), st.integers(1, 4))
def test_a_preparation_does_not_depend_on_the_order_of_rows_nor_on_how_many_are_booked_at_once(
    made: list[Doc], company: BillingRules, options: Options, seed: int, at_once: int
) -> None:
    source = frames(*made)

    assert same(
        prepare(source, RULES, company, options),
        prepare(shuffled(source, seed), RULES, company, options, at_once=at_once),
    )


@settings(deadline=None, max_examples=20)
@given(documents(), configurations(), OPTIONS, st.integers(1, 4), st.data())
def test_prepared_again_it_is_the_same_plan_and_never_another_one(
    made: list[Doc], company: BillingRules, options: Options, at_once: int, data: Any
) -> None:
    source = frames(*made)
    done = prepare(source, RULES, company, options)

    def again(plan: Plan) -> pl.DataFrame | None:
        return prepare_again(plan, source, RULES, company, options, at_once=at_once)

    tied = again(done.plan)
    assert tied is not None
    assert tied.equals(done.tie_out)
    part = data.draw(st.sampled_from(list(COVERED)))
    frame = getattr(done.plan, part)
    if frame.height:
        row = data.draw(st.integers(0, frame.height - 1))
        column = data.draw(st.sampled_from(COVERED[part]))
        other = frame.with_row_index("at").with_columns(
            pl.when(pl.col("at") == row)
            .then(other_than(frame, column))
            .otherwise(column)
            .alias(column)
        )
        less = pl.concat([frame[:row], frame[row + 1 :]])
        wrong = data.draw(st.sampled_from([other.drop("at"), less, pl.concat([frame, frame[row]])]))
        assert again(replace(done.plan, **{part: wrong})) is None


def other_than(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A value of the column's kind that is not the one it has."""
    if frame.schema[column] == pl.String:
        return pl.concat_str(pl.col(column).fill_null(""), pl.lit("?"))
    if frame.schema[column] == pl.Date:
        return pl.coalesce(pl.col(column).dt.offset_by("1d"), pl.lit(date(2026, 1, 1)))
    return pl.col(column).fill_null(0) + 1
