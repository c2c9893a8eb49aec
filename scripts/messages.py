"""Renew the translation catalogues: texts of the code, templates and problem texts in, ``locale/*/django.po`` and ``.mo`` out.

Needs the programs of GNU gettext. Run as ``make messages``; what is translated stays, new texts are added empty.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "razao"
LANGUAGES = ("pt", "pt_BR", "es")
#: A file that exists while texts are gathered: the problem texts as calls that the extractor knows.
GATHERED = SOURCE / "problem_texts_gathered.py"


def texts() -> list[str]:
    """Every title, cause and remedy of the problem catalogue, once."""
    found: dict[str, None] = {}
    for path in sorted((SOURCE / "kernel" / "problem_texts").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.update(dict.fromkeys(row[c] for c in ("title", "cause", "remedy") if row[c]))
    return list(found)


def gather() -> None:
    """Bring the catalogues up to the texts of today."""
    GATHERED.write_text("\n".join(f"gettext({text!r})" for text in texts()) + "\n")
    try:
        for language in LANGUAGES:
            admin("makemessages", "-l", language, "-e", "html,txt,py", "--no-location", "--no-wrap")
    finally:
        GATHERED.unlink()


def admin(*arguments: str) -> None:
    """Run Django's tool in the package's folder."""
    subprocess.run([sys.executable, "-m", "django", *arguments], cwd=SOURCE, check=True)


if __name__ == "__main__":
    for language in LANGUAGES:
        (SOURCE / "locale" / language / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    gather()
    admin("compilemessages", "-v0")
