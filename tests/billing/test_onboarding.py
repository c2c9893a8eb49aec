"""A company changes to Razão with the file of its former software: books, rules, and how well they explain the past."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from razao.billing import configuration, flow
from razao.billing.onboarding import flow as onboarding
from razao.billing.onboarding.reproducing import reproduced
from razao.billing.sourcing import Choice
from razao.billing.starting import start
from razao.booking.billing_rules import Options
from razao.booking.loading import rules_for
from razao.companies.rights import Access, company_for
from razao.invoices.formats.saft import read_saft
from razao.ledger.models import Account, Batch, Entry
from tests.billing.year import furnish, of_year
from tests.factories import a_company, an_office

pytestmark = pytest.mark.django_db
YEARS = (2024, 2025, 2026)
SAMPLE = Path(__file__).parents[2].parent / "shared" / "reference" / "saft"


def two_companies(tmp_path: Path, count: int) -> tuple[Path, Path, Access]:
    """The files of 2024 and 2025 of a company with rules, and an empty company of the same tax number."""
    house = an_office()
    old, new = (a_company(code=code, office=house, years=YEARS) for code in ("velha", "nova"))
    access = company_for(old.user_id, old.company.pk)
    start(access.company, today=date(2025, 1, 1))
    furnish(access.company)
    files = [of_year(tmp_path, access.company, year, count) for year in (2024, 2025)]
    return files[0], files[1], company_for(new.user_id, new.company.pk)


def test_rules_derived_from_one_year_reproduce_the_next(tmp_path: Path) -> None:
    first, second, access = two_companies(tmp_path, 400)
    past, unseen = read_saft(first), read_saft(second)

    done = onboarding.take_over_books(access, past)
    assert (done.entries, done.problems, done.parties) == (400, [], 25)
    assert Batch.objects.get(company=access.company).kind == Batch.Kind.IMPORT
    proposal = onboarding.propose(access, past)
    assert proposal.reproduced.problems == {}
    assert proposal.reproduced.missed.rows() == []
    assert (proposal.reproduced.entries, proposal.reproduced.same) == (400, 400)

    onboarding.accept(access, proposal)
    following = reproduced(
        unseen, rules_for(access.company), configuration.rules_of(access.company), day_totals=False
    )
    assert following.entries == 400
    assert following.share >= 0.98, following.missed


def test_the_next_month_is_integrated_under_the_derived_rules(tmp_path: Path) -> None:
    first, second, access = two_companies(tmp_path, 60)
    past = read_saft(first)
    onboarding.take_over_books(access, past)
    onboarding.accept(access, onboarding.propose(access, past))

    options = Options(since=date(2025, 1, 1), until=date(2025, 3, 31))
    kept = flow.prepare(access, Choice("saft", {"path": str(second)}, "saft:2025"), options)
    assert [code for code in kept.counts if code.startswith("billing.")] == []
    assert kept.ties
    batch = flow.integrate(access, kept.pk, kept.fingerprint)
    assert batch.entry_count == kept.documents > 10


def test_books_are_taken_over_once(tmp_path: Path) -> None:
    first, _, access = two_companies(tmp_path, 20)
    saft = read_saft(first)
    onboarding.take_over_books(access, saft)
    again = onboarding.take_over_books(access, saft)

    assert again.entries == 0
    assert Entry.objects.filter(company=access.company).count() == 20
    customer = Account.objects.get(company=access.company, code="211110001")
    assert (customer.party.tax_id, customer.postable) == ("500000000", True)  # type: ignore[union-attr]


def test_what_the_rules_do_not_explain_is_listed(tmp_path: Path) -> None:
    first, _, access = two_companies(tmp_path, 30)
    text = first.read_text()
    booked, moved = "<AccountID>71113</AccountID>\n", "<AccountID>7114</AccountID>\n"
    first.write_text(text.replace(booked, moved, 1))
    onboarding.take_over_books(access, read_saft(first))
    proposal = onboarding.propose(access, read_saft(first))

    assert proposal.reproduced.entries - proposal.reproduced.same == 1
    assert set(proposal.reproduced.missed["account"]) == {"7114", "71113"}


def test_an_entry_that_does_not_balance_as_published_is_reported(tmp_path: Path) -> None:
    first, _, access = two_companies(tmp_path, 10)
    text = first.read_text()
    at = text.index("<DebitAmount>") + len("<DebitAmount>")
    first.write_text(text[:at] + "1" + text[at:])
    done = onboarding.take_over_books(access, read_saft(first))

    assert done.entries == 9
    assert [p.code for p in done.problems] == ["onboarding.unbalanced"]
