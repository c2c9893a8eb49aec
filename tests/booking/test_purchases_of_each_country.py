"""One purchase of each country with its taxes and what is withheld, every line written out as its accountants write it.

Accounts and rates are those of the posting facts in the reference data; what is not verified there is said in docs/countries.md.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from razao.booking.invoice_entries import propose_one
from razao.booking.rules import Overrides, Rules
from razao.countries.facts import Direction
from razao.invoices.invoice import Invoice, VatAmount
from tests.booking.company import codes, entry, invoice, profile, rules_in

BUY, SELL = Direction.PURCHASE, Direction.SALE


def bought(document: Invoice, rules: Rules, vat_code: str | None = None) -> Any:
    chosen = {"doc": [0], "position": [1], "vat_code": [vat_code]}
    overrides = Overrides(rows=pl.DataFrame(chosen)) if vat_code else None
    return propose_one(document, rules, direction=BUY, overrides=overrides)


def received(country: str, currency: str, seller: str, *rows: Any, **fields: Any) -> Invoice:
    """An invoice of a seller of the company's own country."""
    home = {"currency": currency, "seller_country": country, "seller_tax_id": seller}
    home |= {"buyer_country": country, "buyer_tax_id": OURS[country]}
    return invoice(*rows, **(home | fields))


def at(rate: str, base: str, tax: str, region: str, kind: str | None = None) -> VatAmount:
    return VatAmount(Decimal(rate), Decimal(base), Decimal(tax), region, None, kind)


OURS = {
    "ES": "B64717838",
    "AO": "5000767115",
    "CV": "200112233",
    "MZ": "400339910",
    "GW": "510001112",
}


# -- Spain ---------------------------------------------------------------------------------------

SPAIN = {
    "54362315K": ("41000001", "FOR", "IRPF15", "623"),
    "J99216582": ("40000001", "FOR", "", "600"),
    "A58818501": ("43000001", "CLI", "", ""),
}


def spain(**changes: Any) -> Rules:
    return rules_in("ES", OURS["ES"], SPAIN, **changes)


def test_spain_a_professional_with_income_tax_withheld() -> None:
    document = received(
        *("ES", "EUR", "54362315K", at("21", "1000.00", "210.00", "ES")),
        withholding=Decimal("150.00"),
    )
    plan = bought(document, spain())

    assert entry(plan) == [
        ("D", "623", "1000.00"),
        ("D", "4720", "210.00"),
        ("C", "4751", "150.00"),
        ("C", "41000001", "1060.00"),
    ]
    assert codes(plan) == []


def test_spain_goods_in_the_canary_islands_carry_another_tax() -> None:
    document = received("ES", "EUR", "J99216582", at("7", "1000.00", "70.00", "ES-CN"))
    plan = bought(document, spain(region="ES-CN"))

    assert entry(plan) == [
        ("D", "600", "1000.00"),
        ("D", "4727", "70.00"),
        ("C", "40000001", "1070.00"),
    ]
    assert codes(plan) == []


def test_spain_a_rate_of_the_company_s_own_islands_is_understood_from_an_invoice_that_names_no_region() -> (
    None
):
    document = received("ES", "EUR", "J99216582", at("7", "1000.00", "70.00", "ES"))

    assert entry(bought(document, spain(region="ES-CN")))[1] == ("D", "4727", "70.00")
    assert codes(bought(document, spain())) == ["booking.vat_rate_missing"]


def test_spain_a_retailer_bears_tax_and_equivalence_surcharge() -> None:
    document = received(
        *("ES", "EUR", "J99216582"),
        at("21", "100.00", "21.00", "ES"),
        at("5.2", "100.00", "5.20", "ES", "surcharge"),
        net_total=Decimal("100.00"),
        vat_total=Decimal("26.20"),
        gross_total=Decimal("126.20"),
    )
    plan = bought(document, spain(profiles=profile(BUY, "ES", modality="non_deductible")))

    assert entry(plan) == [
        ("D", "600", "121.00"),
        ("D", "600", "5.20"),
        ("C", "40000001", "126.20"),
    ]
    assert plan.lines.select("vat_code", "tax_base").rows() == [
        ("NDN", 10000),
        ("DREN", 10000),
        (None, None),
    ]
    assert codes(plan) == []


def test_spain_a_wholesaler_charges_the_surcharge() -> None:
    document = replace(
        received(
            *("ES", "EUR", OURS["ES"]),
            at("21", "100.00", "21.00", "ES"),
            at("5.2", "100.00", "5.20", "ES", "surcharge"),
            net_total=Decimal("100.00"),
            vat_total=Decimal("26.20"),
            gross_total=Decimal("126.20"),
        ),
        buyer_tax_id="A58818501",
    )
    plan = propose_one(document, spain(), direction=SELL)

    assert entry(plan) == [
        ("D", "43000001", "126.20"),
        ("C", "700", "100.00"),
        ("C", "4770", "21.00"),
        ("C", "4770", "5.20"),
    ]
    assert codes(plan) == []


# -- Angola --------------------------------------------------------------------------------------

ANGOLA = {
    "5417000001": ("32.1.2.1.0001", "FOR", "II6_5", "75.2.34"),
    "5417000002": ("32.1.2.1.0002", "FOR", "", "75.2.39"),
    "5417000003": ("31.1.2.1.0001", "CLI", "", ""),
}


def angola(**changes: Any) -> Rules:
    return rules_in("AO", OURS["AO"], ANGOLA, **changes)


def test_angola_services_with_industrial_tax_withheld() -> None:
    document = received(
        *("AO", "AOA", "5417000001", at("14", "500000.00", "70000.00", "AO")),
        withholding=Decimal("32500.00"),
    )
    plan = bought(document, angola())

    assert entry(plan) == [
        ("D", "75.2.34", "500000.00"),
        ("D", "34.5.2.3", "70000.00"),
        ("C", "34.1.6", "32500.00"),
        ("C", "32.1.2.1.0001", "537500.00"),
    ]
    assert codes(plan) == []


