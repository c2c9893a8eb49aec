"""``make accuracy`` from the outside: a folder with a manifest is read and judged; held-back files stay untold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from razao.capture.accuracy.__main__ import main
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import Sample, samples, write


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder of folders: one of two PDFs, one of them with a false truth and held back."""
    first, second = samples(2, 5, Wanted(sheet="classic", country="PT"), ("digital_qr",))
    lie = ({**second.invoices[0], "gross_total": "0.01"},)
    false = Sample(**{**fields(second), "invoices": lie, "held_back": True})
    write(tmp_path / "mine", iter([first, false]))
    return tmp_path


def fields(sample: Sample) -> dict[str, object]:
    return {name: getattr(sample, name) for name in Sample.__slots__}


def run(corpus: Path, *options: str) -> str:
    arguments = ["--corpus", str(corpus), "--generated", "0", "--abroad", "0", *options]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_figures_as_json(corpus: Path) -> None:
    (row,) = json.loads(run(corpus, "--json"))["kinds"]

    assert (row["kind"], row["files"], row["invoices"]) == ("mine: digital_qr", 2, 2)
    assert row["fields"]["gross_total"] == {"judged": 2, "right": 1}
    assert row["fields"]["number"] == {"judged": 2, "right": 2}


def test_wrong_fields_are_told_but_not_of_held_back_files(corpus: Path) -> None:
    assert "gross_total" not in run(corpus, "--show-wrong")
    assert "gross_total: 0.01" in run(corpus, "--show-wrong", "--show-held-back")
