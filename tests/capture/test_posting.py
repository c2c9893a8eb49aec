"""Posting captured invoices: each its own entry, every reason at once, one bad one never in the others' way."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from django.urls import reverse

from razao.archive import custody
from razao.archive.custody import Tally
from razao.archive.models import CustodyProof, Filing, Folder
from razao.capture import flow, posting, proposing, queries, review
from razao.capture.intake import today_of
from razao.capture.models import CapturedInvoice
from razao.capture.parties import AccountForm, account_form, code_for, open_account
from razao.capture.samples.parties import draw_party
from razao.companies.models import Party, Role, User
from razao.companies.rights import company_for
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import new_id
from razao.ledger.accounts import NewParty
from razao.ledger.models import Account, Batch, Entry, Period
from tests.capture.papers import a_paper, received
from tests.factories import a_person

pytestmark = pytest.mark.django_db


def opened(access, row: CapturedInvoice, counterpart: str = "6224") -> Account:
    """The party's account, opened as the form proposes it."""
    form = account_form(row, access.company)
    form = AccountForm(form.code, form.party, counterpart, form.classifier)
    account, _ = open_account(access, row.pk, form)
    return account


def one_ready(access, seed: str = "1") -> CapturedInvoice:
    (row,) = received(access, a_paper(access.company, seed))
    opened(access, row)
    row.refresh_from_db()
    return row


def codes(outcome: posting.Outcome) -> list[str]:
    return [p.code for p in outcome.problems]


def test_plus_in_the_account_field_is_the_first_free_code(access):
    (row,) = received(access, a_paper(access.company))
    first = code_for(row, access.company, "+")
    assert first.startswith("22111")
    assert code_for(row, access.company, "22112+").startswith("22112")
    assert code_for(row, access.company, " 6224 ") == "6224"
    opened(access, row)
    assert int(code_for(row, access.company, "+")) == int(first) + 1


def test_the_account_form_opens_with_what_the_invoice_says(access):
    (row,) = received(access, a_paper(access.company))
    form = account_form(row, access.company)
    assert (form.party.tax_id, form.party.name) == (row.party_tax_id, row.party_name)
    assert form.problems == ()


def test_a_new_account_reaches_every_waiting_invoice_of_the_same_tax_number(access):
    paper = a_paper(access.company, "1")
    (first,) = received(access, paper)
    seller = NewParty(first.party_tax_id, first.party_name)
    (second,) = received(access, a_paper(access.company, "2"))
    review.correct(access, second.pk, None, [("seller_tax_id", seller.tax_id)])
    account = opened(access, first)
    states = CapturedInvoice.objects.values_list("account", flat=True)
    assert set(states) == {account.code}


def test_a_party_that_looks_like_another_is_asked_about(access):
    (row,) = received(access, a_paper(access.company))
    Party.objects.create(company=access.company, tax_id="501964843", name=row.party_name.upper())
    assert [p.code for p in account_form(row, access.company).problems] == ["accounts.alike"]


def test_an_invoice_becomes_an_entry_and_its_file_moves(access, django_capture_on_commit_callbacks):
    row = one_ready(access)
    assert (row.state, row.problems) == ("ready", [])
    with django_capture_on_commit_callbacks(execute=True):
        (outcome,) = posting.post_invoices(access, [row.pk])
    company_for(access.user_id, access.company.pk)
    entry = Entry.objects.get(company=access.company, id=outcome.entry)
    assert (entry.reference, entry.file) == (row.number, row.scan.file.sha256)
    row.refresh_from_db()
    assert (row.state, row.entry_id) == ("posted", entry.id)
    assert Filing.objects.get().folder == Folder.PF_ASIENTO
    assert custody.tallies(access.company.pk) == {today_of(access.company): Tally(1, 1, 0, 0)}
    assert queries.living(access.company.pk) == custody.tallies(access.company.pk)


def test_a_bad_invoice_stays_with_its_reasons_and_the_others_go_on(access):
    good = [one_ready(access, seed) for seed in "12"]
    (bad,) = received(access, a_paper(access.company, "4"))
    review.correct(access, bad.pk, None, [("number", ""), ("issue_date", "")])
    outcomes = posting.post_invoices(access, [good[0].pk, bad.pk, good[1].pk])
    assert [o.invoice for o in outcomes] == [good[0].pk, bad.pk, good[1].pk]
    assert [bool(o.entry) for o in outcomes] == [True, False, True]
    assert {"booking.account_missing", "booking.number_missing"} <= set(codes(outcomes[1]))
    assert Batch.objects.count() == 1
    assert Entry.objects.count() == 2


def test_what_changed_since_it_was_seen_is_not_posted(access):
    row = one_ready(access)
    seen = row.fingerprint
    review.correct(access, row.pk, None, [("row.0.counterpart", "6225")])
    (outcome,) = posting.post_invoices(access, [row.pk], {row.pk: seen})
    assert codes(outcome) == ["capture.plan_changed"]
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert outcome.entry is not None


