"""The billing configuration as values: tables in, JSON out, and back; as one file, from another company, or a row as it was typed.

Sources travel without their secrets and without leave to reach inside: those are given anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils.translation import gettext

from razao.billing.models import (
    AdvanceAccounts,
    Article,
    BillingDocumentType,
    BillingParameters,
    BillingSource,
    Customer,
    PostingCode,
    PostingCodeRate,
    TreasuryPlace,
    Variable,
)
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused

FORMAT = "razao billing configuration 1"
#: Section of the file → table, and the columns that name a row.
SECTIONS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "parameters": (BillingParameters, ()),
    "advances": (AdvanceAccounts, ()),
    "treasury_places": (TreasuryPlace, ("name",)),
    "posting_codes": (PostingCode, ("code",)),
    "types": (BillingDocumentType, ("code",)),
    "articles": (Article, ("code",)),
    "customers": (Customer, ("number",)),
    "sources": (BillingSource, ("name",)),
}
#: Section → table of its rows' own rows, the name of the link, and the key in the file.
PARTS: dict[str, tuple[type[models.Model], str, str]] = {
    "posting_codes": (PostingCodeRate, "posting_code", "rates"),
    "types": (Variable, "document_type", "variables"),
}
#: Section → what tells its rows' own rows apart.
_ONCE = {"posting_codes": ("rate", "region", "exemption"), "types": ("position",)}
_NEVER = {"id", "company", "secret", "inside_allowed"}


def exported(company: Company) -> dict[str, Any]:
    """The whole configuration of ``company``."""
    told: dict[str, Any] = {"format": FORMAT}
    for section, (model, _) in SECTIONS.items():
        rows = model._default_manager.filter(company=company)
        told[section] = [_row(section, row) for row in rows]
    return told


def _row(section: str, row: models.Model) -> dict[str, Any]:
    values = _values(row, _NEVER)
    if section in PARTS:
        model, link, key = PARTS[section]
        parts = model._default_manager.filter(**{link: row})
        values[key] = [_values(part, _NEVER | {link}) for part in parts]
    return values


def _values(row: models.Model, without: set[str]) -> dict[str, Any]:
    fields = [f for f in row._meta.concrete_fields if f.name not in without]
    values = {f.name: getattr(row, f.attname) for f in fields}
    return {n: str(v) if isinstance(v, Decimal) else v for n, v in values.items()}


class Wrong(Exception):
    """Values that cannot be kept: what is wrong by (part, field); part -1 is the row itself, 0 … its own rows."""

    def __init__(self, found: Mapping[tuple[int, str], str]) -> None:
        self.found = dict(found)
        super().__init__("; ".join(f"{name}: {said}" for (_, name), said in self.found.items()))


class _Columns(ValueError):
    """Columns that a section does not have, or that never travel."""

    def __init__(self, names: set[str]) -> None:
        told = ", ".join(sorted(names))
        super().__init__(gettext("%(names)s is no column of it") % {"names": told})


#: What values of a wrong kind come to, here or at the database.
_UNFIT = (Wrong, TypeError, ValueError, LookupError, AttributeError, DataError, IntegrityError)


def row_of(company: Company, section: str, **key: Any) -> dict[str, Any] | None:
    """One row with its own rows, as the file has it; None where there is none."""
    found = SECTIONS[section][0]._default_manager.filter(company=company, **key).first()
    return None if found is None else _row(section, found)


def keep(access: Access, section: str, values: Mapping[str, Any]) -> models.Model:
    """Keep a row as typed: one of the same name is replaced. Raises ``Wrong`` with all that is wrong, and keeps nothing then."""
    access.require(May.CONFIGURE)
    row = _take(access.company, section, dict(values))
    record(
        "billing.configuration_changed",
        user=access.user_id,
        company=access.company.pk,
        subject=row.pk,
        details={"section": section, "values": _row(section, row)},
    )
    return row


def remove(access: Access, section: str, row: UUID) -> None:
    """Take a row of the configuration away; what was integrated by it stays as it is. Raises NotFound."""
    access.require(May.CONFIGURE)
    found = SECTIONS[section][0]._default_manager.filter(company=access.company, pk=row).first()
    if found is None:
        raise NotFound(f"{section} {row}")
    record(
        "billing.configuration_removed",
        user=access.user_id,
        company=access.company.pk,
        subject=row,
        details={"section": section, "values": _row(section, found)},
    )
    found.delete()


def imported(access: Access, told: Mapping[str, Any]) -> dict[str, int]:
    """Take a configuration over: rows of the same name are replaced, others stay. How many rows by section.

    Raises Refused (``billing.configuration_wrong``) with the first thing that is wrong; nothing is kept then.
    """
    access.require(May.CONFIGURE)
    if told.get("format") != FORMAT:
        raise _unfit("format", FORMAT)
    with transaction.atomic():
        counts = {
            section: _taken(access.company, section, told.get(section)) for section in SECTIONS
        }
    record(
        "billing.configuration_imported",
        user=access.user_id,
        company=access.company.pk,
        details=counts,
    )
    return counts


def _taken(company: Company, section: str, rows: Any) -> int:
    """How many rows of a section were taken. Raises Refused with the first that cannot be."""
    where, rows = section, rows or []
    if not isinstance(rows, list):
        raise _unfit(where, str(rows)[:80])
    try:
        for at, row in enumerate(rows, 1):
            where = f"{section} {at}"
            _take(company, section, dict(row))
    except ValidationError as error:
        raise _unfit(where, " ".join(error.messages)) from error
    except _UNFIT as error:
        raise _unfit(where, _said(error)) from error
    return len(rows)


def _said(error: Exception) -> str:
    """What is wrong, in the reader's language; what libraries and the database say of a value is in neither."""
    if isinstance(error, Wrong | _Columns):
        return str(error)
    if isinstance(error, KeyError):
        return gettext("%(name)s is missing") % {"name": error.args[0]}
    return gettext("a value is of another kind than its column, or too large for it")


