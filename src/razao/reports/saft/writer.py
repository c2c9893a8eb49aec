"""SAF-T of the accounts: a company's fiscal year in; the file that its country's schema accepts out.

What differs between countries – SAF-T (PT) 1.04_01 and SAF-T (AO) 1.01_01 – are facts of their packs. Written element by element, so that a year of a million entries needs no more memory than one of ten.
Opening balances are those of period 0; entries are those of periods 1 to 16 (Portaria 302/2016).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from lxml import etree

from razao.companies.models import Company, FiscalYear
from razao.countries.facts import Direction, SaftFile
from razao.countries.pack import load
from razao.kernel.problems import Problem, Refused
from razao.ledger.balances import LAST_PERIOD
from razao.ledger.models import Account
from razao.reports.lines import stream
from razao.reports.parameters import Parameters, sums_of
from razao.reports.saft.accounts import SaftAccount, saft_accounts
from razao.reports.saft.text import UNKNOWN, address_of, amount, code, text

LINES = """
SELECT j.code, j.name, e.number, e.period, e.date, coalesce(e.text, e.reference), t.code, t.transaction,
  u.email, b.posted_at, e.reference, l.position, a.code, a.party_id IS NOT NULL, l.text, l.debit, l.credit, e.id
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_batch b ON b.company_id = e.company_id AND b.id = e.batch_id
JOIN companies_user u ON u.id = b.user_id
JOIN ledger_account a ON a.id = l.account_id
JOIN ledger_journal j ON j.id = e.journal_id
JOIN ledger_entrytype t ON t.id = e.entry_type_id
WHERE l.company_id = %(company)s AND e.fiscal_year_id = %(year)s AND e.period BETWEEN 1 AND %(last)s
  AND left(a.code, 1) BETWEEN '1' AND '8'
ORDER BY j.code, e.number, (l.credit > 0), l.position
"""

TOTALS = """
SELECT count(DISTINCT l.entry_id), coalesce(sum(l.debit), 0), coalesce(sum(l.credit), 0)
FROM ledger_line l
JOIN ledger_entry e ON e.company_id = l.company_id AND e.id = l.entry_id
JOIN ledger_account a ON a.id = l.account_id
WHERE l.company_id = %(company)s AND e.fiscal_year_id = %(year)s AND e.period BETWEEN 1 AND %(last)s
  AND left(a.code, 1) BETWEEN '1' AND '8'
"""


@dataclass(frozen=True, slots=True)
class SaftLine:
    """A posted line with its entry, as the file needs them."""

    journal: str
    journal_name: str
    number: int
    period: int
    date: date
    entry_text: str | None
    entry_type: str
    transaction: str
    user: str
    posted_at: datetime
    reference: str | None
    position: int
    account: str
    has_party: bool
    text: str | None
    debit: Decimal
    credit: Decimal
    entry_id: object


@dataclass(frozen=True, slots=True)
class Book:
    """What is written: the year of a company, as its country wants it."""

    company: Company
    fiscal_year: FiscalYear
    facts: SaftFile
    customers: tuple[str, ...]
    """beginnings of customers' accounts"""
    suppliers: tuple[str, ...]

    def accounts(self) -> tuple[list[SaftAccount], list[Problem]]:
        """The chart with its balances, and what is wrong with it."""
        year = Parameters(self.company, self.fiscal_year, first_period=1, last_period=LAST_PERIOD)
        return saft_accounts(sums_of(year), with_taxonomy=self.facts.taxonomy)


def book_of(company: Company, fiscal_year: FiscalYear) -> Book:
    """The book to write. Raises Refused (``saft_file.no_format``) where the company's country has no such file."""
    pack = load(company.country)
    if pack.saft is None:
        raise Refused(Problem("saft_file.no_format", where=company.country))
    buying = pack.posting_profile[Direction.PURCHASE].classifier
    assets = pack.account_by_code.get(pack.roles.get("suppliers_assets", ""))
    return Book(
        company,
        fiscal_year,
        pack.saft,
        pack.prefixes_of(pack.posting_profile[Direction.SALE].classifier),
        pack.prefixes_of(buying, assets.classifier if assets else ""),
    )


