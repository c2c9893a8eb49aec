"""VAT codes and a chart from a file, on screen: what an office does whose country's pack has no chart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from razao.companies.models import Role, User
from razao.companies.rights import Access, company_for
from razao.ledger.models import Account, VatCode
from tests.factories import a_company, a_person

pytestmark = pytest.mark.django_db

CHART = "conta;nome;natureza\n4331;IVA dedutível;asset\n4332;IVA liquidado;liability\n"


@pytest.fixture
def access() -> Access:
    return a_company("ST", years=(2026,), tax_id="510004441")


def address(access: Access, name: str, **more: str) -> str:
    return reverse(name, kwargs={"company": access.company.pk, **more})


@pytest.fixture
def desk(client: Any, access: Access) -> Any:
    client.force_login(
        User.objects.get(pk=access.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def import_chart(desk: Any, access: Access, text: str) -> Any:
    file = SimpleUploadedFile("plano.csv", text.encode())
    return desk.post(address(access, "ledger:chart-import"), {"file": file})


def test_a_chart_is_imported_and_a_wrong_row_is_told_before_anything_is_kept(desk, access):
    before = Account.objects.filter(company=access.company).count()
    wrong = import_chart(desk, access, CHART + "4339;;asset\n")
    company_for(access.user_id, access.company.pk)
    assert (wrong.status_code, [p.code for p in wrong.context["problems"]]) == (
        422,
        ["chart.name_missing"],
    )
    assert Account.objects.filter(company=access.company).count() == before
    done = import_chart(desk, access, CHART)
    assert done.headers["Location"] == address(access, "ledger:accounts")
    company_for(access.user_id, access.company.pk)
    assert Account.objects.filter(company=access.company).count() == before + 2


def test_who_may_not_configure_reads_a_code_and_cannot_change_it(client, desk, access):
    import_chart(desk, access, CHART)
    code = VatCode.objects.filter(company=access.company).first().code
    page = address(access, "settings:vat-code", code=code)
    clerk = a_person(access.company.office, Role.CLERK, by=User.objects.get(pk=access.user_id))
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    html = client.get(page).content.decode()
    assert (
        html.count('<fieldset class="stack" disabled>'),
        html.count('data-key="ctrl+enter'),
    ) == (1, 0)
    assert client.post(page, {"tax_account": "4331", "deductible": "50"}).status_code == 403


def test_a_code_gets_its_account_and_its_deduction(desk, access):
    import_chart(desk, access, CHART)
    page = address(access, "settings:vat-code", code="DOBNOR")
    answer = desk.post(page, {"tax_account": "4331", "deductible": "100"})
    assert answer.headers["Location"] == address(access, "settings:vat")
    company_for(access.user_id, access.company.pk)
    code = VatCode.objects.get(company=access.company, code="DOBNOR")
    assert code.tax_account is not None
    assert (code.tax_account.code, code.deductible_percent) == ("4331", Decimal(100))
    wrong = desk.post(page, {"tax_account": "43", "base_account": "999", "deductible": "100"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (
        422,
        ["base_account", "tax_account"],
    )


def test_the_list_shows_the_rate_of_today_and_not_the_one_that_was_read_last(client):
    access = a_company("PT", years=(2026,))
    company_for(access.user_id, access.company.pk)
    code = VatCode.objects.get(company=access.company, code="DEXRED")
    assert (code.rate_on(date(2026, 5, 14)), code.rate_on(date(2009, 5, 14))) == (6, 5)


def test_what_nobody_could_verify_is_shown_to_the_administrator(desk, access):
    page = desk.get(address(access, "settings:company"))
    assert "Contas de IVA (sob 43 Estado): desconhecidas." in page.context["unverified"]
    assert "desconhecidas" in page.content.decode()
