"""A small year of a bakery, posted for real: the books that the reports' tests read."""

from __future__ import annotations

from datetime import date

from razao.companies.models import Party
from razao.companies.rights import Access
from razao.ledger.accounts import NewParty, open_party_account
from razao.ledger.models import Batch
from razao.ledger.posting import post
from razao.reports.parameters import Parameters, fiscal_year_of
from tests.factories import a_company
from tests.ledger.entries import draft, drafts


def bakery() -> Access:
    """Opening, a sale at 23 %, one in cash, a purchase with its VAT, a lawyer with withholding, a payment."""
    access = a_company()
    company = access.company
    company.name, company.address = "Padaria Central, Lda.", "Rua do Forno, 7\n1000-001 Lisboa"
    company.save()
    open_party_account(access, NewParty("502544180", "Café Lisboa, Lda."), code="211110001")
    open_party_account(access, NewParty("503504564", "Moagem do Sul, S.A."), code="221110001")
    open_party_account(access, NewParty("123456789", "Ana Advogada"), code="221110002")
    Party.objects.filter(company=company, tax_id="123456789").update(withholding_code="B")
    post(access, YEAR, kind=Batch.Kind.MANUAL, source="test", fingerprint="")
    return access


def parameters(access: Access, **more: object) -> Parameters:
    """The whole of 2025."""
    return Parameters(access.company, fiscal_year_of(access.company, "2025"), **more)  # type: ignore[arg-type]


YEAR = drafts(
    draft(
        [("121", 500000, 0), ("511", 0, 500000)],
        journal="AB",
        entry_type="SB",
        date=date(2025, 1, 1),
        document_date=date(2025, 1, 1),
        reference="Abertura",
        text="Capital",
    ),
    draft(
        [
            ("211110001", 123000, 0, {"party": "502544180"}),
            ("71113", 0, 100000),
            ("2433113", 0, 23000, {"vat_code": "LNOR", "tax_base": 100000}),
        ],
        entry_type="FT",
        date=date(2025, 2, 10),
        document_date=date(2025, 2, 10),
        reference="FT A/1",
        text="Pão e bolos",
    ),
    draft(
        [
            ("311", 20000, 0),
            ("2432113", 4600, 0, {"vat_code": "DEXNOR", "tax_base": 20000}),
            ("221110001", 0, 24600, {"party": "503504564"}),
        ],
        journal="CP",
        entry_type="VFT",
        date=date(2025, 3, 3),
        document_date=date(2025, 3, 3),
        reference="F 77",
        text="Farinha",
    ),
    draft(
        [
            ("6224", 10000, 0),
            ("2432313", 2300, 0, {"vat_code": "DOBNOR", "tax_base": 10000}),
            ("2422", 0, 2300, {"party": "123456789"}),
            ("221110002", 0, 10000, {"party": "123456789"}),
        ],
        journal="CP",
        entry_type="VFR",
        date=date(2025, 3, 20),
        document_date=date(2025, 3, 20),
        reference="FR 5",
        text="Parecer",
    ),
    draft(
        [("121", 60000, 0), ("211110001", 0, 60000, {"party": "502544180"})],
        journal="BC",
        entry_type="RC",
        date=date(2025, 4, 15),
        document_date=date(2025, 4, 15),
        reference="RC 1",
        text="Recebimento",
    ),
)
