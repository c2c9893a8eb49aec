"""What a person does in the portal: in: a reader and a document, out: its file, and the facts that they fetched or opened it.

Three facts are kept apart (M9): notified, fetched, opened. Only ``open_document`` writes ``opened``, and the
faces call it for a signed-in person's own click alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from razao.archive.models import StoredFile
from razao.companies.planned import planned
from razao.delivery import steps
from razao.delivery.models import Delivery, Opening, PortalDocument, State
from razao.delivery.recipients import Reader
from razao.kernel.audit import record
from razao.kernel.problems import NotFound
from razao.kernel.tenancy import new_id


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person looks for in the portal; empty values ask for nothing."""

    words: str = ""
    category: str = ""
    period: str = ""
    due_from: date | None = None
    company: UUID | None = None
    unread: bool = False
    past: bool = False
    """show what was replaced or withdrawn, too"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as a row of the list shows it."""

    delivery: UUID
    company: UUID
    title: str
    period: str
    due_date: date | None
    published_on: date
    """in the office's zone"""
    superseded: bool
    withdrawn: bool
    size: int
    was_opened: bool


#: IS TRUE keeps it from becoming a join: what a person opened is found once, and documents are then taken in the index's
#: order until there are enough.
OPENED = """((d.id IN (SELECT o.document_id FROM delivery_opening o
  WHERE o.user_id = %s AND o.fact = 'opened')) IS TRUE)"""
COLUMNS = """d.delivery_id, d.company_id, d.title, d.period, d.due_date, (d.published_at AT TIME ZONE %s)::date AS published_on,
  d.superseded_by_id IS NOT NULL AS superseded, d.withdrawn_at IS NOT NULL AS withdrawn, f.size, d.id"""
TABLES = "delivery_portaldocument d JOIN archive_storedfile f ON f.id = d.file_id"
#: {opened} and {where} are conditions made here, with places for their values.
ROWS = """
SELECT {columns}, {opened} FROM {tables} WHERE {where} ORDER BY {order} LIMIT %s OFFSET %s
"""
NEWEST = "d.published_at DESC, d.id DESC"


def conditions(readers: list[Reader], person: UUID, wish: Wish) -> tuple[str, list[Any]]:
    """What a person may see of what they wish, as a condition on documents ``d`` and its values."""
    may, values = [], list[Any]()
    for reader in readers:
        of = " AND d.category = ANY (%s)" if not reader.every else ""
        may.append(f"(d.company_id = %s{of})")
        values += [reader.access.company.pk, *([list(reader.categories)] if of else [])]
    parts = [f"({' OR '.join(may) or 'false'})"]
    for wanted, part, said in (
        (not wish.past, "d.superseded_by_id IS NULL AND d.withdrawn_at IS NULL", []),
        (wish.company, "d.company_id = %s", [wish.company]),
        (wish.category, "d.category = %s", [wish.category]),
        (wish.period, "(d.period = %s OR starts_with(d.period, %s))", _of_year(wish.period)),
        (wish.due_from, "d.due_date >= %s", [wish.due_from]),
        (wish.unread, f"NOT {OPENED}", [person]),
        (wish.words.strip(), "d.search @@ websearch_to_tsquery('portuguese', %s)", [wish.words]),
    ):
        if wanted:
            parts.append(part)
            values += said
    return " AND ".join(parts), values


def _of_year(period: str) -> list[str]:
    return [period, f"{period}-"]


def count(readers: list[Reader], person: UUID, wish: Wish) -> int:
    """How many documents fit."""
    where, values = conditions(readers, person, wish)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM delivery_portaldocument d WHERE {where}", values)  # noqa: S608  (own text)
        return int(cursor.fetchone()[0])


#: The first page and the number of all that fit: those this person has not opened, and only where they are too few the
#: others. Only what is shown is looked up beyond the index.
FIRST = f"""
WITH unread AS MATERIALIZED (SELECT d.id, false AS was_opened FROM delivery_portaldocument d
    WHERE {{where}} AND NOT {OPENED} ORDER BY {NEWEST} LIMIT %s),
  opened AS MATERIALIZED (SELECT d.id, true AS was_opened FROM delivery_portaldocument d
    WHERE {{where}} AND {OPENED} ORDER BY {NEWEST} LIMIT (SELECT %s - count(*) FROM unread)),
  chosen AS MATERIALIZED (SELECT * FROM unread UNION ALL SELECT * FROM opened)
SELECT n.total, {COLUMNS}, c.was_opened FROM (SELECT count(*) AS total FROM delivery_portaldocument d WHERE {{where}}) n
LEFT JOIN (chosen c JOIN delivery_portaldocument d USING (id) JOIN archive_storedfile f ON f.id = d.file_id) ON true
ORDER BY c.was_opened, {NEWEST}
"""  # noqa: S608  (own text)


