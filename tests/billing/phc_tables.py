"""Tables shaped like those of PHC CS, with two days of sales, in any database that ODBC reaches."""

from __future__ import annotations

from typing import Any

TABLES = (
    "CREATE TABLE td (ndoc integer, nmdoc varchar(40), tiposaft varchar(4))",
    "CREATE TABLE ft (ftstamp varchar(25) PRIMARY KEY, nmdoc varchar(40), fno integer, ndoc integer, fdata date,"
    " no integer, estab integer, nome varchar(80), ncont varchar(20), morada varchar(80), anulado integer,"
    " moeda varchar(20), ettiliq numeric(19,6), ettiva numeric(19,6), etotal numeric(19,6), plano integer)",
    "CREATE TABLE ft3 (ft3stamp varchar(25), codpais varchar(4))",
    "CREATE TABLE fi (fistamp varchar(25), ftstamp varchar(25), lordem integer, ref varchar(20), design varchar(80),"
    " qtt numeric(14,4), unidade varchar(10), epv numeric(19,6), etiliquido numeric(19,6), iva numeric(5,2),"
    " ivaincl integer, codmotiseimp varchar(10), ficcusto varchar(20))",
    "CREATE TABLE st (ref varchar(20), stns integer)",
    "CREATE TABLE ftt (ftstamp varchar(25), taxa numeric(5,2), ebaseinc numeric(19,6), evalor numeric(19,6))",
)
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "td": [(1, "Factura", "FT"), (3, "N. Crédito", "NC")],
    "ft": [
        (
            "S1",
            "Factura",
            1,
            1,
            "2026-05-14",
            7,
            0,
            "Cliente SA",
            "503504564",
            "Rua A",
            0,
            "PTE ou EURO",
            100,
            23,
            123,
            0,
        ),
        (
            "S2",
            "Factura",
            2,
            1,
            "2026-05-15",
            8,
            1,
            "Outro Lda",
            "509442013",
            "Rua B",
            0,
            "EURO",
            100,
            23,
            123,
            0,
        ),
        (
            "S3",
            "N. Crédito",
            1,
            3,
            "2026-05-15",
            7,
            0,
            "Cliente SA",
            "503504564",
            "Rua A",
            0,
            "EURO",
            -10,
            -2.3,
            -12.3,
            0,
        ),
        (
            "S4",
            "Factura",
            3,
            1,
            "2026-05-15",
            7,
            0,
            "Cliente SA",
            "503504564",
            "Rua A",
            1,
            "EURO",
            5,
            1.15,
            6.15,
            0,
        ),
        (
            "S9",
            "Factura",
            9,
            1,
            "2026-06-30",
            7,
            0,
            "Cliente SA",
            "503504564",
            "Rua A",
            0,
            "EURO",
            5,
            1.15,
            6.15,
            0,
        ),
    ],
    "ft3": [("S1", "PT"), ("S2", "PT")],
    "fi": [
        ("L1", "S1", 1, "CANETA", "Caneta", 1, "un", 100, 100, 23, 0, "", ""),
        ("L2", "S1", 2, "", "", 0, "", 0, 100, 23, 0, "", ""),
        ("L3", "S2", 1, "CANETA", "Com IVA", 1, "un", 123, 123, 23, 1, "", ""),
        ("L4", "S3", 1, "CANETA", "Devolvida", -1, "un", 10, -10, 23, 0, "", ""),
        ("L5", "S4", 1, "CANETA", "Anulada", 1, "un", 5, 5, 23, 0, "", ""),
        ("L6", "S9", 1, "CANETA", "Outro mês", 1, "un", 5, 5, 23, 0, "", ""),
    ],
    "st": [("CANETA", 0)],
    "ftt": [
        ("S1", 23, 100, 23),
        ("S2", 23, 100, 23),
        ("S3", 23, -10, -2.3),
        ("S4", 23, 5, 1.15),
        ("S9", 23, 5, 1.15),
    ],
}


def create(connection: Any) -> None:
    """Make the tables and their rows through an open ODBC connection that commits by itself."""
    cursor = connection.cursor()
    for statement in TABLES:
        cursor.execute(statement)
    for table, rows in ROWS.items():
        places = ", ".join("?" * len(rows[0]))
        for row in rows:
            cursor.execute(f"INSERT INTO {table} VALUES ({places})", *row)
