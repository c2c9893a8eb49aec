"""A year of a company as its software would export it: documents and the entries they became, in one SAF-T file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench._billing_documents import tax_id
from razao.billing import configuration
from razao.billing.models import Article, Customer
from razao.booking.billing_entries import prepare
from razao.booking.billing_rules import Options
from razao.booking.loading import rules_for
from razao.booking.plan import Plan
from razao.companies.models import Company, Party
from razao.invoices.frame import InvoiceFrames
from razao.ledger.models import Account
from tests.booking.billing_company import Doc, doc, frames

CUSTOMERS = 25
ARTICLES = 12
RATES = ("6", "13", "23", "23", "23", "0")


def furnish(company: Company) -> None:
    """Customers with accounts, and articles of goods and services."""
    for n in range(CUSTOMERS):
        party = Party.objects.create(company=company, tax_id=tax_id(n), name=f"Cliente {n}")
        account = Account.objects.create(
            company=company,
            code=f"21111{n + 1:04d}",
            name=party.name,
            kind="asset",
            classifier="CLI",
            party=party,
        )
        Customer.objects.create(
            company=company, number=f"C{n}", tax_id=party.tax_id, account=account.code
        )
    for n in range(ARTICLES):
        Article.objects.create(
            company=company,
            code=f"A{n}",
            posting_code="SERV" if n % 3 == 0 else "MERC",
            service=n % 3 == 0,
        )


def documents(year: int, count: int, seed: int) -> list[Doc]:
    """Invoices, cash sales with and without tax withheld, and credit notes, over the year."""
    chance = random.Random(seed)
    made = []
    for number in range(1, count + 1):
        kind = chance.choices(["FT", "FR", "NC"], [6, 3, 1])[0]
        customer = chance.randrange(CUSTOMERS)
        lines = []
        for _ in range(chance.randint(1, 4)):
            article = chance.randrange(ARTICLES)
            net = Decimal(chance.randint(100, 90_000)) / 100
            lines.append((f"A{article}", "1", str(net), RATES[article % len(RATES)]))
        day = date(year, 1, 1) + timedelta(days=365 * number // (count + 1))
        fields: dict[str, Any] = {
            "day": day,
            "buyer_id": f"C{customer}",
            "buyer_tax_id": tax_id(customer),
        }
        if kind == "FR" and chance.random() < 0.3:
            fields["withholding"] = 1_000
        made.append(doc(f"{kind} A/{number}", *lines, **fields))
    return made


def booked(company: Company, made: list[Doc]) -> tuple[InvoiceFrames, Plan]:
    """The documents and the entries that the company's rules make of them."""
    source = frames(*made)
    rules = rules_for(company, today=date(2030, 1, 1))
    plan = prepare(source, rules, configuration.rules_of(company), Options()).plan
    assert plan.entries.height == len(made), plan.problems
    return source, plan


def write(path: Path, company: Company, year: int, source: InvoiceFrames, plan: Plan) -> Path:
    """The year as a SAF-T (PT) file of books and billing."""
    path.write_text("\n".join(_file(company, year, source, plan)), encoding="utf-8")
    return path


def _money(units: int | None) -> str:
    return f"{Decimal(units or 0) / 100:.2f}"


def _file(company: Company, year: int, source: InvoiceFrames, plan: Plan) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01"><Header>'
    yield "<AuditFileVersion>1.04_01</AuditFileVersion><CompanyID>501964843</CompanyID>"
    yield f"<TaxRegistrationNumber>{company.tax_id}</TaxRegistrationNumber><TaxAccountingBasis>I</TaxAccountingBasis>"
    yield f"<CompanyName>Casa</CompanyName><FiscalYear>{year}</FiscalYear><StartDate>{year}-01-01</StartDate>"
    yield f"<EndDate>{year}-12-31</EndDate><CurrencyCode>EUR</CurrencyCode></Header><MasterFiles>"
    yield "<GeneralLedgerAccounts><TaxonomyReference>S</TaxonomyReference>"
    names = dict(Account.objects.filter(company=company).values_list("code", "name"))
    people = {f"21111{n + 1:04d}" for n in range(CUSTOMERS)}
    for code in sorted({*plan.lines["account"].unique(), *people}):
        yield f"<Account><AccountID>{code}</AccountID><AccountDescription>{escape(names[code])}</AccountDescription>"
        yield "<OpeningDebitBalance>0.00</OpeningDebitBalance><OpeningCreditBalance>0.00</OpeningCreditBalance>"
        yield f"<GroupingCategory>GM</GroupingCategory><GroupingCode>{code[:2]}</GroupingCode></Account>"
    yield "</GeneralLedgerAccounts>"
    for n in range(CUSTOMERS):
        yield f"<Customer><CustomerID>C{n}</CustomerID><AccountID>21111{n + 1:04d}</AccountID>"
        yield f"<CustomerTaxID>{tax_id(n)}</CustomerTaxID><CompanyName>Cliente {n}</CompanyName>"
        yield "<BillingAddress><AddressDetail>Rua</AddressDetail><City>Lisboa</City><PostalCode>1000-001</PostalCode>"
        yield "<Country>PT</Country></BillingAddress><SelfBillingIndicator>0</SelfBillingIndicator></Customer>"
    for n in range(ARTICLES):
        yield f"<Product><ProductType>P</ProductType><ProductCode>A{n}</ProductCode>"
        yield f"<ProductDescription>Artigo {n}</ProductDescription><ProductNumberCode>A{n}</ProductNumberCode></Product>"
    yield "</MasterFiles>"
    yield from _entries(plan)
    yield from _invoices(source)
    yield "</AuditFile>"


