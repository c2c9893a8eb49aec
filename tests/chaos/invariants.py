"""The invariants of a company after everything has settled: a place and what was handed in, in; what is broken, in words, out."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from razao.archive import chain, custody, store
from razao.archive.models import Filing, Folder, StoredFile
from razao.billing.models import Preparation
from razao.capture import queries
from razao.capture.models import CapturedInvoice
from razao.companies.models import Company
from razao.delivery import proof
from razao.delivery.models import Delivery, Notice, Opening, PortalDocument
from razao.kernel.models import JobRun
from razao.kernel.tenancy import act_as, guard_of, own_models
from razao.ledger.integrity import verify
from tests.chaos.place import Place

#: No two live entries, no live entry without its document, no document without its entry.
LIVE = """
SELECT 'entry ' || e.source_key || ' of batch kind ' || b.kind || ' has no document', 1
FROM ledger_entry e JOIN ledger_batch b ON b.company_id = e.company_id AND b.id = e.batch_id
JOIN ledger_entryseal s ON s.company_id = e.company_id AND s.entry_id = e.id AND s.reversed_by_id IS NULL
WHERE e.company_id = %(company)s AND (
  (b.kind = 'capture' AND NOT EXISTS (SELECT FROM capture_capturedinvoice c
     WHERE c.company_id = e.company_id AND c.entry_id = e.id AND c.state = 'posted'))
  OR (b.kind = 'billing' AND NOT EXISTS (SELECT FROM billing_billingdocument d
     WHERE d.company_id = e.company_id AND d.entry_key = e.source_key AND NOT d.undone)))
UNION ALL
SELECT 'invoice ' || c.id || ' is posted without a live entry', 1 FROM capture_capturedinvoice c
WHERE c.company_id = %(company)s AND c.state = 'posted' AND NOT EXISTS (
  SELECT FROM ledger_entryseal s WHERE s.company_id = c.company_id AND s.entry_id = c.entry_id
    AND s.reversed_by_id IS NULL)
UNION ALL
SELECT 'document ' || d.source_key || ' is integrated without a live entry', 1 FROM billing_billingdocument d
WHERE d.company_id = %(company)s AND NOT d.undone AND NOT EXISTS (
  SELECT FROM ledger_entryseal s WHERE s.company_id = d.company_id AND s.source_key = d.entry_key
    AND s.reversed_by_id IS NULL)
UNION ALL
SELECT 'source key ' || source_key || ' has ' || count(*) || ' live entries', 1 FROM ledger_entryseal
WHERE company_id = %(company)s AND reversed_by_id IS NULL GROUP BY source_key HAVING count(*) > 1
UNION ALL
SELECT 'entry ' || e.id || ' lies outside its period', 1 FROM ledger_entry e
LEFT JOIN ledger_period p ON p.company_id = e.company_id AND p.fiscal_year_id = e.fiscal_year_id
  AND p.number = e.period AND e.date BETWEEN p.start AND p."end"
WHERE e.company_id = %(company)s AND p.id IS NULL
"""


def broken(place: Place, handed_in: Sequence[str], told: dict[str, Any]) -> list[str]:
    """Every invariant of the company that does not hold.

    ``handed_in``: hashes of the files that were put into the source folder or uploaded. ``told``: what people were
    told was done (keys of deliveries).
    """
    with transaction.atomic():
        act_as(companies=[place.company])
        found = [
            *_books(place),
            *_archive(place, handed_in),
            *_billing(place),
            *_delivery(place, told),
            *_notices(place),
            *_jobs(place),
        ]
    with transaction.atomic():
        act_as()
        found += _strangers()
    return found


def _books(place: Place) -> Iterator[str]:
    """Invariants 1 to 6: the ledger's own proof, the chain, and entries and documents in step."""
    company = Company.objects.get(pk=place.company)
    yield from (f"{p.code} {p.where} {p.values}" for p in verify(company))
    for problem in (*chain.check(place.company), *proof.check_records(place.company)):
        yield f"{problem.code} {problem.where} {problem.values}"
    yield from (what for what, _ in _rows(LIVE, place))


def _archive(place: Place, handed_in: Sequence[str]) -> Iterator[str]:
    """Invariant 8 and M7: everything handed in is kept, under its hash, and received = posted + waiting + rejected."""
    found = custody.prove(place.company, queries.living(place.company))
    if not found.ties:
        yield f"custody does not tie: {found.problems}"
    for day, tally in custody.tallies(place.company).items():
        if not tally.ties:
            yield f"custody of {day}: {tally}"
    yield from _contents(place, handed_in)
    left = [p.name for p in Path(place.folder).iterdir()]
    if left:
        yield f"still in the source folder: {left}"


def _contents(place: Place, handed_in: Sequence[str]) -> Iterator[str]:
    """Every content lies under its hash in each folder in which it is filed, and nowhere else."""
    kept = set(StoredFile.objects.filter(company_id=place.company).values_list("sha256", flat=True))
    filings = Filing.objects.filter(company_id=place.company)
    filed = set(filings.values_list("folder", "file__sha256"))
    for folder, sha in filed:
        found = store.hash_in(Folder(folder), place.company, sha)
        if found is None:
            yield f"{sha[:12]} is not in {folder}"
        elif found != sha:
            yield f"{sha[:12]} in {folder} is another content"
    for sha in set(handed_in) - kept:
        yield f"{sha[:12]} was handed in and is lost"
    for sha in kept - {sha for _, sha in filed}:
        yield f"{sha[:12]} is kept for nobody"
    for folder in Folder:
        for sha, _ in store.contents(folder, place.company):
            if (folder.value, sha) not in filed:
                yield f"{sha[:12]} lies in {folder.value} for nobody"


