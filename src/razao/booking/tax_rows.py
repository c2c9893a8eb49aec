"""What each row of a tax breakdown is booked to: documents and rules in, rows with counterpart, VAT code and tax out.

The counterpart is a person's choice, else the company's habit, else the one kept on the party's account,
else the VAT code's, else the profile's (S10 b). The VAT code follows from modality, rate, region and day (S10 c).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import polars as pl

from razao.booking.counterparties import key_of
from razao.booking.reasons import NOTHING, facts
from razao.booking.rules import OVERRIDE_ROWS, OVERRIDE_SPLITS, Overrides, Profile, Rules, shaped
from razao.booking.surcharges import SURCHARGE, following_its_base, with_added_base
from razao.countries.facts import Direction, Nature
from razao.invoices.frame import InvoiceFrames
from razao.kernel.money import proportion, step_of

#: Purchases of goods follow the service modality of a profile to that of goods.
GOODS = {"intra_eu_services": "intra_eu", "extra_eu_services": "not_subject"}
PAR = 100_000_000
_NATURES = tuple(f"_{n}" for n in Nature if n)


def rows_of(
    frames: InvoiceFrames, documents: pl.DataFrame, rules: Rules, overrides: Overrides
) -> pl.DataFrame:
    """Every row of the breakdown, split where a person split it, with account, code, tax and deductible part."""
    direction = Direction(_only(documents, "direction"))
    profile = rules.profiles[direction]
    rows = with_added_base(frames.vat).join(
        documents.select(*_FROM_DOCUMENT), on="doc", how="inner", maintain_order="left"
    )
    chosen = shaped(overrides.rows, OVERRIDE_ROWS).rename(
        {"counterpart": "row_counterpart", "vat_code": "row_vat_code", "cost_center": "row_center"}
    )
    rows = rows.join(chosen, on=["doc", "position"], how="left", maintain_order="left")
    rows = _with_habit(rows, rules, direction)
    rows = _with_counterpart(following_its_base(rows), profile)
    rows = _with_modality(rows, rules, profile, direction)
    rows = _with_code(rows, rules, direction)
    rows = _with_code_account(rows, profile)
    step = step_of(rules.currency)
    return _split(_with_amounts(rows, step), overrides, step)


_FROM_DOCUMENT = (
    *("doc", "document_type", "party", "known_party", "situation", "date", "sign", "side"),
    *("credit", "par", "foreign", "setting", "direction", "currency"),
    *("chosen_cost_center", "document_center"),
)


def _only(frame: pl.DataFrame, column: str) -> str:
    return str(frame[column].head(1).item()) if frame.height else Direction.PURCHASE.value


def _with_habit(rows: pl.DataFrame, rules: Rules, direction: Direction) -> pl.DataFrame:
    """The company's latest treatment of this party's rows, unless the account's setting changed since."""
    habits = (
        rules.habits.filter(pl.col("direction") == direction.value)
        .with_columns(key_of(pl.col("party")).alias("party"))
        .sort("party", "rate", "exemption", "last", "count", "counterpart", descending=_LATEST)
        .unique(["party", "rate", "exemption"], keep="first", maintain_order=True)
        .select(
            *("party", "rate", "exemption"),
            habit_counterpart="counterpart",
            habit_vat_code="vat_code",
            habit_center="cost_center",
            habit_setting=pl.col("setting").fill_null(""),
            habit_count="count",
            habit_documents="documents",
        )
    )
    rows = rows.with_columns(pl.col("exemption").fill_null("").alias("reason"))
    joined = rows.join(
        habits,
        left_on=["party", "rate", "reason"],
        right_on=["party", "rate", "exemption"],
        how="left",
        maintain_order="left",
    )
    stale = pl.col("habit_setting") != pl.col("setting").fill_null("")
    plain = pl.col("kind").is_null()
    usable = (~stale & plain).fill_null(False)
    return joined.with_columns(
        pl.when(usable).then(name).alias(name)
        for name in ("habit_counterpart", "habit_vat_code", "habit_center")
    )


_LATEST = [False, False, False, True, True, False]