def test_a_doubtful_field_is_looked_at_before_posting(access):
    row = one_ready(access)
    row.reading["confident"] = False
    row.reading["evidence"]["issue_date"]["confidence"] = 0.4
    row.save()
    proposing.refresh(access.company, queries.locked_rows([row.pk]))
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert codes(outcome) == ["capture.still_doubtful"]
    review.confirm(access, row.pk, None, "issue_date")
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert outcome.entry is not None


def test_a_closed_period_is_said_before_posting(access):
    row = one_ready(access)
    assert row.issue_date is not None
    Period.objects.filter(
        company=access.company, start__lte=row.issue_date, end__gte=row.issue_date
    ).update(state="closed")
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert codes(outcome) == ["booking.period_closed"]


def test_an_invoice_is_posted_once(access):
    row = one_ready(access)
    posting.post_invoices(access, [row.pk])
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert codes(outcome) == ["capture.closed"]
    assert Entry.objects.count() == 1


def test_undoing_a_posting_frees_the_invoice(access, django_capture_on_commit_callbacks):
    row = one_ready(access)
    posting.post_invoices(access, [row.pk])
    day = date(2026, 11, 21)
    with django_capture_on_commit_callbacks(execute=True):
        assert posting.unpost(access, row.pk, day=day, reason="conta errada") == [row.pk]
    company_for(access.user_id, access.company.pk)
    row.refresh_from_db()
    assert (row.state, row.entry_id) == ("ready", None)
    assert Filing.objects.get().folder == Folder.PF_BORRADOR
    assert custody.tallies(access.company.pk) == {today_of(access.company): Tally(1, 0, 1, 0)}
    (outcome,) = posting.post_invoices(access, [row.pk])
    assert outcome.entry is not None
    with pytest.raises(NotFound):
        posting.unpost(access, new_id(), day=day, reason="x")


def test_the_second_invoice_of_a_supplier_needs_nothing(access):
    """One correction, and the next document of the supplier is right in every accounting field."""
    seller = draw_party(Random("seller"), "PT")
    (first,) = received(access, a_paper(access.company, "1", seller=seller))
    opened(access, first)
    review.correct(access, first.pk, None, [("row.0.counterpart", "6225")])
    (outcome,) = posting.post_invoices(access, [first.pk])
    assert outcome.entry is not None
    rate, exemption = first.reading["vat"][0]["rate"], first.reading["vat"][0]["exemption"]
    (second,) = received(access, a_paper(access.company, "5", seller=seller))
    changes = [("vat.0.rate", rate), ("vat.0.exemption", exemption or "")]
    proposal = review.correct(access, second.pk, None, changes)
    assert proposal.plan.rows["counterpart"][0] == "6225"
    assert proposal.plan.rows["counterpart_rule"][0] == "counterpart.habit"


def test_the_counterpart_is_kept_on_the_partys_account(access):
    (row,) = received(access, a_paper(access.company))
    account = opened(access, row, counterpart="")
    row.refresh_from_db()
    review.correct(access, row.pk, None, [("row.0.counterpart", "6225")])
    posting.post_invoices(access, [row.pk])
    account.refresh_from_db()
    assert account.counterpart is not None
    assert account.counterpart.code == "6225"


def test_an_entry_reversed_in_the_journal_frees_its_invoice(access, client):
    row = one_ready(access)
    posting.post_invoices(access, [row.pk])
    row.refresh_from_db()
    client.force_login(
        User.objects.get(pk=access.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    kwargs = {"company": access.company.pk, "batch": row.batch_id}
    answer = client.post(
        reverse("ledger:undo", kwargs=kwargs), {"day": "2026-11-21", "reason": "engano"}
    )
    assert answer.status_code == 302
    company_for(access.user_id, access.company.pk)
    row.refresh_from_db()
    assert (row.state, row.entry_id) == ("ready", None)
    assert queries.living(access.company.pk) == custody.tallies(access.company.pk)


def test_the_file_of_a_closed_year_goes_to_the_historical_folder(
    access, django_capture_on_commit_callbacks
):
    row = one_ready(access)
    posting.post_invoices(access, [row.pk])
    assert row.issue_date is not None
    with django_capture_on_commit_callbacks(execute=True):
        flow.prove_custody()
    company_for(access.user_id, access.company.pk)
    assert Filing.objects.get().folder == Folder.PF_ASIENTO
    Period.objects.filter(
        company=access.company, fiscal_year__code=str(row.issue_date.year)
    ).update(state="closed")
    with django_capture_on_commit_callbacks(execute=True):
        flow.prove_custody()
    company_for(access.user_id, access.company.pk)
    assert Filing.objects.get().folder == Folder.PF_HCO_ASIENTO
    assert CustodyProof.objects.order_by("-at")[0].ties is True


def test_who_may_only_read_posts_nothing(access):
    row = one_ready(access)
    reader = a_person(access.company.office, Role.READ_ONLY, by=User.objects.get(pk=access.user_id))
    with pytest.raises(Refused):
        posting.post_invoices(company_for(reader.pk, access.company.pk), [row.pk])
