"""SAF-T (PT) 1.01 to 1.04 and SAF-T (AO) 1.01: a file in, its documents, books and faults out.

One pass reads billing and accounting files alike. ``Saft.sales`` is what billing takes in; ``Saft.ledger``
is what the onboarding of a company takes over. Every fault of the file is a problem with a ``saft.*`` code:
a warning where what was read can be used, an error where it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from razao.invoices.formats.saft_checks import Checked, Controls, check
from razao.invoices.formats.saft_collect import CENTS, DAY, MILLIONTHS, TEXT, Columns, Kind, texts
from razao.invoices.formats.saft_documents import Documents
from razao.invoices.formats.saft_header import Header, to_header
from razao.invoices.formats.saft_ledger import Books, Ledger, to_ledger
from razao.invoices.formats.saft_sales import Issuer, MasterData, Section, to_section
from razao.invoices.formats.saft_stream import Record, Stream
from razao.kernel.money import NotAnAmount, exact
from razao.kernel.problems import Problem

_MASTER = frozenset({"Account", "Customer", "Supplier", "Product", "TaxTableEntry"})
_CONTROLS = frozenset({"NumberOfEntries", "TotalDebit", "TotalCredit"})
_HEADER_NESTED = frozenset({"CompanyAddress"})
_OTHER: Mapping[str, Kind] = {
    "section": TEXT,
    "number": TEXT,
    "type": TEXT,
    "date": DAY,
    "status": TEXT,
    "party": TEXT,
    "vat": CENTS,
    "net": CENTS,
    "gross": CENTS,
    "debit": MILLIONTHS,
    "credit": MILLIONTHS,
    "transaction_id": TEXT,
}


@dataclass(frozen=True, slots=True)
class Saft:
    """A SAF-T file as read."""

    header: Header
    ledger: Ledger
    sales: Section
    purchases: Section
    """PurchaseInvoices of the Angolan file; empty for the Portuguese one"""
    others: pl.DataFrame
    """heads of working documents and payments: section, number, type, date, status, party, amounts"""
    problems: tuple[Problem, ...]


def read_saft(source: bytes | Path) -> Saft:
    """Reads the file once, in little memory whatever its size.

    Raises Refused with ``saft.not_xml`` when nothing in it can be read and ``saft.dtd`` when it carries a
    document type declaration, which no SAF-T file has.
    """
    reading = _Reading()
    stream = Stream(source)
    for record in stream.records(reading.restart):
        reading.take(record)
    return reading.finished(stream.problems)


class _Reading:
    """What has been read so far."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.head: dict[str, str | None] = {}
        self.namespace = ""
        self.books = Books()
        self.sales, self.purchases = Documents(), Documents()
        self.others = Columns(_OTHER)
        self.controls = Controls()
        self.taxonomy: str | None = None

    def take(self, record: Record) -> None:
        name = record.name
        if name == "Invoice":
            section = self.purchases if record.parent == "PurchaseInvoices" else self.sales
            section.add(record)
        elif name == "Transaction":
            self.books.add_transaction(record)
        elif name in _MASTER:
            self.books.add_master(record)
        elif name in _CONTROLS:
            self.controls.declare(record.parent, name, record.element.text)
        elif name in ("WorkDocument", "Payment"):
            self._take_other(record)
        elif name == "Journal":
            self.books.add_journal(record)
        elif name == "Header":
            self.head = texts(record.element, record.skip, _HEADER_NESTED)
            self.namespace = str(record.element.tag[: record.skip])
        elif name == "TaxonomyReference":
            self.taxonomy = record.element.text

    def _take_other(self, record: Record) -> None:
        get = texts(record.element, record.skip, {"DocumentStatus", "DocumentTotals"}).get
        amounts = {side: _sum(record, f"{side}Amount") for side in ("Debit", "Credit")}
        self.others.add(
            (
                record.parent,
                get("DocumentNumber") or get("PaymentRefNo"),
                get("WorkType") or get("PaymentType"),
                get("WorkDate") or get("TransactionDate"),
                get("WorkStatus") or get("PaymentStatus"),
                get("CustomerID"),
                *(get("TaxPayable"), get("NetTotal"), get("GrossTotal")),
                *(amounts["Debit"], amounts["Credit"]),
                get("TransactionID"),
            )
        )

    def finished(self, problems: list[Problem]) -> Saft:
        header = to_header(self.head, self.namespace, self.taxonomy)
        ledger = to_ledger(self.books)
        issuer = Issuer(header.tax_id, header.name, header.country_version, header.currency)
        buyers = MasterData(ledger.customers, ledger.products, ledger.tax_table)
        sellers = MasterData(ledger.suppliers, ledger.products, ledger.tax_table)
        sales = to_section(self.sales, issuer, buyers, sales=True)
        purchases = to_section(self.purchases, issuer, sellers, sales=False)
        checked = Checked(
            header,
            ledger,
            {"SalesInvoices": sales, "PurchaseInvoices": purchases},
            self.sales.lines.frame(),
            self.others.frame(),
            self._unreadable(),
        )
        found = (*problems, *check(checked, self.controls))
        return Saft(header, ledger, sales, purchases, checked.others, found)

    def _unreadable(self) -> dict[str, str]:
        return {
            **self.books.unreadable(),
            **self.sales.unreadable(),
            **self.purchases.unreadable(),
            **self.others.unreadable,
        }


def _sum(record: Record, name: str) -> str:
    """Sum of the amounts of a record's lines, as text."""
    total = Decimal(0)
    tag = record.element.tag[: record.skip]
    for found in record.element.iterfind(f"{tag}Line/{tag}{name}"):
        try:
            total += exact(found.text or "0")
        except NotAnAmount:
            continue
    return str(total)
