"""The demo, as a new user runs it: one command in an empty home, and figures that other programs confirm."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction

from razao.config import postgres
from tests.reports.against_hledger import differences

pytestmark = [pytest.mark.slow, pytest.mark.ocr, pytest.mark.xdist_group("demo")]


class Home:
    """A home of its own, and the command line in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def razao(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("RAZAO_", "DJANGO_"))
        }
        return subprocess.run(
            [sys.executable, "-m", "razao.config.command", *arguments],
            env={**environment, "RAZAO_HOME": str(self.path), "PYTHONPATH": "src"},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def output(self, *arguments: str) -> str:
        ran = self.razao(*arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    # Not pytest's folder, which it closes to others: as root the server runs as a user of its own.
    made = Home(Path(tempfile.mkdtemp(prefix="razao-demo-")))
    yield made
    postgres.stop(made.path, "immediate")
    shutil.rmtree(made.path)


@pytest.fixture(scope="module")
def summary(home: Home) -> dict[str, object]:
    return json.loads(home.output("demo", "--documents", "40", "--json").splitlines()[-1])


def test_the_demo_reads_proposes_and_posts(summary):
    assert summary["files"] == 40
    assert summary["invoices"] == summary["posted"] + summary["waiting"] + summary["rejected"]
    assert summary["proposed"] == summary["invoices"]
    assert summary["posted"] >= 20
    assert summary["chain"] == "verified"
    assert summary["debit"] == summary["credit"] != "0.00"


def ours(home: Home) -> dict[str, Decimal]:
    shown = json.loads(
        home.output(
            "ledger",
            "trial-balance",
            "--company",
            "demo",
            "--accounts-only",
            "--from-period",
            "0",
            "--json",
        )
    )
    return {
        row["code"]: Decimal(str(row["balance"]))
        for row in shown["accounts"]
        if Decimal(str(row["balance"]))
    }


def test_hledger_computes_the_same_trial_balance(home, summary, tmp_path):
    journal = tmp_path / "demo.journal"
    home.output("ledger", "export", "hledger", "--company", "demo", "--to", str(journal))
    program = shutil.which("hledger")
    assert program, "install hledger (scripts/test-packages.sh does)"
    ran = subprocess.run(
        [program, "-f", str(journal), "balance", "--flat", "--no-total", "-O", "csv"],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = {
        row["account"].split(" ")[0].split(":")[-1]: Decimal(row["balance"].split()[0])
        for row in csv.DictReader(io.StringIO(ran.stdout))
    }
    assert sorted(theirs.values()) == sorted(ours(home).values())
    assert set(theirs) == set(ours(home))


def test_beancount_computes_the_same_trial_balance(home, summary, tmp_path):
    path = tmp_path / "demo.beancount"
    home.output("ledger", "export", "beancount", "--company", "demo", "--to", str(path))
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    sums: dict[str, Decimal] = {}
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                sums[posting.account] = sums.get(posting.account, Decimal(0)) + posting.units.number
    assert sorted(v for v in sums.values() if v) == sorted(ours(home).values())


def test_the_books_are_sound_and_the_installation_healthy(home, summary):
    sound = json.loads(home.output("ledger", "verify", "--company", "demo", "--json"))
    assert (sound["sound"], sound["entries"]) == (True, summary["posted"])
    doctor = home.output("doctor")
    assert [line for line in doctor.splitlines() if not line.startswith("ok")] == []


def test_the_accounting_file_of_the_demo_can_be_written(home, summary, tmp_path):
    path = tmp_path / "saft.xml"
    home.output("ledger", "export", "saft", "--company", "demo", "--to", str(path))
    assert path.stat().st_size > 10_000


def test_a_company_that_is_not_there_is_refused_and_wrong_usage_told_apart(home, summary):
    assert home.razao("ledger", "verify", "--company", "nobody").returncode == 1
    assert home.razao("ledger", "verify").returncode == 2


def test_running_it_again_adds_nothing(home, summary):
    again = json.loads(home.output("demo", "--documents", "40", "--json").splitlines()[-1])
    assert {k: again[k] for k in ("invoices", "posted", "debit")} == {
        k: summary[k] for k in ("invoices", "posted", "debit")
    }


def test_hledger_computes_the_figures_of_every_report_that_it_can(home, summary, tmp_path):
    journal = tmp_path / "demo.journal"
    home.output(
        "ledger", "export", "hledger", "--company", "demo", "--year", "2026", "--to", str(journal)
    )
    printed = subprocess.run(
        [sys.executable, "-m", "tests.reports.printed", "demo", "2026"],
        env={
            **os.environ,
            "RAZAO_HOME": str(home.path),
            "PYTHONPATH": "src",
            "DJANGO_SETTINGS_MODULE": "razao.config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert printed.returncode == 0, printed.stderr
    assert differences(journal, json.loads(printed.stdout)) == []
