"""Any ODBC data source: a connection and queries in, the documents out; and the one way back, which marks them (P20).

Two presets: ``phc``, the tables of PHC CS; and a query of one's own with a mapping of its columns, tried out
with a sample first. Identifiers of the presets are plain SQL that SQL Server, PostgreSQL and SQLite read alike.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import polars as pl
import pyodbc

from razao.billing import phc_documents
from razao.billing.guard import check_odbc
from razao.billing.loaded import MARKS, Asked, Loaded, documents
from razao.billing.sources.table import mapping_of
from razao.invoices.formats.tables import read_table
from razao.kernel.problems import Problem, Refused

PHC = {
    "documents": (
        "SELECT ft.ftstamp, ft.nmdoc, ft.fno, ft.ndoc, ft.fdata, ft.no, ft.estab, ft.nome, ft.ncont, ft.morada,"
        " ft.anulado, ft.moeda, ft.ettiliq, ft.ettiva, ft.etotal, td.tiposaft, ft3.codpais"
        " FROM ft LEFT JOIN td ON td.ndoc = ft.ndoc LEFT JOIN ft3 ON ft3.ft3stamp = ft.ftstamp"
        " WHERE ft.fdata >= ? AND ft.fdata <= ? ORDER BY ft.fdata, ft.ndoc, ft.fno"
    ),
    "lines": (
        "SELECT fi.ftstamp, fi.lordem, fi.ref, fi.design, fi.qtt, fi.unidade, fi.epv, fi.etiliquido, fi.iva,"
        " fi.ivaincl, fi.codmotiseimp, fi.ficcusto, st.stns FROM fi JOIN ft ON ft.ftstamp = fi.ftstamp"
        " LEFT JOIN st ON st.ref = fi.ref WHERE ft.fdata >= ? AND ft.fdata <= ? ORDER BY fi.ftstamp, fi.lordem"
    ),
    "taxes": (
        "SELECT ftt.ftstamp, ftt.taxa, ftt.ebaseinc, ftt.evalor FROM ftt JOIN ft ON ft.ftstamp = ftt.ftstamp"
        " WHERE ft.fdata >= ? AND ft.fdata <= ? ORDER BY ftt.ftstamp, ftt.taxa"
    ),
    "mark": "UPDATE ft SET plano = 1 WHERE ftstamp = ?",
    "unmark": "UPDATE ft SET plano = 0 WHERE ftstamp = ?",
}
SECONDS = 60
_BATCH = 5_000
_SAMPLE = 20


def load(asked: Asked) -> Loaded:
    """``settings``: ``connection`` (its password is the secret), ``preset`` ``phc``, or ``query`` and ``mapping``."""
    first, last = str(asked.since or "1900-01-02"), str(asked.until or "9999-12-31")
    with _connected(asked) as connection:
        if asked.settings.get("preset") == "phc":
            queries = PHC | dict(asked.settings.get("queries") or {})
            parts = (
                list(_rows(connection, queries[n], (first, last)))
                for n in ("documents", "lines", "taxes")
            )
            heads, lines, taxes = parts
            return phc_documents.loaded(heads, lines, taxes, seller=asked.tax_id)
        return _by_query(asked, list(_rows(connection, str(asked.settings.get("query", "")), ())))


def sample(asked: Asked) -> tuple[list[str], list[list[str]]]:
    """Headings and the first rows of the configured query, as texts: what the screen shows to map columns."""
    with _connected(asked) as connection:
        query = str(
            asked.settings.get("query")
            or PHC["documents"].replace("?", "'1900-01-02'", 1).replace("?", "'9999-12-31'", 1)
        )
        cursor = _executed(connection, query, ())
        headings = [str(column[0]) for column in cursor.description or ()]
        return headings, [
            ["" if v is None else str(v) for v in row] for row in cursor.fetchmany(_SAMPLE)
        ]


def mark(asked: Asked, keys: Sequence[str], *, integrated: bool) -> None:
    """Mark documents as integrated, or no longer, in one transaction of the source; marking twice changes nothing."""
    preset = PHC if asked.settings.get("preset") == "phc" else {}
    queries = preset | dict(asked.settings.get("queries") or {})
    statement = queries.get("mark" if integrated else "unmark")
    if not statement:
        raise Refused(Problem("source.no_write_back"))
    with _connected(asked, writing=True) as connection:
        cursor = connection.cursor()
        try:
            for key in keys:
                cursor.execute(statement, key)
            connection.commit()
        except pyodbc.Error as error:
            connection.rollback()
            raise _refusal(error) from error


@contextmanager
def _connected(asked: Asked, *, writing: bool = False) -> Iterator[pyodbc.Connection]:
    text = str(asked.settings.get("connection", ""))
    check_odbc(text, inside_allowed=asked.inside_allowed)
    if asked.secret:
        text += ";PWD={" + asked.secret.replace("}", "}}") + "}"
    try:
        connection = pyodbc.connect(text, autocommit=not writing, timeout=SECONDS)
    except pyodbc.Error as error:
        raise _refusal(error) from error
    try:
        yield connection
    finally:
        connection.close()


def _refusal(error: pyodbc.Error) -> Refused:
    """The driver's own words, without anything that could hold the password."""
    state = str(error.args[0]) if error.args else ""
    said = str(error.args[1]) if len(error.args) > 1 else ""
    said = said.split("PWD=", maxsplit=1)[0][:300]
    return Refused(Problem("source.odbc", where=state, values={"message": said}))


def _executed(connection: pyodbc.Connection, query: str, values: tuple[str, ...]) -> pyodbc.Cursor:
    cursor = connection.cursor()
    try:
        return cursor.execute(query, *values)
    except pyodbc.Error as error:
        raise _refusal(error) from error


def _rows(
    connection: pyodbc.Connection, query: str, values: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    cursor = _executed(connection, query, values)
    names = [str(column[0]).lower() for column in cursor.description or ()]
    while rows := cursor.fetchmany(_BATCH):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _by_query(asked: Asked, rows: list[dict[str, Any]]) -> Loaded:
    """Rows of a query of one's own, read as a table with the mapping; ``key`` names the column that marks a document."""
    if not rows:
        return Loaded.nothing()
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    settings = dict(asked.settings.get("mapping") or {}) | {"separator": ";", "encoding": "utf-8"}
    mapping = mapping_of({"decimal": ".", **settings})
    frames, problems = read_table(text.getvalue().encode(), mapping, seller_tax_id=asked.tax_id)
    key, number = asked.settings.get("key"), mapping.columns.get("number")
    marks = pl.DataFrame(schema=MARKS)
    if key and number:
        by_number = pl.DataFrame(
            [(str(r[number]), str(r[str(key)])) for r in rows],
            {"number": pl.String, "mark": pl.String},
            orient="row",
        ).unique("number", keep="first", maintain_order=True)
        keyed = frames.documents.select("source_key", "number").join(by_number, on="number")
        marks = keyed.select(*MARKS)
    return replace(documents(frames, problems, asked), marks=marks)
