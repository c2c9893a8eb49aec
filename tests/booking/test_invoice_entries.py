"""What an accountant expects of digitised invoices: each worked example with its whole entry (ledger_examples)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from razao.booking.invoice_entries import propose, propose_one
from razao.booking.reasons import explain
from razao.booking.rules import HABITS, Overrides
from razao.countries.facts import Direction
from razao.invoices.frame import to_frames
from razao.invoices.invoice import Invoice, VatAmount
from razao.ledger.drafts import ENTRY_SCHEMA
from tests.booking.company import (
    AMERICAN,
    FRENCH,
    LANDLORD,
    LAWYER,
    MACHINES,
    SUPPLIER,
    codes,
    entry,
    invoice,
    profile,
    rules,
    sale,
)

BUY, SELL = Direction.PURCHASE, Direction.SALE


def bought(document: Invoice, overrides: Overrides | None = None, **changes: Any) -> Any:
    """The plan of a purchase under the company's rules."""
    return propose_one(document, rules(**changes), direction=BUY, overrides=overrides)


def sold(document: Invoice, overrides: Overrides | None = None, **changes: Any) -> Any:
    """The plan of a sale."""
    return propose_one(document, rules(**changes), direction=SELL, overrides=overrides)


def row(account: str, **more: Any) -> Overrides:
    """A person chose the counterpart of the first row."""
    return Overrides(
        rows=pl.DataFrame({"doc": [0], "position": [1], "counterpart": [account]} | more)
    )


def told(plan: Any) -> list[str]:
    """The reason of each line, in English."""
    return [explain(*r) for r in plan.lines.select("rule", "because").iter_rows()]


# -- sales ---------------------------------------------------------------------------------------


def test_a_sale_at_three_rates() -> None:
    plan = sold(sale(("6", "100.00", "6.00"), ("13", "200.00", "26.00"), ("23", "300.00", "69.00")))

    assert entry(plan) == [
        ("D", "211110001", "701.00"),
        ("C", "71111", "100.00"),
        ("C", "71112", "200.00"),
        ("C", "71113", "300.00"),
        ("C", "2433111", "6.00"),
        ("C", "2433112", "26.00"),
        ("C", "2433113", "69.00"),
    ]
    assert codes(plan) == []
    assert plan.entries.select("journal", "entry_type", "reference", "date").row(0) == (
        *("VD", "FT", "FT 2026/17", date(2026, 5, 14)),
    )
    stated = plan.lines.filter(pl.col("tax_base").is_not_null()).select("vat_code", "tax_base")
    assert stated.rows() == [("LRED", 10000), ("LINT", 20000), ("LNOR", 30000)]


def test_a_cash_sale_goes_to_cash() -> None:
    plan = sold(sale(("23", "306.84", "70.57"), document_type="FR", number="FR 2026/1"))

    assert entry(plan) == [
        ("D", "111", "377.41"),
        ("C", "71113", "306.84"),
        ("C", "2433113", "70.57"),
    ]


def test_a_sale_to_an_unnamed_consumer() -> None:
    plan = sold(sale(("23", "100.00", "23.00"), buyer_tax_id="999999990", buyer_name=None))

    assert entry(plan)[0] == ("D", "211119999", "123.00")


def test_a_credit_note_to_a_customer_returns_the_sale_and_its_tax() -> None:
    plan = sold(
        sale(
            ("23", "50.00", "11.50"), document_type="NC", number="NC 2026/1", reference="FT 2026/17"
        )
    )

    assert entry(plan) == [
        ("C", "211110001", "61.50"),
        ("D", "7171", "50.00"),
        ("D", "24341", "11.50"),
    ]
    assert codes(plan) == []


def test_a_credit_note_that_takes_back_the_original_tax_account() -> None:
    plan = sold(
        sale(("23", "50.00", "11.50"), document_type="NC", reference="FT 2026/17"),
        profiles=profile(SELL, credit_to_regularisation=False, credit_accounts={"71": "7181"}),
    )

    assert entry(plan) == [
        ("C", "211110001", "61.50"),
        ("D", "7181", "50.00"),
        ("D", "2433113", "11.50"),
    ]


