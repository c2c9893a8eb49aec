"""Intake: a content from anywhere in, an archived file with its item in custody out; and source folders emptied safely.

A file leaves its source folder only after the archive's copy is synced and checked and its row is
committed (invariant 8). A pass that is cut off anywhere is simply made again: the content tells whether
it was received.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from razao.archive import custody
from razao.archive.filing import Subject, file_for, keep, release
from razao.archive.media import DIGITISED, EMAIL
from razao.archive.models import Folder, IntakeEvent, StoredFile
from razao.archive.store import hash_of, read, size_of
from razao.capture.mail import parse_mail
from razao.capture.models import CapturedInvoice, Flow, Intake, Origin, Scan
from razao.companies.models import Company
from razao.kernel.problems import Problem, Refused, Severity, as_json

#: A file is whole when nobody has written to it for so long; programs that copy set the time at the end.
STABLE_SECONDS = 3.0
#: Larger files are accepted, with advice (S3).
ADVISED_BYTES = 200 * 1024


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a file, for whom, how."""

    company: Company
    direction: Flow
    origin: Origin
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one content: its scans (several for a message), and what there is to say."""

    scans: tuple[Scan, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def unread(self) -> tuple[Scan, ...]:
        """Scans that the reader must look at."""
        return tuple(s for s in self.scans if s.read_at is None and s.run_id is None)


@dataclass(frozen=True, slots=True)
class Found:
    """A whole file in a source folder, as it was seen."""

    path: Path
    size: int
    changed: int
    inode: int


def record(sender: Sender, source: BinaryIO, name: str) -> Receipt:
    """Keep a content and put it in custody, within the caller's transaction. Idempotent by content.

    Raises Refused (``capture.too_large``, ``archive.cannot_write``).
    """
    _check_size(source.seek(0, os.SEEK_END), name)
    source.seek(0)
    file = keep(sender.company.pk, source, name=name, folder=Folder.PC_OCR)
    if file.media_type == EMAIL:
        return _record_mail(sender, file, name)
    return _record_file(sender, file, name, None)


def _check_size(size: int, name: str) -> None:
    limit = settings.RAZAO_FILE_MAX_BYTES
    if size > limit:
        values = {"size": size >> 20, "limit": limit >> 20}
        raise Refused(Problem("capture.too_large", where=name, values=values))


def _record_file(sender: Sender, file: StoredFile, name: str, mail: StoredFile | None) -> Receipt:
    known = Scan.objects.filter(company=sender.company, file=file).first()
    if known is not None:
        release(file, Folder.PC_OCR)
        told = Problem(
            "capture.file_known", Severity.ADVICE, name, {"name": known.name, "day": known.day}
        )
        return Receipt((known,), (told,))
    day = today_of(sender.company)
    problems = list(_first_look(file, name))
    scan = Scan.objects.create(
        company=sender.company,
        file=file,
        mail=mail,
        direction=sender.direction,
        origin=sender.origin,
        name=name,
        day=day,
        sent_by_id=sender.user_id,
        problems=as_json(problems),
    )
    refused = any(p.blocks for p in problems)
    _open_item(sender, scan, refused=refused)
    return Receipt((scan,), tuple(problems))


def _first_look(file: StoredFile, name: str) -> list[Problem]:
    if file.media_type not in DIGITISED:
        values = {"media_type": file.media_type}
        return [Problem("capture.format_refused", Severity.ERROR, name, values)]
    if file.size > ADVISED_BYTES:
        return [Problem("capture.large", Severity.ADVICE, name, {"size": file.size // 1024})]
    return []


def _open_item(sender: Sender, scan: Scan, *, refused: bool) -> CapturedInvoice:
    """The item in custody of a scan: waits to be read, or is refused at once and stays listed."""
    state = CapturedInvoice.State.REJECTED if refused else CapturedInvoice.State.RECEIVED
    if refused:
        scan.read_at = timezone.now()
        scan.save(update_fields=["read_at"])
    item = CapturedInvoice.objects.create(
        company=sender.company,
        scan=scan,
        direction=scan.direction,
        day=scan.day,
        state=state,
        problems=scan.problems,
    )
    file_for(scan.file, Folder.PC_OCR, Subject("invoice", item.pk))
    kinds = [IntakeEvent.Kind.RECEIVED] + [IntakeEvent.Kind.REJECTED] * refused
    for kind in kinds:
        custody.note(kind, item=item.pk, day=scan.day, file=scan.file, user=sender.user_id)
    return item


def _record_mail(sender: Sender, file: StoredFile, name: str) -> Receipt:
    """A message is kept whole; each invoice it carries becomes a scan of its own."""
    with read(Folder.PC_OCR, file.company_id, file.sha256) as content:
        mail = parse_mail(content.read())
    inner = [a for a in mail.attachments if a.media_type in DIGITISED]
    if not inner:
        return _record_file(sender, file, name, None)
    file_for(file, Folder.PC_OCR, Subject("mail", file.pk))
    receipts = []
    for attachment in inner:
        kept = keep(
            sender.company.pk,
            io.BytesIO(attachment.content),
            name=attachment.name,
            folder=Folder.PC_OCR,
        )
        receipts.append(_record_file(sender, kept, attachment.name, file))
    scans = tuple(s for r in receipts for s in r.scans)
    return Receipt(scans, tuple(p for r in receipts for p in r.problems))


def today_of(company: Company) -> date:
    """The day at the office that keeps the company's books."""
    return timezone.now().astimezone(ZoneInfo(company.office.time_zone)).date()


