"""Where the reference corpus lies: beside the checkout, in ``../shared/corpus``; tests that need it say so where it is absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus"
REFERENCE = SHARED / "reference"


def need(folder: str) -> Path:
    """The corpus folder, or a skip that says that the reference data is not beside this checkout."""
    path = CORPUS / folder
    if not path.is_dir():
        pytest.skip(f"the reference corpus is not beside this checkout: {path}")
    return path


def manifest(folder: str) -> list[dict[str, Any]]:
    """The rows of the folder's manifest; none where the corpus is absent (for parametrising)."""
    path = CORPUS / folder / "manifest.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def need_reference(name: str) -> Path:
    """A file of the reference data, or a skip that says that it is not beside this checkout."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"the reference data is not beside this checkout: {path}")
    return path
