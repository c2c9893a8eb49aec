"""The watched folder of outgoing files (E4): a file and a company's patterns in; a delivery out, and the file leaves the folder.

An office has one folder; a company takes the files whose names fit one of its patterns. A file leaves after its
delivery is committed; cut off in between, it is recognised by its content and name, and sent once.
"""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from razao.companies.models import Company
from razao.companies.rights import Access, May, company_for, office_for
from razao.delivery import catalogue, flow, naming
from razao.delivery.models import Delivery, OutgoingPattern
from razao.delivery.parcel import Parcel
from razao.kernel.audit import record
from razao.kernel.jobs import timer
from razao.kernel.problems import NotFound, Problem, Refused, Severity, as_json
from razao.kernel.tenancy import act_as, all_company_ids

#: A file is whole when nothing about it changed for this long.
STILL_SECONDS = 5
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that lies in the folder, and the first pattern of the company that it fits."""

    path: Path
    pattern: OutgoingPattern | None
    named: naming.Named | None


def folder_of(company: Company) -> Path:
    """The folder of the company's office."""
    return _folder(company.office_id)


def _folder(office: UUID) -> Path:
    return Path(settings.RAZAO_OUTGOING) / str(office)


def add(access: Access, pattern: str, category: str) -> OutgoingPattern:
    """Watch for files of a name; ``category`` where the name says none. The folder is made when it is missing.

    Raises Refused: ``rights.not_allowed``, ``delivery.pattern_unreadable``, ``delivery.pattern_too_wide``,
    ``delivery.category_unknown``.
    """
    access.require(May.CONFIGURE)
    problems = naming.check(pattern) + catalogue.check_categories([category])
    if problems:
        raise Refused(*problems)
    folder_of(access.company).mkdir(parents=True, exist_ok=True, mode=0o770)
    made, _ = OutgoingPattern.objects.update_or_create(
        company=access.company,
        pattern=pattern,
        defaults={"category": category, "created_by_id": access.user_id},
    )
    _record(access, "delivery.pattern_added", pattern)
    return made


def remove(access: Access, pattern: UUID) -> None:
    """Watch for it no more. Raises NotFound and Refused."""
    access.require(May.CONFIGURE)
    found = OutgoingPattern.objects.filter(company=access.company, pk=pattern).first()
    if found is None:
        raise NotFound(f"pattern {pattern}")
    _record(access, "delivery.pattern_removed", found.pattern)
    found.delete()


def lying(company: Company) -> list[Lying]:
    """Files of the office's folder that fit the company's patterns; links, hidden and unfinished files are not looked at."""
    patterns = list(OutgoingPattern.objects.filter(company=company).order_by("pattern"))
    if not patterns:
        return []
    found = []
    for path in _whole_files(folder_of(company)):
        for pattern in patterns:
            said = naming.named(pattern.pattern, path.name)
            if said is not None:
                found.append(Lying(path, pattern, said))
                break
    return found


def unmatched(access: Access) -> list[Problem]:
    """As ``unmatched_of``, for the office of a company; acts for this one alone again. Raises NotFound and Refused."""
    company = access.company
    if not _whole_files(folder_of(company)):
        return []
    office_for(access.user_id, company.office_id, May.CONFIGURE)
    found = unmatched_of(company.office_id)
    company_for(access.user_id, company.pk, May.CONFIGURE)
    return found


def unmatched_of(office: UUID) -> list[Problem]:
    """Files of the folder of the office that the session acts for which fit no company's pattern.

    They lie there until somebody says whose they are.
    """
    files = _whole_files(_folder(office))
    patterns = list(OutgoingPattern.objects.values_list("pattern", flat=True)) if files else []
    return [
        Problem("delivery.name_unmatched", Severity.WARNING, where=path.name)
        for path in files
        if not any(naming.named(pattern, path.name) for pattern in patterns)
    ]


def _whole_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    now = time.time()
    with os.scandir(folder) as entries:
        return sorted(
            Path(entry.path)
            for entry in entries
            if entry.is_file(follow_symlinks=False)
            and not entry.name.startswith(".")
            and now - entry.stat(follow_symlinks=False).st_ctime >= STILL_SECONDS
        )


@timer("* * * * *")
def send_from_folders() -> None:
    """Each minute: send what lies in the folders, company by company, as who set up the pattern."""
    for company in all_company_ids():
        with transaction.atomic():
            act_as(companies=[company])
            found = lying(Company.objects.get(pk=company))
        for one in found:
            send_file(company, one)


def send_file(company: UUID, one: Lying) -> None:
    """Queue one file and take it out of the folder; what is refused stays there, with the reason at its pattern."""
    pattern, said = one.pattern, one.named
    assert pattern is not None
    assert said is not None
    try:
        with transaction.atomic():
            access = company_for(pattern.created_by_id, company, May.POST)
            key = f"folder:{_digest(one.path, company)}"
            if not Delivery.objects.filter(company_id=company, key=key).exists():
                _queue(access, one.path, said, pattern.category, key)
            _tell(pattern, ())
            transaction.on_commit(lambda: one.path.unlink(missing_ok=True))
    except (NotFound, Refused) as refusal:
        gone = (Problem("delivery.rights_gone", where=one.path.name),)
        with transaction.atomic():
            act_as(companies=[company])
            _tell(pattern, refusal.problems if isinstance(refusal, Refused) else gone)
    except FileNotFoundError:
        return  # another worker was first


def _queue(access: Access, path: Path, said: naming.Named, category: str, key: str) -> None:
    wanted = Parcel(category=said.category or category, title=said.title[:200], period=said.period)
    if path.stat().st_size > settings.RAZAO_FILE_MAX_BYTES:
        limit = settings.RAZAO_FILE_MAX_BYTES // (1 << 20)
        raise Refused(Problem("delivery.too_large", where=path.name, values={"limit": limit}))
    with path.open("rb") as source:
        drawn = flow.draft(access, source, path.name, wanted, key=key)
    flow.confirm(access, drawn.pk)


def _digest(path: Path, company: UUID) -> str:
    """The same for the same content under the same name: the same document."""
    digest = hashlib.sha256(f"{company} {path.name} ".encode())
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _tell(pattern: OutgoingPattern, problems: tuple[Problem, ...]) -> None:
    OutgoingPattern.objects.filter(pk=pattern.pk).update(problems=as_json(problems))


def _record(access: Access, action: str, pattern: str) -> None:
    record(action, user=access.user_id, company=access.company.pk, subject=pattern)
