"""Run by a Python that has Tryton: a file of entries (JSON lines) in, how many Tryton posts within the seconds given out.

``PYTHON bench/_tryton.py ENTRIES SECONDS``. It is Tryton's own door, ``account.move`` with ``post``, in transactions of
a hundred moves, on SQLite in memory, which spares Tryton a server. Nothing of Razão is imported here. What it takes to
make the database, the company and its accounts is told apart: ``setup``.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

AT_ONCE = 100


def main(path: str, seconds: float) -> None:
    """Post what the file holds, again and again, until the time is over; print how many moves and lines were posted."""
    begun = time.perf_counter()
    from trytond import config

    config.set("database", "uri", "sqlite://")
    from trytond.pool import Pool
    from trytond.tests.test_tryton import DB_NAME, activate_module
    from trytond.transaction import Transaction

    activate_module("account")
    entries = [json.loads(line) for line in open(path, encoding="utf-8")]  # noqa: PTH123, SIM115
    # Tryton begins a transaction anew when it finds that it needs this lock; here it has it from the start
    locks = ["account_journal_period"]
    with Transaction().start(DB_NAME, 1, context={}, _lock_tables=locks) as transaction:
        company, accounts, period, journal = _books(Pool(), entries)
        transaction.commit()
        posted = lines = at = 0
        with transaction.set_context(company=company.id, companies=[company.id]):
            start = time.perf_counter()
            while time.perf_counter() - start < seconds:
                part = [entries[(at + n) % len(entries)] for n in range(AT_ONCE)]
                at += AT_ONCE
                moves = _moves(Pool(), part, company, accounts, period, journal)
                Pool().get("account.move").post(moves)
                transaction.commit()
                posted, lines = posted + len(moves), lines + sum(len(e["lines"]) for e in part)
            took = time.perf_counter() - start
    print(json.dumps({"posted": posted, "lines": lines, "seconds": took, "setup": start - begun}))


def _books(pool: Any, entries: list[dict[str, Any]]) -> tuple[Any, dict[str, Any], Any, Any]:
    """A company with the accounts of the entries, a fiscal year of one period, and a journal."""
    currency, party, company = (
        pool.get(n)() for n in ("currency.currency", "party.party", "company.company")
    )
    currency.name, currency.symbol, currency.code = "Euro", "€", "EUR"
    currency.rounding, currency.digits = Decimal("0.01"), 2
    currency.save()
    party.name = "Empresa"
    party.save()
    company.party, company.currency = party, currency
    company.save()
    kind = pool.get("account.account.type")(
        name="Conta", company=company, statement="balance", assets=True
    )
    kind.save()
    codes = sorted({code for e in entries for code, _, _ in e["lines"]})
    made = [
        pool.get("account.account")(name=c, code=c, company=company, type=kind, kind="other")
        if hasattr(pool.get("account.account"), "kind")
        else pool.get("account.account")(name=c, code=c, company=company, type=kind)
        for c in codes
    ]
    pool.get("account.account").save(made)
    first = date.fromisoformat(min(e["date"] for e in entries)).replace(month=1, day=1)
    sequence = _sequence(pool, company)
    year = pool.get("account.fiscalyear")(name="Ano", company=company, start_date=first)
    year.end_date = first.replace(year=first.year + 1) - timedelta(days=1)
    for name in ("post_move_sequence", "move_sequence"):
        if name in pool.get("account.fiscalyear")._fields:
            setattr(year, name, sequence)
    year.save()
    period = pool.get("account.period")(
        name="P", fiscalyear=year, start_date=first, end_date=year.end_date
    )
    period.save()
    journal = pool.get("account.journal").search([("type", "=", "general")], limit=1)[0]
    return company, dict(zip(codes, made, strict=True)), period, journal


def _sequence(pool: Any, company: Any) -> Any:
    types = pool.get("ir.sequence.type").search([("name", "=", "Account Move")])
    model = pool.get("ir.sequence.strict")
    made = model(name="Lançamentos", sequence_type=types[0], company=company)
    made.save()
    return made


def _moves(
    pool: Any,
    part: list[dict[str, Any]],
    company: Any,
    accounts: dict[str, Any],
    period: Any,
    journal: Any,
) -> Any:
    model, line = pool.get("account.move"), pool.get("account.move.line")
    moves = [
        model(
            company=company,
            period=period,
            journal=journal,
            date=date.fromisoformat(e["date"]),
            lines=[
                line(account=accounts[code], debit=Decimal(debit), credit=Decimal(credit))
                for code, debit, credit in e["lines"]
            ],
        )
        for e in part
    ]
    model.save(moves)
    return moves


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
