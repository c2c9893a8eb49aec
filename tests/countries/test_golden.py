"""Facts that an accountant would check by heart: rates by day, accounts of worked entries, return fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.countries.facts import AccountKind, Direction, ReturnFields, VatCodeSpec
from razao.countries.pack import available, load


def test_the_countries_of_the_books_and_brazil_are_there() -> None:
    assert available() == ("AO", "BR", "CV", "ES", "GW", "MZ", "PT", "ST")
    books = {c for c in available() if "books" in load(c).purposes}
    assert books == {"AO", "CV", "ES", "GW", "MZ", "PT", "ST"}


@pytest.mark.parametrize(
    ("country", "currency", "decimals", "tax_id"),
    [
        ("PT", "EUR", 2, "NIF"),
        ("ES", "EUR", 2, "NIF"),
        ("AO", "AOA", 2, "NIF"),
        ("CV", "CVE", 2, "NIF"),
        ("MZ", "MZN", 2, "NUIT"),
        ("ST", "STN", 2, "NIF"),
        ("GW", "XOF", 0, "NIF"),
        ("BR", "BRL", 2, "CNPJ"),
    ],
)
def test_currency_and_tax_number_of_each_country(
    country: str, currency: str, decimals: int, tax_id: str
) -> None:
    pack = load(country)
    assert (pack.currency, pack.decimals, pack.tax_id_name) == (currency, decimals, tax_id)


@pytest.mark.parametrize(
    ("country", "region", "kind", "day", "rate"),
    [
        ("PT", "PT", "normal", date(2010, 12, 31), "21"),
        ("PT", "PT", "normal", date(2011, 1, 1), "23"),
        ("PT", "PT", "intermediate", date(2026, 1, 1), "13"),
        ("PT", "PT", "reduced", date(2026, 1, 1), "6"),
        ("PT", "PT-AC", "normal", date(2021, 6, 30), "18"),
        ("PT", "PT-AC", "normal", date(2021, 7, 1), "16"),
        ("PT", "PT-AC", "intermediate", date(2026, 1, 1), "9"),
        ("PT", "PT-AC", "reduced", date(2026, 1, 1), "4"),
        ("PT", "PT-MA", "normal", date(2026, 1, 1), "22"),
        ("PT", "PT-MA", "intermediate", date(2026, 1, 1), "12"),
        ("PT", "PT-MA", "reduced", date(2024, 9, 30), "5"),
        ("PT", "PT-MA", "reduced", date(2024, 10, 1), "4"),
        ("PT", "PT-MA", "exempt", date(2026, 1, 1), "0"),
        ("ES", "ES", "normal", date(2012, 8, 31), "18"),
        ("ES", "ES", "normal", date(2012, 9, 1), "21"),
        ("ES", "ES", "super_reduced", date(2026, 1, 1), "4"),
        ("ES", "ES-CN", "normal", date(2019, 6, 1), "6.5"),
        ("ES", "ES-CN", "normal", date(2026, 1, 1), "7"),
        ("ES", "ES-ML", "ipsi_10", date(2026, 1, 1), "10"),
        ("AO", "AO", "normal", date(2026, 1, 1), "14"),
        ("CV", "CV", "normal", date(2017, 6, 1), "15.5"),
        ("CV", "CV", "normal", date(2026, 1, 1), "15"),
        ("MZ", "MZ", "normal", date(2022, 12, 31), "17"),
        ("MZ", "MZ", "normal", date(2023, 1, 1), "16"),
        ("ST", "ST", "normal", date(2026, 1, 1), "15"),
        ("GW", "GW", "normal", date(2025, 1, 1), "19"),
    ],
)
def test_the_rate_of_a_day(country: str, region: str, kind: str, day: date, rate: str) -> None:
    found = load(country).rate_on(region, kind, day)
    assert found is not None
    assert found.rate == Decimal(rate)


def test_a_rate_before_the_tax_existed_is_unknown() -> None:
    assert load("AO").rate_on("AO", "normal", date(2019, 9, 30)) is None
    assert load("PT").rate_on("PT", "general", date(2026, 1, 1)) is None


def test_a_rate_tells_its_kind_by_region_and_day() -> None:
    pack = load("PT")
    assert pack.kinds_of("PT", Decimal(23), date(2026, 1, 1)) == ("normal",)
    assert pack.kinds_of("PT-AC", Decimal(16), date(2026, 1, 1)) == ("normal",)
    assert pack.kinds_of("PT", Decimal(16), date(2026, 1, 1)) == ()
    assert pack.kinds_of("PT", Decimal(0), date(2023, 6, 1)) == (
        "zero_temporary",
        "exempt",
        "not_subject",
        "not_applicable",
    )


def test_regions_of_a_country_begin_with_the_usual_one() -> None:
    assert load("PT").regions == ("PT", "PT-AC", "PT-MA")
    assert load("ES").regions == ("ES", "ES-CN", "ES-CE", "ES-ML")


WORKED = (
    "112 118 121 2111 211119999 2112 2113 218 228 2121 2414 2422 2423 2424 2425 2428 24341 24342 2435 24361 "
    "2437 2438 2432111 2432113 2432123 2432213 2432313 2432323 2433111 2433112 2433113 2433123 2433133 "
    "2433143 243323 25111 27131 27121 276 311 3121 317 321 382 391 4383 433 51 56 611 6121 6222 6224 6226 "
    "6227 6234 6238 62421 62422 62611 6423 682 68122 6863 6884 6887 68888 712 71111 71112 71113 71114 7112 "
    "7113 7171 7181 72113 728 782 7861 7887 7888 793 818"
)


def test_accounts_of_the_worked_entries_exist_and_take_postings() -> None:
    pack = load("PT")
    groups = {"2111", "317", "2112", "2113", "51", "56"}
    codes = WORKED.split()
    leaves = [code for code in codes if code not in groups]
    assert [c for c in codes if c not in pack.account_by_code] == []
    assert [c for c in leaves if not pack.account_by_code[c].postable] == []


def test_parties_of_portugal_stand_below_their_groups() -> None:
    pack = load("PT")
    groups = {a.code for a in pack.accounts if a.party_group}
    assert groups == {"21111", "21112", "21113", "22111", "22112", "22113", "27111"}
    assert {pack.account_by_code[g].classifier for g in groups} == {"CLI", "FOR", "FIM"}
    final = pack.account_by_code["211119999"]
    assert (final.parent, final.kind, final.taxonomy_s) == ("21111", AccountKind.ASSET, 10)


def test_every_account_that_takes_postings_has_a_taxonomy_of_reference_s() -> None:
    pack = load("PT")
    lines = {t.code for t in pack.taxonomy if t.reference == "S"}
    assert [a.code for a in pack.accounts if a.postable and a.taxonomy_s not in lines] == []
    micro = {t.code for t in pack.taxonomy if t.reference == "M"}
    assert [a.code for a in pack.accounts if a.taxonomy_m and a.taxonomy_m not in micro] == []
    assert (len(lines), len(micro)) == (647, 334)


def vat_code(direction: Direction, modality: str, kind: str, region: str = "PT") -> VatCodeSpec:
    found = load("PT").vat_code(direction, modality, kind, region)
    assert found is not None
    return found


def test_a_sale_at_the_normal_rate() -> None:
    code = vat_code(Direction.SALE, "domestic", "normal")
    assert (code.code, code.base_account, code.tax_account) == ("LNOR", "71113", "2433113")
    assert code.return_fields == ReturnFields(base=("3",), tax=("4",), regularisation=("40",))
    assert (code.regularisation_account, code.saft_tax_code) == ("24341", "NOR")


def test_regions_share_accounts_and_have_codes_of_their_own() -> None:
    codes = [vat_code(Direction.SALE, "domestic", "reduced", r) for r in load("PT").regions]
    assert [c.code for c in codes] == ["LRED", "LRED-AC", "LRED-MA"]
    assert {c.tax_account for c in codes} == {"2433111"}


def test_purchases_are_deducted_by_use() -> None:
    by_use = {
        use: vat_code(Direction.PURCHASE, f"domestic_{use}", "normal")
        for use in ("inventory", "assets", "other")
    }
    assert {u: c.tax_account for u, c in by_use.items()} == {
        "inventory": "2432113",
        "assets": "2432213",
        "other": "2432313",
    }
    assert {u: c.return_fields.deduction for u, c in by_use.items()} == {
        "inventory": ("22",),
        "assets": ("20",),
        "other": ("24",),
    }


@pytest.mark.parametrize(
    ("modality", "tax_account", "reverse_account", "base", "tax", "deduction"),
    [
        ("intra_eu_inventory", "2432123", "2433123", ("12",), ("13",), ("22",)),
        ("intra_eu_services", "2432323", "2433133", ("16",), ("17",), ("24",)),
        ("extra_eu_services", "2432333", "2433133", ("3", "98"), ("4",), ("24",)),
        ("import_self_assessed_assets", "2432233", "2433153", ("18",), ("19",), ("20",)),
        ("reverse_charge_other", "2432313", "2433143", ("3", "102"), ("4",), ("24",)),
        ("reverse_charge_scrap_inventory", "2432113", "2433143", ("3", "101"), ("4",), ("22",)),
    ],
)
def test_the_buyer_accounts_for_the_tax(
    modality: str,
    tax_account: str,
    reverse_account: str,
    base: tuple[str, ...],
    tax: tuple[str, ...],
    deduction: tuple[str, ...],
) -> None:
    code = vat_code(Direction.PURCHASE, modality, "normal")
    assert code.reverse_charge
    assert (code.tax_account, code.reverse_account) == (tax_account, reverse_account)
    fields = code.return_fields
    assert (fields.base, fields.tax, fields.deduction) == (base, tax, deduction)


def test_half_deductible_and_not_deductible() -> None:
    half = vat_code(Direction.PURCHASE, "half_deductible", "normal")
    none = vat_code(Direction.PURCHASE, "non_deductible", "normal")
    assert (half.deductible_percent, half.tax_account) == (Decimal(50), "2432313")
    assert (none.deductible_percent, none.tax_account) == (Decimal(0), None)


def test_the_law_limits_the_deduction_on_fuel_and_travel() -> None:
    pack = load("PT")
    asked = {a: pack.modality_of(a) for a in ("62421", "62422", "6251", "6266", "6224")}
    assert asked == {
        "62421": "half_deductible",
        "62422": "non_deductible",
        "6251": "non_deductible",
        "6266": "non_deductible",
        "6224": None,
    }


@pytest.mark.parametrize(
    ("modality", "code", "field", "reason"),
    [
        ("exempt", "LIS", "9", "M07"),
        ("intra_eu", "LIC", "7", "M16"),
        ("export", "LEX", "8", "M05"),
        ("reverse_charge", "LISP", "8", "M31"),
        ("intra_eu_services", "LICS", "7", "M40"),
    ],
)
def test_sales_without_tax_state_a_reason(
    modality: str, code: str, field: str, reason: str
) -> None:
    found = vat_code(Direction.SALE, modality, "normal")
    assert (found.code, found.return_fields.base, found.exemption) == (code, (field,), reason)
    assert found.exemption_required


def test_withholding_of_professionals_fell_in_2025() -> None:
    pack = load("PT")
    rates = [pack.withholding_on("B", d) for d in (date(2024, 12, 31), date(2025, 1, 1))]
    assert [(w.rate, w.account, w.rubric) for w in rates if w] == [
        (Decimal(25), "2422", "102"),
        (Decimal(23), "2422", "102"),
    ]
    rents = pack.withholding_on("F25", date(2026, 1, 1))
    assert rents is not None
    assert (rents.rate, rents.account, rents.rubric) == (Decimal(25), "2424", "104")
    assert pack.withholding_on("B", date(2012, 12, 31)) is None


def test_thresholds_of_withholding_follow_the_year() -> None:
    amounts = {
        t.period.valid_from.year: t.amount
        for t in load("PT").thresholds
        if t.code.startswith("DISP-1") and t.period.valid_from
    }
    assert amounts == {
        2021: Decimal(12500),
        2023: Decimal(13500),
        2024: Decimal(14500),
        2025: Decimal(15000),
    }


def test_an_exemption_that_expired_is_not_offered_any_more() -> None:
    pack = load("PT")
    assert pack.exemption("M26", date(2023, 6, 1)) is not None
    assert pack.exemption("M26", date(2024, 1, 5)) is None


@pytest.mark.parametrize(
    ("country", "roles"),
    [
        (
            "ES",
            {
                "suppliers": "4000",
                "suppliers_services": "4100",
                "purchases_goods": "600",
                "sales_services_normal": "705",
                "cash_discount_granted": "7060",
                "cash_discount_obtained": "6060",
                "withholding_independent": "4751",
                "withholding_suffered": "473",
                "fx_loss": "668",
            },
        ),
        (
            "AO",
            {
                "customers": "31.1.2.1",
                "vat_deductible": "34.5.2.3",
                "vat_collected": "34.5.3.1",
                "vat_captive_payable": "34.5.6.2",
                "sales_goods_normal": "61.3.1",
                "purchases_goods": "21.2",
                "cash_discount_obtained": "66.3",
            },
        ),
        (
            "CV",
            {
                "vat_deductible": "24423",
                "vat_collected": "24431",
                "withholding_rents": "2434",
                "purchases_goods": "3211",
                "inventory": "3221",
                "cogs": "6111",
            },
        ),
        (
            "MZ",
            {
                "suppliers_assets": "4611",
                "vat_deductible_inventory": "44321",
                "vat_collected": "44331",
                "withholding_independent": "4422",
                "purchases_goods": "211",
                "gifts": "6893",
            },
        ),
        (
            "GW",
            {
                "vat_deductible_assets": "4451",
                "vat_collected": "4431",
                "purchases_goods": "6011",
                "cash_discount_granted": "673",
                "fx_gain": "776",
            },
        ),
    ],
)
def test_roles_of_the_posting_facts(country: str, roles: dict[str, str]) -> None:
    pack = load(country)
    assert {name: pack.roles[name] for name in roles} == roles


def test_angola_counts_income_in_class_6_and_expense_in_class_7() -> None:
    accounts = load("AO").account_by_code
    assert (accounts["61.3.1"].kind, accounts["75.2.39"].kind) == (
        AccountKind.INCOME,
        AccountKind.EXPENSE,
    )
    assert (accounts["61.3.1"].parent, accounts["61"].parent) == ("61.3", "6")


def test_captive_vat_of_angola_is_kept_by_the_buyer() -> None:
    pack = load("AO")
    sale = pack.vat_code(Direction.SALE, "captive_100", "captive_100")
    purchase = pack.vat_code(Direction.PURCHASE, "captive_50_other", "captive_50")
    assert sale is not None
    assert purchase is not None
    assert (sale.captive_percent, sale.captive_account) == (Decimal(100), "34.5.7.2")
    assert (purchase.captive_percent, purchase.captive_account) == (Decimal(50), "34.5.6.2")


def test_the_canary_islands_have_a_tax_of_their_own() -> None:
    pack = load("ES")
    igic = pack.vat_code(Direction.PURCHASE, "domestic_other", "normal", "ES-CN")
    iva = pack.vat_code(Direction.PURCHASE, "domestic_other", "normal", "ES")
    assert igic is not None
    assert iva is not None
    assert ((igic.tax, igic.tax_account), (iva.tax, iva.tax_account)) == (
        ("IGIC", "4727"),
        ("IVA", "4720"),
    )


def test_sao_tome_is_a_skeleton_that_nobody_posts_to() -> None:
    pack = load("ST")
    assert not pack.chart_complete
    assert [a.code for a in pack.accounts if a.postable] == []
    assert {a.confidence for a in pack.accounts} == {"low"}


def test_what_is_not_certain_is_listed_for_the_administrator() -> None:
    assert {c: bool(load(c).unverified) for c in available()} == dict.fromkeys(available(), True)
    lines = [text for c in available() for text in load(c).unverified]
    assert [t for t in lines if not t.endswith(".")] == []
