"""Where documents come from: a file or a configured source chosen in, what it says out (P19, P20)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from razao.archive.filing import path_to
from razao.archive.models import StoredFile
from razao.billing.loaded import Asked, Loaded
from razao.billing.models import BillingSource, Preparation, WhatIf
from razao.billing.sources import api, einvoices, odbc, phc, saft, table
from razao.booking.billing_rules import Options
from razao.companies.models import Company
from razao.companies.sealing import unseal
from razao.kernel.problems import NotFound, Problem, Refused

#: One function for each kind of source: this table is where a new one is added.
SOURCES = {
    "saft": saft.load,
    "table": table.load,
    "einvoice": einvoices.load,
    "odbc": odbc.load,
    "phc": phc.load,
    "api": api.load,
}
#: Kinds that a path alone describes.
FILES = ("saft", "table", "einvoice")
#: How settings name a file of the archive, wherever it lies when it is read: this and the file's id.
ARCHIVED = "archive:"


@dataclass(frozen=True, slots=True)
class Choice:
    """A source as chosen: one that is configured, or a file."""

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    source: BillingSource | None = None
    place: str = ""
    """where a file of the archive can be read on this machine, for minutes"""


def choice_of(company: Company, text: str) -> Choice:
    """``KIND:PATH`` of a file, or ``KIND:NAME`` (or ``source:NAME``) of a configured source.

    Raises Refused (``billing.source_unknown``).
    """
    kind, _, where = text.partition(":")
    if kind in FILES and where:
        return Choice(kind, {"path": where}, text)
    source = BillingSource.objects.filter(company=company, name=where, active=True).first()
    if source is None or kind not in {"source", source.kind}:
        raise Refused(Problem("billing.source_unknown", where=text))
    return configured(source)


def configured(source: BillingSource) -> Choice:
    """The choice of a configured source."""
    return Choice(source.kind, dict(source.settings), source.name, source)


def of_archive(kind: str, file: StoredFile, label: str, settings: dict[str, Any]) -> Choice:
    """The choice of a file that the archive keeps."""
    return _placed(
        Choice(kind, {**settings, "path": f"{ARCHIVED}{file.pk}"}, label), file.company_id
    )


def place_of(company: UUID, path: str) -> str:
    """Where a path of settings can be read on this machine. Raises NotFound."""
    if not path.startswith(ARCHIVED):
        return path
    found = StoredFile.objects.filter(company_id=company, pk=path.removeprefix(ARCHIVED)).first()
    if found is None:
        raise NotFound(path)
    return str(path_to(found))


def _placed(choice: Choice, company: UUID) -> Choice:
    path = str(choice.settings.get("path", ""))
    return replace(choice, place=place_of(company, path)) if path else choice


def load(company: Company, choice: Choice, options: Options) -> Loaded:
    """What the source says. May take long and talks to others: reads nothing of the company's tables."""
    asked = asked_of(company, choice, since=options.since, until=options.until)
    if choice.kind in FILES and choice.source is not None and not asked.inside_allowed:
        check_place(str(choice.settings.get("path", "")))
    if choice.kind not in SOURCES:
        raise Refused(Problem("billing.source_unknown", where=choice.kind))
    return SOURCES[choice.kind](asked)


def check_place(path: str) -> None:
    """A configured source names files below the intake folder alone: pages and programs name no other path.

    Raises Refused (``source.outside_intake``).
    """
    if not Path(path).resolve().is_relative_to(settings.RAZAO_INTAKE.resolve()):
        raise Refused(Problem("source.outside_intake", where=Path(path).name))


def asked_of(company: Company, choice: Choice, **period: date | None) -> Asked:
    source = choice.source
    return Asked(
        settings=choice.settings | ({"path": choice.place} if choice.place else {}),
        tax_id=company.tax_id,
        region=company.region,
        secret=unseal(source.secret) if source else "",
        inside_allowed=bool(source and source.inside_allowed),
        **period,
    )


def choice_kept(asked: Preparation | WhatIf) -> Choice:
    """The source of a preparation or comparison, as it was when asked for. Raises NotFound for a file that the archive lost."""
    choice = Choice(asked.kind, dict(asked.settings), asked.label, asked.source)
    return _placed(choice, asked.company_id)
