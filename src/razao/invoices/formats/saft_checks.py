"""Checks of a SAF-T file as read: header, frames and declared control totals in, problems out.

What makes a document or an entry unusable is an error; what a person should look at is a warning.
A fault that comes in thousands is listed a hundred times and then counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from razao.invoices.formats.saft_header import Header
from razao.invoices.formats.saft_ledger import Ledger
from razao.invoices.formats.saft_sales import Section
from razao.invoices.invoice import NOT_INVOICES
from razao.kernel.money import NotAnAmount, exact, from_minor_units
from razao.kernel.problems import Problem, Severity

VERSIONS = ("1.01", "1.02", "1.03", "1.04")
#: InvoiceType and PurchaseType, SAF-T (PT) and (AO).
TYPES = NOT_INVOICES | {
    *("FT", "FS", "FR", "ND", "NC", "VD", "TV", "TD", "AA", "DA", "RP", "RE", "CS", "LD", "RA"),
    *("AC", "AR", "GF", "FG", "FA", "FP", "AF", "SC"),
}
_LISTED = 100
_MILLION = 1_000_000
#: Control totals leave out cancelled documents and those whose amounts stand in another (AT, table 4.1).
_NOT_COUNTED = ("A", "F")


@dataclass(slots=True)
class Controls:
    """Control totals as the file declares them: section → element → text."""

    declared: dict[str, dict[str, str]] = field(default_factory=dict)

    def declare(self, section: str, name: str, text: str | None) -> None:
        self.declared.setdefault(section, {})[name] = (text or "").strip()


@dataclass(frozen=True, slots=True)
class Checked:
    """What is checked."""

    header: Header
    ledger: Ledger
    sections: Mapping[str, Section]
    sales_lines: pl.DataFrame
    """doc, debit, credit in millionths"""
    others: pl.DataFrame
    unreadable: Mapping[str, str]


def check(read: Checked, controls: Controls) -> Iterator[Problem]:
    """Every problem of the file."""
    yield from _header(read.header)
    for column, text in read.unreadable.items():
        values = {"text": text[:80], "column": column}
        yield Problem("saft.value", Severity.WARNING, column, values)
    yield from _control_totals(read, controls)
    for section in read.sections.values():
        yield from _documents(section)
    yield from _numbering(read.sections["SalesInvoices"].frames.documents)
    yield from _entries(read.ledger)


def _header(header: Header) -> Iterator[Problem]:
    needed = {
        "TaxRegistrationNumber": (header.tax_id, Severity.ERROR),
        "StartDate": (header.start, Severity.WARNING),
        "EndDate": (header.end, Severity.WARNING),
    }
    for name, (value, severity) in needed.items():
        if value is None:
            yield Problem("saft.header_missing", severity, name, {"element": name})
    if not (header.version or "").startswith(VERSIONS):
        values = {"version": header.version or "–"}
        yield Problem("saft.version", Severity.WARNING, "AuditFileVersion", values)


def _control_totals(read: Checked, controls: Controls) -> Iterator[Problem]:
    for section, computed in _computed(read).items():
        for name, text in controls.declared.get(section, {}).items():
            found = computed.get(name)
            declared = _number(text)
            near = Decimal(0 if name == "NumberOfEntries" else "0.01")
            if found is None or (declared is not None and abs(declared - found) <= near):
                continue
            values = {"section": section, "element": name, "declared": text, "found": str(found)}
            yield Problem("saft.control_total", Severity.WARNING, f"{section}.{name}", values)


def _computed(read: Checked) -> dict[str, dict[str, Decimal]]:
    documents = read.sections["SalesInvoices"].frames.documents
    counted = documents.filter(~pl.col("status").is_in(_NOT_COUNTED)).select("doc")
    lines = read.sales_lines.join(counted, on="doc", how="semi")
    entries = read.ledger.lines
    others = {
        section: _sums(
            rows.height, rows.filter(~pl.col("status").is_in(_NOT_COUNTED).fill_null(value=False)), _MILLION
        )
        for (section,), rows in read.others.group_by("section")
    }  # fmt: skip
    return {
        "SalesInvoices": _sums(documents.height, lines, _MILLION),
        "PurchaseInvoices": {
            "NumberOfEntries": Decimal(len(read.sections["PurchaseInvoices"].frames))
        },
        "GeneralLedgerEntries": _sums(read.ledger.transactions.height, entries, 100),
        **{str(section): sums for section, sums in others.items()},
    }


def _sums(count: int, rows: pl.DataFrame, scale: int) -> dict[str, Decimal]:
    return {
        "NumberOfEntries": Decimal(count),
        "TotalDebit": Decimal(int(rows["debit"].sum() or 0)) / scale,
        "TotalCredit": Decimal(int(rows["credit"].sum() or 0)) / scale,
    }


def _documents(section: Section) -> Iterator[Problem]:
    documents = section.frames.documents
    known = pl.col("document_type").is_in(sorted(TYPES))
    yield from _each(
        "saft.type_unknown",
        documents.filter(~known | pl.col("document_type").is_null()),
        type="document_type",
    )
    yield from _each(
        "saft.rate_missing",
        section.without_rate.join(documents, on="doc", how="left"),
        tax_code="tax_code",
    )
    wrong = documents.filter(~pl.col("confident"))
    wrong = wrong.join(section.without_rate, on="doc", how="anti")
    needed = ("number", "document_type", "issue_date", "net", "vat", "gross")
    missing = pl.any_horizontal(pl.col(needed).is_null())
    yield from _each("saft.document_incomplete", wrong.filter(missing))
    yield from _totals(wrong.filter(~missing & pl.col("seller_tax_id").is_not_null()), section)
    lost = documents.filter(pl.col("buyer_id").is_not_null() & pl.col("buyer_tax_id").is_null())
    lost = lost.filter(pl.col("seller_tax_id").is_not_null())
    yield from _each("saft.customer_missing", lost, severity=Severity.WARNING, customer="buyer_id")
    repeated = documents.filter(pl.struct("seller_tax_id", "number").is_duplicated())
    yield from _each("saft.document_repeated", repeated.unique("number", maintain_order=True))


def _totals(wrong: pl.DataFrame, section: Section) -> Iterator[Problem]:
    vat = section.frames.vat
    sums = vat.group_by("doc").agg(lines=pl.col("base").sum(), taxes=pl.col("amount").sum())
    shown = wrong.join(sums, on="doc", how="left").with_columns(
        pl.col("lines", "taxes").fill_null(0)
    )
    names = {n: n for n in ("net", "vat", "gross", "lines", "taxes")}
    yield from _each("saft.document_totals", shown, money=names)


def _numbering(documents: pl.DataFrame) -> Iterator[Problem]:
    """Gaps in a series, and internal codes used for more than one type of document."""
    parts = pl.col("number").str.extract_groups(r"^(\S+ .*)/(\d{1,12})$")
    numbered = documents.select(
        series=parts.struct.field("1"),
        count=parts.struct.field("2").cast(pl.Int64, strict=False),
    ).drop_nulls()
    gaps = numbered.group_by("series").agg(
        first=pl.col("count").min(),
        last=pl.col("count").max(),
        found=pl.col("count").n_unique(),
    )
    gaps = gaps.with_columns(missing=pl.col("last") - pl.col("first") + 1 - pl.col("found"))
    gaps = gaps.filter(pl.col("missing") > 0).sort("series").with_columns(number="series")
    yield from _each(
        "saft.numbering_gap",
        gaps,
        severity=Severity.WARNING,
        first="first",
        last="last",
        missing="missing",
    )
    codes = documents.filter(pl.col("billing_type") != pl.col("document_type")).group_by(
        number="billing_type"
    )
    types = codes.agg(types=pl.col("document_type").unique().sort().str.join(" "))
    twice = types.filter(pl.col("types").str.contains(" ")).sort("number")
    yield from _each("saft.code_of_two_types", twice, severity=Severity.WARNING, types="types")


def _entries(ledger: Ledger) -> Iterator[Problem]:
    lines = ledger.lines
    heads = ledger.transactions.select("transaction", "journal", number="transaction_id")
    sums = lines.group_by("transaction", maintain_order=True).agg(pl.col("debit", "credit").sum())
    unbalanced = sums.filter(pl.col("debit") != pl.col("credit"))
    yield from _each(
        "saft.entry_unbalanced",
        unbalanced.join(heads, on="transaction", how="left"),
        money={"debit": "debit", "credit": "credit"},
        journal="journal",
    )
    keys = ("journal", "number")
    repeated = heads.filter(pl.struct(keys).is_duplicated()).unique(keys, maintain_order=True)
    yield from _each("saft.entry_repeated", repeated, journal="journal")
    if ledger.accounts.is_empty():
        return
    used = lines.select(number="account").drop_nulls().unique().sort("number")
    unknown = used.join(ledger.accounts, left_on="number", right_on="code", how="anti")
    yield from _each("saft.account_missing", unknown)
    yield from _balances(ledger)


def _balances(ledger: Ledger) -> Iterator[Problem]:
    """Opening balance and movements make the closing balance, for accounts that take movements."""
    if ledger.lines.is_empty():
        return
    moved = ledger.lines.group_by(code="account").agg(
        moved=pl.col("debit").sum() - pl.col("credit").sum()
    )
    amounts = ("opening_debit", "opening_credit", "closing_debit", "closing_credit")
    accounts = ledger.accounts.filter(pl.col("grouping_category").is_in(["GM", "AM"]))
    rows = (
        accounts.with_columns(pl.col(amounts).fill_null(0))
        .join(moved, on="code", how="left", maintain_order="left")
        .with_columns(
            computed=pl.col("opening_debit") - pl.col("opening_credit") + pl.col("moved").fill_null(0),
            stated=pl.col("closing_debit") - pl.col("closing_credit"),
            number="code",
        )
        .filter(pl.col("computed") != pl.col("stated"))
    )  # fmt: skip
    names = {"stated": "stated", "computed": "computed"}
    yield from _each("saft.closing_balance", rows, severity=Severity.WARNING, money=names)


def _each(
    code: str,
    rows: pl.DataFrame,
    *,
    severity: Severity = Severity.ERROR,
    money: Mapping[str, str] | None = None,
    **columns: str,
) -> Iterator[Problem]:
    """One problem a row, its number as the place, the columns as values; beyond a hundred, their count."""
    for row in rows.head(_LISTED).iter_rows(named=True):
        values = {name: row[column] for name, column in columns.items()}
        amounts = {n: _written(row[column]) for n, column in (money or {}).items()}
        yield Problem(code, severity, row["number"] or "", {**values, **amounts})
    if rows.height > _LISTED:
        values = {"code": code, "count": rows.height, "listed": _LISTED}
        yield Problem("saft.more", severity, code, values)


def _written(units: int | None) -> str:
    return "–" if units is None else str(from_minor_units(units))


def _number(text: str) -> Decimal | None:
    try:
        return exact(text)
    except NotAnAmount:
        return None
