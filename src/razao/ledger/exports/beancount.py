"""The ledger as a file for Beancount: a company in, lines of text out. An account is its kind and its code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from razao.companies.models import Company
from razao.ledger.exports.rows import first_day, plain_entries, used_accounts

ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
    "other": "Equity",
}


def account_name(code: str, kind: str) -> str:
    """An account as Beancount names it: ``Assets:111``.

    A part of a name begins with a capital or a digit and goes on with letters, digits and dashes. Other
    characters become a dash and their number, at the beginning after a ``Z`` (which is itself written so
    there), so that two codes never share a name.
    """
    first, rest = code[:1], code[1:]
    head = first if re.fullmatch(r"[A-Y0-9]", first) else f"Z-{ord(first or ' '):04X}"
    tail = re.sub(r"[^A-Za-z0-9]", lambda m: f"-{ord(m.group()):04X}", rest)
    return f"{ROOTS[kind]}:{head}{tail}"


def quoted(text: str) -> str:
    """A text between quotes, on one line."""
    plain = re.sub(r"\s+", " ", text).strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def journal(company: Company, year: str | None = None) -> Iterator[str]:
    """Lines (each with its end of line) of a file with every entry, or those of one fiscal year."""
    currency = company.currency
    yield f'option "title" {quoted(company.name)}\n'
    yield f'option "operating_currency" "{currency}"\n\n'
    names = {}
    day = first_day(company, year)
    for code, name, kind in used_accounts(company, year):
        names[code] = account_name(code, kind)
        yield f"{day} open {names[code]} {currency}\n  name: {quoted(name)}\n"
    for entry in plain_entries(company, year):
        yield f"\n{entry.date} * {quoted(entry.reference)} {quoted(entry.text)}\n"
        yield f"  entry: {quoted(entry.name)}\n"
        for line in entry.lines:
            yield f"  {names[line.account]}  {line.amount} {currency}\n"
            if line.text:
                yield f"    text: {quoted(line.text)}\n"
