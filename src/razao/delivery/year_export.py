"""The export of a company's year (M8): a fiscal year in, a folder that anybody can check without Razão out.

Holds the whole chain (its links are small and prove nothing in parts), the records, entries and files that
belong to the year, the SAF-T where the country has one, and ``verify.py``. docs/year_export.md says what is in which file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from razao.archive import chain
from razao.archive.filing import path_to
from razao.archive.models import ChainRoot, StoredFile
from razao.companies.models import FiscalYear
from razao.companies.rights import Access, May, company_for
from razao.countries.pack import load
from razao.delivery import verify
from razao.delivery.proof import RECORDS
from razao.kernel.audit import record
from razao.kernel.jobs import Run, job
from razao.kernel.problems import NotFound, Problem, Refused
from razao.reports import made as made_files
from razao.reports.models import MadeFile
from razao.reports.saft import writer as saft

FORMAT = "razao-year-1"
YEAR_EXPORT = "year_export"
ROWS_AT_ONCE = 2000

LINKS = """
SELECT concat_ws(E'\\t', position, kind, subject, encode(digest, 'hex'), archive_instant(at), encode(hash, 'hex'))
FROM archive_chainlink WHERE company_id = %(company)s ORDER BY position
"""

#: Ids of what belongs to the year: batches with an entry in it (whole), deliveries asked for in it or of its
#: period with all their steps and openings, and every file that these name or that came in the year.
MEMBERS = """
CREATE TEMPORARY TABLE export_member ON COMMIT DROP AS
WITH batch AS (
  SELECT DISTINCT batch_id AS id FROM ledger_entry WHERE company_id = %(company)s AND fiscal_year_id = %(year)s
), delivery AS (
  SELECT id FROM delivery_delivery WHERE company_id = %(company)s
    AND (asked_at::date BETWEEN %(start)s AND %(end)s OR left(period, 4) = %(code)s)
), sent AS (
  SELECT p.id, p.file_id FROM delivery_portaldocument p JOIN delivery d ON d.id = p.delivery_id
), file AS (
  SELECT id FROM archive_storedfile WHERE company_id = %(company)s AND created_at::date BETWEEN %(start)s AND %(end)s
  UNION SELECT file_id FROM sent
  UNION SELECT f.id FROM archive_storedfile f JOIN ledger_entry e ON e.company_id = f.company_id AND e.file = f.sha256
    JOIN batch b ON b.id = e.batch_id WHERE f.company_id = %(company)s
)
SELECT 'batch' AS kind, id FROM batch UNION ALL SELECT 'file', id FROM file
UNION ALL SELECT 'step', s.id FROM delivery_deliverystep s JOIN delivery d ON d.id = s.delivery_id
UNION ALL SELECT 'opening', o.id FROM delivery_opening o JOIN sent ON sent.id = o.document_id
"""

RECORD_ROWS = " UNION ALL ".join(
    f"SELECT l.position, l.position || E'\\t' || {function}(r.*) AS line FROM export_member m"  # noqa: S608  (constants)
    f" JOIN {table} r ON r.company_id = %(company)s AND r.id = m.id"
    f" JOIN archive_chainlink l ON l.company_id = %(company)s AND l.subject = r.id AND l.kind = m.kind"
    f" WHERE m.kind = '{kind}'"
    for kind, (table, function) in RECORDS.items()
)
RECORD_LINES = f"SELECT line FROM ({RECORD_ROWS}) rows ORDER BY position"  # noqa: S608

#: Canonical texts, as the ledger hashed them (docs/chain.md), batch by batch, entries by id.
ENTRIES = """
SELECT b.id, ledger_entry_text(e.id, j.code, t.code, y.code, e.period, e.number, e.date, e.document_date,
    e.source_key, e.reference, e.text, e.file, e.reverses_id) || lines.body || 'H' || E'\\t' || encode(s.hash, 'hex')
FROM export_member m
JOIN ledger_batch b ON b.company_id = %(company)s AND b.id = m.id AND m.kind = 'batch'
JOIN ledger_entry e ON e.company_id = b.company_id AND e.batch_id = b.id
JOIN ledger_entryseal s ON s.company_id = e.company_id AND s.entry_id = e.id
JOIN ledger_journal j ON j.id = e.journal_id
JOIN ledger_entrytype t ON t.id = e.entry_type_id
JOIN companies_fiscalyear y ON y.id = e.fiscal_year_id
CROSS JOIN LATERAL (
  SELECT string_agg(ledger_line_text(l.position, a.code, l.debit, l.credit, c.code, p.tax_id, v.code, l.tax_base,
      l.currency, l.currency_amount, l.rubric, l.text), '' ORDER BY l.position) AS body
  FROM ledger_line l
  LEFT JOIN ledger_account a ON a.id = l.account_id
  LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id
  LEFT JOIN companies_party p ON p.id = l.party_id
  LEFT JOIN ledger_vatcode v ON v.id = l.vat_code_id
  WHERE l.company_id = e.company_id AND l.entry_id = e.id
) lines
ORDER BY b.sequence, e.id
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    folder: Path
    links: int
    end: str
    entries: int
    files: int
    saft_problems: tuple[Problem, ...]
    """why there is no SAF-T in it; () when there is, or when the country has none"""


