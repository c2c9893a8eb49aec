"""``razao ledger`` as it is typed: what it prints, and its exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from razao.cli.main import razao
from razao.companies.rights import Access
from razao.ledger.posting import post
from tests.factories import a_company, a_user
from tests.ledger.entries import draft, drafts

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> Access:
    access = a_company(code="demo")
    post(access, drafts(draft(), draft()), kind="manual", source="", fingerprint="")
    return access


def run(*words: str) -> Result:
    return CliRunner().invoke(razao, ["ledger", *words], catch_exceptions=False)


def test_the_trial_balance_of_the_last_year_with_postings(access):
    shown = run("trial-balance", "--company", "demo", "--accounts-only", "--json")
    said = json.loads(shown.output)
    assert shown.exit_code == 0
    assert (said["year"], [(a["code"], a["balance"]) for a in said["accounts"]]) == (
        "2025",
        [("111", "246.00"), ("2433113", "-46.00"), ("71113", "-200.00")],
    )
    assert (said["total"]["debit"], said["total"]["credit"]) == ("246.00", "246.00")


def test_the_trial_balance_for_people(access):
    lines = run("trial-balance", "--company", "demo", "--year", "2025").output.splitlines()
    assert lines[-1].split() == ["total", "2025", "0.00", "246.00", "246.00", "0.00"]


def test_sound_books_are_verified_with_exit_code_0(access):
    shown = run("verify", "--company", "demo", "--json")
    assert (shown.exit_code, json.loads(shown.output)) == (
        0,
        {
            "sound": True,
            "batches": 1,
            "entries": 2,
            "lines": 6,
            "total": "246.00",
            "problems": [],
        },
    )


@pytest.mark.parametrize("program", ["hledger", "beancount"])
def test_entries_are_written_for_other_programs(access, tmp_path, program):
    path = tmp_path / "books"
    assert run("export", program, "--company", "demo", "--to", str(path)).exit_code == 0
    printed = run("export", program, "--company", "demo")
    assert printed.output == path.read_text("utf-8")
    assert printed.output.count("Venda") >= 2


def test_a_chart_is_taken_from_a_file_or_refused_whole(access, tmp_path):
    path = tmp_path / "chart.csv"
    path.write_text("code;name\n1119;Caixa da loja\n", "utf-8")
    shown = run("import-chart", "--company", "demo", "--json", str(path))
    assert (shown.exit_code, json.loads(shown.output)) == (0, {"added": 1, "changed": 0})
    path.write_text("code;name\n1120;\n", "utf-8")
    refused = run("import-chart", "--company", "demo", "--json", str(path))
    codes = [p["code"] for p in json.loads(refused.output)["problems"]]
    assert (refused.exit_code, codes) == (1, ["chart.name_missing"])


def test_a_company_that_is_not_there_or_not_theirs_is_refused_with_exit_code_1(access):
    stranger = a_user()
    for words in (["--company", "nada"], ["--company", "demo", "--user", stranger.email]):
        assert run("verify", *words).exit_code == 1
    assert run("verify", "--company", "demo", "--user", "nobody@example.pt").exit_code == 1


def test_wrong_usage_is_exit_code_2(access):
    assert run("trial-balance").exit_code == 2
    assert run("trial-balance", "--company", "demo", "--to-period", "17").exit_code == 2