def _unfit(where: str, message: str) -> Refused:
    return Refused(Problem("billing.configuration_wrong", where=where, values={"message": message}))


def _take(company: Company, section: str, values: dict[str, Any]) -> models.Model:
    model, names = SECTIONS[section]
    parts: list[dict[str, Any]] = []
    if section in PARTS:
        parts = values.pop(PARTS[section][2], [])
    key = {name: values.pop(name) for name in names}
    if _NEVER & set(values):
        raise _Columns(_NEVER & set(values))
    manager = model._default_manager
    kept = manager.filter(company=company, **key).first() or model(company=company, **key)
    wrong = _filled(kept, values, -1)
    rows = []
    if section in PARTS:
        part_model, link, _ = PARTS[section]
        for at, part in enumerate(parts):
            rows.append(part_model(company=company, **{link: kept}))
            wrong |= _filled(rows[at], part, at)
    names = _ONCE.get(section, ())
    seen: set[tuple[str, ...]] = set()
    for at, row in enumerate(rows):
        told = tuple(str(getattr(row, name)) for name in names)
        if names and told in seen:
            wrong[at, names[0]] = gettext("This stands twice.")
        seen.add(told)
    if wrong:
        raise Wrong(wrong)
    kept.save()
    if section in PARTS:
        part_model._default_manager.filter(**{link: kept}).delete()
        part_model._default_manager.bulk_create(rows)
    return kept


def _filled(row: models.Model, values: Mapping[str, Any], part: int) -> dict[tuple[int, str], str]:
    """Set the values of a row; what is wrong about them."""
    known = {f.name for f in row._meta.concrete_fields} - _NEVER
    if unknown := set(values) - known:
        raise _Columns(unknown)
    for name, value in values.items():
        setattr(row, name, value)
    empty = [f.name for f in row._meta.concrete_fields if getattr(row, f.attname) in ({}, [])]
    links = [f.name for f in row._meta.concrete_fields if f.is_relation]
    try:
        row.clean_fields(exclude={*empty, *links})
    except ValidationError as error:
        return {(part, name): " ".join(said) for name, said in error.message_dict.items()}
    return {}
