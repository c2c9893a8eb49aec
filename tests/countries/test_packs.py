"""Every pack holds together: what one table names, another has; times do not overlap; words are known."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from razao.countries.facts import Direction, Nature, ProfileDefaults, VatCodeSpec
from razao.countries.pack import NO_TAX, Pack, available, load
from razao.countries.reading import roles
from tests.corpus import SHARED

REFERENCE = SHARED / "reference"

every_pack = pytest.mark.parametrize("country", available())
every_book = pytest.mark.parametrize(
    "country", [c for c in available() if "books" in load(c).purposes]
)


def rates_of_reference(country: str) -> Counter[tuple[str, str, str, str, str]]:
    """Region, tax, rate and dates of every row of the reference list, one for each region named."""
    with (REFERENCE / "vat_rates.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["country"] == country]
    return Counter(
        (region, r["tax"], r["rate_percent"], r["valid_from"], r["valid_to"])
        for r in rows
        for region in r["region_code"].split("|")
    )


def rates_of_pack(pack: Pack) -> Counter[tuple[str, str, str, str, str]]:
    def text(value: object) -> str:
        return "" if value is None else str(value)

    return Counter(
        (r.region, r.tax, text(r.rate), text(r.period.valid_from), text(r.period.valid_to))
        for r in pack.vat_rates
    )


def accounts_of_code(code: VatCodeSpec) -> Iterator[str]:
    for account in (
        code.captive_account,
        code.base_account,
        code.tax_account,
        code.reverse_account,
        code.regularisation_account,
    ):
        if account:
            yield account


def postable(pack: Pack, code: str) -> bool:
    return code in pack.account_by_code and pack.account_by_code[code].postable


@every_pack
def test_account_codes_are_not_repeated_and_parents_exist(country: str) -> None:
    pack = load(country)
    assert [c for c, n in Counter(a.code for a in pack.accounts).items() if n > 1] == []
    codes = {a.code for a in pack.accounts}
    assert [a.code for a in pack.accounts if a.parent and a.parent not in codes] == []


@every_pack
def test_no_account_above_another_is_posted_to(country: str) -> None:
    pack = load(country)
    parents = {a.parent for a in pack.accounts}
    assert [a.code for a in pack.accounts if a.postable and a.code in parents] == []
    assert [a.code for a in pack.accounts if a.postable and a.party_group] == []


@every_book
def test_roles_are_the_known_ones_and_point_to_accounts_that_can_take_them(country: str) -> None:
    pack = load(country)
    known = {r["role"]: r for r in roles()}
    assert set(pack.roles) - set(known) == set()
    required = {name for name, r in known.items() if r["required"] == "1"}
    if pack.chart_complete:
        assert required - set(pack.roles) == set()
    by_code = pack.account_by_code
    assert {n: c for n, c in pack.roles.items() if c not in by_code} == {}
    must_post = {n: c for n, c in pack.roles.items() if known[n]["postable"] == "1"}
    if pack.chart_complete:
        assert {n: c for n, c in must_post.items() if not postable(pack, c)} == {}
    groups = {n: c for n, c in pack.roles.items() if known[n]["postable"] == "0"}
    by_code = pack.account_by_code
    assert {n: c for n, c in groups.items() if c not in by_code or not by_code[c].party_group} == {}


@every_book
def test_vat_codes_name_accounts_rates_and_return_fields_that_exist(country: str) -> None:
    pack = load(country)
    assert [c for c, n in Counter(v.code for v in pack.vat_codes).items() if n > 1] == []
    wanting = {(v.code, a) for v in pack.vat_codes for a in accounts_of_code(v)}
    assert {(c, a) for c, a in wanting if not postable(pack, a)} == set()
    rated = {(r.tax, r.kind, r.region) for r in pack.vat_rates}
    assert [
        v.code
        for v in pack.vat_codes
        if not {(v.tax, v.kind, v.region), (v.tax, v.kind, "*")} & rated
    ] == []
    numbers = {f.number for f in pack.return_fields}
    named = {n for v in pack.vat_codes for n in fields_of(v)}
    assert named - numbers == set()


def fields_of(code: VatCodeSpec) -> tuple[str, ...]:
    f = code.return_fields
    return f.base + f.tax + f.deduction + f.regularisation


@every_book
def test_vat_codes_say_one_thing(country: str) -> None:
    pack = load(country)
    keys = Counter((v.direction, v.modality, v.kind, v.region, v.tax) for v in pack.vat_codes)
    assert [k for k, n in keys.items() if n > 1] == []
    for code in pack.vat_codes:
        assert Decimal(0) <= code.deductible_percent <= Decimal(100), code.code
        assert code.reverse_charge == (code.reverse_account is not None), code.code
        assert bool(code.captive_percent) == (code.captive_account is not None), code.code
        if code.kind in NO_TAX:
            assert (code.tax_account, code.reverse_account) == (None, None), code.code
        elif code.deductible_percent and pack.chart_complete:
            assert code.tax_account, code.code
        if code.exemption and pack.exemptions:
            assert code.exemption in {e.code for e in pack.exemptions}, code.code


@every_pack
def test_rates_of_one_kind_never_overlap(country: str) -> None:
    pack = load(country)
    for one, other in combinations(pack.vat_rates, 2):
        same = (one.region, one.tax, one.kind) == (other.region, other.tax, other.kind)
        assert not (same and one.period.overlaps(other.period)), (one, other)


@every_pack
def test_withholdings_and_thresholds_of_one_code_never_overlap(country: str) -> None:
    pack = load(country)
    for table in (pack.withholding, pack.thresholds, pack.exemptions):
        for one, other in combinations(table, 2):
            same = one.code == other.code  # type: ignore[attr-defined]
            assert not (same and one.period.overlaps(other.period)), (one, other)  # type: ignore[attr-defined]


@every_book
def test_withholding_accounts_exist_and_take_postings(country: str) -> None:
    pack = load(country)
    assert [
        (w.code, w.account)
        for w in pack.withholding
        if not (w.account and postable(pack, w.account)) and pack.chart_complete
    ] == []


@every_book
def test_the_default_profiles_are_complete(country: str) -> None:
    pack = load(country)
    assert set(pack.posting_profile) == set(Direction)
    for profile in pack.posting_profile.values():
        check_profile(pack, profile)


def check_profile(pack: Pack, profile: ProfileDefaults) -> None:
    journals = {j.code for j in pack.journals}
    types = {t.code for t in pack.entry_types}
    assert profile.journal in journals
    assert {t.journal for t in pack.entry_types} - journals == set()
    assert set(profile.entry_types.values()) - types == set()
    assert "*" in profile.entry_types
    assert profile.classifier in {c.code for c in pack.classifiers}
    prefixes = (profile.party_prefix, *profile.foreign_prefixes.values())
    assert {p for p in prefixes if not pack.account_by_code[p].party_group} == set()
    assert set(profile.foreign_prefixes) == {"eu", "world"}
    if pack.chart_complete:
        assert postable(pack, profile.counterpart)
    offered = {v.modality for v in pack.vat_codes if v.direction is profile.direction}
    assert {profile.modality, *profile.modalities.values()} - offered == set()


@every_book
def test_parties_of_a_profile_belong_to_its_classifier(country: str) -> None:
    pack = load(country)
    for profile in pack.posting_profile.values():
        assert pack.account_by_code[profile.party_prefix].classifier == profile.classifier


@every_pack
def test_every_rate_of_the_reference_list_is_there(country: str) -> None:
    if not REFERENCE.is_dir():
        pytest.skip(f"the reference data is not beside this checkout: {REFERENCE}")
    missing = rates_of_reference(country) - rates_of_pack(load(country))
    assert missing == Counter()


@every_book
def test_a_sale_and_a_purchase_at_the_usual_rate_find_their_code(country: str) -> None:
    pack = load(country)
    for direction, profile in pack.posting_profile.items():
        code = pack.vat_code(direction, profile.modality, "normal")
        assert code is not None
        assert code.direction is direction
        assert pack.rate_on(code.region, code.kind, date(2026, 1, 15), code.tax) is not None


@every_pack
def test_words_are_lower_case_and_belong_to_one_document_type(country: str) -> None:
    pack = load(country)
    words = [w for table in (pack.labels, pack.document_words) for ws in table.values() for w in ws]
    assert [w for w in words if w != w.lower() or w != w.strip()] == []
    named = Counter(w for ws in pack.document_words.values() for w in set(ws))
    assert [w for w, n in named.items() if n > 1] == []
    needed = {"number", "date", "due_date", "tax_id", "net_total", "vat_total", "gross_total"}
    assert needed - set(pack.labels) == set()


@every_book
def test_modalities_asked_for_by_accounts_are_offered(country: str) -> None:
    pack = load(country)
    offered = {v.modality for v in pack.vat_codes if v.direction is Direction.PURCHASE}
    assert set(pack.account_modalities.values()) - offered == set()
    assert set(pack.account_modalities) - set(pack.account_by_code) == set()


@every_pack
def test_natures_follow_the_account(country: str) -> None:
    pack = load(country)
    for role, nature in (("purchases_goods", Nature.INVENTORY), ("default_asset", Nature.ASSETS)):
        if role in pack.roles:
            assert pack.nature_of(pack.roles[role]) is nature, role
    if "default_expense" in pack.roles:
        assert pack.nature_of(pack.roles["default_expense"]) is Nature.OTHER


def test_a_country_without_a_pack_is_named() -> None:
    with pytest.raises(LookupError, match="XX"):
        load("XX")


def test_the_page_on_countries_has_a_row_for_each_pack_in_both_tables() -> None:
    page = (Path(__file__).parents[2] / "docs" / "countries.md").read_text("utf-8")
    for country in available():
        rows = [line for line in page.splitlines() if line.startswith(f"| {country} ")]
        assert len(rows) == 2, country


@every_book
def test_codes_are_short_enough_to_be_stored_and_shown(country: str) -> None:
    pack = load(country)
    assert [v.kind for v in pack.vat_codes if len(v.kind) > 30] == []
    assert [v.code for v in pack.vat_codes if len(v.code) > 20 or len(v.operation) > 40] == []
    assert [w.code for w in pack.withholding if len(w.code) > 20 or len(w.tax) > 10] == []
    assert [a.code for a in pack.accounts if len(a.code) > 30] == []
