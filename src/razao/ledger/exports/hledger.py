"""The ledger as a file for hledger: a company in, lines of text out. Accounts keep their codes; names are comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from razao.companies.models import Company
from razao.ledger.exports.rows import plain_entries, used_accounts

#: hledger's account types (``type:``) for the kinds of accounts; "other" has none.
TYPES = {"asset": "A", "liability": "L", "equity": "E", "income": "R", "expense": "X"}


def account_name(code: str) -> str:
    """A code as hledger reads account names: no colon (levels), no two spaces (end of name), no comment or virtual marks.

    Codes of letters, digits, dots, dashes and single spaces stay as they are; other characters become
    ``%`` and their number, so that two codes never share a name.
    """
    name = re.sub(r"[^\w.\-/ ]|(?<= ) |^ | $", lambda m: f"%{ord(m.group()):04X}", code)
    return name or "%0000"


def plain(text: str) -> str:
    """A text for a description or comment: one line, no comment mark, no payee bar."""
    return re.sub(r"\s+", " ", text.replace(";", ",").replace("|", "/")).strip()


def journal(company: Company, year: str | None = None) -> Iterator[str]:
    """Lines (each with its end of line) of a journal file with every entry, or those of one fiscal year."""
    currency = company.currency
    yield f"; {plain(company.name)}\n"
    yield f"commodity 1000.00 {currency}\ndecimal-mark .\n\n"
    for code, name, kind in used_accounts(company, year):
        tag = f"  ; type: {TYPES[kind]}" if kind in TYPES else ""
        yield f"account {account_name(code)}{tag}\n"
        yield f"    ; {plain(name)}\n"
    for entry in plain_entries(company, year):
        title = " ".join(part for part in (plain(entry.reference), plain(entry.text)) if part)
        yield f"\n{entry.date} * ({_in_brackets(entry.name)}) {title}".rstrip() + "\n"
        for line in entry.lines:
            note = f"  ; {plain(line.text)}" if plain(line.text) else ""
            yield f"    {account_name(line.account)}  {line.amount} {currency}{note}\n"


def _in_brackets(code: str) -> str:
    """An entry's name between brackets, which it must not hold itself."""
    return re.sub(r"[()\s]+", " ", code).strip()