def default_folder(company: Company, direction: Flow) -> Path:
    """The company's source folder for a direction, below RAZAO_INTAKE."""
    office = str(company.office_id).split("-")[-1]
    code = slugify(company.code) or str(company.pk)
    return Path(settings.RAZAO_INTAKE) / office / code / direction.value


def open_folders(company: Company) -> list[Intake]:
    """The company's source folders, one for each direction; made on disk when they are missing (S1)."""
    for direction in Flow:
        folder = default_folder(company, direction)
        Intake.objects.get_or_create(company=company, direction=direction, folder=str(folder))
    intakes = list(Intake.objects.filter(company=company).order_by("direction", "folder"))
    for intake in intakes:
        with contextlib.suppress(OSError):
            Path(intake.folder).mkdir(parents=True, exist_ok=True, mode=0o770)
    return intakes


def checked_folder(text: str) -> Path:
    """A path that somebody typed, as a folder below RAZAO_INTAKE. Raises Refused (``capture.folder_outside``)."""
    root = Path(settings.RAZAO_INTAKE).resolve()
    path = (root / text).resolve()
    if not path.is_relative_to(root) or path == root:
        raise Refused(Problem("capture.folder_outside", where=text, values={"root": str(root)}))
    return path


def whole_files(folder: Path, wait: float = STABLE_SECONDS) -> list[Found]:
    """Regular files of a folder that nobody is writing to, oldest first; links and hidden files are not looked at.

    Raises OSError when the folder cannot be listed.
    """
    first = _look(folder)
    young = [f for f in first if f.changed > time.time_ns() - int(wait * 1e9)]
    if not young:
        return first
    time.sleep(wait)
    before = {(f.path, f.size, f.changed) for f in first}
    return [f for f in _look(folder) if (f.path, f.size, f.changed) in before]


def _look(folder: Path) -> list[Found]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~$")) or not entry.is_file(follow_symlinks=False):
                continue
            with contextlib.suppress(FileNotFoundError):
                about = entry.stat(follow_symlinks=False)
                found.append(
                    Found(Path(entry.path), about.st_size, about.st_mtime_ns, about.st_ino)
                )
    return sorted(found, key=lambda f: (f.changed, f.path.name))


def take(sender: Sender, found: Found) -> Receipt:
    """Receive one file of a source folder, within the caller's transaction; it leaves the folder after the commit.

    Raises Refused (``capture.too_large``, ``capture.changing``, ``archive.cannot_write``) and OSError; the
    file then stays where it is.
    """
    _check_size(found.size, found.path.name)
    handle = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as source:
        if not _same(os.fstat(source.fileno()), found):
            raise Refused(Problem("capture.changing", where=found.path.name))
        receipt = record(sender, source, found.path.name)
        if not _same(os.fstat(source.fileno()), found):
            raise Refused(Problem("capture.changing", where=found.path.name))
    transaction.on_commit(lambda: _leave_source(found, sender.company.pk), robust=True)
    return receipt


def _leave_source(found: Found, company: UUID) -> None:
    """Remove a file from its source once the archive provably holds what is in it now."""
    with contextlib.suppress(FileNotFoundError):
        if not _same(found.path.stat(follow_symlinks=False), found):
            return
        sha256 = hash_of(found.path)
        if any(size_of(folder, company, sha256) == found.size for folder in Folder):
            found.path.unlink()


def _same(about: os.stat_result, found: Found) -> bool:
    seen = (about.st_size, about.st_mtime_ns, about.st_ino)
    return stat.S_ISREG(about.st_mode) and seen == (found.size, found.changed, found.inode)


def has_files(folder: Path) -> bool:
    """Whether a folder holds anything to receive; False when it cannot be listed, which sending then reports."""
    try:
        return bool(_look(folder))
    except OSError:
        return False
