"""Documents out of a table: CSV or XLSX and a mapping of its columns in, invoice frames and problems out.

A row of the table is a line of a document, or a whole document with a pair of columns for each tax rate.
A row that cannot be read is reported with its number, and its document is left out whole: the others go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from razao.invoices.formats.fitting import fitted
from razao.invoices.formats.table_cells import (
    ROW,
    cells_of,
    column,
    day_column,
    decimal_mark,
    number_column,
)
from razao.invoices.frame import InvoiceFrames, source_key_column, to_frames
from razao.invoices.invoice import CREDIT_TYPES, NOT_INVOICES
from razao.kernel.money import from_minor_units, proportion, shares_in_whole_units
from razao.kernel.problems import Problem, Refused, Severity

#: Fields of a document: the same in every row of it.
_TEXTS = (
    *("number", "billing_type", "document_type", "series", "atcud", "currency", "buyer_id"),
    *("buyer_tax_id", "buyer_name", "buyer_country", "status", "treasury_place", "cost_center"),
    *("reference", "seller_tax_id", "seller_name"),
)
_DAYS = ("issue_date", "internal_date", "due_date")
_SUMS = {"gross": 2, "withholding": 2, "exchange_rate": 8}
#: Fields of a line.
_LINE_TEXTS = ("article", "description", "unit", "region", "exemption", "internal_reference")
_LINE_NUMBERS = {
    "quantity": 4,
    "unit_price": 4,
    "net": 2,
    "line_gross": 2,
    "vat_rate": 2,
    "vat_amount": 2,
    "discount": 2,
    "unit_cost": 4,
}
FIELDS = (*_TEXTS, *_DAYS, *_SUMS, *_LINE_TEXTS, *_LINE_NUMBERS)
_NEEDED = ("number", "issue_date")
_KEY = ("doc", "vat_rate", "region", "exemption")
_SAFT_TYPES = (
    "FT",
    "FS",
    "FR",
    "ND",
    "NC",
    "VD",
    "TV",
    "TD",
    "AA",
    "DA",
    "RE",
    *sorted(NOT_INVOICES),
)


@dataclass(frozen=True, slots=True)
class VatColumns:
    """A pair of columns that hold base and tax of one rate."""

    rate: int
    """hundredths of a per cent"""
    base: str
    amount: str | None = None
    """heading of the tax; computed from the base where there is none"""
    region: str = "PT"
    exemption: str | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Which column of the table is which field; ``columns`` and ``constants`` use the names of ``FIELDS``."""

    columns: Mapping[str, str]
    """field → heading in the table"""
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """field → value where the table has no such column, e.g. currency → EUR"""
    vat: tuple[VatColumns, ...] = ()
    types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """the program's type → SAF-T type; SAF-T types stand for themselves"""
    decimal: str | None = None
    """"," or "."; found out where it is not said"""
    day_first: bool = True
    separator: str | None = None
    encoding: str | None = None
    sheet: str | None = None


def read_table(
    data: bytes, mapping: TableMapping, *, seller_tax_id: str | None = None
) -> tuple[InvoiceFrames, list[Problem]]:
    """The documents of the table, and every row that could not be read.

    ``seller_tax_id`` is the company's own, for tables of its sales. Nothing comes back when a mapped column
    is not in the table (``table.no_column``) or the decimal mark cannot be told (``table.decimal_unclear``).
    """
    try:
        cells, problems = cells_of(
            data,
            separator=mapping.separator,
            encoding=mapping.encoding,
            sheet=mapping.sheet,
        )
        mark = _mark(cells, mapping)
    except Refused as refused:
        return to_frames([]), list(refused.problems)
    typed = _typed(cells, mapping, mark, seller_tax_id)
    problems.extend(_unreadable(cells, typed, mapping))
    rows, broken = _whole_documents(typed, problems)
    problems.extend(broken)
    return _frames(rows, _by_rate(rows, mapping), problems), problems


def _mark(cells: pl.DataFrame, mapping: TableMapping) -> str:
    """The decimal mark. Raises Refused for columns that are missing and for a mark that cannot be told."""
    headings = (*mapping.columns.values(), *_vat_headings(mapping))
    missing = [h for h in headings if h not in cells.columns]
    fields = [f for f in (*mapping.columns, *mapping.constants) if f not in FIELDS]
    if missing or fields:
        names = ", ".join((*missing, *fields))
        raise Refused(Problem("table.no_column", values={"columns": names}))
    if mapping.decimal:
        return mapping.decimal
    numeric = (*_SUMS, *_LINE_NUMBERS)
    used = [h for f, h in mapping.columns.items() if f in numeric]
    mark = decimal_mark([cells[h].alias("n") for h in (*used, *_vat_headings(mapping))])
    if mark is None:
        raise Refused(Problem("table.decimal_unclear"))
    return mark


def _vat_headings(mapping: TableMapping) -> list[str]:
    return [h for pair in mapping.vat for h in (pair.base, pair.amount) if h]