def test_a_sale_to_another_member_state_has_no_tax() -> None:
    goods = VatAmount(Decimal(0), Decimal("326.71"), Decimal("0.00"), exemption="M16")
    plan = sold(
        sale(goods, buyer_tax_id=FRENCH, buyer_country="FR"), _own("83404833048", "211120001")
    )

    assert entry(plan) == [("D", "211120001", "326.71"), ("C", "7112", "326.71")]
    assert plan.lines.filter(pl.col("vat_code").is_not_null()).select(
        "vat_code", "tax_base", "account"
    ).rows() == [("LIC", 32671, "7112")]


def _own(tax_id: str, account: str) -> Overrides:
    del tax_id
    return Overrides(documents=pl.DataFrame({"doc": [0], "account": [account]}))


def test_our_service_with_tax_withheld_by_the_customer() -> None:
    plan = sold(sale(("23", "1000.00", "230.00"), withholding=Decimal("230.00")))

    assert entry(plan) == [
        ("D", "211110001", "1000.00"),
        ("D", "2414", "230.00"),
        ("C", "71113", "1000.00"),
        ("C", "2433113", "230.00"),
    ]


# -- purchases -----------------------------------------------------------------------------------


def test_goods_for_resale() -> None:
    plan = bought(invoice(("23", "1000.00", "230.00")))

    assert entry(plan) == [
        ("D", "311", "1000.00"),
        ("D", "2432113", "230.00"),
        ("C", "221110001", "1230.00"),
    ]
    assert plan.entries.select("journal", "entry_type").row(0) == ("CP", "VFT")
    assert told(plan) == [
        f"Counterpart kept on the account of {SUPPLIER}",
        "VAT code DEXNOR: 23 % deductible at 100 %",
        f"Account of {SUPPLIER} by tax number within the classifier FOR",
    ]


def test_the_lawyer_with_tax_withheld() -> None:
    plan = bought(
        invoice(("23", "1000.00", "230.00"), seller_tax_id=LAWYER, withholding=Decimal("230.00"))
    )

    assert entry(plan) == [
        ("D", "6224", "1000.00"),
        ("D", "2432313", "230.00"),
        ("C", "2422", "230.00"),
        ("C", "221110002", "1000.00"),
    ]
    assert codes(plan) == []


def test_rent_exempt_of_tax_with_a_quarter_withheld() -> None:
    rent = VatAmount(Decimal(0), Decimal("500.00"), Decimal("0.00"), exemption="M07")
    plan = bought(invoice(rent, seller_tax_id=LANDLORD, withholding=Decimal("125.00")))

    assert entry(plan) == [
        ("D", "62611", "500.00"),
        ("C", "2424", "125.00"),
        ("C", "221110003", "375.00"),
    ]
    assert plan.lines["vat_code"].drop_nulls().to_list() == ["DIS"]


def test_a_lawyer_who_withholds_nothing_is_asked_about() -> None:
    plan = bought(invoice(("23", "1000.00", "230.00"), seller_tax_id=LAWYER))

    assert codes(plan) == ["booking.withholding_expected"]
    assert plan.postable.entries.height == 1


def test_goods_from_another_member_state() -> None:
    document = invoice(("0", "9300.00", "0.00"), seller_tax_id=FRENCH, seller_country="FR")
    plan = bought(document, row("311"))

    assert entry(plan) == [
        ("D", "311", "9300.00"),
        ("D", "2432123", "2139.00"),
        ("C", "2433123", "2139.00"),
        ("C", "221120001", "9300.00"),
    ]
    assert plan.lines.select("vat_code", "tax_base").rows() == [
        (None, None),
        ("ICEXNOR", 930000),
        ("ICEXNOR", None),
        (None, None),
    ]


def test_a_service_from_another_member_state() -> None:
    document = invoice(("0", "100.00", "0.00"), seller_tax_id=FRENCH, seller_country="FR")

    assert entry(bought(document, row("62211"))) == [
        ("D", "62211", "100.00"),
        ("D", "2432323", "23.00"),
        ("C", "2433133", "23.00"),
        ("C", "221120001", "100.00"),
    ]


