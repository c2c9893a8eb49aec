"""Cases: corpus folders with their manifests and generated sets in, files with what they truly say out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import samples, write

#: Names of fields in the corpus manifests and here.
NAMES = {
    "supplier_name": "seller_name",
    "issuer": "seller_name",
    "supplier_tax_id": "seller_tax_id",
    "customer_name": "buyer_name",
    "customer_tax_id": "buyer_tax_id",
    "tax_total": "vat_total",
    "vat_breakdown": "vat",
    "doc_type": "document_type",
}
#: Folders that hold no invoices to read: ledgers, codes alone, accounting files.
NO_INVOICES = frozenset({"ledger_fava", "ledger_ledger", "pt_qr_payloads", "saft_pt", "zxing_cpp"})
ROBUSTNESS = "robustness"


@dataclass(frozen=True, slots=True)
class Case:
    """One file with its truth. ``kind`` is the row of the report it counts in."""

    path: Path
    kind: str
    truths: tuple[dict[str, Any], ...]
    held_back: bool = False
    books: str = "PT"
    """country of the books into which the file is read"""

    @property
    def pile(self) -> bool:
        """Whether the file's cuts are judged."""
        return len(self.truths) > 1


def mapped(fields: dict[str, Any]) -> dict[str, Any]:
    """A corpus manifest's fields under the names of the invoice; a negative invoice (type 384) is a credit."""
    if fields.get("doc_type") == "invoice" and str(fields.get("gross_total", "")).startswith("-"):
        fields = {**fields, "doc_type": "credit_note"}
    return {
        NAMES.get(name, name): value for name, value in fields.items() if value not in (None, "")
    }


def manifest(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of a folder's manifest."""
    path = folder / "manifest.jsonl"
    if path.is_file():
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield json.loads(line)


def corpus_cases(root: Path) -> Iterator[Case]:
    """The files of every folder below ``root`` that has a manifest; a folder with a manifest may be given itself."""
    folders = (
        [root]
        if (root / "manifest.jsonl").is_file()
        else sorted(p for p in root.iterdir() if p.is_dir())
    )
    for folder in folders:
        if folder.name in NO_INVOICES:
            continue
        for row in manifest(folder):
            case = corpus_case(folder, row)
            if case is not None:
                yield case


def corpus_case(folder: Path, row: dict[str, Any]) -> Case | None:
    """One row of a manifest; None where it has no truth to judge by."""
    path = folder / row["file"]
    if "invoices" in row:
        kind = f"{folder.name}: {row.get('kind', '')}"
        books = str(row.get("books") or "PT")
        return Case(path, kind, tuple(row["invoices"]), bool(row.get("held_back")), books)
    if row.get("kind") == ROBUSTNESS:
        return Case(path, f"{folder.name}: {ROBUSTNESS}", ())
    fields = mapped(row.get("fields") or {})
    if not fields or row.get("kind") == "text":
        return None
    word = str(row.get("doc_word", "")).lower()
    kind = " ".join(
        part for part in (str(row.get("kind", "")), word if word != "invoice" else "") if part
    )
    return Case(path, f"{folder.name}: {kind}", (fields,))


#: Countries of the books for which documents are generated, beside Portugal.
ABROAD = ("ES", "AO", "CV", "MZ", "ST", "GW", "BR")
ABROAD_KINDS = ("digital", "digital", "digital", "scan")


def cases_abroad(folder: Path, count: int, seed: int) -> Iterator[Case]:
    """``count`` generated files for the books of each other country."""
    for country in ABROAD:
        target = folder / country
        marker = target / f".made-{count}-{seed}"
        if not marker.exists():
            write(target, samples(count, seed, Wanted(books=country), ABROAD_KINDS))
            marker.touch()
        for row in manifest(target):
            yield Case(
                target / row["file"], f"country: {country}", tuple(row["invoices"]), books=country
            )


def generated_cases(folder: Path, count: int, seed: int, *, held_back: bool) -> Iterator[Case]:
    """``count`` generated files in ``folder``, made where they are not there yet."""
    half = "held back" if held_back else "development"
    marker = folder / f".made-{count}-{seed}"
    if not marker.exists():
        write(folder, samples(count, seed, Wanted(held_back=held_back)))
        marker.touch()
    for row in manifest(folder):
        yield Case(
            folder / row["file"], f"{half}: {row['kind']}", tuple(row["invoices"]), held_back
        )
