"""What the variables say: heads, rows and configuration in, the parts of every document out (P5, P14–P16).

A variable is read once for all documents of the types that have it: there is no loop over documents. Amounts
are formed signed, debit positive; a negative amount thereby changes sides, which is how an advance that a
final invoice takes back debits what its receipt credited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from razao.booking.billing_rows import Rows
from razao.booking.billing_rules import Amount, BillingRules, Place, Side
from razao.booking.parts import empty, parts
from razao.booking.reasons import facts
from razao.kernel.money import proportion

PAR = 100_000_000
_HEAD_AMOUNTS = {Amount.GROSS: "gross", Amount.RECEIVED: "received", Amount.WITHHOLDING: "held"}
_OF_HEAD = ("billing_type", "foreign", "par", "customer", "cash", "cash_rule", "party", "currency")


@dataclass(frozen=True, slots=True)
class Variable:
    """An amount × side × place, and the types that have it (None: all)."""

    amount: Amount
    side: Side
    place: Place
    account: str | None
    types: list[str] | None

    @property
    def direction(self) -> int:
        return 1 if self.side is Side.DEBIT else -1

    @property
    def of_head(self) -> bool:
        return self.amount in _HEAD_AMOUNTS


def lines_of(heads: pl.DataFrame, rows: Rows, billing: BillingRules, step: int) -> pl.DataFrame:
    """Every line that the variables make, those of amount zero left out, exchange differences added.

    ``step`` is the least amount of the company's currency (``money.step_of``), to which conversions are rounded.
    """
    heads = heads.with_columns(
        pl.col("gross").fill_null(0),
        (pl.col("gross").fill_null(0) - pl.col("held")).alias("received"),
    )
    detail, taxes = _detailed(heads, rows)
    made = [empty()]
    for variable in _variables(billing):
        whole = taxes if variable.amount is Amount.TAX else detail
        source = heads if variable.of_head else whole
        if variable.types is not None:
            source = source.filter(pl.col("billing_type").is_in(variable.types))
        if variable.of_head:
            made.append(_head_part(source, variable, billing, step))
        else:
            made.append(_row_part(source, variable, billing, step))
            made.append(_exchange(source, variable, billing, step))
    return pl.concat(part.filter(pl.col("amount") != 0) for part in made)


def _variables(billing: BillingRules) -> Iterator[Variable]:
    """Each different variable once."""
    keys = ["amount", "side", "place", "account"]
    every = billing.types["billing_type"].n_unique()
    known = billing.variables.with_columns(pl.col("account").replace("", None)).unique()
    grouped = known.group_by(keys).agg(pl.col("billing_type").unique().sort()).sort(keys)
    for amount, side, place, account, types in grouped.iter_rows():
        some = None if len(types) == every else types
        yield Variable(Amount(amount), Side(side), Place(place), account, some)


def _detailed(heads: pl.DataFrame, rows: Rows) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows, and the tax of each document by kind, with their accounts and what their document says."""
    known = _with_tax_slot(rows.treatments.filter(pl.col("treatment").is_not_null()))
    told = facts(posting_code=pl.col("posting_code"), rate=pl.col("rate") // 100)
    known = known.sort("treatment").with_columns(told.alias("because"))
    plain = rows.rows.with_columns(known["tax_slot"].gather(rows.rows["treatment"]))
    if rows.treatments["treatment"].count() == known["tax_slot"].n_unique():
        detail = plain.with_columns((pl.col("tax") == 0).alias("untaxed"))
        full = _looked_up(detail, heads, known)
        return full, full
    taxes = plain.group_by("doc", "tax_slot", maintain_order=True).agg(
        pl.col("net").sum(), pl.col("tax").sum(), pl.col("treatment").first()
    )
    free = taxes.filter(pl.col("tax") == 0).select("doc", "tax_slot", untaxed=pl.lit(True))
    detail = plain.join(free, on=["doc", "tax_slot"], how="left", maintain_order="left")
    detail = detail.with_columns(pl.col("untaxed").fill_null(False))
    taxes = taxes.with_columns((pl.col("tax") == 0).alias("untaxed"))
    return _looked_up(detail, heads, known), _looked_up(taxes, heads, known)


def _with_tax_slot(treatments: pl.DataFrame) -> pl.DataFrame:
    """``tax_slot``: treatments whose tax shares one line of a document."""
    keys = ["place", "tax_account", "free_tax", "vat_code", "advance", "advance_rate"]
    slots = treatments.select(keys).unique(maintain_order=True).with_row_index("tax_slot")
    return treatments.join(slots, on=keys, how="left", maintain_order="left", nulls_equal=True)


_OF_TREATMENT = (
    *("revenue", "returns", "discount_account", "tax_account", "free_tax", "vat_code"),
    *("advances", "advance_tax", "cost_center", "rubric", "advance", "advance_rate", "because"),
)


def _looked_up(rows: pl.DataFrame, heads: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """``doc`` is the row of ``heads`` and ``treatment`` that of ``known``: columns are fetched, not joined."""
    at, doc = rows["treatment"], rows["doc"]
    return rows.with_columns(
        *(known[name].gather(at).alias(name) for name in _OF_TREATMENT),
        *(heads[name].gather(doc).alias(name) for name in _OF_HEAD),
    )


def _row_amount(amount: Amount) -> pl.Expr:
    """Net or discount of a row, in the document's currency."""
    if amount is Amount.TAX:
        return pl.col("tax")
    if amount is Amount.DISCOUNT:
        return pl.col("discount")
    return pl.col("net") + (pl.col("discount") if amount is Amount.BEFORE_DISCOUNT else 0)


def _head_part(
    heads: pl.DataFrame, variable: Variable, billing: BillingRules, step: int
) -> pl.DataFrame:
    """The lines of a variable that takes an amount of the whole document."""
    value = pl.col(_HEAD_AMOUNTS[variable.amount])
    foreign = bool(heads["foreign"].any())
    home = _home(value, pl.col("par"), step) if foreign else value
    titled = pl.col("cash_rule") == "billing.titled_debts"
    named = pl.lit(variable.place is Place.CUSTOMER) | (titled & (variable.place is Place.CASH))
    return parts(
        heads,
        "withholding" if variable.amount is Amount.WITHHOLDING else "head",
        account=_head_account(variable, billing),
        amount=variable.direction * home,
        party=pl.when(named).then("party"),
        **_currency(variable, value, foreign=foreign),
        rule=pl.col("cash_rule") if variable.place is Place.CASH else f"billing.{variable.place}",
    )


def _head_account(variable: Variable, billing: BillingRules) -> pl.Expr:
    match variable.place:
        case Place.CUSTOMER:
            return pl.col("customer")
        case Place.CASH:
            return pl.col("cash")
        case Place.WITHHOLDING:
            return pl.lit(billing.withholding or None, pl.String)
    return pl.lit(variable.account, pl.String)


def _row_part(
    rows: pl.DataFrame, variable: Variable, billing: BillingRules, step: int
) -> pl.DataFrame:
    """The lines of a variable that takes an amount of each row: net, discount or tax."""
    is_tax, less = variable.amount is Amount.TAX, variable.amount is Amount.DISCOUNT
    value = _row_amount(variable.amount)
    foreign = bool(rows["foreign"].any())
    base = (_home_of_row(pl.col("net"), step) if foreign else pl.col("net")).abs()
    stated = pl.lit(True) if is_tax else pl.col("untaxed") & (not less)
    account, rule = _row_account(variable, billing)
    return parts(
        rows,
        "tax" if is_tax else "discount" if less else "row",
        slot=pl.col("treatment"),
        account=account,
        amount=variable.direction * (_home_of_row(value, step) if foreign else value),
        cost_center=None if is_tax else pl.col("cost_center"),
        party=None if is_tax else pl.when(stated).then("party"),
        vat_code=pl.when(stated).then("vat_code"),
        tax_base=pl.when(stated & pl.col("vat_code").is_not_null()).then(base),
        **_currency(variable, value, foreign=foreign),
        rubric=None if is_tax else pl.col("rubric"),
        rule=rule,
        because=pl.col("because"),
        net=0 if is_tax else -value if less else value,
        tax=value if is_tax else 0,
    )


def _row_account(variable: Variable, billing: BillingRules) -> tuple[pl.Expr, pl.Expr]:
    """Account and rule; advances, and the tax of what takes them back, have accounts of their own (P16)."""
    usual = pl.lit(f"billing.{variable.place}")
    column = {
        Place.REVENUE: "revenue",
        Place.RETURNS: "returns",
        Place.DISCOUNT: "discount_account",
        Place.TAX: "tax_account",
        Place.FREE_TAX: "free_tax",
    }.get(variable.place)
    if column is None:
        return _head_account(variable, billing), usual
    back = pl.col("advance") & (pl.col("net") < 0)
    if variable.place in (Place.TAX, Place.FREE_TAX):
        account = pl.when(back).then("advance_tax").otherwise(column)
        return account, pl.when(back).then(pl.lit("billing.advance_tax")).otherwise(usual)
    if variable.place is Place.DISCOUNT:
        return pl.col(column), usual
    rule = pl.when("advance").then(pl.lit("billing.advance")).otherwise(usual)
    return pl.when("advance").then("advances").otherwise(column), rule


def _currency(
    variable: Variable, value: pl.Expr, *, foreign: bool
) -> dict[str, pl.Expr | str | int | None]:
    if not foreign:
        return {"currency": None, "currency_amount": None}
    abroad = pl.when("foreign")
    return {
        "currency": abroad.then("currency"),
        "currency_amount": abroad.then(variable.direction * value),
    }


def _home(value: pl.Expr, rate: pl.Expr, step: int) -> pl.Expr:
    """``value`` in the company's currency; what is in it already stays as it is."""
    return pl.when("foreign").then(proportion(value, rate, PAR, step)).otherwise(value)


def _home_of_row(value: pl.Expr, step: int) -> pl.Expr:
    """``value`` in the company's currency; a regularised advance at the rate it was booked at."""
    return _home(value, pl.coalesce("advance_rate", "par"), step)


def _exchange(
    source: pl.DataFrame, variable: Variable, billing: BillingRules, step: int
) -> pl.DataFrame:
    """The difference between an advance at its own rate and at the document's (P16)."""
    moved = pl.col("foreign") & pl.col("advance") & pl.col("advance_rate").is_not_null()
    rows = source.filter(moved)
    if rows.height == 0 or variable.amount is Amount.DISCOUNT:
        return empty()
    value = _row_amount(variable.amount)
    now = proportion(value, pl.col("par"), PAR, step)
    difference = variable.direction * (now - _home_of_row(value, step))
    loss, gain = (pl.lit(a or None, pl.String) for a in (billing.fx_loss, billing.fx_gain))
    return parts(
        rows,
        "exchange",
        slot=pl.col("treatment"),
        account=pl.when(difference > 0).then(loss).otherwise(gain),
        amount=difference,
        rule="billing.exchange",
        because=facts(booked=pl.col("advance_rate"), now=pl.col("par")),
    )
