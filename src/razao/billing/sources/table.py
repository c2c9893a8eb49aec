"""CSV and XLSX files: a path and a mapping of columns in, the documents out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from razao.billing.loaded import Asked, Loaded, documents
from razao.invoices.formats.tables import TableMapping, VatColumns, read_table
from razao.kernel.problems import Problem, Refused


def load(asked: Asked) -> Loaded:
    """``settings``: ``path`` and ``mapping`` (``mapping_of``)."""
    path = Path(str(asked.settings.get("path", "")))
    if not path.is_file():
        raise Refused(Problem("source.file_missing", where=path.name))
    mapping = mapping_of(asked.settings.get("mapping") or {})
    if asked.region and "region" not in {*mapping.columns, *mapping.constants}:
        constants = {**mapping.constants, "region": asked.region}
        mapping = replace(mapping, constants=constants)
    frames, problems = read_table(path.read_bytes(), mapping, seller_tax_id=asked.tax_id)
    return documents(frames, problems, asked)


def mapping_of(settings: dict[str, Any]) -> TableMapping:
    """The mapping as it is kept: the fields of ``TableMapping`` as JSON. Raises Refused (``source.mapping``)."""
    try:
        given = dict(settings)
        vat = tuple(VatColumns(**pair) for pair in given.pop("vat", ()))
        return TableMapping(**{"columns": {}, **given}, vat=vat)
    except TypeError as error:
        raise Refused(Problem("source.mapping", where=str(error))) from error
