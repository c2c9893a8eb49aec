"""The lines of an invoice's entry: documents and rows with accounts in, ledger lines with rule and reason out.

Amounts are formed signed (debit positive) and divided into debit and credit at the end. The party's line
takes what the document says is owed, so that a document that does not add up shows as unbalanced.
"""

from __future__ import annotations

import polars as pl

from razao.booking.reasons import NOTHING, facts
from razao.booking.rules import Profile, Rules
from razao.countries.facts import Direction
from razao.kernel.money import proportion, step_of
from razao.ledger.drafts import LINE_SCHEMA

PAR = 100_000_000

#: Order of the lines within an entry. Sales open with the customer, purchases end with the supplier.
_RANK = {"base": 2, "not_deducted": 3, "tax": 4, "self_assessed": 5, "rounding": 6}

#: What each part of an entry has; ``net`` and ``tax`` are the source's amounts that the line carries (tie-out).
COLUMNS = {
    "doc": pl.Int64(),
    "rank": pl.Int32(),
    "row": pl.Int32(),
    "part": pl.Int64(),
    "account": pl.String(),
    "amount": pl.Int64(),
    "cost_center": pl.String(),
    "party": pl.String(),
    "vat_code": pl.String(),
    "tax_base": pl.Int64(),
    "currency": pl.String(),
    "currency_amount": pl.Int64(),
    "rule": pl.String(),
    "because": pl.String(),
    "net": pl.Int64(),
    "tax": pl.Int64(),
}


