"""PDF/A copies (G5): a scan in, a searchable copy of its pictured pages for the archive out; the original is never touched.

The copy is kept like every file, for the scan, and moves through the folders with its invoice.
"""

from __future__ import annotations

import io
from pathlib import PurePath
from uuid import UUID

from razao.archive.filing import Subject, file_away, filing_of, move, path_to
from razao.archive.models import Filing, Folder, StoredFile
from razao.capture import pdfa, sheets
from razao.capture.models import CapturedInvoice, Scan, ScanPage
from razao.companies.models import Company
from razao.kernel.problems import NotFound

#: Pixels across a page: 200 dpi of A4.
PIXELS = 1654
#: Copies made for one company in one night; the rest have the next one.
NIGHTLY = 500


def wants_copy(scan: Scan) -> bool:
    """Whether pages of the file are pictures, so that its text is in no file yet."""
    return ScanPage.objects.filter(company=scan.company_id, scan=scan, scanned=True).exists()


def without_copy(company: Company) -> list[UUID]:
    """Scans of posted invoices that want a copy and have none, oldest first."""
    pages = ScanPage.objects.filter(
        company=company,
        scanned=True,
        scan__copy__isnull=True,
        scan__invoices__state=CapturedInvoice.State.POSTED,
    )
    return list(pages.order_by("scan_id").values_list("scan_id", flat=True).distinct()[:NIGHTLY])


def copy_of(scan: Scan) -> StoredFile:
    """The scan's copy, made now when there is none, within the caller's transaction.

    Raises NotFound for a file without pictured pages, and Refused (``archive.cannot_write``).
    """
    if scan.copy is not None:
        return scan.copy
    if not wants_copy(scan):
        raise NotFound(f"copy of {scan.pk}")
    path = path_to(scan.file)
    pages = ScanPage.objects.filter(company=scan.company_id, scan=scan).order_by("number")
    made = pdfa.with_words(
        (
            pdfa.Sheet(sheets.jpeg(path, page.number, PIXELS, page.rotation), page.words)
            for page in pages.iterator(chunk_size=20)
        ),
        scan.name,
    )
    kept = file_away(
        scan.company_id,
        io.BytesIO(made),
        name=f"{PurePath(scan.name).stem}.pdf",
        folder=_folder(scan),
        subject=Subject("copy", scan.pk),
    )
    scan.copy = kept.file
    scan.save(update_fields=["copy"])
    return kept.file


def _folder(scan: Scan) -> Folder:
    """Where the scan's own file lies."""
    found = Filing.objects.filter(company=scan.company_id, file=scan.file).order_by("filed_at")
    first = found.first()
    return Folder(first.folder) if first else Folder.PF_BORRADOR


def move_file(row: CapturedInvoice, folder: Folder) -> None:
    """Move an invoice's file to a folder, and the copy of its scan with it."""
    move(filing_of(row.company_id, Subject("invoice", row.pk)), folder)
    if row.scan.copy_id is not None:
        move(filing_of(row.company_id, Subject("copy", row.scan_id)), folder)
