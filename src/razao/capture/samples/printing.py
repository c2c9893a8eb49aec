"""Printing: the strings of a sheet in, a PDF file's bytes and its number of pages out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import typst

#: The same moment in every file, so that a seed makes the same bytes.
TIMESTAMP = 1_767_225_600


@cache
def compiler() -> Any:
    """The typst compiler on this package's sheets; it keeps fonts and parsed sources between documents."""
    folder = str(files("razao.capture.samples").joinpath("sheets"))
    return typst.Compiler(f"{folder}/sheet.typ", root=folder)


def print_sheet(sheet: Mapping[str, Any]) -> bytes:
    """The PDF of one sheet."""
    data = json.dumps(sheet, ensure_ascii=False)
    return bytes(
        compiler().compile(
            format="pdf", sys_inputs={"sheet": data}, timestamp=TIMESTAMP, pdf_tags=False
        )
    )


def pages_in(pdf: bytes) -> int:
    """How many pages a PDF written by this module has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
