"""A row of the billing configuration while it is typed: in: what was posted or kept, out: cells with their problems, and values to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.formats import get_format
from django.utils.translation import gettext

from razao.billing.interchange import Wrong
from razao.billing.models import PostingCode, TreasuryPlace
from razao.companies.models import Company
from razao.kernel.money import NotAnAmount, exact
from razao.kernel.problems import Problem, explain
from razao.ledger.models import Account, EntryType, Journal, VatCode
from razao.web.billing_fields import INITIAL, Field, Section

#: Blank rows offered below those that are there.
BLANK = 2
#: Accounts offered while typing: those of parties are too many.
OFFERED = 2_000
#: Codes that the company may or may not have: kind → its table and the column of the code.
KNOWN: dict[str, tuple[Any, str, str]] = {
    "journal": (Journal, "code", "billing.journal_missing"),
    "entry_type": (EntryType, "code", "billing.entry_type_missing"),
    "code": (PostingCode, "code", "billing.posting_code_missing"),
    "place": (TreasuryPlace, "name", ""),
    "vat_code": (VatCode, "code", ""),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value on the page: its field, the name of its input, and what is wrong about it."""

    field: Field
    name: str
    value: Any
    wrong: str = ""
    account_missing: bool = False
    """an account that does not exist: there is a button that opens it"""
    choices: tuple[tuple[str, Any], ...] = ()

    @property
    def id(self) -> str:
        return f"f-{self.name}"


@dataclass(slots=True)
class Editor:
    """What is typed: values by field, and the rows below; ``wrong`` as ``interchange.Wrong`` has it."""

    section: Section
    values: dict[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)
    wrong: dict[tuple[int, str], str] = field(default_factory=dict)
    blank: int = BLANK

    def told(self) -> dict[str, Any]:
        """The values in the form of ``interchange``. Raises ``Wrong`` for a number that is none."""
        found = dict(_numbers(-1, self.section.fields, self.values))
        for at, part in enumerate(self.parts):
            found |= dict(_numbers(at, self.section.part_fields, part))
        if found:
            raise Wrong(found)
        told = {f.name: _kept(f, self.values[f.name]) for f in self.section.fields}
        if self.section.part:
            told[self.section.part] = [
                _part(self.section, at, p) for at, p in enumerate(self.parts)
            ]
        return told

    def cells(self, company: Company, *, fixed: bool) -> list[Cell]:
        """The fields of the row itself; those that name it are left out when it is there already."""
        told = _told(company, [(self.section.fields, [self.values])])
        fields = [f for f in self.section.fields if not (fixed and f.names)]
        return [self._cell(told, f, f.name, self.values.get(f.name), -1) for f in fields]

    def rows(self, company: Company) -> list[list[Cell]]:
        """The rows below, and blank ones."""
        fields = self.section.part_fields
        told = _told(company, [(fields, self.parts)])
        initial = {f.name: INITIAL[f.name] for f in fields if f.name in INITIAL}
        every = [*self.parts, *(initial for _ in range(self.blank))] if fields else []
        return [
            [self._cell(told, f, f"part-{at}-{f.name}", row.get(f.name), at) for f in fields]
            for at, row in enumerate(every)
        ]

    def _cell(self, told: _Told, field: Field, name: str, value: Any, at: int) -> Cell:
        value = "" if value is None else value
        if field.kind == "number" and (at, field.name) not in self.wrong:
            value = str(value).replace(".", get_format("DECIMAL_SEPARATOR"))
        wrong = self.wrong.get((at, field.name), "")
        code = told.problem(field, str(value)) if value and not wrong else ""
        text = explain(Problem(code, values=_named(field, value)), gettext) if code else None
        begin = (("", "–"),) if at >= 0 and field.choices else ()
        choices = (*begin, *field.choices) or told.choices(field, str(value))
        if text:
            wrong = f"{text.title}. {text.remedy}"
        return Cell(field, name, value, wrong, code == "billing.account_unknown", choices)


def _named(field: Field, value: Any) -> dict[str, str]:
    return {"account": value, "posting_code": value, "billing_type": "", field.name: value}


