"""The options of billing integration in the accountant's words, each with its whole entries (SPEC P1–P18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from razao.booking.billing_entries import prepare
from razao.booking.billing_rules import ADVANCE_TAXES, LAYERS, REFLECTIONS, CostMethod, Options
from razao.booking.reasons import explain
from razao.booking.rules import ROUNDING_LIMIT
from razao.booking.tie_out import ties
from razao.invoices.frame import InvoiceFrames
from tests.booking.billing_company import DAY, NEXT_DAY, Doc, billing, doc, frames, prepared
from tests.booking.company import balance, codes, entry, rules

PEN = ("CANETA", "1", "100.00", "23")


def entries(*documents: Doc, options: Options | None = None, **changes: Any) -> list[Any]:
    """Every entry of the preparation, written out; there is no problem."""
    made = prepared(*documents, options=options, **changes)
    assert codes(made.plan) == []
    assert ties(made.tie_out)
    return [entry(made.plan, number) for number in made.plan.entries["entry"]]


# -- P1, P5: posting codes, types and variables ----------------------------------------------------


def test_p1_each_rate_of_a_posting_code_has_its_accounts() -> None:
    sale = doc("FT 1", PEN, ("MESA", "1", "200.00", "13"), ("HORA", "2", "300.00", "23"))

    assert entries(sale) == [
        [
            ("D", "211110001", "718.00"),
            ("C", "71112", "200.00"),
            ("C", "71113", "100.00"),
            ("C", "72113", "300.00"),
            ("C", "2433112", "26.00"),
            ("C", "2433113", "92.00"),
        ]
    ]


def test_p1_an_exempt_sale_follows_its_reason() -> None:
    assert entries(doc("FT 1", ("CANETA", "1", "50.00", "0"), line={"exemption": "M16"})) == [
        [("D", "211110001", "50.00"), ("C", "7112", "50.00")]
    ]
    made = prepared(doc("FT 1", ("CANETA", "1", "50.00", "0"), line={"exemption": "M16"}))
    assert made.plan.lines.select("vat_code", "tax_base", "party").row(1) == (
        "LIC",
        5000,
        "503504564",
    )


def test_p5_a_credit_note_has_variables_of_its_own() -> None:
    assert entries(doc("NC 1", ("CANETA", "1", "50.00", "23"))) == [
        [("C", "211110001", "61.50"), ("D", "7171", "50.00"), ("D", "24341", "11.50")]
    ]


def test_p5_discounts_can_have_an_account() -> None:
    variables = pl.concat(
        [
            billing().variables.filter(pl.col("amount") != "net"),
            pl.DataFrame(
                [
                    ("FT", "before_discount", "C", "revenue", ""),
                    ("FT", "discount", "D", "discount", ""),
                ],
                billing().variables.schema,
                orient="row",
            ),
        ]
    )

    assert entries(doc("FT 1", PEN, line={"discount": 1000}), variables=variables) == [
        [
            ("D", "211110001", "123.00"),
            ("C", "71113", "110.00"),
            ("D", "7181", "10.00"),
            ("C", "2433113", "23.00"),
        ]
    ]


def test_p5_a_type_without_variables_is_reported_as_not_balanced_and_stays_out() -> None:
    bare = billing().variables.filter(pl.col("billing_type") != "VD")
    made = prepared(doc("VD 1", PEN), doc("FT 1", PEN), variables=bare)

    assert codes(made.plan) == ["billing.no_variables"]
    assert made.plan.entries["reference"].to_list() == ["FT 1"]


def test_p5_variables_that_do_not_balance_are_reported() -> None:
    wrong = billing().variables.filter(pl.col("amount") != "tax")
    made = prepared(doc("FT 1", PEN), variables=wrong)

    assert made.plan.problems.select("code", "values").rows() == [
        ("billing.not_balanced", '{"billing_type":"FT","difference":"23.00"}')
    ]
    assert made.plan.entries.height == 0


def test_p5_a_type_that_is_not_configured_is_reported() -> None:
    assert codes(prepared(doc("XX 1", PEN)).plan) == ["billing.type_missing"]


# -- P6: only documents not yet posted -------------------------------------------------------------


def test_p6_a_document_already_posted_stays_out() -> None:
    key = "501964843|FT|FT 1|2026"
    company = rules(posted=pl.DataFrame({"source_key": [key]}))
    made = prepared(doc("FT 1", PEN), doc("FT 2", PEN), company=company)

    assert codes(made.plan) == ["billing.already_integrated"]
    assert made.plan.sources["source_key"].to_list() == ["501964843|FT|FT 2|2026"]


# -- P7: day totals --------------------------------------------------------------------------------


def cash(number: int, net: str, day: date) -> Doc:
    """A cash sale exempt of tax, so that its total is the number of the example."""
    return doc(f"VD {number}", ("CANETA", "1", net, "0"), day=day)


def test_p7_cash_sales_of_two_days_become_two_entries_of_1000_and_600() -> None:
    sales = [
        *(cash(n, net, DAY) for n, net in ((1, "200.00"), (2, "300.00"), (3, "500.00"))),
        *(cash(n, net, NEXT_DAY) for n, net in ((4, "100.00"), (5, "200.00"), (6, "300.00"))),
    ]
    made = prepared(*sales, options=Options(day_totals=True))

    assert [entry(made.plan, n) for n in (0, 1)] == [
        [("D", "111", "1000.00"), ("C", "71114", "1000.00")],
        [("D", "111", "600.00"), ("C", "71114", "600.00")],
    ]
    assert made.plan.entries.select("date", "reference", "text").rows() == [
        (DAY, "VD 1 – VD 3", "VD VD 1 – VD 3 (3)"),
        (NEXT_DAY, "VD 4 – VD 6", "VD VD 4 – VD 6 (3)"),
    ]
    assert made.plan.sources["entry"].to_list() == [0, 0, 0, 1, 1, 1]
    assert ties(made.tie_out)


def test_p7_another_tax_number_type_or_currency_is_another_entry() -> None:
    other = doc("VD 2", PEN, buyer_id="C9", buyer_tax_id="509442013")
    made = prepared(
        doc("VD 1", PEN),
        other,
        doc("FR 1", PEN),
        doc("VD 3", PEN, currency="USD", exchange_rate=90_000_000),
        options=Options(day_totals=True),
    )

    assert codes(made.plan) == []
    assert made.plan.entries["reference"].to_list() == ["FR 1", "VD 1", "VD 2", "VD 3"]


# -- P8 to P11: reflections, rubrics, cost centres -------------------------------------------------


def test_p8_reflections_mirror_a_line_into_analytic_accounts() -> None:
    mirror = pl.DataFrame([("711", None, "2111", "278", 1_000_000)], REFLECTIONS, orient="row")
    accounts = pl.concat(
        [
            rules().accounts,
            pl.DataFrame(
                [(a, a, True, "", None, None, False) for a in ("91711", "9811")],
                rules().accounts.schema,
                orient="row",
            ),
        ]
    )
    mirror = mirror.with_columns(account=pl.lit("91711"), against=pl.lit("9811"))
    made = prepared(
        doc("FT 1", PEN),
        options=Options(reflections=True),
        company=rules(accounts=accounts),
        reflections=mirror,
    )

    assert entry(made.plan) == [
        ("D", "211110001", "123.00"),
        ("C", "71113", "100.00"),
        ("C", "2433113", "23.00"),
        ("C", "91711", "100.00"),
        ("D", "9811", "100.00"),
    ]


def test_p9_the_line_s_internal_reference_becomes_the_rubric() -> None:
    sale = doc("FT 1", PEN, line={"internal_reference": "OBRA 7"})
    with_it = prepared(sale, options=Options(rubric=True)).plan.lines["rubric"].to_list()

    assert with_it == [None, "OBRA 7", None]
    assert prepared(sale).plan.lines["rubric"].to_list() == [None, None, None]


def test_p10_the_cost_centre_is_posted_when_asked_for() -> None:
    company = rules(cost_centers=frozenset({"LX"}))
    sale = doc("FT 1", PEN, cost_center="LX")
    on = prepared(sale, options=Options(cost_center=True), company=company)

    assert on.plan.lines["cost_center"].to_list() == [None, "LX", None]
    assert prepared(sale).plan.lines["cost_center"].to_list() == [None, None, None]


def test_p11_an_account_that_demands_a_cost_centre_is_checked_when_asked_for() -> None:
    strict = rules().accounts.with_columns(needs_cost_center=pl.col("account") == "71113")
    made = prepared(
        doc("FT 1", PEN),
        options=Options(cost_center=True, check_cost_center=True),
        company=rules(accounts=strict),
    )

    assert codes(made.plan) == ["billing.cost_center_missing"]
    assert codes(prepared(doc("FT 1", PEN), company=rules(accounts=strict)).plan) == []


# -- P12: perpetual inventory ----------------------------------------------------------------------


def test_p12_the_cost_of_goods_moves_against_stock() -> None:
    sale = doc("FT 1", ("MESA", "2", "1500.00", "23"), ("HORA", "1", "10.00", "23"))

    assert entries(sale, options=Options(inventory=True)) == [
        [
            ("D", "211110001", "1857.30"),
            ("C", "71113", "1500.00"),
            ("C", "72113", "10.00"),
            ("C", "2433113", "347.30"),
            ("D", "611", "1600.00"),
            ("C", "321", "1600.00"),
        ]
    ]


def test_p12_a_return_brings_the_goods_back() -> None:
    assert entries(doc("NC 1", ("MESA", "1", "100.00", "23")), options=Options(inventory=True))[0][
        3:
    ] == [
        ("C", "611", "800.00"),
        ("D", "321", "800.00"),
    ]


# -- P13: gifts ------------------------------------------------------------------------------------

GIFT = ("CANETA", "2", "0.00", "23")


def test_p13_a_gift_up_to_the_limit_passes_at_cost() -> None:
    assert entries(doc("FT 1", PEN, GIFT)) == [
        [
            ("D", "211110001", "123.00"),
            ("C", "71113", "100.00"),
            ("C", "2433113", "23.00"),
            ("D", "6884", "40.00"),
            ("C", "382", "40.00"),
        ]
    ]


def test_p13_a_gift_above_the_limit_owes_tax_as_well() -> None:
    assert entries(doc("FT 1", PEN, ("CANETA", "3", "0.00", "23"))) == [
        [
            ("D", "211110001", "123.00"),
            ("C", "71113", "100.00"),
            ("C", "2433113", "23.00"),
            ("D", "6884", "60.00"),
            ("C", "382", "60.00"),
            ("D", "68122", "13.80"),
            ("C", "243323", "13.80"),
        ]
    ]
    made = prepared(doc("FT 1", ("CANETA", "3", "0.00", "23")))
    owed = made.plan.lines.filter(pl.col("account") == "243323")
    assert owed.select("vat_code", "tax_base").row(0) == ("LACNOR", 6000)


def test_p13_exactly_at_the_limit_is_a_small_gift() -> None:
    made = entries(doc("FT 1", PEN, ("CANETA", "2.5", "0.00", "23")))

    assert made[0][3:] == [("D", "6884", "50.00"), ("C", "382", "50.00")]


def test_p13_gifts_are_left_out_on_demand() -> None:
    assert entries(doc("FT 1", PEN, GIFT), options=Options(exclude_gifts=True)) == [
        [("D", "211110001", "123.00"), ("C", "71113", "100.00"), ("C", "2433113", "23.00")]
    ]


def test_p13_the_cost_method_is_a_parameter() -> None:
    def cost(method: CostMethod, **changes: Any) -> str:
        return str(entries(doc("FT 1", GIFT), cost_method=method, **changes)[0][0][2])

    layers = pl.DataFrame(
        [("CANETA", 1, 1_0000, 10_0000), ("CANETA", 2, 5_0000, 12_0000)], LAYERS, orient="row"
    )
    assert cost(CostMethod.LAST) == "40.00"
    assert cost(CostMethod.AVERAGE) == "36.00"
    assert cost(CostMethod.STANDARD) == "30.00"
    assert cost(CostMethod.FIFO, layers=layers) == "22.00"


def test_p13_first_in_first_out_continues_with_the_next_document() -> None:
    layers = pl.DataFrame(
        [("CANETA", 1, 3_0000, 10_0000), ("CANETA", 2, 9_0000, 12_0000)], LAYERS, orient="row"
    )
    made = entries(doc("FT 1", GIFT), doc("FT 2", GIFT), cost_method=CostMethod.FIFO, layers=layers)

    assert [lines[0] for lines in made] == [("D", "6884", "20.00"), ("D", "6884", "22.00")]


def test_p13_a_gift_of_an_unknown_article_or_cost_is_reported() -> None:
    assert codes(prepared(doc("FT 1", PEN, ("NADA", "1", "0.00", "23"))).plan) == [
        "billing.article_missing"
    ]
    none = billing().articles.with_columns(last=pl.lit(None, pl.Int64))
    assert codes(prepared(doc("FT 1", PEN, GIFT), articles=none).plan) == ["billing.cost_missing"]


def test_p13_gifts_under_perpetual_inventory_leave_stock() -> None:
    made = entries(doc("FT 1", ("CANETA", "2", "0.00", "23")), options=Options(inventory=True))

    assert made[0] == [
        ("D", "6884", "40.00"),
        ("C", "382", "40.00"),
        ("D", "382", "40.00"),
        ("C", "321", "40.00"),
    ]


# -- P14, P15: where cash goes ---------------------------------------------------------------------


def cash_line(place: str | None, *, on: bool, **changes: Any) -> tuple[str, str, str]:
    """The debit of a cash sale received at ``place``."""
    return entries(
        doc("VD 1", PEN, treasury_place=place), options=Options(treasury_account=on), **changes
    )[0][0]  # type: ignore[no-any-return]


def test_p14_received_in_the_cash_box_the_posting_code_s_account_counts_whatever_the_option() -> (
    None
):
    assert cash_line("Caixa", on=True) == ("D", "111", "123.00")
    assert cash_line("Caixa", on=False) == ("D", "111", "123.00")


def test_p14_received_at_the_bank_the_option_decides() -> None:
    assert cash_line("Banco XPTO", on=True) == ("D", "121", "123.00")
    assert cash_line("Banco XPTO", on=False) == ("D", "111", "123.00")


def test_p14_without_a_place_the_posting_code_s_account_counts() -> None:
    assert cash_line(None, on=True) == ("D", "111", "123.00")
    assert cash_line("", on=True) == ("D", "111", "123.00")


def test_p14_the_type_s_own_place_stands_in_for_a_blank_one() -> None:
    usual = billing().types.with_columns(treasury_place=pl.lit("Banco XPTO"))

    assert cash_line(None, on=True, types=usual) == ("D", "121", "123.00")


def test_p14_an_account_that_is_blank_or_missing_is_named() -> None:
    on = Options(treasury_account=True)
    blank = prepared(doc("VD 1", PEN, treasury_place="Banco sem conta"), options=on)
    assert blank.plan.problems.select("code", "values").rows() == [
        (
            "billing.treasury_account_missing",
            '{"customer":"Cliente SA","tax_id":"503504564","customer_number":"C1",'
            '"place":"Banco sem conta","posting_code":"M"}',
        )
    ]
    unknown = prepared(doc("VD 1", PEN, treasury_place="Banco Novo"), options=on)
    assert codes(unknown.plan) == ["billing.treasury_account_missing"]
    no_cash = billing().posting_codes.with_columns(cash=pl.lit(""))
    assert codes(prepared(doc("VD 1", PEN), posting_codes=no_cash).plan) == [
        "billing.cash_account_missing"
    ]
    gone = billing().posting_codes.with_columns(cash=pl.lit("1199"))
    assert codes(prepared(doc("VD 1", PEN), posting_codes=gone).plan) == ["billing.account_unknown"]


def test_p15_a_cheque_from_a_customer_with_titled_debts_goes_there() -> None:
    cheque = doc("VD 1", PEN, paid_by_title=True)

    assert entries(cheque, titled_debts=True)[0][0] == ("D", "2121", "123.00")
    assert entries(cheque, titled_debts=False)[0][0] == ("D", "111", "123.00")
    assert entries(doc("VD 1", PEN), titled_debts=True)[0][0] == ("D", "111", "123.00")
    none = billing().customers.with_columns(titled_account=pl.lit(None, pl.String))
    assert entries(cheque, titled_debts=True, customers=none)[0][0] == ("D", "111", "123.00")


# -- P16: advances, exchange differences, withheld tax ---------------------------------------------


def test_p16_an_advance_is_received_and_then_taken_back_with_its_tax() -> None:
    received = doc("ADI 1", ("ADIANT", "1", "2000.00", "23"))
    final = doc("FT 1", ("MESA", "1", "10000.00", "23"), ("ADIANT", "-1", "-2000.00", "23"))

    assert entries(received, final) == [
        [("D", "111", "2460.00"), ("C", "276", "2000.00"), ("C", "2433113", "460.00")],
        [
            ("D", "211110001", "9840.00"),
            ("C", "71113", "10000.00"),
            ("D", "276", "2000.00"),
            ("C", "2433113", "2300.00"),
            ("D", "24341", "460.00"),
        ],
    ]


def test_p16_the_account_of_the_tax_depends_on_the_rate() -> None:
    none = pl.DataFrame(schema=ADVANCE_TAXES)
    final = doc("FT 1", ("MESA", "1", "10000.00", "23"), ("ADIANT", "-1", "-2000.00", "23"))

    assert codes(prepared(final, advance_taxes=none).plan) == ["billing.advance_tax_missing"]


def in_dollars(rate: int, booked: int) -> list[Any]:
    """3000 dollars less an advance of 1000 that was booked at another rate."""
    final = frames(
        doc(
            "FT 1",
            ("MESA", "1", "3000.00", "0"),
            ("ADIANT", "-1", "-1000.00", "0"),
            currency="USD",
            exchange_rate=rate,
        )
    )
    back = pl.when(pl.col("article") == "ADIANT").then(booked).cast(pl.Int64)
    changed = InvoiceFrames(
        final.documents, final.vat, final.lines.with_columns(advance_exchange_rate=back)
    )
    made = prepare(changed, rules(), billing(), Options())
    assert codes(made.plan) == []
    return entry(made.plan)


def test_p16_an_advance_taken_back_at_another_rate_has_an_exchange_difference() -> None:
    assert in_dollars(95_000_000, 90_000_000) == [
        ("D", "211110001", "1900.00"),
        ("C", "71114", "2850.00"),
        ("D", "276", "900.00"),
        ("D", "6887", "50.00"),
    ]
    assert in_dollars(85_000_000, 90_000_000) == [
        ("D", "211110001", "1700.00"),
        ("C", "71114", "2550.00"),
        ("D", "276", "900.00"),
        ("C", "7887", "50.00"),
    ]


def test_p16_tax_withheld_counts_for_cash_sales_only() -> None:
    assert entries(doc("VD 1", ("HORA", "1", "1000.00", "23"), withholding=23000)) == [
        [
            ("D", "111", "1000.00"),
            ("D", "2414", "230.00"),
            ("C", "72113", "1000.00"),
            ("C", "2433113", "230.00"),
        ]
    ]
    assert entries(doc("FT 1", ("HORA", "1", "1000.00", "23"), withholding=23000)) == [
        [("D", "211110001", "1230.00"), ("C", "72113", "1000.00"), ("C", "2433113", "230.00")]
    ]


def test_p16_and_for_self_settling_types_that_post_to_cash() -> None:
    settling = billing().types.with_columns(cash_sale=pl.lit(False), self_settling=pl.lit(True))
    made = entries(doc("FR 1", ("HORA", "1", "1000.00", "23"), withholding=23000), types=settling)

    assert made[0][:2] == [("D", "111", "1000.00"), ("D", "2414", "230.00")]


# -- P17, P18: numbers and dates -------------------------------------------------------------------


def test_p17_one_entry_a_document_carries_its_number() -> None:
    made = prepared(doc("FT 2", PEN), doc("FT 1", PEN))

    assert made.plan.entries.select("reference", "date").rows() == [("FT 1", DAY), ("FT 2", DAY)]


def test_p17_one_single_entry_has_the_number_and_date_that_were_typed() -> None:
    options = Options(per_document=False, number="VENDAS 5", movement_date=date(2026, 5, 31))
    made = prepared(doc("FT 1", PEN), doc("FT 2", PEN, day=NEXT_DAY), options=options)

    assert entry(made.plan) == [
        ("D", "211110001", "246.00"),
        ("C", "71113", "200.00"),
        ("C", "2433113", "46.00"),
    ]
    assert made.plan.entries.select("reference", "date").rows() == [("VENDAS 5", date(2026, 5, 31))]
    assert made.plan.sources["entry"].to_list() == [0, 0]


def test_p17_journal_and_entry_type_may_be_chosen_in_place_of_the_type_s() -> None:
    made = prepared(doc("FT 1", PEN), options=Options(journal="OD", entry_type="DV"))

    assert made.plan.entries.select("journal", "entry_type").row(0) == ("OD", "DV")


def test_p17_a_journal_that_does_not_exist_is_reported() -> None:
    assert codes(prepared(doc("FT 1", PEN), options=Options(journal="ZZ")).plan) == [
        "billing.journal_missing"
    ]


def test_p18_the_internal_date_becomes_the_accounting_date() -> None:
    sale = doc("FT 1", PEN, internal_date=date(2026, 6, 2))

    assert prepared(sale, options=Options(internal_date=True)).plan.entries["date"][0] == date(
        2026, 6, 2
    )
    assert prepared(sale).plan.entries["date"][0] == DAY


# -- P21, P22: what is missing ---------------------------------------------------------------------


def test_p21_accounts_customers_and_posting_codes_are_checked() -> None:
    stranger = doc("FT 1", PEN, buyer_id="C9", buyer_tax_id="509442013", buyer_name="Novo Lda")
    assert codes(prepared(stranger).plan) == ["billing.customer_missing"]
    none = billing().articles.with_columns(posting_code=pl.lit("Z"))
    assert codes(prepared(doc("FT 1", PEN), articles=none).plan) == ["billing.posting_code_missing"]
    odd = prepared(doc("FT 1", ("CANETA", "1", "100.00", "22")))
    assert codes(odd.plan) == ["billing.posting_rate_missing"]
    blank = billing().posting_rates.with_columns(revenue=pl.lit(""))
    assert codes(prepared(doc("FT 1", PEN), posting_rates=blank).plan) == [
        "billing.posting_account_missing"
    ]


def test_p22_a_document_with_a_problem_stays_out_and_the_rest_goes_on() -> None:
    made = prepared(doc("FT 1", PEN, gross=99_999), doc("FT 2", PEN), doc("FT 3", PEN, status="A"))

    assert made.plan.problems.select("source_key", "code").rows() == [
        ("501964843|FT|FT 1|2026", "billing.not_balanced"),
        ("501964843|FT|FT 1|2026", "billing.totals_differ"),
        ("501964843|FT|FT 3|2026", "billing.cancelled"),
    ]
    assert made.plan.entries["reference"].to_list() == ["FT 2"]
    assert balance(made.plan) == [0]
    assert made.documents == 3


def test_p22_every_line_says_why() -> None:
    lines = prepared(doc("VD 1", PEN)).plan.lines

    assert [explain(*row) for row in lines.select("rule", "because").iter_rows()] == [
        "Cash account of the posting code",
        "Revenue account of the posting code M at 23 %",
        "Tax account of the posting code M at 23 %",
    ]


def test_cents_of_rounding_in_a_document_have_an_account() -> None:
    made = prepared(doc("FT 1", PEN, gross=12301))

    assert entry(made.plan)[0] == ("D", "211110001", "123.01")
    assert entry(made.plan)[-1] == ("C", "7888", "0.01")


def test_a_currency_without_decimals_is_booked_in_whole_units() -> None:
    francs = replace(rules(), currency="XOF", rounding_limit=ROUNDING_LIMIT * 100)
    euros = {"currency": "EUR", "exchange_rate": 65_595_700_000}
    gift = doc("FT 2", ("CANETA", "2.53", "0.00", "23"), currency="XOF")
    costs = billing().articles.with_columns(last=pl.lit(33_333_300, pl.Int64))
    made = prepared(
        doc("FT 1", ("CANETA", "1", "10.00", "23"), **euros),
        gift,
        options=Options(reflections=True),
        company=francs,
        articles=costs,
        reflections=pl.DataFrame([("71", None, "111", "121", 333_333)], REFLECTIONS, orient="row"),
    )

    assert entry(made.plan, 0) == [
        ("D", "211110001", "8068.00"),  # 12.30 € at 655.957
        ("C", "71113", "6560.00"),
        ("C", "2433113", "1509.00"),
        ("D", "68888", "1.00"),
        ("C", "111", "2187.00"),
        ("D", "121", "2187.00"),
    ]
    assert entry(made.plan, 1) == [
        ("D", "6884", "8433.00"),
        ("C", "382", "8433.00"),
        ("D", "68122", "1940.00"),
        ("C", "243323", "1940.00"),
    ]


def test_a_document_with_nothing_to_post_is_mentioned() -> None:
    made = prepared(doc("FT 1", ("CANETA", "1", "0.00", "23")), options=Options(exclude_gifts=True))

    assert codes(made.plan) == ["billing.nothing_to_post"]