def check(company: Company, fiscal_year: FiscalYear) -> list[Problem]:
    """Why the file could not be valid: address, tax number, taxonomies, groups. Raises Refused as ``book_of``."""
    book = book_of(company, fiscal_year)
    problems = book.accounts()[1]
    least, most = book.facts.tax_id_length
    if not least <= len(company.tax_id) <= most:
        problems.insert(0, Problem("saft_file.tax_id", where=company.tax_id))
    if address_of(company.address, book.facts.postal_code) is None:
        problems.insert(0, Problem("saft_file.no_address", where=company.code))
    return problems


def write(
    company: Company,
    fiscal_year: FiscalYear,
    path: Path,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Write the file to ``path``. Raises Refused with everything that would make it invalid."""
    problems = check(company, fiscal_year)
    if problems:
        raise Refused(*problems)
    book = book_of(company, fiscal_year)
    accounts, _none = book.accounts()
    with path.open("wb") as file, etree.xmlfile(file, encoding=book.facts.encoding) as xml:
        xml.write_declaration()
        with xml.element("AuditFile", nsmap={None: book.facts.namespace}):
            _write(xml, _header(book))
            with xml.element("MasterFiles"):
                _write(xml, _chart(book, accounts))
                for party in _parties(book, accounts):
                    _write(xml, party)
            _entries(xml, book, progress)


def _write(xml: Any, element: etree._Element) -> None:
    xml.write(element, pretty_print=True)


def _element(name: str, children: Iterable[tuple[str, str]]) -> etree._Element:
    element = etree.Element(name)
    for tag, value in children:
        etree.SubElement(element, tag).text = value
    return element


def _header(book: Book) -> etree._Element:
    company, facts, year = book.company, book.facts, book.fiscal_year
    header = _element(
        "Header",
        [
            ("AuditFileVersion", facts.version),
            ("CompanyID", company.tax_id),
            ("TaxRegistrationNumber", company.tax_id),
            ("TaxAccountingBasis", "C"),
            ("CompanyName", text(company.name, 100)),
        ],
    )
    header.append(_address("CompanyAddress", company.address, company.country, facts))
    for tag, value in (
        ("FiscalYear", str(year.start.year)),
        ("StartDate", year.start.isoformat()),
        ("EndDate", year.end.isoformat()),
        ("CurrencyCode", company.currency),
        ("DateCreated", datetime.now(UTC).date().isoformat()),
        ("TaxEntity", facts.tax_entity),
        ("ProductCompanyTaxID", facts.producer_tax_id),
        (facts.software_element, "0"),
        ("ProductID", "Razão/Razão"),
        ("ProductVersion", settings.RAZAO_VERSION),
    ):
        etree.SubElement(header, tag).text = value
    return header


def _address(tag: str, written: str, country: str, facts: SaftFile) -> etree._Element:
    """An address; what is not known of a party's is said to be unknown."""
    street, city, postal = address_of(written, facts.postal_code) or (UNKNOWN, UNKNOWN, "")
    parts = [("AddressDetail", street), ("City", city)]
    if facts.postal_code:
        parts.append(("PostalCode", postal or UNKNOWN))
    return _element(tag, [*parts, ("Country", country)])


def _chart(book: Book, accounts: list[SaftAccount]) -> etree._Element:
    reference = [("TaxonomyReference", book.company.taxonomy or "S")]
    chart = _element("GeneralLedgerAccounts", reference if book.facts.taxonomy else ())
    for account in accounts:
        parts = [
            ("AccountID", account.code),
            ("AccountDescription", text(account.name, 100)),
            ("OpeningDebitBalance", amount(account.opening_debit)),
            ("OpeningCreditBalance", amount(account.opening_credit)),
            ("ClosingDebitBalance", amount(account.closing_debit)),
            ("ClosingCreditBalance", amount(account.closing_credit)),
            ("GroupingCategory", account.category),
        ]
        if account.grouping:
            parts.append(("GroupingCode", account.grouping))
        if account.taxonomy is not None:
            parts.append(("TaxonomyCode", str(account.taxonomy)))
        chart.append(_element("Account", parts))
    return chart


def _parties(book: Book, accounts: list[SaftAccount]) -> Iterator[etree._Element]:
    """Customers, then suppliers: the parties of the accounts in the file."""
    codes = [account.code for account in accounts if account.category == "GM"]
    rows = Account.objects.filter(company=book.company, code__in=codes, party__isnull=False)
    held = list(rows.select_related("party").order_by("code"))
    for kind, prefixes in (("Customer", book.customers), ("Supplier", book.suppliers)):
        for account in held:
            if account.code.startswith(prefixes):
                yield _party(kind, account, book)


def _party(kind: str, account: Account, book: Book) -> etree._Element:
    party = account.party
    if party is None:
        raise LookupError(account.code)
    element = _element(
        kind,
        [
            (f"{kind}ID", code(account.code)),
            ("AccountID", account.code),
            (f"{kind}TaxID", code(party.tax_id)),
            ("CompanyName", text(party.name, 100)),
        ],
    )
    country = party.country or book.company.country
    element.append(_address("BillingAddress", party.address, country, book.facts))
    etree.SubElement(element, "SelfBillingIndicator").text = "0"
    return element


def _entries(xml: Any, book: Book, progress: Callable[[int, int], None]) -> None:
    arguments: dict[str, Any] = {
        "company": book.company.pk,
        "year": book.fiscal_year.pk,
        "last": LAST_PERIOD,
    }
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, arguments)
        count, debit, credit = cursor.fetchone()
    with xml.element("GeneralLedgerEntries"):
        for tag, value in (
            ("NumberOfEntries", str(count)),
            ("TotalDebit", amount(debit)),
            ("TotalCredit", amount(credit)),
        ):
            with xml.element(tag):
                xml.write(value)
        lines = (SaftLine(*row) for row in stream(LINES, arguments))
        done = 0
        for (journal, name), of_journal in groupby(
            lines, key=lambda s: (s.journal, s.journal_name)
        ):
            with xml.element("Journal"):
                _write(xml, _leaf("JournalID", code(journal)))
                _write(xml, _leaf("Description", text(name, 200)))
                for _entry, of_entry in groupby(of_journal, key=lambda s: s.entry_id):
                    _write(xml, _transaction(list(of_entry), book))
                    done += 1
                    if done % 500 == 0:
                        progress(done, count)
    progress(count, count)


