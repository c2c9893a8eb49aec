"""The command: prepare, integrate and undo a file, JSON out, exit codes 0, 1 and 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from razao.billing.models import BillingSource
from razao.cli.main import razao
from tests.billing.shop import MAPPING, a_shop, table, with_customers

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of ``razao billing …``."""
    result = CliRunner().invoke(razao, ["billing", *arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, json.loads(result.output)


def a_source(tmp_path: Path) -> None:
    access = a_shop()
    choice = table(tmp_path)
    with_customers(access, choice)
    BillingSource.objects.create(
        company=access.company,
        name="loja",
        kind="table",
        settings=choice.settings,
        inside_allowed=True,
    )
    assert choice.settings["mapping"] == MAPPING


def test_a_month_is_prepared_integrated_and_undone(tmp_path: Path) -> None:
    a_source(tmp_path)
    usual = (
        "--company",
        "c1",
        "--source",
        "source:loja",
        "--from",
        "2026-05-01",
        "--to",
        "2026-05-31",
    )

    code, told = run("prepare", *usual)
    assert (code, told["documents"], told["entries"], told["ties"]) == (0, 4, 4, True)
    assert told["total"] == "408.80"
    assert told["problems"] == []

    code, done = run("integrate", *usual, "--fingerprint", told["fingerprint"])
    assert (code, done["entries_posted"], done["fingerprint"]) == (0, 4, told["fingerprint"])

    code, undone = run(
        "undo", "--company", "c1", "--preparation", done["preparation"], "--date", "2026-05-31"
    )
    assert (code, undone["entries"]) == (0, 4)


def test_refusals_have_exit_code_1_and_wrong_usage_2(tmp_path: Path) -> None:
    a_source(tmp_path)
    code, told = run("prepare", "--company", "c1", "--source", "odbc:none")
    assert (code, told["problems"][0]["code"]) == (1, "billing.source_unknown")
    code, told = run("prepare", "--company", "zz", "--source", "source:loja")
    assert (code, told["problems"][0]["code"]) == (1, "billing.not_here")
    code, told = run(
        "integrate", "--company", "c1", "--source", "source:loja", "--fingerprint", "x"
    )
    assert (code, told["problems"][0]["code"]) == (1, "billing.another_plan")
    assert CliRunner().invoke(razao, ["billing", "prepare"]).exit_code == 2