def export_year(
    access: Access,
    year: str,
    folder: Path,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Exported:
    """Write the company's fiscal year ``year`` (its code) to an empty or new folder.

    Raises NotFound for a year the company does not have; Refused: ``rights.not_allowed``,
    ``chain.folder_not_empty``, ``chain.file_missing``.
    """
    access.require(May.CONFIGURE)
    found = FiscalYear.objects.filter(company=access.company, code=year).first()
    if found is None:
        raise NotFound(f"fiscal year {year}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(Problem("chain.folder_not_empty", where=str(folder)))
    (folder / "files").mkdir(parents=True, exist_ok=True)
    _members(access, found)
    position, end = chain.head_of(access.company.pk)
    _write(folder / "chain.tsv", _texts(LINKS, access))
    _write(folder / "records.tsv", _texts(RECORD_LINES, access))
    entries = _write(folder / "entries.txt", _entries(access))
    files = _copy_files(access, folder / "files", progress)
    missing = _saft(access, found, folder / "saft.xml")
    shutil.copyfile(verify.__file__, folder / "verify.py")
    _seal(access, found, folder, {"position": position, "hash": end.hex()})
    record("year.exported", user=access.user_id, company=access.company.pk, subject=year)
    return Exported(folder, position, end.hex(), entries, files, missing)


def _members(access: Access, year: FiscalYear) -> None:
    values: dict[str, Any] = {
        "company": access.company.pk,
        "year": year.pk,
        "start": year.start,
        "end": year.end,
        "code": year.code,
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS export_member")
        cursor.execute(MEMBERS, values)


def _rows(query: str, access: Access) -> Iterator[tuple[Any, ...]]:
    """Rows of a query as a stream: the server keeps what is not read yet."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, {"company": access.company.pk})
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _texts(query: str, access: Access) -> Iterator[str]:
    return (row[0] for row in _rows(query, access))


def _entries(access: Access) -> Iterator[str]:
    """Texts of entries, each batch headed by its id."""
    batch = None
    for of_batch, text in _rows(ENTRIES, access):
        head = "" if of_batch == batch else f"B\t{of_batch}\n"
        batch = of_batch
        yield head + text


def _write(path: Path, lines: Iterator[str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line + "\n")
            count += 1
    return count


def _copy_files(access: Access, folder: Path, progress: Callable[[int, int], None]) -> int:
    """The contents of the year's files, each under its SHA-256. Raises Refused (``chain.file_missing``)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM export_member WHERE kind = 'file'")
        ids = [row[0] for row in cursor.fetchall()]
    for done, identity in enumerate(ids):
        file = StoredFile.objects.get(company=access.company, pk=identity)
        try:
            shutil.copyfile(path_to(file), folder / file.sha256)
        except NotFound:
            raise Refused(Problem("chain.file_missing", where=file.sha256)) from None
        progress(done + 1, len(ids))
    return len(ids)


def _saft(access: Access, year: FiscalYear, path: Path) -> tuple[Problem, ...]:
    """The SAF-T of the year, or the problems for which the books do not allow one yet."""
    if load(access.company.country).saft is None:
        return ()
    try:
        saft.write(access.company, year, path)
    except Refused as refusal:
        path.unlink(missing_ok=True)
        return refusal.problems
    return ()


def _seal(access: Access, year: FiscalYear, folder: Path, end: dict[str, Any]) -> None:
    """The manifest: every file with its hash, the chain's end, its roots; and the manifest's own hash beside it."""
    company = access.company
    roots = ChainRoot.objects.filter(company=company, position__lte=end["position"])
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest = {
        "format": FORMAT,
        "company": {"code": company.code, "name": company.name, "tax_id": company.tax_id},
        "year": {"code": year.code, "start": str(year.start), "end": str(year.end)},
        "made_at": chain.instant(timezone.now()),
        "chain": end,
        "roots": [
            {"day": str(r.day), "position": r.position, "hash": bytes(r.hash).hex()} for r in roots
        ],
        "files": [
            {
                "path": path.relative_to(folder).as_posix(),
                "size": path.stat().st_size,
                "sha256": verify.sha256_of(path),
            }
            for path in paths
        ],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.sha256").write_text(digest + "\n", encoding="ascii")


# In the background


def ask(access: Access, year: str) -> MadeFile:
    """Have a year exported as a zip, found again under its row. Raises NotFound and Refused as ``export_year``."""
    access.require(May.CONFIGURE)
    if not FiscalYear.objects.filter(company=access.company, code=year).exists():
        raise NotFound(f"fiscal year {year}")
    return made_files.begin(
        access,
        make_year,
        what=YEAR_EXPORT,
        form="zip",
        parameters={"year": year},
        title=_("Export of {year} with proof").format(year=year),
    )


@job(title="Export a year", attempts=3)
def make_year(run: Run, *, made: str) -> None:
    """Export and zip, with the rights of who asked as they are now."""
    company, person = run.company_id, run.user_id
    if company is None or person is None:
        raise NotFound("company")
    with run.transaction():
        row = made_files.made_file(company, UUID(made))
        name = f"{row.company.code}-{row.parameters['year']}"

    def fill(path: Path) -> None:
        with tempfile.TemporaryDirectory(prefix=".year-", dir=path.parent) as place:
            folder = Path(place) / name
            with run.transaction():
                access = company_for(person, company, May.CONFIGURE)
                export_year(access, row.parameters["year"], folder, run.progress)
            _zip(folder, path)

    made_files.write(run, row, f"{name}.zip", fill)


def _zip(folder: Path, path: Path) -> None:
    """The folder as one file; what came from outside is mostly compressed already."""
    with zipfile.ZipFile(path, "w") as out:
        for one in sorted(folder.rglob("*")):
            kept = one.parent.name == "files"
            how = zipfile.ZIP_STORED if kept else zipfile.ZIP_DEFLATED
            if one.is_file():
                out.write(one, one.relative_to(folder.parent), how)
