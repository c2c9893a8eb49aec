"""House rules that no linter has. Each message ends with the remedy."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "razao"
MODULES = sorted(p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts)
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "core",
    "services",
    "managers",
    "misc",
}
FUNCTION_LINES = 50
MODULE_LINES = 400


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(n.name, n.end_lineno - n.lineno + 1) for n in ast.walk(tree) if isinstance(n, kinds)]


def test_a_function_fits_a_screen():
    long = [
        f"{name(p)}:{f} has {n} lines"
        for p in MODULES
        for f, n in functions(p)
        if n > FUNCTION_LINES
    ]
    assert long == [], (
        f"over {FUNCTION_LINES} lines; split by step, the parent reads like a table of contents"
    )


def test_nine_functions_in_ten_have_at_most_thirty_lines():
    lengths = [n for p in MODULES for _, n in functions(p)]
    share = sum(n <= 30 for n in lengths) / len(lengths)
    assert share >= 0.9, f"only {share:.1%} are short; split the longest"


def test_a_module_stays_readable():
    big = [name(p) for p in MODULES if p.read_text().count("\n") > MODULE_LINES]
    assert big == [], f"over {MODULE_LINES} lines; split by stage or by subject, never by kind"


def test_no_vague_names():
    vague = [name(p) for p in [*MODULES, *SOURCE.rglob("*/")] if p.stem in VAGUE]
    vague.remove(
        "src/razao/config/engine/base.py"
    )  # Django looks for a database's engine under this name
    assert vague == [], "name the module after what it is about"


def test_packages_open_empty():
    full = [name(p) for p in MODULES if p.name == "__init__.py" and p.read_text().strip()]
    assert full == [], "import from the module that defines it"


def test_every_module_says_what_goes_in_and_what_comes_out():
    silent = [
        name(p)
        for p in MODULES
        if p.name != "__init__.py" and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == [], "open with one sentence"


def test_the_kernel_is_full_at_six():
    modules = [
        p.stem for p in (SOURCE / "kernel").glob("*.py") if p.stem not in {"__init__", "apps"}
    ]
    assert len(modules) <= 6, "find the missing noun in another part"


def test_nothing_is_left_for_later():
    mark = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|pytest\.mark\.(skip|xfail)")
    files = [p for folder in ("src", "tests", "bench") for p in (ROOT / folder).rglob("*.py")]
    left = [name(p) for p in files if mark.search(p.read_text()) and p != Path(__file__)]
    assert left == [], "finish it or leave it out"


def texts() -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for path in (SOURCE / "kernel" / "problem_texts").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert row["code"] not in rows, f"{row['code']} stands twice"
                assert row["code"].split(".")[0] == path.stem, f"{row['code']} belongs elsewhere"
                rows[row["code"]] = row
    return rows


def codes_used() -> set[str]:
    """Literals ``area.what`` in source code whose area has a file of texts."""
    areas = {p.stem for p in (SOURCE / "kernel" / "problem_texts").glob("*.csv")}
    pattern = re.compile(r"""["']((?:{})\.[a-z0-9_]+)["']""".format("|".join(sorted(areas))))
    return {code for p in MODULES for code in pattern.findall(p.read_text())}


def test_every_problem_has_texts_and_every_text_a_problem():
    assert set(texts()) == {c for c in codes_used() if c in texts()}, "remove the texts nobody uses"
    problems = re.compile(r"""Problem\(\s*["']([a-z_]+\.[a-z0-9_]+)["']""")
    raised = {code for p in MODULES for code in problems.findall(p.read_text())}
    assert raised - set(texts()) == set(), "write title, cause and remedy in kernel/problem_texts"


@pytest.mark.parametrize("code", sorted(texts()))
def test_a_problem_says_what_and_what_to_do(code):
    row = texts()[code]
    assert row["title"].strip(), "every problem has a title"
    assert row["remedy"].strip(), "every problem says what to do"