def _with_counterpart(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """The income or expense account as far as it is known before the VAT code is."""
    stamp = (pl.col("kind") == "stamp_duty").fill_null(False) & pl.lit(bool(profile.stamp_duty))
    habit = facts(
        party=pl.col("party"),
        count=pl.col("habit_count"),
        account=pl.col("habit_counterpart"),
        documents=pl.col("habit_documents").str.json_decode(pl.List(pl.String)),
    )
    party = facts(party=pl.col("party"))
    cases = (
        (pl.col("row_counterpart"), "counterpart.chosen", pl.lit(NOTHING)),
        (
            pl.when(stamp).then(pl.lit(profile.stamp_duty)),
            "counterpart.stamp_duty",
            pl.lit(NOTHING),
        ),
        (pl.col("habit_counterpart"), "counterpart.habit", habit),
        (pl.col("setting").replace("", None), "counterpart.account", party),
    )
    return rows.with_columns(_first(cases, "counterpart"))


def _first(cases: Iterable[tuple[pl.Expr, str, pl.Expr]], name: str) -> list[pl.Expr]:
    """The first value that is not null, with its rule and reason."""
    value, rule, because = (pl.lit(None, pl.String) for _ in range(3))
    for candidate, code, why in reversed(tuple(cases)):
        known = candidate.is_not_null()
        value = pl.when(known).then(candidate).otherwise(value)
        rule = pl.when(known).then(pl.lit(code)).otherwise(rule)
        because = pl.when(known).then(why).otherwise(because)
    return [value.alias(name), rule.alias(f"{name}_rule"), because.alias(f"{name}_because")]


def _with_modality(
    rows: pl.DataFrame, rules: Rules, profile: Profile, direction: Direction
) -> pl.DataFrame:
    """The VAT modality: by account, exemption, situation, document type; goods and assets by the account."""
    named = dict(profile.modalities)
    taxed = pl.col("rate") > 0
    stranger = taxed & ~pl.col("region").is_in(rules.regions)
    by_type = pl.col("document_type").replace_strict(named, default=None, return_dtype=pl.String)
    by_reason = pl.col("reason").replace_strict(named, default=None, return_dtype=pl.String)
    by_place = pl.col("situation").replace_strict(named, default=None, return_dtype=pl.String)
    nothing_taxed = pl.coalesce(by_reason, by_place, pl.lit(named.get("exempt")))
    modality = (
        pl.when(pl.col("kind").is_in(["outside_scope", "stamp_duty"]) | stranger)
        .then(pl.lit(named.get("not_subject", "not_subject")))
        .when(pl.col("kind") == SURCHARGE)
        .then(pl.lit(named.get(SURCHARGE)))
        .when(taxed)
        .then(pl.coalesce(by_type, _by_account(named), pl.lit(profile.modality)))
        .otherwise(nothing_taxed)
    )
    rows = rows.with_columns(modality.alias("wanted"), _nature(rules).alias("nature"))
    if direction is Direction.SALE:
        return rows.with_columns(pl.col("wanted").alias("modality"))
    fitted = _fitted(rules, direction)
    return rows.join(
        fitted, on=["wanted", "nature"], how="left", maintain_order="left"
    ).with_columns(pl.coalesce("modality", "wanted"))


def _by_account(named: dict[str, str]) -> pl.Expr:
    """Modality said for accounts that begin with ``@…``; the longest beginning wins."""
    found = pl.lit(None, pl.String)
    for prefix in sorted((k for k in named if k.startswith("@")), key=len):
        begins = pl.col("counterpart").str.starts_with(prefix[1:]).fill_null(False)
        found = pl.when(begins).then(pl.lit(named[prefix])).otherwise(found)
    return found


def _nature(rules: Rules) -> pl.Expr:
    def begins(prefixes: tuple[str, ...]) -> pl.Expr:
        tests = [pl.col("counterpart").str.starts_with(p) for p in prefixes]
        return reduce(lambda a, b: a | b, tests, pl.lit(False)).fill_null(False)

    return (
        pl.when(begins(rules.inventory_prefixes))
        .then(pl.lit(Nature.INVENTORY.value))
        .when(begins(rules.asset_prefixes))
        .then(pl.lit(Nature.ASSETS.value))
        .otherwise(pl.lit(Nature.OTHER.value))
    )


def _fitted(rules: Rules, direction: Direction) -> pl.DataFrame:
    """The modality that a wanted one becomes for goods, assets and the rest, where the codes have it."""
    codes = rules.vat_codes.filter(pl.col("direction") == direction.value)
    known = set(codes["modality"].unique().to_list())
    wanted = known | set(rules.profiles[direction].modalities.values())
    table = []
    for modality in sorted({*wanted, rules.profiles[direction].modality}):
        operation = modality
        for ending in _NATURES:
            operation = operation.removesuffix(ending)
        for nature in (n.value for n in Nature if n):
            goods = GOODS.get(operation, operation) if nature != Nature.OTHER.value else operation
            candidates = (f"{goods}_{nature}", goods if goods != operation else modality)
            fits = next((c for c in candidates if c in known), modality)
            table.append((modality, nature, fits))
    return pl.DataFrame(
        table, {"wanted": pl.String, "nature": pl.String, "modality": pl.String}, orient="row"
    )


def _with_code(rows: pl.DataFrame, rules: Rules, direction: Direction) -> pl.DataFrame:
    """The VAT code chosen by a person or habit, else that of modality, rate, region and day."""
    asked = pl.coalesce("row_vat_code", "habit_vat_code").replace("", None)
    rows = rows.with_columns(
        asked.alias("asked"),
        pl.when(pl.col("kind") == SURCHARGE).then(pl.lit("RE")).alias("tax_wanted"),
    )
    codes = rules.vat_codes.filter(pl.col("direction") == direction.value).drop("direction")
    codes = codes.rename(
        {
            "modality": "code_modality",
            "kind": "code_kind",
            "rate": "code_rate",
            "region": "code_region",
        }
    )
    return rows.join(
        _resolved(rows, codes, rules),
        on=list(_CODE_KEYS),
        how="left",
        maintain_order="left",
        nulls_equal=True,
    )


_CODE_KEYS = ("asked", "modality", "rate", "region", "date", "tax_wanted")


def _resolved(rows: pl.DataFrame, codes: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """One code for each different question that the rows ask."""
    questions = rows.select(_CODE_KEYS).unique()
    by_code = questions.filter(pl.col("asked").is_not_null()).join(
        codes, left_on="asked", right_on="vat_code", coalesce=False
    )
    by_modality = questions.filter(pl.col("asked").is_null()).join(
        codes, left_on="modality", right_on="code_modality", coalesce=False
    )
    found = pl.concat([by_code, by_modality], how="diagonal_relaxed")
    day = pl.col("date")
    reverse = pl.col("reverse_account").is_not_null()
    zero = pl.col("rate") == 0
    same_rate = pl.col("code_rate") == pl.col("rate")
    by_person = pl.col("asked").is_not_null()
    taxless = pl.col("code_rate").is_null() | (pl.col("code_rate") == 0)
    region = (
        pl.when(pl.col("region").is_in(rules.regions))
        .then("region")
        .otherwise(pl.lit(rules.regions[0]))
    )
    found = found.filter(
        (pl.col("valid_from").is_null() | (pl.col("valid_from") <= day))
        & (pl.col("valid_to").is_null() | (day <= pl.col("valid_to")))
        & (
            (pl.col("code_region") == region)
            | pl.col("code_region").is_in(["*", rules.region])
            | by_person
        )
        & (same_rate | taxless | (reverse & zero & ((pl.col("code_kind") == "normal") | by_person)))
        & (pl.col("tax_wanted").is_null() | (pl.col("tax") == pl.col("tax_wanted")))
    )
    best = found.sort(
        *_CODE_KEYS,
        same_rate,
        pl.col("code_region") == region,
        "vat_code",
        descending=[False] * len(_CODE_KEYS) + [True, True, False],
    )
    return best.unique(list(_CODE_KEYS), keep="first", maintain_order=True).drop(
        "code_modality", "valid_from", "valid_to"
    )


def _with_code_account(rows: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Counterparts that only the VAT code or the profile knows; on credit notes the account of returns."""
    code = facts(vat_code=pl.col("vat_code"))
    late = (
        (pl.col("counterpart"), "", pl.lit(NOTHING)),
        (pl.col("base_account").replace("", None), "counterpart.vat_code", code),
        (pl.lit(profile.counterpart or None, pl.String), "counterpart.profile", pl.lit(NOTHING)),
    )
    value, rule, because = _first(late, "late")
    early = pl.col("counterpart").is_not_null()
    rows = rows.with_columns(value, rule, because).with_columns(
        pl.col("late").alias("counterpart"),
        pl.when(early).then("counterpart_rule").otherwise("late_rule").alias("counterpart_rule"),
        pl.when(early)
        .then("counterpart_because")
        .otherwise("late_because")
        .alias("counterpart_because"),
    )
    credited = pl.lit(None, pl.String)
    for prefix in sorted(profile.credit_accounts, key=len):
        begins = pl.col("counterpart").str.starts_with(prefix).fill_null(False)
        credited = pl.when(begins).then(pl.lit(profile.credit_accounts[prefix])).otherwise(credited)
    chosen = pl.col("counterpart_rule") == "counterpart.chosen"
    moved = pl.col("credit") & credited.is_not_null() & ~chosen
    return rows.with_columns(
        pl.when(moved).then(credited).otherwise("counterpart").alias("counterpart"),
        pl.when(moved)
        .then(pl.lit("counterpart.credit"))
        .otherwise("counterpart_rule")
        .alias("counterpart_rule"),
        pl.when(moved)
        .then(facts(account=credited, instead_of=pl.col("counterpart")))
        .otherwise("counterpart_because")
        .alias("counterpart_because"),
        pl.coalesce(
            "row_center",
            "chosen_cost_center",
            "document_center",
            "habit_center",
            pl.lit(profile.cost_center or None, pl.String),
        )
        .replace("", None)
        .alias("center"),
    )


def _with_amounts(rows: pl.DataFrame, step: int) -> pl.DataFrame:
    """Base, tax, deductible tax in the company's currency; reverse-charge tax computed from the base."""
    reverse = pl.col("reverse_account").is_not_null() & (pl.col("rate") == 0)
    rows = rows.with_columns(
        proportion(pl.col("base"), pl.col("par"), PAR, step).alias("home_base"),
        proportion(pl.col("amount"), pl.col("par"), PAR, step).alias("home_amount"),
        proportion(pl.col("taxed_base"), pl.col("par"), PAR, step).alias("home_taxed_base"),
        reverse.fill_null(False).alias("reverse"),
    ).with_columns(
        pl.when("reverse")
        .then(proportion(pl.col("home_base"), pl.col("code_rate"), 10_000, step))
        .otherwise("home_amount")
        .alias("tax_amount")
    )
    return rows.with_columns(
        proportion(pl.col("tax_amount"), pl.col("deductible").fill_null(0), 10_000, step).alias(
            "deducted"
        )
    )


def _split(rows: pl.DataFrame, overrides: Overrides, step: int) -> pl.DataFrame:
    """Rows divided among several counterparts; the tax follows the first part, the last takes the odd cents."""
    rows = rows.with_columns(
        pl.lit(0, pl.Int64).alias("part"),
        pl.col("home_base").alias("part_base"),
        pl.col("base").alias("part_currency_base"),
        (pl.lit(0, pl.Int64)).alias("split_total"),
        pl.lit(False).alias("is_split"),
    )
    if overrides.splits is None or overrides.splits.height == 0:
        return rows
    splits = shaped(overrides.splits, OVERRIDE_SPLITS).with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).over("doc", "position").alias("split"),
        pl.col("base").sum().over("doc", "position").alias("total"),
    )
    splits = splits.rename(
        {"counterpart": "split_account", "base": "split_base", "cost_center": "split_center"}
    )
    joined = rows.join(splits, on=["doc", "position"], how="left", maintain_order="left")
    divided = pl.col("split").is_not_null()
    home = proportion(pl.col("split_base"), pl.col("par"), PAR, step)
    others = home.sum().over("doc", "position") - home
    last = pl.col("split") == pl.col("split").max().over("doc", "position")
    whole = pl.col("total") == pl.col("base")
    exact = pl.when(last & whole).then(pl.col("home_base") - others).otherwise(home)
    return joined.with_columns(
        pl.col("split").fill_null(0).alias("part"),
        pl.when(divided).then(exact).otherwise("part_base").alias("part_base"),
        pl.when(divided)
        .then("split_base")
        .otherwise("part_currency_base")
        .alias("part_currency_base"),
        pl.when(divided).then("split_account").otherwise("counterpart").alias("counterpart"),
        pl.when(divided)
        .then(pl.lit("counterpart.chosen"))
        .otherwise("counterpart_rule")
        .alias("counterpart_rule"),
        pl.when(divided)
        .then(pl.lit(NOTHING))
        .otherwise("counterpart_because")
        .alias("counterpart_because"),
        pl.coalesce("split_center", "center").alias("center"),
        pl.col("total").fill_null(0).alias("split_total"),
        divided.alias("is_split"),
    )