def test_building_work_with_the_tax_owed_by_the_buyer() -> None:
    work = VatAmount(Decimal(0), Decimal("1000.00"), Decimal("0.00"), exemption="M31")

    assert entry(bought(invoice(work), row("6226"))) == [
        ("D", "6226", "1000.00"),
        ("D", "2432313", "230.00"),
        ("C", "2433143", "230.00"),
        ("C", "221110001", "1000.00"),
    ]


def test_diesel_is_half_deductible() -> None:
    assert entry(bought(invoice(("23", "81.30", "18.70")), row("62421"))) == [
        ("D", "62421", "90.65"),
        ("D", "2432313", "9.35"),
        ("C", "221110001", "100.00"),
    ]


def test_diesel_with_the_lost_tax_on_an_account_of_its_own() -> None:
    plan = bought(
        invoice(("23", "81.30", "18.70")),
        row("62421"),
        profiles=profile(BUY, non_deductible="68122"),
    )

    assert entry(plan) == [
        ("D", "62421", "81.30"),
        ("D", "68122", "9.35"),
        ("D", "2432313", "9.35"),
        ("C", "221110001", "100.00"),
    ]


def test_petrol_is_not_deductible() -> None:
    plan = bought(invoice(("23", "81.30", "18.70")), row("62422"))

    assert entry(plan) == [("D", "62422", "100.00"), ("C", "221110001", "100.00")]
    assert plan.lines.select("vat_code", "tax_base").row(0) == ("NDNOR", 8130)


def test_a_machine_goes_to_the_supplier_of_investments() -> None:
    plan = bought(invoice(("23", "10000.00", "2300.00"), seller_tax_id=MACHINES))

    assert entry(plan) == [
        ("D", "433", "10000.00"),
        ("D", "2432213", "2300.00"),
        ("C", "271110001", "12300.00"),
    ]


def test_a_supplier_s_credit_note() -> None:
    plan = bought(invoice(("23", "432.25", "99.42"), document_type="NC", reference="FT 2026/1"))

    assert entry(plan) == [
        ("C", "3171", "432.25"),
        ("C", "24342", "99.42"),
        ("D", "221110001", "531.67"),
    ]


def test_stamp_duty_and_what_lies_outside_the_tax() -> None:
    plan = bought(
        invoice(
            ("23", "100.00", "23.00"),
            VatAmount(Decimal(0), Decimal("0.00"), Decimal("4.00"), kind="stamp_duty"),
            VatAmount(Decimal(0), Decimal("7.50"), Decimal("0.00"), kind="outside_scope"),
        )
    )

    assert entry(plan) == [
        ("D", "311", "100.00"),
        ("D", "68121", "4.00"),
        ("D", "311", "7.50"),
        ("D", "2432113", "23.00"),
        ("C", "221110001", "134.50"),
    ]
    assert codes(plan) == []


def test_tax_of_another_country_is_cost() -> None:
    hotel = VatAmount(Decimal(10), Decimal("100.00"), Decimal("10.00"), region="FR")
    plan = bought(invoice(hotel, seller_tax_id=FRENCH, seller_country="FR"), row("62211"))

    assert entry(plan) == [("D", "62211", "110.00"), ("C", "221120001", "110.00")]


def test_a_purchase_paid_on_the_spot_when_the_profile_says_cash() -> None:
    document = invoice(("23", "10.00", "2.30"), document_type="FS", seller_tax_id="509442013")

    assert entry(bought(document, row("62211"), profiles=profile(BUY, cash_account="111"))) == [
        ("D", "62211", "10.00"),
        ("D", "2432313", "2.30"),
        ("C", "111", "12.30"),
    ]