def lines_of(documents: pl.DataFrame, rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Every line of every document in order, with LINE_SCHEMA (``entry`` still the document), rule, because, net, tax.

    Lines of amount zero are left out.
    """
    direction = Direction(str(documents["direction"][0])) if documents.height else Direction.SALE
    profile, step = rules.profiles[direction], step_of(rules.currency)
    parts = [
        _bases(rows, profile),
        _not_deducted(rows, profile),
        _taxes(rows, profile, direction),
        _self_assessed(rows),
        _captive(rows, direction, step),
        _withheld(documents, profile, direction, step),
        _rounding(documents, profile, rules),
    ]
    others = pl.concat([part.select(*COLUMNS) for part in parts])
    lines = pl.concat([others, _owed(documents, others, direction, step)])
    return _numbered(lines.filter(pl.col("amount") != 0), documents)


def _part(frame: pl.DataFrame, rank: int, **columns: pl.Expr | None) -> pl.DataFrame:
    """``frame`` as lines; what is not given is null (cost centre, party and currency come from the frame)."""
    given: dict[str, pl.Expr | None] = {
        "rank": pl.lit(rank),
        "row": pl.col("position") if "position" in frame.columns else pl.lit(0),
        "part": pl.col("part") if "part" in frame.columns else pl.lit(0),
        "party": pl.col("known_party"),
        "currency": pl.when(pl.col("foreign")).then("currency"),
        "because": pl.lit(NOTHING),
        "net": pl.lit(0),
        "tax": pl.lit(0),
        **columns,
    }
    exprs = []
    for name, kind in COLUMNS.items():
        value = pl.col("doc") if name == "doc" else given.get(name)
        exprs.append((pl.lit(None) if value is None else value).cast(kind).alias(name))
    return frame.select(exprs)


def _bases(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """The cost or income: base, and the tax that is not deducted unless it has an account of its own."""
    first = pl.col("part") == 0
    kept = pl.col("home_amount") + pl.when("reverse").then(pl.col("tax_amount")).otherwise(0)
    left = pl.when(first & _is_purchase()).then(kept - pl.col("deducted")).otherwise(0)
    cost = pl.lit(0) if profile.non_deductible else left
    states = (pl.col("tax_line") == 0) & first
    return _part(
        rows,
        _RANK["base"],
        account=pl.col("counterpart"),
        amount=pl.col("side") * (pl.col("part_base") + cost),
        cost_center=pl.col("center"),
        vat_code=pl.when(states).then("vat_code"),
        tax_base=pl.when(states & pl.col("vat_code").is_not_null()).then(
            pl.col("home_taxed_base").abs()
        ),
        currency_amount=pl.when("foreign").then(
            pl.col("side")
            * (
                pl.col("part_currency_base")
                + pl.when(first & (cost != 0)).then(_foreign_left()).otherwise(0)
            )
        ),
        rule=pl.col("counterpart_rule"),
        because=pl.col("counterpart_because"),
        net=pl.col("part_base"),
        tax=cost - pl.when("reverse").then(cost).otherwise(0),
    )


def _is_purchase() -> pl.Expr:
    return pl.col("direction") == Direction.PURCHASE.value


def _foreign_left() -> pl.Expr:
    """The part of the document's own tax that is not deducted, in the document's currency."""
    deducted = proportion(pl.col("amount"), pl.col("deductible").fill_null(0), 10_000)
    return pl.when("reverse").then(0).otherwise(pl.col("amount") - deducted)


def _not_deducted(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    if not profile.non_deductible:
        return pl.DataFrame(schema=COLUMNS)
    rows = rows.filter((pl.col("part") == 0) & _is_purchase())
    left = pl.col("tax_amount") - pl.col("deducted")
    return _part(
        rows,
        _RANK["not_deducted"],
        account=pl.lit(profile.non_deductible),
        amount=pl.col("side") * left,
        cost_center=pl.col("center"),
        currency_amount=pl.when("foreign").then(pl.col("side") * _foreign_left()),
        rule=pl.lit("vat.not_deductible"),
        because=facts(vat_code=pl.col("vat_code")),
        tax=pl.when("reverse").then(0).otherwise(left),
    )


def _taxes(rows: pl.DataFrame, profile: Profile, direction: Direction) -> pl.DataFrame:
    """The tax that is deducted (purchases) or collected (sales)."""
    rows = rows.filter(pl.col("part") == 0)
    regular = pl.lit(profile.credit_to_regularisation) & pl.col("credit")
    moved = (regular & pl.col("regularisation_account").replace("", None).is_not_null()).fill_null(
        False
    )
    told = facts(
        vat_code=pl.col("vat_code"),
        rate=_percent("code_rate"),
        deductible=_percent("deductible"),
    )
    usual = "vat.deductible" if direction is Direction.PURCHASE else "vat.collected"
    rule = pl.when(moved).then(pl.lit("vat.regularisation")).otherwise(pl.lit(usual))
    foreign = pl.when(pl.col("foreign") & ~pl.col("reverse"))
    return _part(
        rows,
        _RANK["tax"],
        account=pl.when(moved).then("regularisation_account").otherwise("tax_account"),
        amount=pl.col("side") * pl.col("tax_line"),
        vat_code=pl.col("vat_code"),
        tax_base=pl.col("home_taxed_base").abs(),
        currency=foreign.then("currency"),
        currency_amount=foreign.then(pl.col("side") * (pl.col("amount") - _sold_left(direction))),
        rule=pl.when("reverse").then(pl.lit("vat.self_assessed")).otherwise(rule),
        because=told,
        tax=pl.when("reverse").then(0).otherwise(pl.col("tax_line")),
    )


def _sold_left(direction: Direction) -> pl.Expr:
    return _foreign_left() if direction is Direction.PURCHASE else pl.lit(0)


def _percent(column: str) -> pl.Expr:
    whole, rest = pl.col(column) // 100, pl.col(column) % 100
    decimals = pl.format("{},{}", whole, rest.cast(pl.String).str.zfill(2).str.strip_suffix("0"))
    return pl.when(rest == 0).then(whole.cast(pl.String)).otherwise(decimals)


def _self_assessed(rows: pl.DataFrame) -> pl.DataFrame:
    """The tax that the buyer owes in the seller's place."""
    rows = rows.filter(pl.col("reverse") & (pl.col("part") == 0) & _is_purchase())
    return _part(
        rows,
        _RANK["self_assessed"],
        account=pl.col("reverse_account"),
        amount=-pl.col("side") * pl.col("tax_amount"),
        vat_code=pl.col("vat_code"),
        currency=pl.lit(None),
        rule=pl.lit("vat.self_assessed"),
        because=facts(vat_code=pl.col("vat_code"), rate=_percent("code_rate")),
    )


def _captive(rows: pl.DataFrame, direction: Direction, step: int) -> pl.DataFrame:
    """The tax that the buyer keeps from the seller: owed to the State by the buyer, recovered from it by the seller."""
    rows = rows.filter((pl.col("captive").fill_null(0) != 0) & (pl.col("part") == 0))
    kept = proportion(pl.col("home_amount"), pl.col("captive"), 10_000, step)
    return _part(
        rows,
        5 if direction is Direction.PURCHASE else 1,
        account=pl.col("captive_account"),
        amount=-pl.col("side") * kept,
        vat_code=pl.col("vat_code"),
        currency_amount=pl.when("foreign").then(
            -pl.col("side") * proportion(pl.col("amount"), pl.col("captive"), 10_000)
        ),
        rule=pl.lit("vat.captive"),
        because=facts(vat_code=pl.col("vat_code"), captive=_percent("captive")),
    )


def _withheld(
    documents: pl.DataFrame, profile: Profile, direction: Direction, step: int
) -> pl.DataFrame:
    held = documents.filter(pl.col("withholding").fill_null(0) != 0)
    chosen = pl.col("chosen_withholding_code").is_not_null()
    bought = direction is Direction.PURCHASE
    by_code = (
        pl.when(chosen).then(pl.lit("withholding.chosen")).otherwise(pl.lit("withholding.party"))
    )
    return _part(
        held,
        7 if bought else 1,
        account=pl.col("withholding_account")
        if bought
        else pl.lit(profile.withholding_account or None),
        amount=-pl.col("side") * _home("withholding", step),
        currency_amount=pl.when("foreign").then(-pl.col("side") * pl.col("withholding")),
        rule=by_code if bought else pl.lit("withholding.suffered"),
        because=facts(withholding_code=pl.col("code"), party=pl.col("party")),
    )


def _home(column: str, step: int) -> pl.Expr:
    return proportion(pl.col(column), pl.col("par"), PAR, step)


def _rounding(documents: pl.DataFrame, profile: Profile, rules: Rules) -> pl.DataFrame:
    """The cents between a document's total and its rows, where they are few enough to be rounding."""
    stated = pl.col("difference")
    small = documents.filter((stated != 0) & (stated.abs() <= rules.rounding_limit))
    amount = pl.col("side") * _home("difference", step_of(rules.currency))
    return _part(
        small,
        _RANK["rounding"],
        account=pl.when(amount > 0)
        .then(pl.lit(profile.rounding_loss or None, pl.String))
        .otherwise(pl.lit(profile.rounding_gain or profile.rounding_loss or None, pl.String)),
        amount=amount,
        currency_amount=pl.when("foreign").then(pl.col("side") * stated),
        rule=pl.lit("rounding"),
        because=facts(difference=stated),
    )


def _owed(
    documents: pl.DataFrame, others: pl.DataFrame, direction: Direction, step: int
) -> pl.DataFrame:
    """What remains: the party's (or the cash account's) line.

    In the company's own currency it is the document's total less tax withheld and tax kept. In a foreign one it is what
    balances the converted lines, unless the document itself does not add up.
    """
    sums = others.group_by("doc").agg(pl.col("amount").sum().alias("rest"))
    owed = documents.join(sums, on="doc", how="left", maintain_order="left")
    payable = pl.col("gross") - pl.col("withholding").fill_null(0) - pl.col("captive_total")
    stated = -pl.col("side") * proportion(payable, pl.col("par"), PAR, step)
    converted = pl.col("foreign") & pl.col("adds_up")
    return _part(
        owed,
        0 if direction is Direction.SALE else 8,
        account=pl.col("account"),
        amount=pl.when(converted).then(-pl.col("rest").fill_null(0)).otherwise(stated),
        currency_amount=pl.when("foreign").then(-pl.col("side") * payable),
        rule=pl.col("account_rule"),
        because=pl.col("account_because"),
    )


def _numbered(lines: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    order = documents.select("doc", text=_text()).with_row_index("order")
    lines = lines.join(order, on="doc", how="left").sort("order", "rank", "row", "part")
    return lines.with_columns(
        pl.col("doc").alias("entry"),
        (pl.int_range(pl.len(), dtype=pl.Int32).over("doc") + 1).alias("position"),
        pl.max_horizontal("amount", 0).alias("debit"),
        pl.max_horizontal(-pl.col("amount"), 0).alias("credit"),
        pl.lit(None, pl.String).alias("rubric"),
    ).select(*LINE_SCHEMA, "rule", "because", "net", "tax")


def _text() -> pl.Expr:
    return pl.concat_str("number", "party_name", separator=" ", ignore_nulls=True)
