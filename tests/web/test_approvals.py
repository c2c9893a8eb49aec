"""The page of approvals: one person's large batch waits there until another agrees."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from razao.companies.models import Role, User
from razao.companies.rights import company_for
from razao.kernel.tenancy import act_as
from razao.ledger import approving
from razao.ledger.models import Approval
from tests.factories import a_company, a_person, an_office

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_another_person_decides_and_only_an_administrator_sets_the_rule():
    office = an_office()
    company = a_company(office=office).company
    ana, rui = (a_person(office[0], Role.ACCOUNTANT, by=office[1]) for _ in "ab")
    page = reverse("ledger:approvals", kwargs={"company": company.pk})
    rule = {"amount": "200,00", "entries": ""}

    assert signed_in(ana).post(f"{page}rule/", rule).status_code in (403, 409)
    assert signed_in(office[1]).post(f"{page}rule/", rule).status_code == 302
    company_for(ana.pk, company.pk)
    now = approving.rule_of(company.pk)
    assert (now.amount, now.entries) == (Decimal("200.00"), None)

    act_as(user=ana.pk, office=office[0].pk, companies=[company.pk])
    waiting = Approval.objects.create(
        company=company, asked_by=ana, fingerprint="f", kind="billing", entry_count=7, total=900
    )
    decision = f"{page}{waiting.pk}/"
    assert [
        button in signed_in(who).get(page).content
        for who in (ana, rui)
        for button in [decision.encode()]
    ] == [False, True]
    assert signed_in(ana).post(decision, {"agreed": "1"}).status_code == 409
    assert signed_in(rui).post(decision, {"agreed": "1"}).status_code == 302
    company_for(ana.pk, company.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by_id) == ("approved", rui.pk)