def test_an_invoice_in_dollars() -> None:
    document = invoice(
        ("0", "1000.00", "0.00"), currency="USD", seller_tax_id=AMERICAN, seller_country="US"
    )
    rate = Overrides(documents=pl.DataFrame({"doc": [0], "exchange_rate": [90_000_000]}))
    plan = bought(document, rate)

    assert entry(plan) == [
        ("D", "62211", "900.00"),
        ("D", "2432333", "207.00"),
        ("C", "2433133", "207.00"),
        ("C", "221130001", "900.00"),
    ]
    assert plan.lines.select("currency", "currency_amount").rows() == [
        ("USD", 100000),
        (None, None),
        (None, None),
        ("USD", -100000),
    ]
    assert codes(bought(document)) == ["booking.exchange_rate_missing"]


def test_a_few_cents_of_rounding_have_an_account_and_a_reason() -> None:
    plan = bought(invoice(("23", "100.00", "23.00"), gross_total=Decimal("123.02")))

    assert entry(plan) == [
        ("D", "311", "100.00"),
        ("D", "2432113", "23.00"),
        ("D", "68888", "0.02"),
        ("C", "221110001", "123.02"),
    ]
    assert codes(plan) == ["booking.rounding"]
    less = bought(invoice(("23", "100.00", "23.00"), gross_total=Decimal("122.95")))
    assert entry(less)[2] == ("C", "7888", "0.05")


def test_more_than_rounding_is_unbalanced_and_does_not_post() -> None:
    plan = bought(invoice(("23", "100.00", "23.00"), gross_total=Decimal("123.06")))

    assert codes(plan) == ["booking.unbalanced"]
    assert plan.postable.entries.height == 0


# -- what a person decides -----------------------------------------------------------------------


def test_a_person_s_choices_are_followed() -> None:
    chosen = Overrides(
        documents=pl.DataFrame({"doc": [0], "account": ["221110009"], "cost_center": ["LX"]}),
        rows=pl.DataFrame(
            {"doc": [0], "position": [1], "counterpart": ["62421"], "vat_code": ["DOBNOR"]}
        ),
    )
    plan = bought(invoice(("23", "100.00", "23.00")), chosen, cost_centers=frozenset({"LX"}))

    assert entry(plan) == [
        ("D", "62421", "100.00"),
        ("D", "2432313", "23.00"),
        ("C", "221110009", "123.00"),
    ]
    assert plan.lines["cost_center"].to_list() == ["LX", None, None]
    assert codes(plan) == ["booking.account_unknown"]


def test_a_row_is_split_among_accounts() -> None:
    parts = Overrides(
        splits=pl.DataFrame(
            {
                "doc": [0, 0],
                "position": [1, 1],
                "counterpart": ["6241", "6243"],
                "base": [7000, 3000],
            }
        )
    )

    assert entry(bought(invoice(("23", "100.00", "23.00")), parts)) == [
        ("D", "6241", "70.00"),
        ("D", "6243", "30.00"),
        ("D", "2432113", "23.00"),
        ("C", "221110001", "123.00"),
    ]
    wrong = Overrides(splits=parts.splits.with_columns(base=pl.lit(1000)))  # type: ignore[union-attr]
    assert codes(bought(invoice(("23", "100.00", "23.00")), wrong)) == ["booking.split_unequal"]


# -- learning ------------------------------------------------------------------------------------


def habit(
    counterpart: str, vat_code: str, count: int, day: int, setting: str = "311"
) -> tuple[Any, ...]:
    """A row of the company's past with SUPPLIER at 23 %."""
    when = datetime(2026, 4, day, tzinfo=UTC)
    documents = '["FT 2026/3", "FT 2026/9"]'
    return (
        "purchase",
        SUPPLIER,
        2300,
        "",
        counterpart,
        vat_code,
        "",
        "",
        setting,
        count,
        when,
        documents,
    )


def test_the_latest_correction_decides_and_says_what_it_rests_on() -> None:
    past = pl.DataFrame(
        [habit("62213", "DOBNOR", 7, 1), habit("6226", "DOBNOR", 1, 20)], HABITS, orient="row"
    )
    plan = bought(invoice(("23", "100.00", "23.00")), habits=past)

    assert entry(plan)[:2] == [("D", "6226", "100.00"), ("D", "2432313", "23.00")]
    assert told(plan)[0] == (
        f"The last 1 rows of {SUPPLIER} at this rate went to 6226, latest FT 2026/3, FT 2026/9"
    )


