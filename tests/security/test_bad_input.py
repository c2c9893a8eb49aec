"""What nobody should send: values that no column holds, and files named after places elsewhere."""

from __future__ import annotations

import pytest
from django.test import Client

from razao.companies.models import User
from tests.factories import a_company

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["ledger/?q=%00", "archive/?q=a%00b", "documents/?q=%00"])
def test_a_text_that_no_column_holds_is_a_bad_request(address):
    access = a_company()
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=access.user_id))
    assert client.get(f"/c/{access.company.pk}/{address}").status_code == 400