def _typed(
    cells: pl.DataFrame, mapping: TableMapping, mark: str, seller_tax_id: str | None
) -> pl.DataFrame:
    """Every field as a typed column; null where neither the table nor the constants have it."""
    source = cells.with_columns(
        pl.lit(value).alias(f" {name}") for name, value in mapping.constants.items()
    )
    headings = {**{n: f" {n}" for n in mapping.constants}, **mapping.columns}
    numbers = {**_SUMS, **_LINE_NUMBERS}
    columns = [pl.col(ROW)]
    for name in FIELDS:
        heading = headings.get(name)
        if heading is None:
            kind = pl.Date() if name in _DAYS else pl.Int64() if name in numbers else pl.String()
            columns.append(pl.lit(None, kind).alias(name))
        elif name in _DAYS:
            columns.append(day_column(heading, day_first=mapping.day_first).alias(name))
        elif name in numbers:
            limit = 100_000 if name == "vat_rate" else 10**15
            columns.append(number_column(heading, mark, numbers[name], limit).alias(name))
        else:
            columns.append(column(heading).alias(name))
    for at, pair in enumerate(mapping.vat):
        columns.append(number_column(pair.base, mark, 2).alias(f"base{at}"))
        if pair.amount:
            columns.append(number_column(pair.amount, mark, 2).alias(f"amount{at}"))
    typed = source.select(columns)
    code = pl.coalesce("document_type", "billing_type")
    known = {**{t: t for t in _SAFT_TYPES}, **mapping.types}
    return typed.with_columns(
        code.replace_strict(known, default=None).alias("document_type"),
        pl.coalesce("billing_type", "document_type").alias("billing_type"),
        pl.coalesce("seller_tax_id", pl.lit(seller_tax_id, pl.String)).alias("seller_tax_id"),
        pl.coalesce("currency", pl.lit("EUR")).alias("currency"),
    )


def _unreadable(
    cells: pl.DataFrame, typed: pl.DataFrame, mapping: TableMapping
) -> Iterator[Problem]:
    """Cells with a text that is no value of their column."""
    checked = {f: h for f, h in mapping.columns.items() if f in (*_DAYS, *_SUMS, *_LINE_NUMBERS)}
    for at, pair in enumerate(mapping.vat):
        checked[f"base{at}"] = pair.base
        if pair.amount:
            checked[f"amount{at}"] = pair.amount
    for name, heading in checked.items():
        lost = cells.filter(cells[heading].is_not_null() & typed[name].is_null())
        for row, text in lost.select(ROW, column(heading)).iter_rows():
            values = {"row": row, "column": heading, "text": text[:80]}
            yield Problem("table.bad_value", Severity.ERROR, str(row), values)


