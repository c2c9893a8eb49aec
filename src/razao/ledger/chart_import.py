"""A chart from a file: CSV or XLSX in; the company's accounts added or renamed out, or every row that is wrong.

For companies that come with a chart of their own, and for countries whose pack has none. Columns are found by
their headings in English, Portuguese or Spanish; only code and name are demanded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from razao.archive.sheets import UnreadableSheet, rows_of
from razao.companies.rights import Access, May
from razao.countries.account_codes import stems
from razao.countries.facts import AccountKind
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Refused
from razao.ledger.models import Account

HEADINGS = {
    "code": {"code", "account", "conta", "codigo", "cuenta", "accountid"},
    "name": {"name", "description", "nome", "descricao", "designacao", "nombre", "descripcion"},
    "kind": {"kind", "natureza", "naturaleza"},
    "postable": {"postable", "movimento", "movimientos"},
    "taxonomy": {"taxonomy", "taxonomia", "taxonomycode"},
    "classifier": {"classifier", "classificador", "clasificador"},
}
YES = frozenset({"1", "true", "yes", "sim", "si", "s", "y", "x", "gm", "m"})
#: Characters that a value may have (SAF-T takes 30 of a code and 100 of a name; its writer shortens).
LENGTHS = {"code": 60, "name": 500, "classifier": 20, "taxonomy": 4}
BYTES_MAX = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ImportedChart:
    """How many accounts were added, and how many that existed got another name or setting."""

    added: int
    changed: int


def import_chart(access: Access, data: bytes) -> ImportedChart:
    """Add the accounts of the file to the chart; those that exist take its name, postability, taxonomy and classifier.

    What the file does not say follows from the account above (kind, classifier) and from whether another
    account of the file or chart stands below (postable). Nothing is deleted. Raises Refused (``chart.*``)
    with every row that is wrong.
    """
    access.require(May.CONFIGURE)
    rows = list(read_chart(data))
    if beyond := list(_beyond(rows)):
        raise Refused(*beyond)
    existing = {a.code: a for a in Account.objects.filter(company=access.company)}
    problems = list(_wrong(rows, existing))
    if problems:
        raise Refused(*problems)
    codes = existing.keys() | {row["code"] for row in rows}
    headings = {stem for code in codes for stem in stems(code) if stem in codes}
    with transaction.atomic():
        accounts = dict(existing)
        for row in sorted(rows, key=lambda row: len(row["code"])):
            accounts[row["code"]] = _account(access, row, accounts, headings)
        added = [a for code, a in accounts.items() if code not in existing]
        changed = [accounts[row["code"]] for row in rows if row["code"] in existing]
        Account.objects.bulk_create(added)
        fields = ["name", "postable", "taxonomy", "classifier"]
        Account.objects.bulk_update(changed, fields, batch_size=500)
        counts = {"added": len(added), "changed": len(changed)}
        record("chart.imported", user=access.user_id, company=access.company.pk, details=counts)
    return ImportedChart(len(added), len(changed))


def read_chart(data: bytes) -> Iterator[dict[str, str]]:
    """Rows of the file by the names of HEADINGS. Raises Refused (``chart.columns``, ``chart.unreadable``, ``chart.large``)."""
    if len(data) > BYTES_MAX:
        raise Refused(Problem("chart.large"))
    header: dict[str, int] = {}
    try:
        for row in rows_of(data):
            if not header:
                header = _columns(row)
                continue
            values = {n: row[at].strip() for n, at in header.items() if at < len(row)}
            if values.get("code"):
                yield values
    except UnreadableSheet as error:
        raise Refused(Problem("chart.unreadable")) from error
    if not header:
        raise Refused(Problem("chart.columns"))


def _columns(row: list[str]) -> dict[str, int]:
    """Where each known heading stands; nothing when the row is not the one with the headings."""
    plain = [_plain(cell) for cell in row]
    found = {
        name: next(at for at, cell in enumerate(plain) if cell in words)
        for name, words in HEADINGS.items()
        if words & set(plain)
    }
    return found if {"code", "name"} <= found.keys() else {}


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if c.isalnum())


def _beyond(rows: list[dict[str, str]]) -> Iterator[Problem]:
    """Values that no account can have: too long, or no taxonomy code."""
    for row in rows:
        for column, most in LENGTHS.items():
            text = row.get(column, "")
            number = column != "taxonomy" or text == "" or (text.isascii() and text.isdecimal())
            if len(text) > most or not number:
                values = {"column": column, "text": text[:60]}
                yield Problem("chart.value", where=row["code"][:60], values=values)


def _wrong(rows: list[dict[str, str]], existing: Mapping[str, Account]) -> Iterator[Problem]:
    """Rows without name, codes that stand twice, kinds that do not exist, accounts whose kind nothing says."""
    kinds = {kind.value for kind in AccountKind}
    said: dict[str, str] = {code: account.kind for code, account in existing.items()}
    seen: set[str] = set()
    for row in sorted(rows, key=lambda row: len(row["code"])):
        code, kind = row["code"], row.get("kind", "")
        if not row.get("name"):
            yield Problem("chart.name_missing", where=code)
        if code in seen:
            yield Problem("chart.twice", where=code)
        seen.add(code)
        if kind and kind not in kinds:
            yield Problem("chart.kind_unknown", where=code, values={"kind": kind})
        above = [said[stem] for stem in stems(code) if stem in said]
        if not kind and code not in said and not above:
            yield Problem("chart.kind_missing", where=code)
        said.setdefault(code, kind or (above[-1] if above else "other"))


def _account(
    access: Access, row: dict[str, str], accounts: Mapping[str, Account], headings: set[str]
) -> Account:
    code = row["code"]
    above = [accounts[stem] for stem in stems(code) if stem in accounts]
    parent = above[-1] if above else None
    account = accounts.get(code) or Account(
        company=access.company,
        code=code,
        kind=row.get("kind") or (parent.kind if parent else "other"),
        classifier=parent.classifier if parent else "",
        taxonomy=parent.taxonomy if parent else None,
    )
    account.name = row["name"]
    account.postable = (
        row["postable"].casefold() in YES if row.get("postable") else code not in headings
    )
    account.classifier = row.get("classifier") or account.classifier
    if row.get("taxonomy"):
        account.taxonomy = int(row["taxonomy"])
    return account
