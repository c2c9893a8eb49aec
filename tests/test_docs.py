"""Documents that cannot rot: what exists is described, and what is described exists."""

from __future__ import annotations

import re
from pathlib import Path

from razao.cli.main import COMMANDS
from scripts.problem_list import page

ROOT = Path(__file__).parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_described_and_no_other():
    read = set(re.findall(r'"(RAZAO_[A-Z0-9_]+)"', text("src/razao/config/settings.py")))
    listed = text("docs/settings.md").replace(
        "RAZAO_SMTP_HOST` `_PORT` `_USER` `_PASSWORD` `_TLS",
        " ".join(f"RAZAO_SMTP_{part}" for part in ("HOST", "PORT", "USER", "PASSWORD", "TLS")),
    )
    described = set(re.findall(r"RAZAO_[A-Z0-9_]+", listed))
    assert read - described == set(), "describe it in docs/settings.md"
    assert described - read == set(), "docs/settings.md describes what nobody reads"


def test_every_command_stands_in_the_readme():
    readme = text("README.md")
    assert [name for name in COMMANDS if f"`razao {name}" not in readme] == []


def test_the_list_of_problems_is_current():
    assert text("docs/problems.md") == page(), "make docs"


def test_links_between_documents_lead_somewhere():
    link = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    targets = [(p, t) for p in pages for t in link.findall(p.read_text(encoding="utf-8"))]
    assert [f"{p.name} → {t}" for p, t in targets if not (p.parent / t).exists()] == []


def test_nothing_names_a_registry_or_a_path_of_one_machine():
    names = [
        *ROOT.glob("*.lock"),
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "pyproject.toml",
    ]
    machine = re.compile(r"/work/|/root/|pypi\.org|simple/")
    assert [p.name for p in names if machine.search(p.read_text(encoding="utf-8"))] == []
