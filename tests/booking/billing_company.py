"""A company that bills: posting codes, types with variables, articles, customers; and documents written in one line each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from razao.booking.billing_entries import Prepared, prepare
from razao.booking.billing_rules import (
    ADVANCE_TAXES,
    ARTICLES,
    CUSTOMERS,
    PLACES,
    POSTING_CODES,
    POSTING_RATES,
    TYPES,
    VARIABLES,
    BillingRules,
    Options,
)
from razao.booking.rules import Rules
from razao.invoices.frame import InvoiceFrames
from razao.kernel.money import fixed_point, minor_units, tax_on
from tests.booking.company import CUSTOMER, OURS, rules

DAY = date(2026, 5, 14)
NEXT_DAY = date(2026, 5, 15)

_SALE = [("gross", "D", "customer", ""), ("net", "C", "revenue", ""), ("tax", "C", "tax", "")]
_CASH = [
    ("received", "D", "cash", ""),
    ("withholding", "D", "withholding", ""),
    ("net", "C", "revenue", ""),
    ("tax", "C", "tax", ""),
]
_CREDIT = [
    ("gross", "C", "customer", ""),
    ("net", "D", "returns", ""),
    ("tax", "D", "fixed", "24341"),
]
VARIABLES_OF = {"FT": _SALE, "VD": _CASH, "FR": _CASH, "NC": _CREDIT, "ADI": _CASH}


def billing(**changes: Any) -> BillingRules:
    """The configuration of a usual company: posting code ``M`` for goods, ``S`` for services."""
    given = BillingRules(
        types=pl.DataFrame(
            [
                (
                    code,
                    "VD",
                    code if code != "ADI" else "FR",
                    code in {"VD", "FR", "ADI"},
                    False,
                    None,
                    "M",
                )
                for code in VARIABLES_OF
            ],
            TYPES,
            orient="row",
        ),
        variables=pl.DataFrame(
            [(code, *variable) for code, rows in VARIABLES_OF.items() for variable in rows],
            VARIABLES,
            orient="row",
        ),
        posting_codes=pl.DataFrame(
            [("M", "111", "276"), ("S", "111", "276")], POSTING_CODES, orient="row"
        ),
        posting_rates=pl.DataFrame(
            [
                *_rates("M", "7111"),
                *_rates("S", "7211"),
                ("M", 0, "*", "", "71114", "7171", "7181", "", "", "LIS", ""),
                ("M", 0, "*", "M16", "7112", "7171", "7181", "", "", "LIC", ""),
            ],
            POSTING_RATES,
            orient="row",
        ),
        articles=pl.DataFrame(
            [
                (
                    "CANETA",
                    "M",
                    False,
                    False,
                    "6884",
                    "382",
                    "68122",
                    "321",
                    "611",
                    20_0000,
                    18_0000,
                    15_0000,
                ),
                (
                    "MESA",
                    "M",
                    False,
                    False,
                    "6884",
                    "382",
                    "68122",
                    "321",
                    "611",
                    800_0000,
                    780_0000,
                    750_0000,
                ),
                ("HORA", "S", True, False, "", "", "", "", "", None, None, None),
                ("ADIANT", "M", False, True, "", "", "", "", "", None, None, None),
            ],
            ARTICLES,
            orient="row",
        ),
        customers=pl.DataFrame(
            [("C1", CUSTOMER, "211110001", "2121"), ("C2", "503504564", "211110001", None)][:1],
            CUSTOMERS,
            orient="row",
        ),
        places=pl.DataFrame(
            [("Caixa", "111", True), ("Banco XPTO", "121", False), ("Banco sem conta", "", False)],
            PLACES,
            orient="row",
        ),
        advance_taxes=pl.DataFrame([(2300, "*", "24341")], ADVANCE_TAXES, orient="row"),
        fx_gain="7887",
        fx_loss="6887",
        withholding="2414",
    )
    return replace(given, **changes)


def _rates(code: str, revenue: str) -> list[tuple[Any, ...]]:
    kinds = (("RED", 600, "1"), ("INT", 1300, "2"), ("NOR", 2300, "3"))
    return [
        (
            *(
                code,
                rate,
                "*",
                "",
                f"{revenue}{end}",
                "7171",
                "7181",
                f"243311{end}",
                f"24332{end}",
            ),
            *(f"L{kind}", f"LAC{kind}"),
        )
        for kind, rate, end in kinds
    ]


@dataclass(frozen=True)
class Doc:
    """A billing document in one line: ``lines`` are (article, quantity, net, rate)."""

    number: str
    lines: tuple[tuple[str, str, str, str], ...]
    kind: str = "FT"
    day: date = DAY
    fields: dict[str, Any] = field(default_factory=dict)
    line_fields: dict[str, Any] = field(default_factory=dict)


def doc(
    number: str,
    *lines: tuple[str, str, str, str],
    line: dict[str, Any] | None = None,
    **fields: Any,
) -> Doc:
    """``doc("FT 1", ("CANETA", "1", "100.00", "23"), treasury_place=…)``; the type is the number's first word."""
    day = fields.pop("day", DAY)
    return Doc(number, lines, number.split()[0], day, fields, line or {})