def test_angola_a_bank_keeps_half_of_the_tax_from_its_supplier() -> None:
    document = received("AO", "AOA", "5417000002", at("14", "1000000.00", "140000.00", "AO"))
    plan = bought(document, angola(), "DCAT50OB")

    assert entry(plan) == [
        ("D", "75.2.39", "1000000.00"),
        ("D", "34.5.2.3", "140000.00"),
        ("C", "34.5.6.2", "70000.00"),
        ("C", "32.1.2.1.0002", "1070000.00"),
    ]
    assert codes(plan) == []


def test_angola_tax_kept_and_tax_withheld_are_told_apart_however_the_invoice_adds_them() -> None:
    row = at("14", "1000000.00", "140000.00", "AO")
    expected = [
        ("D", "75.2.34", "1000000.00"),
        ("D", "34.5.2.3", "140000.00"),
        ("C", "34.5.6.2", "140000.00"),
        ("C", "34.1.6", "65000.00"),
        ("C", "32.1.2.1.0001", "935000.00"),
    ]
    for held in ("65000.00", "205000.00"):  # the industrial tax alone, or both in one sum
        document = received(*("AO", "AOA", "5417000001", row), withholding=Decimal(held))
        assert entry(bought(document, angola(), "DCAT100OB")) == expected
    both_off = received(
        *("AO", "AOA", "5417000001", row),
        withholding=Decimal("150000.00"),
        payable=Decimal("850000.00"),
    )
    assert entry(bought(both_off, angola(), "DCAT100OB"))[2:] == [
        ("C", "34.5.6.2", "140000.00"),
        ("C", "34.1.6", "150000.00"),
        ("C", "32.1.2.1.0001", "850000.00"),
    ]


def test_angola_what_the_state_keeps_of_our_sale_is_recovered_from_it() -> None:
    document = replace(
        received("AO", "AOA", OURS["AO"], at("14", "1000000.00", "140000.00", "AO")),
        buyer_tax_id="5417000003",
    )
    chosen = pl.DataFrame({"doc": [0], "position": [1], "vat_code": ["LCAT100"]})
    plan = propose_one(document, angola(), direction=SELL, overrides=Overrides(rows=chosen))

    assert entry(plan) == [
        ("D", "31.1.2.1.0001", "1000000.00"),
        ("D", "34.5.7.2", "140000.00"),
        ("C", "61.3.1", "1000000.00"),
        ("C", "34.5.3.1", "140000.00"),
    ]
    assert codes(plan) == []


# -- Cabo Verde, Mozambique, Guinea-Bissau ----------------------------------------------------------


def test_cabo_verde_fees_with_income_tax_withheld() -> None:
    parties = {"254000001": ("221110001", "FOR", "B20", "6235")}
    document = received(
        *("CV", "CVE", "254000001", at("15", "100000.00", "15000.00", "CV")),
        withholding=Decimal("20000.00"),
    )
    plan = bought(document, rules_in("CV", OURS["CV"], parties))

    assert entry(plan) == [
        ("D", "6235", "100000.00"),
        ("D", "24423", "15000.00"),
        ("C", "24321", "20000.00"),
        ("C", "221110001", "95000.00"),
    ]
    assert codes(plan) == []


def test_mozambique_fees_with_income_tax_withheld() -> None:
    parties = {"400005834": ("4210001", "FOR", "SERV20", "63225")}
    document = received(
        *("MZ", "MZN", "400005834", at("16", "20000.00", "3200.00", "MZ")),
        withholding=Decimal("4000.00"),
    )
    plan = bought(document, rules_in("MZ", OURS["MZ"], parties))

    assert entry(plan) == [
        ("D", "63225", "20000.00"),
        ("D", "44323", "3200.00"),
        ("C", "4422", "4000.00"),
        ("C", "4210001", "19200.00"),
    ]
    assert codes(plan) == []


BISSAU = {
    "510002221": ("40110001", "FOR", "", "6011"),
    "SN77": ("40110002", "FOR", "", "6324"),
}


def test_guinea_bissau_goods_in_whole_francs() -> None:
    document = received("GW", "XOF", "510002221", at("19", "12345.00", "2346.00", "GW"))
    plan = bought(document, rules_in("GW", OURS["GW"], BISSAU))

    assert entry(plan) == [
        ("D", "6011", "12345.00"),
        ("D", "4452", "2346.00"),
        ("C", "40110001", "14691.00"),
    ]
    assert codes(plan) == []


def test_guinea_bissau_tax_that_the_buyer_reckons_himself_has_no_centimes() -> None:
    document = received(
        *("GW", "XOF", "SN77", at("0", "12345.00", "0.00", "SN")), seller_country="SN"
    )
    plan = bought(document, rules_in("GW", OURS["GW"], BISSAU))

    assert entry(plan) == [
        ("D", "6324", "12345.00"),
        ("D", "4454", "2346.00"),
        ("C", "4432", "2346.00"),
        ("C", "40110002", "12345.00"),
    ]


def test_sao_tome_posts_nothing_before_its_chart_is_imported() -> None:
    parties = {"510003331": ("400001", "FOR", "", "63")}
    document = received("CV", "STN", "510003331", at("15", "100.00", "15.00", "ST"))
    document = replace(document, seller_country="ST", buyer_country="ST", buyer_tax_id="510004441")
    plan = bought(document, rules_in("ST", "510004441", parties))

    assert codes(plan) == ["booking.account_not_postable"]
    assert plan.postable.entries.height == 0
