"""A session of the application's role without the application: what somebody with psql can do, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from razao.kernel.tenancy import new_id

DAY = date(2025, 5, 14)
CASH: Sequence[tuple[str, str, str]] = (("111", "10.00", "0"), ("71113", "0", "10.00"))


def connect(role: str = "razao_app", **options: Any) -> psycopg.Connection:
    """A new session on the database of this test."""
    settings = connection.settings_dict
    return psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"],
        user=role,
        dbname=settings["NAME"],
        **options,
    )


class Hand:
    """Rows inserted one by one, for one company, in one transaction."""

    def __init__(self, company: UUID, user: UUID, role: str = "razao_app") -> None:
        self.company = company
        self.user = user
        self.session = connect(role)
        self.act_for(company)

    def act_for(self, *companies: UUID) -> None:
        text = ",".join(str(c) for c in companies)
        self.session.execute("SELECT set_config('razao.companies', %s, false)", [text])

    def one(self, query: str, *values: Any) -> Any:
        row = self.session.execute(query, values).fetchone()
        return row[0] if row else None

    def run(self, query: str, *values: Any) -> None:
        self.session.execute(query, values)

    def commit(self) -> None:
        self.session.commit()

    def id_of(self, table: str, code: str, column: str = "code") -> UUID:
        query = f"SELECT id FROM {table} WHERE {column} = %s AND company_id = %s"
        found: UUID = self.one(query, code, self.company)
        return found

    def batch(self, **more: Any) -> UUID:
        values = {
            "company_id": self.company,
            "id": new_id(),
            "kind": "manual",
            "source": "by hand",
            "plan_fingerprint": "",
            "reason": "",
            "user_id": self.user,
        }
        self._insert("ledger_batch", {**values, **more})
        return (more or values).get("id", values["id"])

    def last_number(self) -> int:
        """The last number given in journal VD of 2025."""
        query = (
            "SELECT max(number) FROM ledger_entry WHERE company_id = %s"
            " AND journal_id = %s AND date BETWEEN '2025-01-01' AND '2025-12-31'"
        )
        return self.one(query, self.company, self.id_of("ledger_journal", "VD")) or 0

    def entry(self, batch: UUID, number: int | None = None, **more: Any) -> UUID:
        """An entry in journal VD with the next number, unless said otherwise."""
        number = self.last_number() + 1 if number is None else number
        values = {
            "company_id": self.company,
            "id": new_id(),
            "batch_id": batch,
            "journal_id": self.id_of("ledger_journal", "VD"),
            "entry_type_id": self.id_of("ledger_entrytype", "FR"),
            "fiscal_year_id": self.id_of("companies_fiscalyear", "2025"),
            "period": 5,
            "number": number,
            "date": DAY,
            "source_key": f"hand:{number}",
        }
        row = {**values, **more}
        self._insert("ledger_entry", row)
        found: UUID = row["id"]
        return found

    def lines(
        self, entry: UUID, rows: Sequence[tuple[str, str, str]] = CASH, start: int = 1, **more: Any
    ) -> None:
        """All lines by one statement."""
        columns = ["company_id", "entry_id", "position", "account_id", "date", "debit", "credit"]
        values: list[Any] = []
        for position, (account, debit, credit) in enumerate(rows, start):
            row = [self.company, entry, position, self.id_of("ledger_account", account)]
            values += [*row, DAY, debit, credit, *more.values()]
        columns += list(more)
        holes = "(" + ", ".join(["%s"] * len(columns)) + ")"
        everything = ", ".join([holes] * len(rows))
        self.run(f"INSERT INTO ledger_line ({', '.join(columns)}) VALUES {everything}", *values)

    def _insert(self, table: str, row: dict[str, Any]) -> None:
        holes = ", ".join(["%s"] * len(row))
        self.run(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({holes})", *row.values())
