"""SAF-T (PT) billing files: a path in, the documents of the company out; every fault of the file is a problem."""

from __future__ import annotations

from pathlib import Path

from razao.billing.loaded import Asked, Loaded, documents
from razao.invoices.formats.saft import read_saft
from razao.kernel.problems import Problem, Refused


def load(asked: Asked) -> Loaded:
    """``settings``: ``path`` of the file. Sales of the period, and the customers that the file names."""
    path = Path(str(asked.settings.get("path", "")))
    if not path.is_file():
        raise Refused(Problem("source.file_missing", where=path.name))
    saft = read_saft(path)
    return documents(saft.sales.frames, saft.problems, asked)
