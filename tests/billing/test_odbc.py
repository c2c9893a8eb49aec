"""A real ODBC path: PHC-shaped tables behind the PostgreSQL and the SQLite driver, marked once after the commit and unmarked by undo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyodbc
import pytest
from django.conf import settings
from django.db import transaction

from razao.billing import flow, marking
from razao.billing.loaded import Asked
from razao.billing.models import BillingDocument, BillingDocumentType, BillingSource, Variable
from razao.billing.sources import odbc
from razao.billing.sourcing import choice_of
from razao.booking.billing_rules import Options
from razao.companies.rights import Access, company_for
from razao.companies.sealing import seal
from razao.config import postgres
from razao.kernel.jobs import Run
from razao.kernel.models import JobRun
from razao.kernel.problems import Refused
from razao.kernel.tenancy import new_id
from tests.billing.phc_tables import create
from tests.billing.shop import a_shop, booked, with_customers

MAY = Options(since=date(2026, 5, 1), until=date(2026, 5, 31))


@pytest.fixture(params=["sqlite", "postgresql"])
def connection_text(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A connection string to freshly made PHC tables."""
    if request.param == "sqlite":
        text = f"DRIVER={{SQLite3}};Database={tmp_path}/phc.sqlite"
        with pyodbc.connect(text, autocommit=True) as connection:
            create(connection)
        yield text
        return
    request.getfixturevalue("django_db_setup")
    host = str(postgres.socket_folder(settings.RAZAO_HOME))
    name = f"phc_{new_id().hex}"
    admin = psycopg.connect(
        host=host, port=5432, user="postgres", dbname="postgres", autocommit=True
    )
    admin.execute(f'CREATE DATABASE "{name}"')
    text = f"DRIVER={{PostgreSQL Unicode}};SERVER={host};PORT=5432;DATABASE={name};UID=postgres"
    connection = pyodbc.connect(text, autocommit=True)
    create(connection)
    connection.close()
    yield text
    admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.close()


def a_source(access: Access, text: str, **fields: Any) -> BillingSource:
    given = {"preset": "phc", "connection": text}
    source = BillingSource.objects.create(
        company=access.company,
        name="phc",
        kind="odbc",
        settings=given,
        inside_allowed=True,
        **fields,
    )
    for code, like in (("1", "FT"), ("3", "NC")):
        usual = BillingDocumentType.objects.get(company=access.company, code=like)
        made = BillingDocumentType.objects.create(
            company=access.company, code=code, journal=usual.journal, entry_type=usual.entry_type
        )
        for row in usual.variables.all():
            Variable.objects.create(
                company=access.company, document_type=made, position=row.position, amount=row.amount,
                side=row.side, place=row.place, account=row.account,
            )  # fmt: skip
    return source


def marked(text: str) -> list[str]:
    with pyodbc.connect(text, autocommit=True) as connection:
        rows = connection.cursor().execute(
            "SELECT ftstamp FROM ft WHERE plano = 1 ORDER BY ftstamp"
        )
        return [row[0] for row in rows.fetchall()]


def run_for(access: Access) -> Run:
    run = JobRun.objects.create(company=access.company, user_id=access.user_id, name="test")
    return Run(run.pk, access.user_id, access.company.pk)


def test_sales_of_phc_are_integrated_and_marked_and_undone_and_unmarked(
    committed_db: None, connection_text: str
) -> None:
    with transaction.atomic():
        access = a_shop()
        a_source(access, connection_text, write_back=True)
        choice = choice_of(access.company, "odbc:phc")
        with_customers(access, choice)
        kept = flow.prepare(access, choice, MAY)
        assert kept.counts == {"billing.cancelled": 1}
        batch = flow.integrate(access, kept.pk, kept.fingerprint)
        assert booked(batch) == [
            ("FT 1/1", "D", "211110001", "123.00"),
            ("FT 1/1", "C", "71113", "100.00"),
            ("FT 1/1", "C", "2433113", "23.00"),
            ("FT 1/2", "D", "211110002", "123.00"),
            ("FT 1/2", "C", "71113", "100.00"),
            ("FT 1/2", "C", "2433113", "23.00"),
            ("NC 3/1", "C", "211110001", "12.30"),
            ("NC 3/1", "D", "7171", "10.00"),
            ("NC 3/1", "D", "24341", "2.30"),
        ]
        assert marked(connection_text) == []
        assert JobRun.objects.filter(name="billing.marking.write_back").count() == 1
        run = run_for(access)
    marking.write_back(run, batch=str(batch.id))
    marking.write_back(run, batch=str(batch.id))
    assert marked(connection_text) == ["S1", "S2", "S3"]
    with transaction.atomic():
        access = company_for(access.user_id, access.company.pk)
        assert BillingDocument.objects.filter(written_back=True).count() == 3
        flow.undo(access, kept.pk, day=date(2026, 5, 31), reason="engano")
    marking.write_back(run, batch=str(batch.id))
    assert marked(connection_text) == []


def test_a_query_of_one_s_own_is_tried_and_mapped(connection_text: str) -> None:
    given = {
        "connection": connection_text,
        "query": "SELECT ftstamp AS chave, 'FT' AS tipo, fno AS numero, fdata AS dia, etotal AS total,"
        " ettiliq AS liquido, 23 AS taxa FROM ft WHERE ndoc = 1 AND anulado = 0 ORDER BY fno",
        "key": "chave",
        "mapping": {
            "columns": {
                "document_type": "tipo",
                "number": "numero",
                "issue_date": "dia",
                "gross": "total",
                "net": "liquido",
                "vat_rate": "taxa",
            },
            "constants": {"currency": "EUR"},
        },
    }
    asked = Asked(given, "501964843", inside_allowed=True, until=date(2026, 5, 31))

    headings, rows = odbc.sample(asked)
    assert headings == ["chave", "tipo", "numero", "dia", "total", "liquido", "taxa"]
    assert [row[0] for row in rows] == ["S1", "S2", "S9"]
    loaded = odbc.load(asked)
    assert loaded.problems == ()
    assert loaded.frames.documents.select("number", "gross").rows() == [("1", 12300), ("2", 12300)]
    assert loaded.marks["mark"].to_list() == ["S1", "S2", "S9"]


def test_a_wrong_query_shows_the_driver_s_words(connection_text: str) -> None:
    asked = Asked(
        {"connection": connection_text, "query": "SELECT x FROM nowhere"},
        "501964843",
        inside_allowed=True,
    )
    with pytest.raises(Refused) as refusal:
        odbc.load(asked)
    problem = refusal.value.problems[0]
    assert problem.code == "source.odbc"
    assert "nowhere" in str(problem.values["message"])


def test_a_data_source_inside_needs_an_administrator(connection_text: str) -> None:
    for text in (
        connection_text,
        "DSN=phc",
        "DRIVER={SQL Server};SERVER=tcp:127.0.0.1,1433",
        "DRIVER=x;Server=localhost\\SQLEXPRESS",
    ):
        with pytest.raises(Refused, match=r"source\.(inside|host_unknown)"):
            odbc.load(Asked({"connection": text, "preset": "phc"}, "501964843"))


@pytest.mark.django_db
def test_a_password_is_kept_sealed_and_never_told() -> None:
    access = a_shop()
    source = a_source(access, "DRIVER={SQLite3};Database=/nowhere/x", secret=seal("segredo"))
    source.refresh_from_db()
    assert "segredo" not in source.secret
    with pytest.raises(Refused) as refusal:
        flow.prepare(access, choice_of(access.company, "odbc:phc"), MAY)
    assert "segredo" not in str(refusal.value)