def test_a_setting_changed_after_the_habit_wins() -> None:
    past = pl.DataFrame([habit("62213", "DOBNOR", 7, 1, setting="6221")], HABITS, orient="row")

    assert entry(bought(invoice(("23", "100.00", "23.00")), habits=past))[0] == (
        "D",
        "311",
        "100.00",
    )


# -- incidences ----------------------------------------------------------------------------------


def test_each_incidence_has_its_code() -> None:
    usual = (("23", "100.00", "23.00"),)
    assert codes(bought(invoice(*usual), journals=frozenset())) == ["booking.journal_missing"]
    assert codes(bought(invoice(*usual), entry_types=frozenset())) == ["booking.entry_type_missing"]
    assert codes(bought(invoice(*usual, seller_tax_id="509442013"))) == ["booking.account_missing"]
    assert codes(bought(invoice(("22", "100.00", "22.00")))) == ["booking.vat_rate_missing"]
    assert codes(bought(invoice(*usual, issue_date=date(2025, 3, 1)))) == ["booking.period_closed"]
    assert codes(bought(invoice(*usual, issue_date=date(2019, 3, 1), vat=()))) == [
        "booking.amounts_missing",
        "booking.outside_fiscal_year",
        "booking.unbalanced",
    ]
    assert codes(bought(invoice(*usual, status="A"))) == ["booking.cancelled"]
    assert codes(bought(invoice(*usual, buyer_tax_id="503504564"))) == ["booking.wrong_company"]
    assert codes(bought(invoice(*usual, document_type="GT"))) == ["booking.not_an_invoice"]
    assert codes(bought(invoice(*usual, issue_date=date(2026, 12, 1)))) == ["booking.future_date"]
    assert codes(bought(invoice(*usual), row("99"))) == ["booking.account_unknown"]
    assert codes(bought(invoice(*usual), row("62"))) == ["booking.account_not_postable"]
    assert codes(bought(invoice(("23", "100.00", "24.00")))) == ["booking.tax_differs"]


def test_a_document_already_posted_is_not_posted_again() -> None:
    key = to_frames([invoice(("23", "1.00", "0.23"))]).documents["source_key"][0]
    posted = pl.DataFrame({"source_key": [key]})

    assert codes(bought(invoice(("23", "1.00", "0.23")), posted=posted)) == ["booking.duplicate"]


def test_the_same_document_twice_in_a_list() -> None:
    twice = to_frames([invoice(("23", "1.00", "0.23"))] * 2)

    assert codes(propose(twice, rules(), direction=BUY)) == ["booking.twice"] * 2


def test_one_bad_document_does_not_hold_up_the_others() -> None:
    good = invoice(("23", "100.00", "23.00"))
    bad = invoice(("23", "100.00", "23.00"), seller_tax_id="509442013", number="FT 9")
    plan = propose(to_frames([bad, good]), rules(), direction=BUY)

    assert plan.postable.entries.select("entry", "reference").rows() == [(0, "FT 2026/17")]
    assert entry(plan.postable) == [
        ("D", "311", "100.00"),
        ("D", "2432113", "23.00"),
        ("C", "221110001", "123.00"),
    ]
    assert plan.sources.height == 2


def test_nothing_gives_an_empty_plan() -> None:
    plan = propose(to_frames([]), rules(), direction=BUY)

    assert (plan.entries.height, plan.lines.height, codes(plan)) == (0, 0, [])
    assert list(plan.entries.columns) == list(ENTRY_SCHEMA)


def test_the_fingerprint_tells_two_plans_apart() -> None:
    first = bought(invoice(("23", "100.00", "23.00")))

    assert first.fingerprint == bought(invoice(("23", "100.00", "23.00"))).fingerprint
    assert first.fingerprint != bought(invoice(("23", "100.00", "23.00")), row("6226")).fingerprint