def _entries(plan: Plan) -> Iterator[str]:
    total = _money(int(plan.lines["debit"].sum()))
    yield f"<GeneralLedgerEntries><NumberOfEntries>{plan.entries.height}</NumberOfEntries>"
    yield f"<TotalDebit>{total}</TotalDebit><TotalCredit>{total}</TotalCredit>"
    yield "<Journal><JournalID>VENDAS</JournalID><Description>Vendas</Description>"
    lines = plan.lines.partition_by("entry", as_dict=True)
    for head in plan.entries.iter_rows(named=True):
        yield f"<Transaction><TransactionID>{_transaction(head['date'], head['reference'])}</TransactionID>"
        yield f"<Period>{head['date'].month}</Period><TransactionDate>{head['date']}</TransactionDate>"
        yield f"<SourceID>x</SourceID><Description>{escape(head['text'])}</Description>"
        yield f"<DocArchivalNumber>{escape(head['reference'])}</DocArchivalNumber>"
        yield f"<TransactionType>N</TransactionType><GLPostingDate>{head['date']}</GLPostingDate><Lines>"
        for line in lines[(head["entry"],)].iter_rows(named=True):
            side = "Debit" if line["debit"] else "Credit"
            yield f"<{side}Line><RecordID>{line['position']}</RecordID><AccountID>{line['account']}</AccountID>"
            yield f"<SystemEntryDate>{head['date']}T10:00:00</SystemEntryDate><Description>x</Description>"
            yield f"<{side}Amount>{_money(line['debit'] or line['credit'])}</{side}Amount></{side}Line>"
        yield "</Lines></Transaction>"
    yield "</Journal></GeneralLedgerEntries>"


def _transaction(day: date, number: str) -> str:
    return f"{day} VENDAS {number.replace(' ', '')}"


def _invoices(source: InvoiceFrames) -> Iterator[str]:
    yield "<SourceDocuments><SalesInvoices>"
    yield f"<NumberOfEntries>{len(source)}</NumberOfEntries>"
    lines = source.lines.partition_by("doc", as_dict=True)
    for head in source.documents.iter_rows(named=True):
        day, number, kind = head["issue_date"], head["number"], head["document_type"]
        yield f"<Invoice><InvoiceNo>{number}</InvoiceNo><ATCUD>0</ATCUD>"
        yield f"<DocumentStatus><InvoiceStatus>N</InvoiceStatus><InvoiceStatusDate>{day}T10:00:00</InvoiceStatusDate>"
        yield "<SourceID>x</SourceID><SourceBilling>P</SourceBilling></DocumentStatus><Hash>0</Hash>"
        yield f"<InvoiceDate>{day}</InvoiceDate><InvoiceType>{kind}</InvoiceType><SourceID>x</SourceID>"
        yield f"<SystemEntryDate>{day}T10:00:00</SystemEntryDate>"
        yield f"<TransactionID>{_transaction(day, number)}</TransactionID><CustomerID>{head['buyer_id']}</CustomerID>"
        for line in lines[(head["doc"],)].iter_rows(named=True):
            side = "Debit" if kind == "NC" else "Credit"
            rate = Decimal(line["vat_rate"]) / 100
            code = {600: "RED", 1300: "INT", 2300: "NOR"}.get(line["vat_rate"], "ISE")
            yield f"<Line><LineNumber>{line['position']}</LineNumber><ProductCode>{line['article']}</ProductCode>"
            yield "<ProductDescription>x</ProductDescription><Quantity>1</Quantity><UnitOfMeasure>un</UnitOfMeasure>"
            yield f"<UnitPrice>{_money(line['net'])}</UnitPrice><TaxPointDate>{day}</TaxPointDate>"
            yield f"<Description>x</Description><{side}Amount>{_money(line['net'])}</{side}Amount>"
            yield f"<Tax><TaxType>IVA</TaxType><TaxCountryRegion>PT</TaxCountryRegion><TaxCode>{code}</TaxCode>"
            yield f"<TaxPercentage>{rate}</TaxPercentage></Tax></Line>"
        yield f"<DocumentTotals><TaxPayable>{_money(head['vat'])}</TaxPayable><NetTotal>{_money(head['net'])}</NetTotal>"
        yield f"<GrossTotal>{_money(head['gross'])}</GrossTotal></DocumentTotals>"
        if head["withholding"]:
            yield f"<WithholdingTax><WithholdingTaxAmount>{_money(head['withholding'])}</WithholdingTaxAmount></WithholdingTax>"
        yield "</Invoice>"
    yield "</SalesInvoices></SourceDocuments>"


def of_year(folder: Path, company: Company, year: int, count: int) -> Path:
    """The file of one year."""
    source, plan = booked(company, documents(year, count, seed=year))
    return write(folder / f"{year}.xml", company, year, source, plan)
