"""The hash chain of a company (M8): in: nothing, as triggers write its links; out: links, what is wrong, the day's root.

Files stored, batches posted, steps and openings of deliveries each add a link when their transaction
commits (migrations/chain.sql). Here the chain is read, checked and sealed by day; docs/year_export.md says how an
outsider checks it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

from razao.archive.models import ChainHead, ChainLink, ChainRoot
from razao.kernel.problems import Problem, as_json

#: What the first link follows.
NOTHING = bytes(32)


def instant(at: datetime) -> str:
    """An instant as the chain writes it: UTC, microseconds, ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def link_hash(
    previous: bytes, position: int, kind: str, subject: UUID, digest: bytes, at: datetime
) -> bytes:
    """The hash of a link, as ``archive_link_hash`` of chain.sql reckons it."""
    text = "\t".join((str(position), kind, str(subject), digest.hex(), instant(at)))
    return hashlib.sha256(previous + text.encode()).digest()


def link_of(company: UUID, subject: UUID) -> ChainLink | None:
    """The link of a fact; None until the transaction of the fact has committed."""
    return (
        ChainLink.objects.filter(company_id=company, subject=subject).order_by("position").first()
    )


def head_of(company: UUID) -> tuple[int, bytes]:
    """Position and hash of the last link; (0, 32 zero bytes) of a company without any."""
    head = ChainHead.objects.filter(company_id=company).first()
    return (head.position, bytes(head.hash)) if head else (0, NOTHING)


def check(company: UUID) -> list[Problem]:
    """Walk a company's chain from its first link: what is missing, out of order or does not hash, and roots it belies."""
    problems: list[Problem] = []
    roots = dict(ChainRoot.objects.filter(company_id=company).values_list("position", "hash"))
    position, previous = 0, NOTHING
    for link in ChainLink.objects.filter(company_id=company).order_by("position").iterator():
        position += 1
        digest, found = bytes(link.digest), bytes(link.hash)
        reckoned = link_hash(previous, position, link.kind, link.subject, digest, link.at)
        if link.position != position or bytes(link.previous_hash) != previous or found != reckoned:
            problems.append(Problem("chain.broken", where=str(link.position)))
            position = link.position
        if position in roots and bytes(roots[position]) != found:
            problems.append(Problem("chain.root_differs", where=str(position)))
        previous = found
    if head_of(company) != (position, previous):
        problems.append(Problem("chain.end_missing", where=str(head_of(company)[0])))
    return problems


def seal(company: UUID, day: date, problems: list[Problem]) -> ChainRoot:
    """Write the end of the chain as the root of ``day``, once; ``problems`` are those that its check found."""
    position, end = head_of(company)
    root, _ = ChainRoot.objects.get_or_create(
        company_id=company,
        day=day,
        defaults={"position": position, "hash": end, "problems": as_json(problems[:1000])},
    )
    return root
