"""Sources as people configure and try them: what was typed in, a source with its secret sealed out, or what it answers (P19, P20).

A kept secret never follows to another address, and neither does the leave to reach the server's own network:
whoever changes where a source leads gives both anew.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from razao.billing.loaded import Loaded
from razao.billing.models import BillingSource
from razao.billing.sources import odbc
from razao.billing.sources.table import mapping_of
from razao.billing.sourcing import asked_of, configured, load
from razao.booking.billing_rules import Options
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.companies.sealing import seal
from razao.invoices.formats.table_cells import ROW, cells_of
from razao.invoices.formats.tables import read_table
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Refused

#: Settings that say where a source leads, by kind.
PLACES = {"phc": ("url",), "odbc": ("connection",)}
#: Documents shown when a source is tried, and how many days of them are asked for.
SHOWN, DAYS = 20, 31
_PASSWORD = re.compile(r"(?:^|;)\s*(?:pwd|password)\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Typed:
    """A source as typed. ``secret`` is in clear, in memory alone; '' keeps the one that is there."""

    name: str
    settings: Mapping[str, Any]
    secret: str = ""
    write_back: bool = False
    inside_allowed: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """What a source answered."""

    documents: int
    rows: list[dict[str, Any]]
    problems: tuple[Problem, ...] = ()
    headings: list[str] = field(default_factory=list)
    sample: list[list[str]] = field(default_factory=list)


def typed_into(access: Access, kept: BillingSource, typed: Typed) -> BillingSource:
    """``kept`` with what was typed, not saved yet. Raises Refused (``source.*``)."""
    access.require(May.CONFIGURE)
    problems = list(_wrong(access.company, kept, typed))
    places = PLACES.get(kept.kind, ("path",))
    moved = any(kept.settings.get(n) != typed.settings.get(n) for n in places)
    if moved and kept.secret and not typed.secret:
        problems.append(Problem("source.secret_again"))
    if problems:
        raise Refused(*problems)
    allowed = typed.inside_allowed if access.may(May.ADMINISTER) else kept.inside_allowed
    kept.inside_allowed = allowed and (access.may(May.ADMINISTER) or not moved)
    kept.name, kept.settings = typed.name.strip(), dict(typed.settings)
    kept.write_back, kept.active = typed.write_back, typed.active
    if typed.secret:
        kept.secret = seal(typed.secret)
    return kept


def _wrong(company: Company, kept: BillingSource, typed: Typed) -> Sequence[Problem]:
    name = typed.name.strip()
    same = BillingSource.objects.filter(company=company, name=name).exclude(pk=kept.pk)
    found = []
    if not name:
        found.append(Problem("source.name_missing", where="name"))
    if same.exists():
        found.append(Problem("source.name_taken", where=name))
    if _PASSWORD.search(str(typed.settings.get("connection", ""))):
        found.append(Problem("source.password_in_connection", where="connection"))
    return found


def keep(access: Access, source: BillingSource) -> BillingSource:
    """Save a source that ``typed_into`` answered with; who and what is noted, never the secret."""
    source.save()
    record(
        "billing.source_changed",
        user=access.user_id,
        company=access.company.pk,
        subject=source.pk,
        details={
            "name": source.name,
            "kind": source.kind,
            "inside_allowed": source.inside_allowed,
            "write_back": source.write_back,
            "active": source.active,
        },
    )
    return source


def tried(access: Access, source: BillingSource, today: date) -> Tried:
    """Ask a source, saved or not, for its latest documents; nothing is kept. Raises Refused with the cause of a failure."""
    access.require(May.CONFIGURE)
    choice = configured(source)
    headings: list[str] = []
    sample: list[list[str]] = []
    if source.kind == "odbc":
        headings, sample = odbc.sample(asked_of(access.company, choice))
        if source.settings.get("preset") != "phc" and not source.settings.get("mapping"):
            return Tried(len(sample), [], (), headings, sample)
    loaded = load(access.company, choice, Options(since=today - timedelta(days=DAYS)))
    return Tried(len(loaded.frames), shown(loaded), loaded.problems, headings, sample)


def shown(loaded: Loaded) -> list[dict[str, Any]]:
    """The first documents, as the page shows them; amounts in hundredths."""
    return list(
        loaded.frames.documents.head(SHOWN)
        .select(
            *(
                "issue_date",
                "billing_type",
                "document_type",
                "number",
                "buyer_name",
                "buyer_tax_id",
            ),
            *("net", "vat", "gross", "currency"),
        )
        .iter_rows(named=True)
    )


def previewed(
    company: Company,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    mapping: Mapping[str, Any],
) -> Tried:
    """What a mapping makes of a few rows. Raises Refused (``source.mapping``)."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(headings)
    writer.writerows(rows)
    told = mapping_of({**mapping, "separator": ";", "encoding": "utf-8"})
    frames, problems = read_table(text.getvalue().encode(), told, seller_tax_id=company.tax_id)
    loaded = Loaded(frames, tuple(problems))
    return Tried(len(frames), shown(loaded), loaded.problems)


def sample_of(data: bytes) -> tuple[list[str], list[list[str]]]:
    """Headings and first rows of a CSV or XLSX file. Raises Refused (``table.*``)."""
    cells, _ = cells_of(data, first=100 + SHOWN)  # a heading may stand below a hundred blank rows
    cells = cells.drop(ROW, strict=False).head(SHOWN).fill_null("")
    return cells.columns, [list(row) for row in cells.cast(pl.String).iter_rows()]