def _whole_documents(
    typed: pl.DataFrame, problems: list[Problem]
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows of whole documents, numbered by document, and what keeps the others out."""
    keys = ["billing_type", "number"]
    rows = typed.with_columns(
        doc=pl.struct(keys).rank("dense").cast(pl.Int64) - 1,
        first=pl.struct(keys).is_first_distinct(),
    )
    order = rows.filter("first").select(old="doc").with_row_index("new")
    rows = rows.join(order, left_on="doc", right_on="old", how="left", maintain_order="left")
    rows = rows.with_columns(doc=pl.col("new").cast(pl.Int64)).drop("new", "first")
    bad = {int(p.where) for p in problems}
    found = [*_incomplete(rows.filter(~pl.col(ROW).is_in(sorted(bad)))), *_disagreeing(rows)]
    bad |= {int(p.where) for p in found}
    out = rows.filter(pl.col(ROW).is_in(sorted(bad)))["doc"].unique().implode()
    return rows.filter(~pl.col("doc").is_in(out)), found


def _incomplete(rows: pl.DataFrame) -> Iterator[Problem]:
    for name in _NEEDED:
        for (row,) in rows.filter(pl.col(name).is_null()).select(ROW).iter_rows():
            yield Problem("table.missing", Severity.ERROR, str(row), {"row": row, "field": name})
    unknown = rows.filter(pl.col("document_type").is_null()).select(ROW, "billing_type")
    for row, kind in unknown.iter_rows():
        values = {"row": row, "type": kind or "–"}
        yield Problem("table.type_unknown", Severity.ERROR, str(row), values)


def _disagreeing(rows: pl.DataFrame) -> Iterator[Problem]:
    """Rows of one document that say different things of it."""
    fields = [*_TEXTS, *_DAYS, *_SUMS]
    first = rows.group_by("doc", maintain_order=True).agg(pl.col(fields).first())
    joined = rows.join(first, on="doc", suffix="_first", maintain_order="left")
    for name in fields:
        differs = pl.col(name).ne_missing(pl.col(f"{name}_first"))
        for row, number in joined.filter(differs).select(ROW, "number").iter_rows():
            values = {"row": row, "field": name, "number": number}
            yield Problem("table.rows_disagree", Severity.ERROR, str(row), values)


def _by_rate(rows: pl.DataFrame, mapping: TableMapping) -> pl.DataFrame:
    """One row for each line and rate, with net and tax.

    Tax that the table does not state is rounded once for a rate of a document, not line by line.
    """
    if mapping.vat:
        rows = pl.concat(_of_pair(rows, at, pair) for at, pair in enumerate(mapping.vat))
        rows = rows.sort("doc", ROW, maintain_order=True)
    rate, whole = pl.col("vat_rate").fill_null(0), pl.col("line_gross")
    # one digit more than needed, cut off, then rounded: exact for amounts of either sign
    inside = proportion(whole.abs() * 100_000 // (10_000 + rate), 1, 10) * whole.sign()
    rows = rows.with_columns(
        vat_rate=rate,
        net=pl.coalesce("net", inside).fill_null(0),
        region=pl.col("region").fill_null("PT"),
    )
    computed = shares_in_whole_units(pl.col("net") * rate, 4, (*_KEY,))
    return rows.with_columns(vat_amount=pl.coalesce("vat_amount", whole - pl.col("net"), computed))


def _of_pair(rows: pl.DataFrame, at: int, pair: VatColumns) -> pl.DataFrame:
    amount = pl.col(f"amount{at}") if pair.amount else pl.lit(None, pl.Int64)
    pairs = [c for c in rows.columns if c.startswith(("base", "amount"))]
    return (
        rows.filter(pl.col(f"base{at}").fill_null(0) != 0)
        .with_columns(
            net=pl.col(f"base{at}"),
            vat_amount=amount,
            vat_rate=pl.lit(pair.rate, pl.Int64),
            region=pl.lit(pair.region),
            exemption=pl.lit(pair.exemption, pl.String),
        )
        .drop(pairs)
    )


def _frames(rows: pl.DataFrame, lines: pl.DataFrame, problems: list[Problem]) -> InvoiceFrames:
    heads = rows.group_by("doc", maintain_order=True).agg(pl.col(*_TEXTS, *_DAYS, *_SUMS).first())
    lines = _positive(lines)
    stated = heads.select("doc", gross=pl.col("gross").abs()).join(
        lines.group_by("doc").agg(net=pl.col("net").sum()), on="doc"
    )
    stated = stated.select("doc", target=pl.col("gross") - pl.col("net")).drop_nulls()
    vat = fitted(_vat(lines), stated, "amount")
    sums = lines.group_by("doc").agg(net=pl.col("net").sum())
    taxes = vat.group_by("doc").agg(vat=pl.col("amount").sum())
    documents = (
        heads.with_columns(pl.col("gross", "withholding").abs())
        .join(sums, on="doc", how="left", maintain_order="left")
        .join(taxes, on="doc", how="left", maintain_order="left")
        .with_columns(pl.col("net", "vat").fill_null(0))
        .with_columns(made=pl.col("net") + pl.col("vat"))
        .with_columns(gross=pl.coalesce("gross", "made"))
    )
    problems.extend(_contradictions(documents))
    documents = documents.with_columns(
        source_key_column(),
        payable=pl.col("gross") - pl.col("withholding").fill_null(0),
        status=pl.col("status").fill_null("N"),
        confident=(pl.col("gross") == pl.col("made")) & pl.col("seller_tax_id").is_not_null(),
    )
    return InvoiceFrames.of(documents.drop("made"), vat, _lines(lines))


def _positive(lines: pl.DataFrame) -> pl.DataFrame:
    """Credit notes that the program writes with a minus sign, as positive amounts."""
    credit = pl.col("document_type").is_in(sorted(CREDIT_TYPES))
    negative = pl.col("net").sum().over("doc") < 0
    sign = pl.when(credit & negative).then(-1).otherwise(1)
    return lines.with_columns(pl.col("net", "vat_amount", "discount") * sign)


def _contradictions(documents: pl.DataFrame) -> Iterator[Problem]:
    wrong = documents.filter(pl.col("gross") != pl.col("made"))
    for number, gross, made in wrong.select("number", "gross", "made").iter_rows():
        stated, computed = str(from_minor_units(gross)), str(from_minor_units(made))
        values = {"number": number, "stated": stated, "computed": computed}
        yield Problem("table.totals", Severity.WARNING, number, values)


def _vat(lines: pl.DataFrame) -> pl.DataFrame:
    sums = lines.group_by(_KEY, maintain_order=True).agg(
        base=pl.col("net").sum(), amount=pl.col("vat_amount").sum()
    )
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("doc").alias("position")
    return sums.with_columns(position).rename({"vat_rate": "rate"})


def _lines(lines: pl.DataFrame) -> pl.DataFrame:
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("doc").alias("position")
    return lines.with_columns(position).select(
        *("doc", "position", "net", "vat_rate", "vat_amount", "quantity", "unit_price"),
        *("discount", "unit_cost", *_LINE_TEXTS, "cost_center"),
    )
