"""Putting a document into the portal: in: a delivery and its scanned file, out: the document clients see, the earlier one superseded."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.search import SearchVector
from django.db import connection
from django.db.models import Value
from django.db.models.expressions import Combinable

from razao.archive.filing import keep_words, path_to
from razao.archive.media import PDF
from razao.archive.models import StoredFile
from razao.delivery import steps
from razao.delivery.models import Delivery, PortalDocument, State
from razao.delivery.virus_scan import ScannerDown, find_virus
from razao.delivery.words import words_of
from razao.kernel.problems import Problem, Refused


def refuse_virus(file: StoredFile) -> None:
    """Raises Refused (``delivery.infected``, ``delivery.scanner_down``) where a scanner is configured."""
    if not settings.RAZAO_CLAMD:
        return
    try:
        found = find_virus(path_to(file), settings.RAZAO_CLAMD)
    except ScannerDown as error:
        values = {"cause": str(error)}
        raise Refused(Problem("delivery.scanner_down", values=values)) from error
    if found is not None:
        raise Refused(Problem("delivery.infected", where=file.name, values={"name": found}))


def show(delivery: Delivery, file: StoredFile) -> bool:
    """Make the portal document, and supersede the earlier one of its series; True when there was one."""
    words = words_of(path_to(file)) if file.media_type == PDF else ""
    if words:
        keep_words(file, words)
    document = PortalDocument(
        company_id=delivery.company_id,
        delivery=delivery,
        file=file,
        category=delivery.category,
        series=delivery.series,
        title=delivery.title,
        period=delivery.period,
        due_date=delivery.due_date,
        search=_search(f"{delivery.title} {delivery.period} {delivery.note}", words),
    )
    corrects = _supersede_live(delivery, document)
    document.save(force_insert=True)
    return corrects


def _supersede_live(delivery: Delivery, document: PortalDocument) -> bool:
    """The live document of the series, if any, becomes superseded. Corrections of one series wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{delivery.company_id}:{delivery.series}"],
        )
    live = PortalDocument.objects.filter(
        company_id=delivery.company_id,
        series=delivery.series,
        superseded_by=None,
        withdrawn_at=None,
    )
    corrects = False
    for earlier in live.values_list("delivery_id", flat=True):
        replaced = steps.locked(delivery.company_id, earlier)
        if live.filter(delivery=replaced).update(superseded_by=document.pk):
            steps.move(replaced, State.SUPERSEDED, user=None, cause=str(delivery.pk))
            corrects = True
    return corrects


def _search(said: str, words: str) -> Combinable:
    first: Combinable = SearchVector(Value(said), weight="A", config="portuguese")
    return first + SearchVector(Value(words), weight="B", config="portuguese")
