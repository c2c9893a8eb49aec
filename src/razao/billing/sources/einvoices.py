"""E-invoice files (UBL, CII, Facturae …): a file or a folder in, the documents that the company issued out."""

from __future__ import annotations

from pathlib import Path

from razao.billing.loaded import Asked, Loaded, documents
from razao.invoices.formats.read import read_xml
from razao.invoices.frame import to_frames
from razao.invoices.invoice import Invoice
from razao.kernel.problems import Problem, Refused


def load(asked: Asked) -> Loaded:
    """``settings``: ``path`` of a file, or of a folder whose ``*.xml`` are read in the order of their names."""
    path = Path(str(asked.settings.get("path", "")))
    files = sorted(path.rglob("*.xml")) if path.is_dir() else [path]
    if not files or not all(f.is_file() for f in files):
        raise Refused(Problem("source.file_missing", where=path.name))
    invoices: list[Invoice] = []
    problems: list[Problem] = []
    for file in files:
        found, wrong = read_xml(file.read_bytes())
        invoices.extend(found)
        problems.extend(
            Problem(p.code, p.severity, f"{file.name} {p.where}".strip(), p.values) for p in wrong
        )
    return documents(to_frames(invoices), problems, asked)
