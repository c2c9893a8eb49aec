"""SAF-T (PT) files made to measure: how many documents and entries in, a valid file on disk out."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

_HEAD = """<?xml version="1.0" encoding="windows-1252"?>
<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">
  <Header>
    <AuditFileVersion>1.04_01</AuditFileVersion>
    <CompanyID>501964843</CompanyID>
    <TaxRegistrationNumber>501964843</TaxRegistrationNumber>
    <TaxAccountingBasis>I</TaxAccountingBasis>
    <CompanyName>Armazéns São João, Lda.</CompanyName>
    <CompanyAddress>
      <AddressDetail>Rua da Conceição 12</AddressDetail>
      <City>Lisboa</City>
      <PostalCode>1100-153</PostalCode>
      <Country>PT</Country>
    </CompanyAddress>
    <FiscalYear>2026</FiscalYear>
    <StartDate>2026-01-01</StartDate>
    <EndDate>2026-12-31</EndDate>
    <CurrencyCode>EUR</CurrencyCode>
    <DateCreated>2027-01-10</DateCreated>
    <TaxEntity>Global</TaxEntity>
    <ProductCompanyTaxID>599999993</ProductCompanyTaxID>
    <SoftwareCertificateNumber>9999</SoftwareCertificateNumber>
    <ProductID>Faturação/Exemplo</ProductID>
    <ProductVersion>1.0</ProductVersion>
  </Header>
  <MasterFiles>
    <GeneralLedgerAccounts>
      <TaxonomyReference>S</TaxonomyReference>
"""
_ACCOUNT = """      <Account>
        <AccountID>{code}</AccountID>
        <AccountDescription>{name}</AccountDescription>
        <OpeningDebitBalance>0.00</OpeningDebitBalance>
        <OpeningCreditBalance>0.00</OpeningCreditBalance>
        <ClosingDebitBalance>{debit}</ClosingDebitBalance>
        <ClosingCreditBalance>{credit}</ClosingCreditBalance>
        <GroupingCategory>GM</GroupingCategory>
        <GroupingCode>{parent}</GroupingCode>
        <TaxonomyCode>{taxonomy}</TaxonomyCode>
      </Account>
"""
_CUSTOMER = """    <Customer>
      <CustomerID>C{n}</CustomerID>
      <AccountID>21111</AccountID>
      <CustomerTaxID>{tax_id}</CustomerTaxID>
      <CompanyName>Cliente {n} &amp; Irmãos</CompanyName>
      <BillingAddress>
        <AddressDetail>Avenida {n}</AddressDetail>
        <City>Évora</City>
        <PostalCode>7000-001</PostalCode>
        <Country>PT</Country>
      </BillingAddress>
      <SelfBillingIndicator>0</SelfBillingIndicator>
    </Customer>
"""
_PRODUCT = """    <Product>
      <ProductType>{kind}</ProductType>
      <ProductCode>A{n}</ProductCode>
      <ProductDescription>Artigo {n}</ProductDescription>
      <ProductNumberCode>A{n}</ProductNumberCode>
    </Product>
"""
_TAXES = """    <TaxTable>
      <TaxTableEntry>
        <TaxType>IVA</TaxType>
        <TaxCountryRegion>PT</TaxCountryRegion>
        <TaxCode>NOR</TaxCode>
        <Description>Taxa normal</Description>
        <TaxPercentage>23</TaxPercentage>
      </TaxTableEntry>
    </TaxTable>
  </MasterFiles>
"""
_LINE = """        <Line>
          <LineNumber>{line}</LineNumber>
          <ProductCode>A{article}</ProductCode>
          <ProductDescription>Artigo {article}</ProductDescription>
          <Quantity>{quantity}</Quantity>
          <UnitOfMeasure>UN</UnitOfMeasure>
          <UnitPrice>{price}</UnitPrice>
          <TaxPointDate>{day}</TaxPointDate>
          <Description>Artigo {article} em armazém</Description>
          <CreditAmount>{net}</CreditAmount>
          <Tax>
            <TaxType>IVA</TaxType>
            <TaxCountryRegion>PT</TaxCountryRegion>
            <TaxCode>NOR</TaxCode>
            <TaxPercentage>23</TaxPercentage>
          </Tax>
        </Line>
"""
_INVOICE = """      <Invoice>
        <InvoiceNo>FT A/{n}</InvoiceNo>
        <ATCUD>CSDF7T5H-{n}</ATCUD>
        <DocumentStatus>
          <InvoiceStatus>N</InvoiceStatus>
          <InvoiceStatusDate>{day}T10:00:00</InvoiceStatusDate>
          <SourceID>ana</SourceID>
          <SourceBilling>P</SourceBilling>
        </DocumentStatus>
        <Hash>vfinNfF+rToGp3dWF1LV6mEctQ76hAeZm+PlhBnV4wokN//N79L7fTNvi71ONnMHzfIzVR/Iz2zOOo9MUrYfYYZhqtpcEgFNHMdET6ZqbVVke7HbfqSACzaKXNdgWZt7lm7AFOfhcizQgC4a66SNvJvPJUqF7bCTUMIJFR9Zfro=</Hash>
        <HashControl>1</HashControl>
        <Period>{month}</Period>
        <InvoiceDate>{day}</InvoiceDate>
        <InvoiceType>FT</InvoiceType>
        <SpecialRegimes>
          <SelfBillingIndicator>0</SelfBillingIndicator>
          <CashVATSchemeIndicator>0</CashVATSchemeIndicator>
          <ThirdPartiesBillingIndicator>0</ThirdPartiesBillingIndicator>
        </SpecialRegimes>
        <SourceID>ana</SourceID>
        <SystemEntryDate>{day}T10:00:00</SystemEntryDate>
        <TransactionID>{day} VND {n}</TransactionID>
        <CustomerID>C{customer}</CustomerID>
{lines}        <DocumentTotals>
          <TaxPayable>{vat}</TaxPayable>
          <NetTotal>{net}</NetTotal>
          <GrossTotal>{gross}</GrossTotal>
        </DocumentTotals>
      </Invoice>
