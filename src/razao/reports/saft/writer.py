"""SAF-T (PT) of the accounts, 1.04_01: a company's fiscal year in; the file that the tax authority's schema accepts out.

Written element by element, so that a year of a million entries needs no more memory than one of ten.
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
from razao.kernel.problems import Problem, Refused
from razao.ledger.models import Account
from razao.reports.figures import account_figures
from razao.reports.lines import stream
from razao.reports.parameters import LAST_PERIOD, Parameters
from razao.reports.saft.accounts import SaftAccount, saft_accounts
from razao.reports.saft.text import UNKNOWN, address_of, amount, code, text

NAMESPACE = "urn:OECD:StandardAuditFile-Tax:PT_1.04_01"
CUSTOMERS, SUPPLIERS = ("21",), ("22", "271")

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


def check(company: Company, fiscal_year: FiscalYear) -> list[Problem]:
    """Why the file could not be valid: address, taxonomies, groups."""
    problems = (
        [] if address_of(company.address) else [Problem("saft_file.no_address", where=company.code)]
    )
    return problems + saft_accounts(account_figures(_whole_year(company, fiscal_year)))[1]


def _whole_year(company: Company, fiscal_year: FiscalYear) -> Parameters:
    return Parameters(company, fiscal_year, first_period=1, last_period=LAST_PERIOD)


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
    accounts, _none = saft_accounts(account_figures(_whole_year(company, fiscal_year)))
    arguments = {"company": company.pk, "year": fiscal_year.pk, "last": LAST_PERIOD}
    with path.open("wb") as file, etree.xmlfile(file, encoding="windows-1252") as xml:
        xml.write_declaration()
        with xml.element("AuditFile", nsmap={None: NAMESPACE}):
            _write(xml, _header(company, fiscal_year))
            with xml.element("MasterFiles"):
                _write(xml, _chart(company, accounts))
                for party in _parties(company, accounts):
                    _write(xml, party)
            _entries(xml, arguments, progress)


def _write(xml: Any, element: etree._Element) -> None:
    xml.write(element, pretty_print=True)


def _element(name: str, children: Iterable[tuple[str, str]]) -> etree._Element:
    element = etree.Element(name)
    for tag, value in children:
        etree.SubElement(element, tag).text = value
    return element


def _header(company: Company, fiscal_year: FiscalYear) -> etree._Element:
    street, city, postal = address_of(company.address) or (UNKNOWN, UNKNOWN, "0000-000")
    header = _element(
        "Header",
        [
            ("AuditFileVersion", "1.04_01"),
            ("CompanyID", company.tax_id),
            ("TaxRegistrationNumber", company.tax_id),
            ("TaxAccountingBasis", "C"),
            ("CompanyName", text(company.name, 100)),
        ],
    )
    place = [("AddressDetail", street), ("City", city), ("PostalCode", postal), ("Country", "PT")]
    header.append(_element("CompanyAddress", place))
    for tag, value in (
        ("FiscalYear", str(fiscal_year.start.year)),
        ("StartDate", fiscal_year.start.isoformat()),
        ("EndDate", fiscal_year.end.isoformat()),
        ("CurrencyCode", "EUR"),
        ("DateCreated", datetime.now(UTC).date().isoformat()),
        ("TaxEntity", "Global"),
        ("ProductCompanyTaxID", "999999990"),
        ("SoftwareCertificateNumber", "0"),
        ("ProductID", "Razão/Razão"),
        ("ProductVersion", settings.RAZAO_VERSION),
    ):
        etree.SubElement(header, tag).text = value
    return header


def _chart(company: Company, accounts: list[SaftAccount]) -> etree._Element:
    chart = _element("GeneralLedgerAccounts", [("TaxonomyReference", company.taxonomy or "S")])
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


def _parties(company: Company, accounts: list[SaftAccount]) -> Iterator[etree._Element]:
    """Customers, then suppliers: the parties of the accounts in the file."""
    codes = [account.code for account in accounts if account.category == "GM"]
    rows = Account.objects.filter(company=company, code__in=codes, party__isnull=False)
    held = list(rows.select_related("party").order_by("code"))
    for kind, prefixes in (("Customer", CUSTOMERS), ("Supplier", SUPPLIERS)):
        for account in held:
            if account.code.startswith(prefixes):
                yield _party(kind, account)


def _party(kind: str, account: Account) -> etree._Element:
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
    street, city, postal = address_of(party.address) or (UNKNOWN, UNKNOWN, UNKNOWN)
    country = party.country or UNKNOWN
    place = [
        ("AddressDetail", street),
        ("City", city),
        ("PostalCode", postal),
        ("Country", country),
    ]
    element.append(_element("BillingAddress", place))
    etree.SubElement(element, "SelfBillingIndicator").text = "0"
    return element


def _entries(xml: Any, arguments: dict[str, Any], progress: Callable[[int, int], None]) -> None:
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
                    _write(xml, _transaction(list(of_entry)))
                    done += 1
                    if done % 500 == 0:
                        progress(done, count)
    progress(count, count)


def _leaf(tag: str, value: str) -> etree._Element:
    element = etree.Element(tag)
    element.text = value
    return element


def _transaction(lines: list[SaftLine]) -> etree._Element:
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
            *_party_of(lines),
        ],
    )
    holder = etree.SubElement(element, "Lines")
    for line in lines:
        holder.append(_line(line))
    return element


def _party_of(lines: list[SaftLine]) -> list[tuple[str, str]]:
    """The one customer or supplier of the entry; none where there are several or none."""
    customers = {s.account for s in lines if s.has_party and s.account.startswith(CUSTOMERS)}
    suppliers = {s.account for s in lines if s.has_party and s.account.startswith(SUPPLIERS)}
    if len(customers) + len(suppliers) != 1:
        return []
    tag = "CustomerID" if customers else "SupplierID"
    return [(tag, code((customers or suppliers).pop()))]


def _line(line: SaftLine) -> etree._Element:
    side = "Debit" if line.debit else "Credit"
    parts = [("RecordID", str(line.position)), ("AccountID", line.account)]
    if line.reference:
        parts.append(("SourceDocumentID", text(line.reference, 60)))
    parts += [
        ("SystemEntryDate", line.posted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")),
        ("Description", text(line.text or line.entry_text, 200)),
        (f"{side}Amount", amount(line.debit or line.credit)),
    ]
    return _element(f"{side}Line", parts)
