"""For any coherent invoice: the entry balances and carries exactly what the document says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from razao.booking.invoice_entries import propose
from razao.countries.facts import Direction
from razao.invoices.frame import to_frames
from razao.invoices.invoice import Invoice, VatAmount
from razao.kernel.money import minor_units, tax_on
from tests.booking.company import (
    CUSTOMER,
    FRENCH,
    LAWYER,
    MACHINES,
    SUPPLIER,
    balance,
    invoice,
    rules,
    sale,
)

RULES = rules()
CENTS = st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2)


@st.composite
def vat_rows(draw: Any) -> VatAmount:
    """A row taxed at a rate of the mainland, or exempt, or reverse charged."""
    rate = Decimal(draw(st.sampled_from([6, 13, 23, 23, 0])))
    base = draw(CENTS)
    reason = draw(st.sampled_from(["M07", "M31", None])) if rate == 0 else None
    return VatAmount(rate, base, tax_on(base, rate), exemption=reason)


@st.composite
def documents(draw: Any, make: Any, parties: list[str]) -> Invoice:
    """A coherent document: its total is that of its rows, give or take five cents."""
    number = draw(st.integers(1, 10**6))
    kind = draw(st.sampled_from(["FT", "FR", "FS", "NC", "ND"]))
    party = draw(st.sampled_from(parties))
    side = "seller" if make is invoice else "buyer"
    made: Invoice = make(
        *draw(st.lists(vat_rows(), min_size=1, max_size=4)),
        document_type=kind,
        number=f"{kind} 2026/{number}",
        **{f"{side}_tax_id": party, f"{side}_country": "FR" if party == FRENCH else "PT"},
    )
    assert made.gross_total is not None
    held = draw(st.sampled_from([Decimal("0.00"), Decimal("0.01")])) if party == LAWYER else None
    cents = Decimal(draw(st.integers(-5, 5))) / 100
    changes = {"gross_total": max(made.gross_total + cents, Decimal("0.02")), "withholding": held}
    return Invoice(**({f: getattr(made, f) for f in Invoice.__dataclass_fields__} | changes))


BOUGHT = documents(invoice, [SUPPLIER, LAWYER, MACHINES, FRENCH])
SOLD = documents(sale, [CUSTOMER])


def check(invoices: list[Invoice], direction: Direction) -> None:
    frames = to_frames(invoices)
    plan = propose(frames, RULES, direction=direction)
    assert balance(plan) == [0] * len(invoices)
    assert int(plan.lines["net"].sum()) == int(frames.vat["base"].sum())
    assert int(plan.lines["tax"].sum()) == int(frames.vat["amount"].sum())
    owed = plan.lines.filter(pl.col("rule").str.starts_with("party."))
    held = sum(minor_units(i.withholding or Decimal(0)) for i in invoices)
    assert (
        int((owed["debit"] + owed["credit"]).sum()) == int(frames.documents["gross"].sum()) - held
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(BOUGHT, min_size=1, max_size=3, unique_by=lambda i: i.number))
def test_purchases_balance_and_carry_what_the_documents_say(invoices: list[Invoice]) -> None:
    check(invoices, Direction.PURCHASE)


@settings(deadline=None, max_examples=60)
@given(st.lists(SOLD, min_size=1, max_size=3, unique_by=lambda i: i.number))
def test_sales_balance_and_carry_what_the_documents_say(invoices: list[Invoice]) -> None:
    check(invoices, Direction.SALE)


@settings(deadline=None, max_examples=20)
@given(st.lists(BOUGHT, min_size=2, max_size=4, unique_by=lambda i: i.number))
def test_a_list_books_as_its_invoices_one_by_one(invoices: list[Invoice]) -> None:
    together = propose(to_frames(invoices), RULES, direction=Direction.PURCHASE)
    alone = [propose(to_frames([i]), RULES, direction=Direction.PURCHASE).lines for i in invoices]

    assert together.lines.drop("entry").equals(pl.concat(alone).drop("entry"))
