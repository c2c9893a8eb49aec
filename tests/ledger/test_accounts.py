"""Opening a party's account: the next code, the tax id checked, parties that look alike named."""

from __future__ import annotations

import pytest

from razao.companies.models import Party
from razao.kernel.problems import Refused, Severity
from razao.ledger.accounts import (
    NewParty,
    check_party,
    next_code,
    open_party_account,
    party_account,
)
from razao.ledger.models import Account
from tests.factories import a_company

pytestmark = pytest.mark.django_db

EDP = NewParty("503504564", "EDP Comercial, S.A.")


@pytest.fixture
def access():
    return a_company()


def test_plus_gives_the_first_free_code_of_the_prefix(access):
    company = access.company
    assert next_code(company, "22111") == "221110001"
    open_party_account(access, EDP, code="221110001")
    assert [next_code(company, p) for p in ("22111", "22", "2211105", "221120")] == [
        "221110002",
        "221110002",
        "221110501",
        "221120001",
    ]


def test_a_gap_is_filled_first(access):
    for n, nif in ((1, "503504564"), (3, "500697256")):
        party = NewParty(nif, f"Fornecedor {n}")
        open_party_account(access, party, code=f"22111000{n}")
    assert next_code(access.company, "22111") == "221110002"


def test_a_prefix_without_group_of_parties_has_no_next_code(access):
    with pytest.raises(Refused, match=r"accounts\.no_group"):
        next_code(access.company, "62")


def test_the_account_is_opened_as_the_group_says_and_found_by_tax_id(access):
    account = open_party_account(access, EDP, code="221110001", counterpart="6241")
    found = party_account(access.company, "503504564", "FOR")
    assert found == account
    assert account.party
    assert account.counterpart
    assert (account.name, account.kind, account.classifier) == (
        "EDP Comercial, S.A.",
        "liability",
        "FOR",
    )
    assert (account.party.tax_id, account.counterpart.code) == ("503504564", "6241")
    assert party_account(access.company, "503504564", "CLI") is None


def test_customer_and_supplier_are_one_party_with_two_accounts(access):
    open_party_account(access, EDP, code="221110001")
    open_party_account(access, EDP, code="211110001")
    assert Party.objects.count() == 1
    assert Account.objects.filter(party__tax_id="503504564").count() == 2


def test_a_wrong_tax_id_and_a_taken_code_are_refused_together(access):
    open_party_account(access, EDP, code="221110001")
    with pytest.raises(Refused) as refused:
        open_party_account(access, NewParty("503504565", "Outra"), code="221110001")
    assert [p.code for p in refused.value.problems] == [
        "tax_id.check_digit",
        "accounts.code_taken",
    ]


def test_a_party_that_looks_like_another_is_shown_and_not_stopped(access):
    open_party_account(access, EDP, code="221110001")
    (problem,) = check_party(access.company, NewParty("500697256", "E.D.P. Comercial SA"))
    assert (problem.code, problem.severity) == ("accounts.alike", Severity.WARNING)
    assert problem.values["tax_id"] == "503504564"
    assert check_party(access.company, NewParty("500697256", "Galp Energia")) == []
