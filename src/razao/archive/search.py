"""Search in a company's archive: words, folder and days in; files with the place of the words out, best first.

Words are stemmed as Portuguese, so that "faturas de combustível" finds "fatura … combustíveis".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Left

from razao.archive.models import FileText, Filing, StoredFile

#: What stands around a word that was found; the page turns them into marks after escaping.
START, STOP = "\u0002", "\u0003"
LANGUAGE = "portuguese"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; everything blank finds every file."""

    words: str = ""
    folder: str = ""
    first: date | None = None
    last: date | None = None
    also: tuple[UUID, ...] = ()
    """files that fit for another reason (a field of their invoice)"""


def files(company: UUID, wanted: Wanted) -> QuerySet[StoredFile]:
    """The files that fit, each with ``folder`` (its first filing's), ``kept_until``, ``rank`` and ``found`` (words in their place)."""
    filings = Filing.objects.filter(file=OuterRef("pk")).order_by("filed_at")
    rows = StoredFile.objects.filter(company_id=company)
    # A copy is reached from its original, which has the same words.
    rows = rows.exclude(Exists(filings.filter(subject_kind="copy")))
    if wanted.folder:
        rows = rows.filter(Exists(filings.filter(folder=wanted.folder)))
    if wanted.first:
        rows = rows.filter(created_at__date__gte=wanted.first)
    if wanted.last:
        rows = rows.filter(created_at__date__lte=wanted.last)
    rows = rows.annotate(
        folder=Subquery(filings.values("folder")[:1]),
        kept_until=Subquery(filings.order_by("-retained_until").values("retained_until")[:1]),
    )
    return _with_words(rows, wanted) if wanted.words.strip() else rows.order_by("-pk")


def _with_words(rows: QuerySet[StoredFile], wanted: Wanted) -> QuerySet[StoredFile]:
    query = SearchQuery(wanted.words, search_type="websearch", config=LANGUAGE)
    texts = FileText.objects.filter(file=OuterRef("pk"))
    headline = SearchHeadline(
        Left("text", 60_000),
        query,
        config=LANGUAGE,
        start_sel=START,
        stop_sel=STOP,
        max_fragments=2,
        max_words=14,
        min_words=5,
    )
    fits = Exists(texts.filter(search=query))
    named = Q(name__icontains=wanted.words) | Q(sha256__startswith=wanted.words.lower())
    return (
        rows.filter(fits | named | Q(pk__in=wanted.also))
        .annotate(
            rank=Coalesce(Subquery(texts.values(r=SearchRank(F("search"), query))[:1]), Value(0.0)),
            found=Subquery(
                texts.filter(search=query).values(h=headline)[:1], output_field=TextField()
            ),
        )
        .order_by("-rank", "-pk")
    )
