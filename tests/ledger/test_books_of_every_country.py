"""Books open in every country that has them, and what its pack says is found in them again."""

from __future__ import annotations

import pytest

from razao.countries.pack import available, load
from razao.ledger.models import Account, VatCode, WithholdingAccount
from tests.factories import a_company

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("country", [c for c in available() if "books" in load(c).purposes])
def test_books_open_with_accounts_codes_and_rates(country: str) -> None:
    access = a_company(country, years=(2026,))
    pack = load(country)
    assert access.company.currency == pack.currency
    assert set(Account.objects.values_list("code", flat=True)) == set(pack.account_by_code)
    assert set(VatCode.objects.values_list("code", flat=True)) == set(pack.vat_code_by_code)
    assert list(VatCode.objects.filter(rates=None).values_list("code", flat=True)) == []
    owed = WithholdingAccount.objects.filter(direction="purchase")
    expected = {(w.code, w.account) for w in pack.withholding}
    assert set(owed.values_list("code__code", "account__code")) == expected