def first_page(
    readers: list[Reader], person: UUID, wish: Wish, rows: int
) -> tuple[int, list[Listed]]:
    """How many documents fit and the first page of them, as ``count`` and ``page`` say, in one round trip."""
    if wish.due_from or wish.unread:
        return count(readers, person, wish), page(readers, person, wish, start=0, rows=rows)
    where, values = conditions(readers, person, wish)
    query = FIRST.format(where=where)
    zone = timezone.get_current_timezone_name()
    asked = [*values, person, rows, *values, person, rows, zone, *values]
    found = planned(query, asked) if wish == Wish(company=wish.company) else _asked(query, asked)
    shown = [_listed(row[1:]) for row in found if row[1] is not None]
    return found[0][0], shown


def _listed(row: tuple[Any, ...]) -> Listed:
    """A row of COLUMNS, whose last one is for the order alone, and whether it was opened."""
    return Listed(*(*row[:-2], row[-1]))


def _asked(query: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def page(readers: list[Reader], person: UUID, wish: Wish, *, start: int, rows: int) -> list[Listed]:
    """Documents that fit, those this person has not opened first, then the newest (with a due date: the nearest first)."""
    if wish.due_from:
        order = f"d.due_date, {OPENED}, {NEWEST}"
        return _rows(readers, person, wish, None, order, [person], rows, start)
    # Two queries in the index's order, in place of one that looks at everything: those unread, then the others.
    found = _rows(readers, person, wish, False, NEWEST, [], rows, start)
    if len(found) < rows and not wish.unread:
        unread = len(found) if not start else count(readers, person, replace(wish, unread=True))
        after = max(0, start - unread)
        found += _rows(readers, person, wish, True, NEWEST, [], rows - len(found), after)
    return found


def _rows(
    readers: list[Reader],
    person: UUID,
    wish: Wish,
    opened: bool | None,
    order: str,
    ordered: list[Any],
    limit: int,
    start: int,
) -> list[Listed]:
    where, values = conditions(readers, person, wish)
    shown: list[Any] = []
    if opened is None:
        known, shown = OPENED, [person]
    else:
        known = "true" if opened else "false"
        where += f" AND {'' if opened else 'NOT '}{OPENED}"
        values.append(person)
    query = ROWS.format(columns=COLUMNS, tables=TABLES, opened=known, where=where, order=order)
    zone = timezone.get_current_timezone_name()
    return [_listed(row) for row in _asked(query, [zone, *shown, *values, *ordered, limit, start])]


def found(readers: list[Reader], person: UUID, wish: Wish) -> QuerySet[PortalDocument]:
    """The documents that fit, newest first, for what is done with them."""
    where, values = conditions(readers, person, wish)
    query = f"SELECT d.id FROM delivery_portaldocument d WHERE {where}"  # noqa: S608  (own text)
    return PortalDocument.objects.filter(pk__in=RawSQL(query, values)).order_by(  # noqa: S611
        "-published_at", "-pk"
    )


def offered(readers: list[Reader]) -> tuple[set[str], list[str]]:
    """Categories and periods that there are among the documents these readers may see, newest period first."""
    where, values = conditions(readers, readers[0].access.user_id, Wish(past=True))
    query = f"SELECT DISTINCT d.category, d.period FROM delivery_portaldocument d WHERE {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        rows = cursor.fetchall()
    return {row[0] for row in rows}, sorted({row[1] for row in rows if row[1]}, reverse=True)


#: A document as it is handed out: without the words to be found by; of its delivery what a client may see, and the folders that
#: hold the file, so that nothing is asked for again.
OF_DOCUMENT = [f.attname for f in PortalDocument._meta.concrete_fields if f.name != "search"]
OF_FILE = [f.attname for f in StoredFile._meta.concrete_fields]
OF_DELIVERY = ["id", "company_id", "report", "form", "amount", "note"]
HANDED_OUT = f"""
SELECT {", ".join(f"d.{n}" for n in OF_DOCUMENT)}, {", ".join(f"f.{n}" for n in OF_FILE)},
  {", ".join(f"v.{n}" for n in OF_DELIVERY)}, ARRAY(SELECT g.folder FROM archive_filing g WHERE g.file_id = f.id)
FROM delivery_portaldocument d JOIN archive_storedfile f ON f.id = d.file_id JOIN delivery_delivery v ON v.id = d.delivery_id
WHERE d.delivery_id = %s AND {{where}}
"""  # noqa: S608  (names of columns)


def document_of_delivery(readers: list[Reader], delivery: UUID) -> PortalDocument:
    """The document that a delivery made, which this person may read; e-mails carry the delivery's id. Raises NotFound.

    One round trip, for a page and a download alike.
    """
    where, values = conditions(readers, readers[0].access.user_id, Wish(past=True))
    found = planned(HANDED_OUT.format(where=where), [delivery, *values])
    if not found:
        raise NotFound(f"document of delivery {delivery}")
    row = iter(found[0])
    document = PortalDocument.from_db(
        DEFAULT_DB_ALIAS, OF_DOCUMENT, list(islice(row, len(OF_DOCUMENT)))
    )
    document.file = StoredFile.from_db(DEFAULT_DB_ALIAS, OF_FILE, list(islice(row, len(OF_FILE))))
    document.delivery = Delivery.from_db(
        DEFAULT_DB_ALIAS, OF_DELIVERY, list(islice(row, len(OF_DELIVERY)))
    )
    document.file.folders = next(row)
    of_company = {reader.access.company.pk: reader.access.company for reader in readers}
    document.company = of_company[document.company_id]
    return document


def was_opened_by(document: PortalDocument, person: UUID) -> bool:
    """Whether this person has opened the document."""
    return Opening.objects.filter(
        document=document, user_id=person, fact=Opening.Fact.OPENED
    ).exists()


def open_document(reader: Reader, document: PortalDocument, address: str | None) -> None:
    """Write that the signed-in person opened the document by their own act. People of the office open nothing: they look.

    Raises NotFound for a document that was withdrawn.
    """
    if document.withdrawn_at is not None:
        raise NotFound(f"document {document.pk}")
    if not reader.is_client:
        _look(reader, document, "portal.looked", address)
        return
    delivery = steps.locked(document.company_id, document.delivery_id)
    if not was_opened_by(document, reader.access.user_id):
        _note(reader, document, Opening.Fact.OPENED, address)
    if delivery.state == State.DELIVERED:
        steps.move(delivery, State.OPENED, user=reader.access.user_id)


def fetch_document(reader: Reader, document: PortalDocument, address: str | None) -> None:
    """Write that the content went out to the signed-in person. Raises NotFound for a document that was withdrawn."""
    if document.withdrawn_at is not None:
        raise NotFound(f"document {document.pk}")
    if reader.is_client:
        _note(reader, document, Opening.Fact.FETCHED, address)
    else:
        _look(reader, document, "portal.looked", address)


def seen_by(document: PortalDocument) -> list[Opening]:
    """Every fact about a document, oldest first: who of us saw what."""
    return list(Opening.objects.filter(document=document).order_by("at", "id"))


#: A fact, with the name and address that the person has now.
NOTED = """
INSERT INTO delivery_opening (id, company_id, document_id, user_id, fact, who, address)
SELECT %s, %s, %s, u.id, %s, btrim(u.name || ' <' || u.email || '>'), %s::inet FROM companies_user u WHERE u.id = %s
"""


def _note(
    reader: Reader, document: PortalDocument, fact: Opening.Fact, address: str | None
) -> None:
    person = reader.access.user_id
    said = [new_id(), document.company_id, document.pk, str(fact), address, person]
    planned(NOTED, said)
    _look(reader, document, f"portal.{fact.value}", address)


def _look(reader: Reader, document: PortalDocument, action: str, address: str | None) -> None:
    record(
        action,
        user=reader.access.user_id,
        company=document.company_id,
        subject=document.pk,
        address=address,
    )
