"""Tax numbers: the published examples, generated ones, and every single wrong digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.countries.nfe_key import check_digit, read_nfe_key
from razao.countries.tax_ids import check_tax_id, normalise_tax_id
from razao.kernel.problems import Problem, Severity

PROVED = [
    ("PT", "501964843"),
    ("PT", "PT 501 964 843"),
    ("PT", "599999993"),
    ("ES", "B64717838"),
    ("ES", "J99216582"),
    ("ES", "54362315K"),
    ("ES", "X-5253868-R"),
    ("ES", "M-1234567-L"),
    ("ES", "ESB64717838"),
    ("MZ", "400339910"),
    ("MZ", "400 005 834"),
    ("BR", "390.533.447-05"),
    ("BR", "16.727.230/0001-97"),
    ("BR", "12.ABC.345/01DE-35"),
    ("FR", "FR 40 303 265 045"),
    ("FR", "40303265045"),
    ("DE", "DE136695976"),
    ("AT", "ATU13585627"),
    ("GR", "EL094259216"),
]

WRONG = [
    ("PT", "501964842", "tax_id.check_digit", Severity.ERROR),
    ("PT", "50196484", "tax_id.length", Severity.ERROR),
    ("PT", "012345678", "tax_id.form", Severity.ERROR),
    ("PT", "", "tax_id.missing", Severity.ERROR),
    ("ES", "B64717839", "tax_id.check_digit", Severity.ERROR),
    ("ES", "54362315Z", "tax_id.check_digit", Severity.ERROR),
    ("ES", "O-1234567-L", "tax_id.form", Severity.ERROR),
    ("MZ", "12345", "tax_id.length", Severity.ERROR),
    ("BR", "16.727.230/0001-98", "tax_id.check_digit", Severity.ERROR),
    ("BR", "111.111.111-11", "tax_id.form", Severity.ERROR),
    ("DE", "DE136695977", "tax_id.check_digit", Severity.WARNING),
    ("AO", "12345", "tax_id.form_unusual", Severity.WARNING),
    ("CV", "12345", "tax_id.form_unusual", Severity.WARNING),
    ("ST", "123", "tax_id.form_unusual", Severity.WARNING),
    ("GW", "1", "tax_id.form_unusual", Severity.WARNING),
]


@pytest.mark.parametrize(("country", "text"), PROVED)
def test_a_published_valid_number_passes(country: str, text: str) -> None:
    check = check_tax_id(country, text)
    assert (check.valid, check.severity, check.problem()) == (True, None, None)


@pytest.mark.parametrize(("country", "text", "reason", "severity"), WRONG)
def test_a_wrong_number_says_what_is_wrong(
    country: str, text: str, reason: str, severity: Severity
) -> None:
    check = check_tax_id(country, text)
    number = normalise_tax_id(country, text)
    assert check.problem("seller_tax_id") == Problem(
        reason, severity, "seller_tax_id", {"tax_id": number, "country": country}
    )


@pytest.mark.parametrize(
    ("country", "text", "kind"),
    [
        ("AO", "5000767115", "company"),
        ("AO", "5103105000", "company"),
        ("AO", "000238553CA017", "person"),
        ("CV", "123456789", ""),
        ("ST", "517123456", ""),
        ("GW", "510123456", ""),
        ("US", "12-3456789", ""),
    ],
)
def test_where_no_check_digit_is_published_a_good_form_proves_nothing_and_says_nothing(
    country: str, text: str, kind: str
) -> None:
    check = check_tax_id(country, text)
    assert (check.valid, check.severity, check.kind) == (None, None, kind)


@pytest.mark.parametrize(
    ("country", "number"), [("PT", "999999990"), ("AO", "999999999"), ("MZ", "000000000")]
)
def test_the_final_consumer_is_nobody(country: str, number: str) -> None:
    check = check_tax_id(country, number)
    assert (check.valid, check.final_consumer, check.problem()) == (True, True, None)


@pytest.mark.parametrize(
    ("country", "number", "kind"),
    [
        ("PT", "501964843", "company"),
        ("PT", "600000001", "public_body"),
        ("PT", "123456789", "person"),
        ("ES", "B64717838", "company"),
        ("ES", "54362315K", "person"),
        ("ES", "Q2818013A", "public_body"),
        ("BR", "39053344705", "person"),
        ("BR", "16727230000197", "company"),
    ],
)
def test_the_number_tells_who_bears_it(country: str, number: str, kind: str) -> None:
    assert check_tax_id(country, number).kind == kind


def test_a_portuguese_number_with_digits_nobody_is_given_asks_for_confirmation() -> None:
    check = check_tax_id("PT", with_check_digit("40000000"))
    assert (check.valid, check.severity, check.reason) == (
        True,
        Severity.WARNING,
        "tax_id.prefix",
    )


def with_check_digit(first_8: str) -> str:
    """NIF by the rule of the law, written again here: weights 9 to 2, 11 less the rest, 10 and 11 give 0."""
    rest = sum(int(d) * w for d, w in zip(first_8, range(9, 1, -1), strict=True)) % 11
    return first_8 + str(0 if rest < 2 else 11 - rest)


FIRST_8 = st.from_regex(r"[1235689][0-9]{7}", fullmatch=True)


@given(FIRST_8)
def test_a_generated_nif_is_never_wrong(first_8: str) -> None:
    assert check_tax_id("PT", with_check_digit(first_8)).valid is True


@given(FIRST_8, st.integers(0, 8), st.integers(1, 9))
def test_a_changed_digit_is_nearly_always_found(first_8: str, place: int, by: int) -> None:
    number = with_check_digit(first_8)
    changed = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    check = check_tax_id("PT", changed)
    if changed[0] == "0":
        assert check.reason == "tax_id.form"
    else:
        # remainders 0 and 1 share the check digit 0: the only change of one digit that may pass
        assert check.valid is (
            number[8] == "0" == changed[8] and with_check_digit(changed[:8]) == changed
        )


@given(
    st.sampled_from(["PT", "ES", "AO", "CV", "MZ", "ST", "GW", "BR", "FR", "US"]),
    st.text(max_size=40),
)
def test_any_text_gives_a_verdict(country: str, text: str) -> None:
    check = check_tax_id(country, text)
    assert (check.severity is None) == (check.problem() is None)
    assert normalise_tax_id(country, check.normalised) in {check.normalised, check.normalised[2:]}


KEYS = st.from_regex(
    r"(1[1-7]|3[1235])[0-9]{2}(0[1-9]|1[0-2])[0-9A-Z]{12}[0-9]{2}55[0-9]{3}[0-9]{9}1[0-9]{8}",
    fullmatch=True,
)


@given(KEYS)
def test_a_key_with_its_check_digit_is_read(first_43: str) -> None:
    key = read_nfe_key(" ".join([first_43[:20], first_43[20:] + check_digit(first_43)]))
    assert key is not None
    assert (key.issuer, key.model, key.number) == (first_43[6:20], "55", int(first_43[25:34]))


@given(KEYS, st.integers(0, 43))
def test_a_key_with_a_changed_digit_is_refused(first_43: str, place: int) -> None:
    key = first_43 + check_digit(first_43)
    if key[place].isdigit():
        other = str((int(key[place]) + 1) % 10)
        changed = key[:place] + other + key[place + 1 :]
        kept = check_digit(changed[:43]) == changed[43]
        assert (read_nfe_key(changed) is None) or kept


def test_the_key_of_the_manual_is_read() -> None:
    key = read_nfe_key("3508 0599 9990 9091 0270 5500 1000 0000 0151 8005 1273")
    assert key is not None
    assert (key.state, key.year, key.month, key.issuer) == ("35", 2008, 5, "99999090910270")
    assert (key.model, key.series, key.number) == ("55", 1, 1)


@pytest.mark.parametrize(
    "text", ["", "123", "3508 0599 9990 9091 0270 5500 1000 0000 0151 8005 1274"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    assert read_nfe_key(text) is None