"""
_SIDE = """            <{side}Line>
              <RecordID>{record}</RecordID>
              <AccountID>{account}</AccountID>
              <SourceDocumentID>FT A/{n}</SourceDocumentID>
              <SystemEntryDate>{day}T10:00:00</SystemEntryDate>
              <Description>Fatura {n}</Description>
              <{side}Amount>{amount}</{side}Amount>
            </{side}Line>
"""
_TRANSACTION = """      <Transaction>
        <TransactionID>{day} VND {n}</TransactionID>
        <Period>{month}</Period>
        <TransactionDate>{day}</TransactionDate>
        <SourceID>ana</SourceID>
        <Description>Fatura {n}</Description>
        <DocArchivalNumber>{n}</DocArchivalNumber>
        <TransactionType>N</TransactionType>
        <GLPostingDate>{day}</GLPostingDate>
        <CustomerID>C{customer}</CustomerID>
        <Lines>
{lines}        </Lines>
      </Transaction>
"""
CUSTOMERS, ARTICLES = 500, 200


def write_saft(path: Path, documents: int, lines: int = 4, *, entries: bool = True) -> None:
    """Writes a year of ``documents`` invoices of ``lines`` lines, each with its entry unless ``entries`` is false."""
    with path.open("w", encoding="cp1252", newline="\n") as file:
        file.write(_HEAD)
        _write_masters(file, documents if entries else 0, lines)
        if entries:
            _write_entries(file, documents, lines)
        net = _net(lines) * documents
        file.write("  <SourceDocuments>\n    <SalesInvoices>\n")
        file.write(f"      <NumberOfEntries>{documents}</NumberOfEntries>\n")
        file.write("      <TotalDebit>0.00</TotalDebit>\n")
        file.write(f"      <TotalCredit>{_money(net)}</TotalCredit>\n")
        for n in range(1, documents + 1):
            file.write(_invoice(n, lines))
        file.write("    </SalesInvoices>\n  </SourceDocuments>\n</AuditFile>\n")


def _net(lines: int) -> int:
    """Cents of one document: line k is k pieces at 12.50."""
    return sum(1250 * k for k in range(1, lines + 1))


def _vat(lines: int) -> int:
    return (_net(lines) * 23 + 50) // 100


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _day(n: int) -> tuple[str, int]:
    month = n % 12 + 1
    return f"2026-{month:02d}-{n % 28 + 1:02d}", month


def _write_masters(file: TextIO, entries: int, lines: int) -> None:
    net, vat = _net(lines) * entries, _vat(lines) * entries
    accounts = (
        ("21111", "Clientes gerais", "2111", "6", net + vat, 0),
        ("24331", "IVA liquidado", "2433", "70", 0, vat),
        ("71111", "Vendas de mercadorias", "7111", "506", 0, net),
    )
    for code, name, parent, taxonomy, debit, credit in accounts:
        balance = {"debit": _money(debit), "credit": _money(credit)}
        file.write(
            _ACCOUNT.format(code=code, name=name, parent=parent, taxonomy=taxonomy, **balance)
        )
    file.write("    </GeneralLedgerAccounts>\n")
    file.writelines(_CUSTOMER.format(n=n, tax_id=500000000 + n) for n in range(CUSTOMERS))
    file.writelines(_PRODUCT.format(n=n, kind="S" if n % 5 == 0 else "P") for n in range(ARTICLES))
    file.write(_TAXES)


def _invoice(n: int, lines: int) -> str:
    day, month = _day(n)
    rows = "".join(
        _LINE.format(
            line=k,
            article=(n + k) % ARTICLES,
            quantity=k,
            price="12.50",
            day=day,
            net=_money(1250 * k),
        )
        for k in range(1, lines + 1)
    )
    net, vat = _net(lines), _vat(lines)
    amounts = {"net": _money(net), "vat": _money(vat), "gross": _money(net + vat)}
    return _INVOICE.format(n=n, day=day, month=month, customer=n % CUSTOMERS, lines=rows, **amounts)


def _write_entries(file: TextIO, documents: int, lines: int) -> None:
    net, vat = _net(lines), _vat(lines)
    total = _money((net + vat) * documents)
    file.write("  <GeneralLedgerEntries>\n")
    file.write(f"    <NumberOfEntries>{documents}</NumberOfEntries>\n")
    file.write(f"    <TotalDebit>{total}</TotalDebit>\n")
    file.write(f"    <TotalCredit>{total}</TotalCredit>\n")
    file.write("    <Journal>\n      <JournalID>VND</JournalID>\n")
    file.write("      <Description>Vendas</Description>\n")
    sides = (("Debit", "21111", net + vat), ("Credit", "71111", net), ("Credit", "24331", vat))
    for n in range(1, documents + 1):
        day, month = _day(n)
        rows = "".join(
            _SIDE.format(side=side, record=k, account=a, n=n, day=day, amount=_money(amount))
            for k, (side, a, amount) in enumerate(sides, 1)
        )
        file.write(
            _TRANSACTION.format(n=n, day=day, month=month, customer=n % CUSTOMERS, lines=rows)
        )
    file.write("    </Journal>\n  </GeneralLedgerEntries>\n")
