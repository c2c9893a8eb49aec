"""The billing configuration as one file: tables in, a JSON value out, and back; from one company to another.

Sources travel without their secrets and without leave to reach inside: those are given anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

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
from razao.kernel.problems import Problem, Refused

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


def imported(access: Access, told: Mapping[str, Any]) -> dict[str, int]:
    """Take a configuration over: rows of the same name are replaced, others stay. How many rows by section.

    Raises Refused (``billing.configuration_wrong``) with the first thing that is wrong; nothing is kept then.
    """
    access.require(May.CONFIGURE)
    if told.get("format") != FORMAT:
        raise Refused(Problem("billing.configuration_wrong", where="format"))
    counts = {}
    for section in SECTIONS:
        rows = told.get(section) or []
        for row in rows:
            try:
                _take(access.company, section, dict(row))
            except (ValidationError, TypeError, ValueError, KeyError) as error:
                raise Refused(
                    Problem(
                        "billing.configuration_wrong", where=section, values={"message": str(error)}
                    )
                ) from error
        counts[section] = len(rows)
    record(
        "billing.configuration_imported",
        user=access.user_id,
        company=access.company.pk,
        details=counts,
    )
    return counts


def _take(company: Company, section: str, values: dict[str, Any]) -> None:
    model, names = SECTIONS[section]
    parts: list[dict[str, Any]] = []
    if section in PARTS:
        parts = values.pop(PARTS[section][2], [])
    key = {name: values.pop(name) for name in names}
    if _NEVER & set(values):
        raise ValueError(", ".join(sorted(_NEVER & set(values))))
    manager = model._default_manager
    kept = manager.filter(company=company, **key).first() or model(company=company, **key)
    _fill(kept, values)
    if parts or section in PARTS:
        part_model, link, _ = PARTS[section]
        part_model._default_manager.filter(**{link: kept}).delete()
        for part in parts:
            _fill(part_model(company=company, **{link: kept}), part)


def _fill(row: models.Model, values: Mapping[str, Any]) -> None:
    known = {f.name for f in row._meta.concrete_fields} - _NEVER
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}")
    for name, value in values.items():
        setattr(row, name, value)
    empty = [f.name for f in row._meta.concrete_fields if getattr(row, f.attname) in ({}, [])]
    row.clean_fields(exclude=empty)
    row.save()
