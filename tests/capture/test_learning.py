"""What a supplier's invoice is booked to is known from the first correction on (M5, S16)."""

from __future__ import annotations

from random import Random

import pytest

from bench.learning import year
from razao.capture.samples.identifiers import portuguese

pytestmark = pytest.mark.django_db


def test_from_the_second_invoice_on_nearly_every_field_is_right(access):
    """A small year; ``python -m bench learning`` is the whole one."""
    rng = Random("suppliers")
    parties = [(portuguese(rng), f"Fornecedor {n}") for n in range(40)]
    found = year(access, parties, 4)
    assert found["second_invoice_right"] >= 0.95
    assert found["later_invoices_right"] >= 0.95
    assert found["account_right"] == found["withholding_code_right"] == 1