def _billing(place: Place) -> Iterator[str]:
    """Invariant 9, and that a preparation says what became of it."""
    for kept in Preparation.objects.filter(company_id=place.company):
        batch = _rows(
            "SELECT b.total, EXISTS (SELECT FROM ledger_batch r WHERE r.company_id = b.company_id AND r.reverses_id = b.id)"
            " FROM ledger_batch b WHERE b.company_id = %(company)s AND b.id = %(batch)s",
            place,
            batch=kept.batch_id,
        )
        if kept.state in {"integrated", "undone"}:
            wanted = [(kept.total, kept.state == "undone")]
            if batch != wanted or not kept.ties:
                yield f"preparation {kept.pk} {kept.state} {wanted}: batch {batch}, ties {kept.ties}"
        elif batch:
            yield f"preparation {kept.pk} {kept.state} has a batch"
        elif kept.state == "preparing":
            yield f"preparation {kept.pk} is never ready"


def _delivery(place: Place, told: dict[str, Any]) -> Iterator[str]:
    """Nothing asked for is lost, each is in the portal once, and one document of a series is live."""
    rows = {d.key: d for d in Delivery.objects.filter(company_id=place.company)}
    for key in told.get("deliveries", ()):
        if key not in rows:
            yield f"delivery {key} was promised and is lost"
    for key, row in rows.items():
        documents = list(PortalDocument.objects.filter(delivery=row))
        shown = {"delivered", "opened", "superseded"}
        if row.state in shown and len(documents) != 1:
            yield f"delivery {key} is {row.state} with {len(documents)} documents"
        if row.state not in {*shown, "withdrawn"}:
            yield f"delivery {key} ends as {row.state}: {row.problems}"
        last = row.steps.order_by("-at", "-id").values_list("state", flat=True).first()
        if last != row.state:
            yield f"delivery {key} is {row.state}, its last step says {last}"
    live = PortalDocument.objects.filter(
        company_id=place.company, superseded_by=None, withdrawn_at=None
    )
    for document in live.select_related("delivery"):
        if document.delivery.state not in {"delivered", "opened"}:
            yield f"document {document.title} is live, its delivery {document.delivery.state}"
    opened = Counter(
        Opening.objects.filter(company_id=place.company, fact="opened").values_list(
            "document_id", "user_id"
        )
    )
    yield from (f"opened {count} times: {key}" for key, count in opened.items() if count > 1)


def _notices(place: Place) -> Iterator[str]:
    """Nobody is notified twice, and what the books say of a letter is what the postman did."""
    ids = Counter(letters(Path(place.mail)))
    yield from (f"letter {one} went out {n} times" for one, n in ids.items() if n > 1)
    notices = list(Notice.objects.filter(company_id=place.company))
    for notice in notices:
        there = ids[notice.message_id]
        if notice.state in {"attempting", "failed"}:
            yield f"notice {notice.kind} stays {notice.state}: {notice.cause}"
        if notice.state == "accepted" and not there:
            yield f"notice {notice.kind} is accepted and was never handed over"
    facts = Opening.objects.filter(company_id=place.company, fact="notified").count()
    accepted = sum(n.state == "accepted" and n.kind != "withdrawn" for n in notices)
    if facts != accepted:
        yield f"{accepted} notices accepted, {facts} facts of it"
    wanted = Delivery.objects.filter(company_id=place.company, document__isnull=False).count()
    told = sum(n.kind in {"published", "corrected"} for n in notices)
    if told != wanted:
        yield f"{wanted} documents in the portal, {told} notices of them"


def letters(folder: Path) -> Iterator[str]:
    """Message ids of what was handed to the postman, whole letters alone."""
    for path in sorted(folder.glob("*.log")):
        for text in path.read_bytes().split(b"-" * 79 + b"\n"):
            message = email.message_from_bytes(text, policy=email.policy.default)
            if message["Message-ID"] and message.get_payload():
                yield str(message["Message-ID"])


def _jobs(place: Place) -> Iterator[str]:
    """No job is stuck, and each says truly what became of it."""
    waiting = {
        row[0]
        for row in _rows(
            "SELECT args->>'run' FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND args->>'company' = %(company)s::text",
            place,
        )
    }
    yield from (f"job of run {run} is still in the queue" for run in waiting)
    for run in JobRun.objects.filter(company_id=place.company):
        if run.state in {"queued", "running", "retrying"} and str(run.pk) not in waiting:
            yield f"run of {run.name} stays {run.state}: {run.cause}"
        if run.state == "failed":
            yield f"run of {run.name} failed: {run.cause} {run.problems}"
    for row in CapturedInvoice.objects.filter(company_id=place.company, state="received"):
        yield f"invoice {row.pk} is never read"


def _strangers() -> Iterator[str]:
    """Invariant 7: a session that acts for nobody sees nothing."""
    for model in own_models():
        if guard_of(model):
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT count(*) FROM (SELECT FROM "{model._meta.db_table}" LIMIT 1) t'
                )
                if cursor.fetchone()[0]:
                    yield f"{model.__name__} is seen by a stranger"


def _rows(query: str, place: Place, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"company": place.company, **values})
        return list(cursor.fetchall())