def _leaf(tag: str, value: str) -> etree._Element:
    element = etree.Element(tag)
    element.text = value
    return element


def _transaction(lines: list[SaftLine], book: Book) -> etree._Element:
    first = lines[0]
    archive = f"{code(first.entry_type, 9)}-{first.number}"
    element = _element(
        "Transaction",
        [
            ("TransactionID", f"{first.date.isoformat()} {code(first.journal)} {archive}"),
            ("Period", str(first.period)),
            ("TransactionDate", first.date.isoformat()),
            ("SourceID", text(first.user, 30)),
            ("Description", text(first.entry_text, 200)),
            ("DocArchivalNumber", archive),
            ("TransactionType", first.transaction),
            ("GLPostingDate", first.posted_at.date().isoformat()),
            *_party_of(lines, book),
        ],
    )
    holder = etree.SubElement(element, "Lines")
    for line in lines:
        holder.append(_line(line, book.facts.reference_length))
    return element


def _party_of(lines: list[SaftLine], book: Book) -> list[tuple[str, str]]:
    """The one customer or supplier of the entry; none where there are several or none."""
    customers = {s.account for s in lines if s.has_party and s.account.startswith(book.customers)}
    suppliers = {s.account for s in lines if s.has_party and s.account.startswith(book.suppliers)}
    if len(customers) + len(suppliers) != 1:
        return []
    tag = "CustomerID" if customers else "SupplierID"
    return [(tag, code((customers or suppliers).pop()))]


def _line(line: SaftLine, longest_reference: int) -> etree._Element:
    side = "Debit" if line.debit else "Credit"
    parts = [("RecordID", str(line.position)), ("AccountID", line.account)]
    if line.reference:
        parts.append(("SourceDocumentID", text(line.reference, longest_reference)))
    parts += [
        ("SystemEntryDate", line.posted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")),
        ("Description", text(line.text or line.entry_text, 200)),
        (f"{side}Amount", amount(line.debit or line.credit)),
    ]
    return _element(f"{side}Line", parts)
