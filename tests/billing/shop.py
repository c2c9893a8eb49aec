"""A shop for tests of billing: a company with a started configuration and customers, and its month as files."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from razao.billing.customers import take_over
from razao.billing.models import Article
from razao.billing.sourcing import Choice
from razao.billing.starting import start
from razao.companies.rights import Access
from razao.ledger.models import Account, Entry, Line
from tests.factories import a_company

HEADINGS = "tipo;numero;data;cliente;nif;nome;artigo;qtd;liquido;taxa;total"
MAPPING = {
    "columns": {
        "billing_type": "tipo",
        "number": "numero",
        "issue_date": "data",
        "buyer_id": "cliente",
        "buyer_tax_id": "nif",
        "buyer_name": "nome",
        "article": "artigo",
        "quantity": "qtd",
        "net": "liquido",
        "vat_rate": "taxa",
        "gross": "total",
    },
    "constants": {"currency": "EUR"},
    "decimal": ",",
}
SALES = [
    "FT;FT A/1;2026-05-14;C1;503504564;Cliente SA;CANETA;1;100,00;23;123,00",
    "FT;FT A/2;2026-05-14;C1;503504564;Cliente SA;CANETA;2;200,00;6;212,00",
    "FR;FR A/1;2026-05-15;C2;509442013;Outro Lda;HORA;1;50,00;23;61,50",
    "NC;NC A/1;2026-05-15;C1;503504564;Cliente SA;CANETA;1;10,00;23;12,30",
]


def many(count: int) -> list[str]:
    """A month of ``count`` invoices to two customers."""
    people = (("C1", "503504564", "Cliente SA"), ("C2", "509442013", "Outro Lda"))
    return [
        "FT;FT B/{n};2026-05-{day:02};{who};CANETA;1;{net},00;23;{gross}".format(
            n=n,
            day=n % 28 + 1,
            who=";".join(people[n % 2]),
            net=n % 97 + 1,
            gross=f"{(n % 97 + 1) * 1.23:.2f}".replace(".", ","),
        )
        for n in range(1, count + 1)
    ]


def a_shop() -> Access:
    """A company that can integrate SALES."""
    access = a_company()
    company = access.company
    start(company, today=date(2026, 5, 14))
    Article.objects.create(company=company, code="CANETA", posting_code="MERC")
    Article.objects.create(company=company, code="HORA", posting_code="SERV", service=True)
    return access


def table(folder: Path, rows: list[str] | None = None, name: str = "vendas.csv") -> Choice:
    """The month as a CSV file."""
    path = folder / name
    path.write_text("\n".join([HEADINGS, *(rows if rows is not None else SALES)]), encoding="utf-8")
    return Choice("table", {"path": str(path), "mapping": MAPPING}, f"table:{name}")


def with_customers(access: Access, choice: Choice) -> None:
    """Take the customers of the source over."""
    from razao.billing.sourcing import load
    from razao.booking.billing_rules import Options

    take_over(access, load(access.company, choice, Options()).customers)


def booked(batch: Any) -> list[tuple[str, str, str, str]]:
    """Every line of a batch: reference, side, account, amount."""
    accounts = dict(Account.objects.values_list("pk", "code"))
    found = []
    for entry in Entry.objects.filter(batch_id=batch.id).order_by("journal_id", "number"):
        for line in Line.objects.filter(entry_id=entry.id).order_by("position"):
            side = "D" if line.debit else "C"
            found.append(
                (entry.reference, side, accounts[line.account_id], str(line.debit or line.credit))
            )
    return found  # type: ignore[return-value]