@dataclass(frozen=True, slots=True)
class _Told:
    """What the company has of what is named on the page."""

    accounts: Mapping[str, bool]
    """account → may be posted to"""
    offered: Mapping[str, tuple[tuple[str, str], ...]]

    def problem(self, field: Field, value: str) -> str:
        """Code of the problem of a named thing that is not there; '' when it is."""
        if field.kind == "account":
            postable = self.accounts.get(value)
            return {None: "billing.account_unknown", False: "billing.account_not_postable"}.get(
                postable, ""
            )
        if field.kind in KNOWN and value not in {code for code, _ in self.offered[field.kind]}:
            return KNOWN[field.kind][2]
        return ""

    def choices(self, field: Field, value: str) -> tuple[tuple[str, Any], ...]:
        """What may be chosen; what is there already can stay even where it is unknown."""
        if field.kind not in KNOWN:
            return ()
        known = self.offered[field.kind]
        more = () if not value or value in {code for code, _ in known} else ((value, value),)
        return (("", "–"), *known, *more)


def _told(
    company: Company, used: Iterable[tuple[tuple[Field, ...], list[dict[str, Any]]]]
) -> _Told:
    """Look up at once what these rows name."""
    accounts: set[str] = set()
    kinds: set[str] = set()
    for fields, rows in used:
        kinds |= {f.kind for f in fields}
        names = [f.name for f in fields if f.kind == "account"]
        accounts |= {str(row[n]) for row in rows for n in names if row.get(n)}
    found = Account.objects.filter(company=company, code__in=accounts)
    offered = {k: _offered(company, k) for k in kinds if k in KNOWN}
    return _Told(dict(found.values_list("code", "postable")), offered)


def _offered(company: Company, kind: str) -> tuple[tuple[str, str], ...]:
    model, column, _ = KNOWN[kind]
    rows = model.objects.filter(company=company).order_by(column).values_list(column, "name")
    return tuple((c, c if c == name else f"{c} {name}".strip()) for c, name in rows)


def offered_accounts(company: Company) -> list[tuple[str, str]]:
    """Accounts that can be chosen while typing: those that take movements and belong to no party."""
    rows = Account.objects.filter(company=company, postable=True, active=True, party__isnull=True)
    return list(rows.order_by("code").values_list("code", "name")[:OFFERED])


def posted(section: Section, said: QueryDict) -> Editor:
    """What was typed on the page; rows that are blank or marked for removal are left out."""
    values = {f.name: _typed(f, said, f.name) for f in section.fields}
    parts = []
    for at in range(min(int(said.get("parts") or 0), 1_000)):
        row = {f.name: _typed(f, said, f"part-{at}-{f.name}") for f in section.part_fields}
        written = any(v for n, v in row.items() if INITIAL.get(n) != v)
        if written and f"part-{at}-remove" not in said:
            parts.append(row)
    return Editor(section, values, parts, blank=6 if said.get("do") == "rows" else BLANK)


def _typed(field: Field, said: QueryDict, name: str) -> Any:
    if field.kind == "check":
        return name in said
    text = said.get(name, "").strip()
    return text.replace(" ", "").replace(",", ".") if field.kind == "number" else text


def kept(section: Section, told: Mapping[str, Any]) -> Editor:
    """A row as ``interchange`` has it, ready to be changed."""
    parts = [
        dict(zip((f.name for f in section.part_fields), part, strict=True))
        if isinstance(part, list)
        else dict(part)
        for part in told.get(section.part, ())
    ]
    for row, fields in ((dict(told), section.fields), *((p, section.part_fields) for p in parts)):
        for one in fields:
            if one.kind == "number" and row.get(one.name):
                row[one.name] = _plain(str(row[one.name]))
    return Editor(section, dict(told), parts)


def _plain(text: str) -> str:
    """A number without zeros that say nothing; two decimals stay."""
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}" if decimals else text


def _numbers(at: int, fields: Iterable[Field], row: Mapping[str, Any]) -> Iterable[Any]:
    for one in fields:
        text = row.get(one.name)
        if one.kind == "number" and text and not _is_number(str(text)):
            yield (at, one.name), gettext("This is not a number.")


def _is_number(text: str) -> bool:
    try:
        exact(text)
    except NotAnAmount:
        return False
    return True


def _kept(field: Field, value: Any) -> Any:
    """As the table keeps it: a number that is not said is none."""
    return None if field.kind == "number" and value == "" else value


def _part(section: Section, at: int, part: Mapping[str, Any]) -> Any:
    """A row below, in the form of ``interchange``."""
    if section.part == "layers":
        return [part["quantity"] or "0", part["unit_cost"] or "0"]
    told = {f.name: part.get(f.name, "") for f in section.part_fields}
    if section.part == "taxes":
        return told | {"rate": told["rate"] or "0", "region": told["region"] or "*"}
    return told | ({"position": at + 1} if section.part == "variables" else {})
