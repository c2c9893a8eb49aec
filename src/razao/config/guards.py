"""What the database itself refuses: in: the SQL of this version's migrations, out: where the database's functions and triggers differ.

Policies are applied anew after each migration; functions and triggers come once, with theirs. Somebody with the owner's
password may change them: ``razao doctor`` says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

_FUNCTION = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION (?P<name>\w+)\(.*?\$\$(?P<body>.*?)\$\$", re.DOTALL
)
_TRIGGER = re.compile(
    r"CREATE (?:OR REPLACE |CONSTRAINT )*TRIGGER (?P<name>\w+)\s.*?\sON (?P<table>\w+)", re.DOTALL
)
_PRESENT = """
SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
#: A trigger that is switched off, or fires in replicas alone, guards nothing.
_FIRING = """
SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
"""


@dataclass(slots=True)
class Guards:
    """Functions by name with every text that a migration gave them, and triggers with their table."""

    functions: dict[str, set[str]] = field(default_factory=dict)
    triggers: set[tuple[str, str]] = field(default_factory=set)


def of_this_version() -> Guards:
    """What the migrations install."""
    found = Guards()
    for path in sorted(Path(__file__).parents[1].glob("*/migrations/*.*")):
        text = path.read_text("utf-8") if path.suffix in {".sql", ".py"} else ""
        for one in _FUNCTION.finditer(text):
            found.functions.setdefault(one["name"], set()).add(one["body"])
        found.triggers |= {(one["name"], one["table"]) for one in _TRIGGER.finditer(text)}
    return found


def differing() -> list[str]:
    """Functions and triggers that the database lacks, or has otherwise, or switched off; empty where all are there."""
    wanted = of_this_version()
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT)
        texts = {(name, text) for name, text in cursor.fetchall()}
        cursor.execute(_FIRING)
        firing = set(cursor.fetchall())
    wrong = [
        f"function {name}"
        for name, bodies in wanted.functions.items()
        if not any((name, body) in texts for body in bodies)
    ]
    wrong += [f"trigger {name} on {table}" for name, table in wanted.triggers - firing]
    return sorted(wrong)
