"""The fiscal code on a Portuguese invoice: everything it says is exact, and printers are not."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.capture.reading import at_qr
from razao.capture.reading.at_qr import AtQr, NotAtQr, parse
from tests.corpus import SHARED

GOOD = (
    "A:123456789*B:999999990*C:PT*D:FS*E:N*F:20190812*G:FS CDVF/12345*H:CDF7T5HD-12345"
    "*I1:PT*I7:0.65*I8:0.15*N:0.15*O:0.80*Q:YhGV*R:9999*S:NU;0.80"
)


def examples() -> list[dict[str, str]]:
    path = SHARED / "reference" / "at_qr_examples.tsv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def payloads() -> list[dict[str, object]]:
    path = SHARED / "corpus" / "pt_qr_payloads" / "manifest.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_simplified_invoice_is_read_whole():
    qr = parse(GOOD)
    assert (qr.seller_tax_id, qr.document_type, qr.number) == ("123456789", "FS", "FS CDVF/12345")
    assert (qr.issue_date, qr.atcud) == (date(2019, 8, 12), "CDF7T5HD-12345")
    assert (qr.tax_total, qr.gross_total) == (Decimal("0.15"), Decimal("0.80"))
    assert qr.oddities == ()


@pytest.mark.parametrize(
    ("atcud", "number", "same"),
    [
        ("CDF7T5HD-0012", "FS A/12", True),
        ("CDF7T5HD-12", "FS A/13", False),
        # Found by fuzzing (``make fuzz TARGET=qr``, seed 06faa5ab-100747): no number has so many digits.
        (f"CDF7T5HD-{'1' * 16_000}", f"FS A/{'1' * 16_000}", True),
        ("CDF7T5HD-²", "FS A/²", False),
    ],
    ids=["zeros", "other", "long", "superscript"],
)
def test_the_atcud_carries_the_documents_number(atcud, number, same):
    assert at_qr.same_sequence(atcud, number) is same


@pytest.mark.parametrize("row", examples(), ids=lambda r: r["message"][:60] + r["note"])
def test_the_published_examples(row):
    if row["class"] == "negative" and row["note"].split()[0] not in {"R", "unknown", "H", "E"}:
        with pytest.raises(NotAtQr):
            parse(row["message"])
        return
    qr = parse(row["message"])
    assert ("tax_sum" in qr.oddities) == ("N!" in row["arithmetic"])
    if row["class"] == "spec":
        assert ("gross_sum" in qr.oddities) == ("O!" in row["arithmetic"])


@pytest.mark.parametrize("row", payloads(), ids=lambda r: str(r["payload"])[:60])
def test_payloads_of_other_programs_are_read_or_refused(row):
    if row["kind"] == "official_example":
        qr = parse(str(row["payload"]))
        assert qr.seller_tax_id == row["fields"]["A"]
        assert str(qr.gross_total) == row["fields"]["O"]
        return
    try:
        parse(str(row["payload"]))
    except NotAtQr as refusal:
        assert str(refusal)  # noqa: PT017 - either outcome is right; a crash is not


def test_deviations_that_printers_make_are_read_and_noted():
    spaced = GOOD.replace("G:", "G: ").replace("R:9999", "R:0071").replace("I8:0.15", "I8:0,15")
    assert replace(parse(spaced), certificate="9999") == parse(GOOD)
    assert parse(GOOD.replace("*S:NU;0.80", "*L:0.00*M:0*P:0")).withholding is None
    assert parse(GOOD.replace("*", "*\n")) == parse(GOOD)
    assert parse(GOOD.replace(":", "%3A").replace("*", "%2A").replace(" ", "%20")) == parse(GOOD)
    assert parse(GOOD + "*T:x").oddities == ("unknown:T",)
    assert parse(GOOD.replace("H:CDF7T5HD-12345", "H:0")).atcud is None
    assert parse(GOOD.replace("O:0.80", "O:0.90")).oddities == ("gross_sum",)


@pytest.mark.parametrize("text", ["", "hello", "A:123", "https://example.org/A:1*B:2", "A:*D:*F:"])
def test_other_codes_are_no_fiscal_codes(text):
    with pytest.raises(NotAtQr):
        parse(text)
    assert not at_qr.looks_like(text)


cents = st.decimals(min_value=0, max_value=Decimal("999999.99"), places=2)


@given(st.lists(st.tuples(cents, cents), min_size=1, max_size=3), cents, st.integers(1, 10**6))
def test_what_is_written_is_read(pairs, exempt, sequence):
    codes = (("3", "4"), ("5", "6"), ("7", "8"))
    rows = "".join(f"*I{b}:{x}*I{v}:{y}" for (b, v), (x, y) in zip(codes, pairs, strict=False))
    tax = sum((y for _, y in pairs), Decimal("0.00"))
    gross = sum((x for x, _ in pairs), exempt) + tax
    text = (
        f"A:500000000*B:999999990*C:PT*D:FT*E:N*F:20240229*G:FT A/{sequence}*H:ABCD2345-{sequence}"
        f"*I1:PT-MA*I2:{exempt}{rows}*N:{tax}*O:{gross}*Q:abcd*R:1"
    )
    qr: AtQr = parse(text)
    assert (qr.tax_total, qr.gross_total, qr.oddities) == (tax, gross, ())
    assert [r.region for r in qr.amounts] == ["PT-MA"] * len(qr.amounts)
    assert sum((r.base + r.vat for r in qr.amounts), Decimal(0)) == gross
