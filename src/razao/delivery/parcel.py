"""What is to be sent, as a value: in: the words of a page, the API or a folder, out: a checked parcel and its series. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from razao.kernel.money import NotAnAmount, amount
from razao.kernel.problems import Problem

PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2])|-T[1-4])?")
#: Parameters that make two reports of one period two documents rather than two versions of one.
OBJECT_PARAMETERS = ("account", "party", "cost_center", "journal")
VAT_PARAMETERS = ("vat_code", "vat_use", "vat_field")
FORMS = ("pdf", "xlsx", "csv", "xml")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document to send: a report (``report``, ``parameters``, ``form``) or a file (``upload``), and what is said of it."""

    category: str
    title: str
    period: str = ""
    due_date: date | None = None
    amount: Decimal | None = None
    note: str = ""
    report: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    form: str = "pdf"
    upload: UUID | None = None
    corrects: UUID | None = None
    """delivery that this one corrects, where a person says so"""


def check(parcel: Parcel) -> list[Problem]:
    """What is wrong with the parcel itself."""
    problems = []
    if parcel.period and not PERIOD.fullmatch(parcel.period):
        problems.append(Problem("delivery.period_unreadable", where=parcel.period))
    if not parcel.title.strip():
        problems.append(Problem("delivery.title_missing"))
    if bool(parcel.report) == bool(parcel.upload):
        problems.append(Problem("delivery.nothing_to_send", where=parcel.title))
    if parcel.report and parcel.form not in FORMS:
        problems.append(Problem("delivery.form_unknown", where=parcel.form))
    return [*problems, *_of_amount(parcel.amount)]


def _of_amount(told: Decimal | None) -> list[Problem]:
    if told is None:
        return []
    try:
        exactly = amount(told) == told
    except NotAnAmount:
        exactly = False
    if not exactly:
        return [Problem("delivery.amount_wrong", where=str(told))]
    return [Problem("delivery.amount_negative", where=str(told))] if told < 0 else []


def series_of(parcel: Parcel) -> str:
    """Equal for reports that correct one another: same report, object, form, category and period. A file is alone."""
    if not parcel.report:
        return uuid4().hex
    objects = [str(parcel.parameters.get(name) or "") for name in OBJECT_PARAMETERS]
    objects += [
        str(parcel.parameters[name]) for name in VAT_PARAMETERS if parcel.parameters.get(name)
    ]
    said = [parcel.report, parcel.category, parcel.period, parcel.form, *objects]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def same(parcel: Parcel, values: Mapping[str, Any]) -> bool:
    """Whether a delivery with ``values`` was asked for with this very parcel (a key sent twice is no error then)."""
    said = {
        "category": parcel.category,
        "title": parcel.title,
        "period": parcel.period,
        "report": parcel.report,
        "form": parcel.form,
        "parameters": dict(parcel.parameters),
    }
    return all(values[name] == value for name, value in said.items())
