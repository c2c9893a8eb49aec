"""Writes docs/problems.md from the texts of the problems."""

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "razao.config.settings")

from razao.kernel.problems import catalogue

HEAD = """# Problems

Every code that Razão may answer with, what it means and what to do. Made from `kernel/problem_texts` by `make docs`.

| code | what | why | what to do |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = [
        f"| `{code}` | {t.title} | {t.cause} | {t.remedy} |\n"
        for code, t in sorted(catalogue().items())
    ]
    return HEAD + "".join(rows)


if __name__ == "__main__":
    (Path(__file__).parents[1] / "docs" / "problems.md").write_text(page(), encoding="utf-8")
