"""A company's tables as rules, and what posting teaches."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from razao.booking.invoice_entries import propose_one
from razao.booking.loading import learn, posting_profile, rules_for
from razao.booking.models import Habit, PostingProfile
from razao.booking.reasons import explain, sentences
from razao.booking.rules import Overrides
from razao.companies.models import Company, Party
from razao.countries.facts import Direction
from razao.invoices.invoice import VatAmount
from razao.ledger.models import Account
from tests.booking.company import SUPPLIER, codes, entry, invoice
from tests.factories import a_company

pytestmark = pytest.mark.django_db
BUY = Direction.PURCHASE
TODAY = date(2026, 11, 21)


def with_supplier() -> Company:
    """A company that keeps an account for SUPPLIER."""
    company = a_company().company
    party = Party.objects.create(company=company, tax_id=SUPPLIER, name="Fornecedor Lda")
    Account.objects.create(
        company=company, code="221110001", name="Fornecedor Lda", kind="liability",
        classifier="FOR", party=party,
    )  # fmt: skip
    return company


def test_a_new_company_books_with_its_country_s_values() -> None:
    company = with_supplier()
    plan = propose_one(
        invoice(("23", "100.00", "23.00")), rules_for(company, today=TODAY), direction=BUY
    )

    assert codes(plan) == []
    assert entry(plan) == [
        ("D", "6268", "100.00"),
        ("D", "2432313", "23.00"),
        ("C", "221110001", "123.00"),
    ]
    assert PostingProfile.objects.filter(company=company).count() == 2


def test_the_profile_may_restrict_the_codes_in_use() -> None:
    company = with_supplier()
    profile = posting_profile(company, BUY)
    profile.vat_codes = ["DOBRED"]
    profile.save()
    plan = propose_one(
        invoice(("23", "100.00", "23.00")), rules_for(company, today=TODAY), direction=BUY
    )

    assert codes(plan) == ["booking.vat_rate_missing"]


def test_a_correction_holds_from_the_next_document_on() -> None:
    company = with_supplier()
    chosen = Overrides(rows=pl.DataFrame({"doc": [0], "position": [1], "counterpart": ["6226"]}))
    for number, overrides, day in ((1, None, 1), (2, None, 2), (3, chosen, 3)):
        document = invoice(("23", "100.00", "23.00"), number=f"FT 2026/{number}")
        plan = propose_one(
            document, rules_for(company, today=TODAY), direction=BUY, overrides=overrides
        )
        learn(company, plan.postable, BUY, at=datetime(2026, 5, day, tzinfo=UTC))

    following = propose_one(
        invoice(("23", "50.00", "11.50"), number="FT 2026/4"),
        rules_for(company, today=TODAY),
        direction=BUY,
    )

    assert entry(following)[0] == ("D", "6226", "50.00")
    assert explain(*following.lines.select("rule", "because").row(0)) == (
        f"The last 1 rows of {SUPPLIER} at this rate went to 6226, latest FT 2026/3"
    )
    assert sorted(Habit.objects.values_list("counterpart", "count")) == [("6226", 1), ("6268", 2)]


def test_every_rule_has_a_sentence() -> None:
    assert explain("rounding", '{"difference": 2}') == (
        "The document's total differs from the sum of its rows by 2 hundredths"
    )
    assert explain("unheard_of", "{}") == "unheard_of"
    assert len(sentences()) == 44


def test_the_exemption_code_of_an_e_invoice_is_learnt_whole() -> None:
    company = with_supplier()
    row = VatAmount(Decimal(0), Decimal(100), Decimal(0), "DE", "VATEX-EU-AE")
    plan = propose_one(
        invoice(row, seller_country="DE"), rules_for(company, today=TODAY), direction=BUY
    )

    learn(company, plan.postable, BUY, at=datetime(2026, 5, 14, tzinfo=UTC))

    assert list(Habit.objects.values_list("exemption", flat=True)) == ["VATEX-EU-AE"]
