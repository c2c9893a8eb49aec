"""Master data and accounting entries of a SAF-T file: records in, polars frames out.

One frame each for accounts (with taxonomy and balances), customers, suppliers, products, tax table,
journals, transactions and their lines. Amounts are minor units, rates hundredths of a per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
from lxml import etree

from razao.invoices.formats.saft_collect import (
    CENTS,
    DAY,
    TEXT,
    WHOLE,
    Columns,
    Kind,
    leaves,
    texts,
)
from razao.invoices.formats.saft_stream import Record

#: column → (element, kind), by record. An element of an address stands for that of the billing address.
_PARTY: Mapping[str, tuple[str, Kind]] = {
    "account": ("AccountID", TEXT),
    "name": ("CompanyName", TEXT),
    "contact": ("Contact", TEXT),
    "address": ("AddressDetail", TEXT),
    "street": ("StreetName", TEXT),
    "building": ("BuildingNumber", TEXT),
    "city": ("City", TEXT),
    "postal_code": ("PostalCode", TEXT),
    "country": ("Country", TEXT),
    "phone": ("Telephone", TEXT),
    "email": ("Email", TEXT),
    "self_billing": ("SelfBillingIndicator", TEXT),
}
_MASTER: Mapping[str, Mapping[str, tuple[str, Kind]]] = {
    "Account": {
        "code": ("AccountID", TEXT),
        "name": ("AccountDescription", TEXT),
        "opening_debit": ("OpeningDebitBalance", CENTS),
        "opening_credit": ("OpeningCreditBalance", CENTS),
        "closing_debit": ("ClosingDebitBalance", CENTS),
        "closing_credit": ("ClosingCreditBalance", CENTS),
        "grouping_category": ("GroupingCategory", TEXT),
        "grouping_code": ("GroupingCode", TEXT),
        "taxonomy": ("TaxonomyCode", TEXT),
    },
    "Customer": {"id": ("CustomerID", TEXT), "tax_id": ("CustomerTaxID", TEXT), **_PARTY},
    "Supplier": {"id": ("SupplierID", TEXT), "tax_id": ("SupplierTaxID", TEXT), **_PARTY},
    "Product": {
        "code": ("ProductCode", TEXT),
        "type": ("ProductType", TEXT),
        "group": ("ProductGroup", TEXT),
        "description": ("ProductDescription", TEXT),
        "number_code": ("ProductNumberCode", TEXT),
    },
    "TaxTableEntry": {
        "tax_type": ("TaxType", TEXT),
        "region": ("TaxCountryRegion", TEXT),
        "code": ("TaxCode", TEXT),
        "description": ("Description", TEXT),
        "rate": ("TaxPercentage", CENTS),
        "amount": ("TaxAmount", CENTS),
        "expires": ("TaxExpirationDate", DAY),
    },
}
_TRANSACTION: Mapping[str, tuple[str, Kind]] = {
    "transaction_id": ("TransactionID", TEXT),
    "period": ("Period", WHOLE),
    "date": ("TransactionDate", DAY),
    "source_id": ("SourceID", TEXT),
    "description": ("Description", TEXT),
    "archival_number": ("DocArchivalNumber", TEXT),
    "type": ("TransactionType", TEXT),
    "posting_date": ("GLPostingDate", DAY),
    "customer": ("CustomerID", TEXT),
    "supplier": ("SupplierID", TEXT),
}
_ENTRY_LINE: Mapping[str, tuple[str, Kind]] = {
    "record_id": ("RecordID", TEXT),
    "account": ("AccountID", TEXT),
    "source_document": ("SourceDocumentID", TEXT),
    "system_entry": ("SystemEntryDate", TEXT),
    "description": ("Description", TEXT),
    "debit": ("DebitAmount", CENTS),
    "credit": ("CreditAmount", CENTS),
}
_ADDRESSES = frozenset({"BillingAddress"})
_UNKNOWN = "Desconhecido"


def _kinds(fields: Mapping[str, tuple[str, Kind]]) -> dict[str, Kind]:
    return {name: kind for name, (_, kind) in fields.items()}


@dataclass(slots=True)
class Books:
    """Master data and entries, gathered record by record."""

    master: dict[str, Columns] = field(
        default_factory=lambda: {name: Columns(_kinds(f)) for name, f in _MASTER.items()}
    )
    journals: Columns = field(default_factory=lambda: Columns({"code": TEXT, "name": TEXT}))
    transactions: Columns = field(
        default_factory=lambda: Columns({"doc": WHOLE, "journal": TEXT, **_kinds(_TRANSACTION)})
    )
    lines: Columns = field(default_factory=lambda: Columns({"doc": WHOLE, **_kinds(_ENTRY_LINE)}))
    taxonomy_reference: str | None = None
    count: int = 0

    def clear(self) -> None:
        for columns in (*self.master.values(), self.journals, self.transactions, self.lines):
            columns.clear()
        self.count = 0

    def add_master(self, record: Record) -> None:
        """Takes an account, a party, a product or an entry of the tax table."""
        get = texts(record.element, record.skip, _ADDRESSES).get
        fields = _MASTER[record.name]
        self.master[record.name].add(tuple(get(element) for element, _ in fields.values()))

    def add_journal(self, record: Record) -> None:
        found = leaves(record.element, record.skip)
        self.journals.add((found.get("JournalID"), found.get("Description")))

    def add_transaction(self, record: Record) -> None:
        """Takes a transaction with its lines; the journal it stands in is not yet at its end."""
        number, skip = self.count, record.skip
        self.count += 1
        head: dict[str, str | None] = {}
        for child in record.element:
            name = child.tag[skip:]
            if name == "Lines":
                for line in child:
                    self._add_line(number, line, skip)
            elif name == "Line":  # until version 1.02
                self._add_line(number, child, skip)
            else:
                head[name] = child.text
        journal = record.element.getparent()
        code = None if journal is None else journal.findtext(journal[0].tag)
        values = (head.get(element) for element, _ in _TRANSACTION.values())
        self.transactions.add((number, code, *values))

    def _add_line(self, number: int, element: etree._Element, skip: int) -> None:
        get = leaves(element, skip).get
        self.lines.add((number, *(get(name) for name, _ in _ENTRY_LINE.values())))

    def unreadable(self) -> dict[str, str]:
        """Columns with a text that is no value, and the first such text."""
        columns = (*self.master.values(), self.transactions, self.lines)
        return {k: v for c in columns for k, v in c.unreadable.items()}


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a SAF-T file says of the books; each a frame, empty where the file has no such part."""

    accounts: pl.DataFrame
    customers: pl.DataFrame
    suppliers: pl.DataFrame
    products: pl.DataFrame
    tax_table: pl.DataFrame
    journals: pl.DataFrame
    transactions: pl.DataFrame
    """transaction (0, 1, 2 …), journal, transaction_id, period, date, …"""
    lines: pl.DataFrame
    """transaction, position, account, debit, credit, …"""


def to_ledger(books: Books) -> Ledger:
    """The gathered records as frames; "Desconhecido" is what the file writes where it knows nothing."""
    master = {name: _known(columns.frame()) for name, columns in books.master.items()}
    lines = books.lines.frame().rename({"doc": "transaction"})
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("transaction")
    amounts = pl.col("debit", "credit").fill_null(0)
    return Ledger(
        accounts=master["Account"],
        customers=_party(master["Customer"]),
        suppliers=_party(master["Supplier"]),
        products=master["Product"],
        tax_table=master["TaxTableEntry"],
        journals=books.journals.frame(),
        transactions=books.transactions.frame().rename({"doc": "transaction"}),
        lines=lines.with_columns(amounts, position=position),
    )


def _known(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.String).replace(_UNKNOWN, None))


def _party(frame: pl.DataFrame) -> pl.DataFrame:
    street = pl.concat_str("street", "building", separator=" ", ignore_nulls=True)
    return frame.with_columns(
        pl.coalesce("address", pl.when(street != "").then(street)).alias("address"),
        (pl.col("self_billing") == "1").fill_null(value=False),
    ).drop("street", "building")
