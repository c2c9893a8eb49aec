"""The figures of reports equal those of hledger on the same books; the demo's are held against it in tests/cli/test_demo.py."""

from __future__ import annotations

import pytest

from razao.ledger.exports import hledger
from tests.reports.against_hledger import REPORTS, differences
from tests.reports.printed import rows_of
from tests.reports.year import bakery, parameters

pytestmark = pytest.mark.django_db


def test_every_figure_that_hledger_can_compute_is_the_same(tmp_path):
    access = bakery()
    journal = tmp_path / "year.journal"
    journal.write_text("".join(hledger.journal(access.company, "2025")), "utf-8")
    whole = parameters(access, first_period=0, last_period=16)
    sheets = {name: rows_of(name, whole) for name in REPORTS}
    assert differences(journal, sheets) == []
    sheets["balance_sheet"][-1][2] = "1.00"
    next(row for row in sheets["trial_balance"] if row[0] == "plain")[5] = "1.00"
    assert len(differences(journal, sheets)) == 2