def frames(*documents: Doc) -> InvoiceFrames:
    """The documents as a source yields them, with a tax breakdown by rate."""
    heads, vat, lines = [], [], []
    for at, one in enumerate(documents):
        bases: dict[Decimal, Decimal] = {}
        for position, (article, quantity, net, rate) in enumerate(one.lines, 1):
            bases[Decimal(rate)] = bases.get(Decimal(rate), Decimal(0)) + Decimal(net)
            lines.append(
                {
                    "doc": at,
                    "position": position,
                    "article": article,
                    "quantity": fixed_point(Decimal(quantity), 4),
                    "net": minor_units(Decimal(net)),
                    "vat_rate": fixed_point(Decimal(rate), 2),
                }
                | one.line_fields
            )
        taxes = {rate: tax_on(base, rate) for rate, base in bases.items()}
        net, tax = sum(bases.values(), Decimal(0)), sum(taxes.values(), Decimal(0))
        for position, rate in enumerate(bases, 1):
            vat.append(
                {
                    "doc": at,
                    "position": position,
                    "rate": fixed_point(rate, 2),
                    "exemption": one.line_fields.get("exemption"),
                    "base": minor_units(bases[rate]),
                    "amount": minor_units(taxes[rate]),
                }
            )
        heads.append(_head(at, one, net, tax))
    return InvoiceFrames.of(
        pl.DataFrame(heads, infer_schema_length=None),
        pl.DataFrame(vat, infer_schema_length=None),
        pl.DataFrame(lines, infer_schema_length=None),
    )


def _head(at: int, one: Doc, net: Decimal, tax: Decimal) -> dict[str, Any]:
    saft = {"VD": "FR", "ADI": "FR"}.get(one.kind, one.kind)
    return {
        "doc": at,
        "source_key": f"{OURS}|{saft}|{one.number}|{one.day.year}",
        "billing_type": one.kind,
        "document_type": saft,
        "number": one.number,
        "issue_date": one.day,
        "currency": "EUR",
        "seller_tax_id": OURS,
        "buyer_id": "C1",
        "buyer_tax_id": CUSTOMER,
        "buyer_name": "Cliente SA",
        "net": minor_units(net),
        "vat": minor_units(tax),
        "gross": minor_units(net + tax),
    } | one.fields


def prepared(
    *documents: Doc, options: Options | None = None, company: Rules | None = None, **changes: Any
) -> Prepared:
    """The preparation of these documents under the usual configuration with ``changes``."""
    return prepare(frames(*documents), company or rules(), billing(**changes), options or Options())
