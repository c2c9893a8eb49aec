"""Reasons: the rule and the facts behind a line in, one sentence in the reader's language out (M5).

``because`` is a JSON object of facts (rows, not weights). The sentences live in ``reasons.csv`` as English
msgids with ``{name}`` placeholders; faces pass the translation.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

NOTHING = "{}"


@cache
def sentences() -> Mapping[str, str]:
    """English msgid of each rule."""
    with Path(__file__).with_name("reasons.csv").open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["rule"]: row["sentence"] for row in csv.DictReader(file)})


def facts(**columns: pl.Expr | str | int) -> pl.Expr:
    """A ``because`` column from expressions and constants."""
    exprs = [
        (value if isinstance(value, pl.Expr) else pl.lit(value)).alias(name)
        for name, value in columns.items()
    ]
    return pl.struct(exprs).struct.json_encode()


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def explain(rule: str, because: str, translate: Callable[[str], str] = str) -> str:
    """Why a line is as it is. An unknown rule is shown by its code rather than hidden."""
    values = _Facts(
        {k: _shown(v) for k, v in json.loads(because or NOTHING).items() if v is not None}
    )
    return translate(sentences().get(rule, rule)).format_map(values)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
