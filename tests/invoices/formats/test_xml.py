"""XML of unknown origin: bombs, external entities, depth, size and encodings; nothing is fetched or expanded."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from razao.invoices.formats import xml
from razao.invoices.formats.read import read_xml, sniff
from razao.kernel.problems import Problem, Severity

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2">&d;</Invoice>"""


def codes(data: bytes) -> list[str]:
    invoices, problems = read_xml(data)
    assert invoices == []
    return [p.code for p in problems]


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        b'<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd"><x/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        b"<?xml version='1.0'?><!-- a --><?b?>\n<!DOCTYPE x><x/>",
        b"<!-- a -->\n" * 3000 + b"<!DOCTYPE x><x/>",
        b"\xef\xbb\xbf<!doctype x><x/>",
        '<!DOCTYPE x [<!ENTITY e "f">]><x a="&e;"/>'.encode("utf-16"),
        b"<!--" + b" " * 70000 + b"--><!DOCTYPE x><x/>",
    ],
    ids=["laughs", "external", "file", "after comment", "after many", "bom", "utf-16", "far below"],
)
def test_a_document_type_declaration_is_refused(data: bytes) -> None:
    assert codes(data) == ["read.xml_dtd"]


def test_a_root_whose_prefix_nothing_declares_is_no_invoice() -> None:
    """Found by fuzzing (``make fuzz TARGET=ubl``, seed n1-143): asking for its name broke the reader."""
    data = b"<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>"
    assert (sniff(data), codes(data)) == (None, ["read.xml_malformed"])


def test_a_bomb_behind_a_long_comment_does_not_go_off() -> None:
    assert codes(b"<!--" + b" " * 70000 + b"-->" + LAUGHS[21:]) in (
        ["read.xml_dtd"],
        ["read.xml_malformed"],
    )


def test_what_nests_too_deeply_is_refused() -> None:
    data = b"<a>" * 101 + b"</a>" * 101
    assert codes(data) == ["read.xml_too_deep"]


def test_nesting_that_would_exhaust_the_stack_is_refused() -> None:
    data = b"<a>" * 100_000 + b"</a>" * 100_000
    assert codes(data) == ["read.xml_malformed"]


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_BYTES", 10)

    assert read_xml(b"<invoice/>  ")[1] == [
        Problem("read.xml_too_large", values={"size": 12, "limit": 10})
    ]


@pytest.mark.parametrize("data", [b"", b"   ", b"<a>", b"%PDF-1.7", b"\x00\x01", b"<a></b>"])
def test_what_is_no_xml_is_refused(data: bytes) -> None:
    assert codes(data) == ["read.xml_malformed"]


def test_an_encoding_that_nobody_knows_is_guessed_and_reported() -> None:
    assert codes(b'<?xml version="1.0" encoding="klingon"?><a>\xe9</a>') == [
        "read.xml_encoding",
        "read.xml_unknown",
    ]


def test_xml_of_another_kind_is_refused_and_named() -> None:
    assert read_xml(b"<html/>") == ([], [Problem("read.xml_unknown", values={"root": "html"})])


def test_an_envelope_without_invoice_is_said() -> None:
    data = b'<Facturae xmlns="http://www.facturae.es/Facturae/2009/v3.2/Facturae"><Invoices/></Facturae>'
    assert codes(data) == ["read.xml_empty"]


@pytest.mark.parametrize(
    ("root", "syntax"),
    [
        (f'<Invoice xmlns="{UBL}">', "ubl"),
        (f'\ufeff<?xml version="1.0"?>\n<u:Invoice xmlns:u="{UBL}">', "ubl"),
        ('<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100">', "cii"),
        ('<rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0">', "cii"),
        ('<f:Facturae xmlns:f="http://www.facturae.gob.es/formato/Versiones/Facturaev3_2_2.xml">', "facturae"),
        ('<FatturaElettronica versione="FPR12">', "fatturapa"),
        ('<nfeProc xmlns="http://www.portalfiscal.inf.br/nfe">', "nfe"),
        ('<AuditFile xmlns="urn:OECD:StandardAuditFile-Tax:PT_1.04_01">', "saft"),
        ("<Invoice>", None),
        ("<html>", None),
        ("plain text", None),
    ],
)  # fmt: skip
def test_the_root_tells_the_syntax(root: str, syntax: str | None) -> None:
    assert sniff(root.encode()) == syntax


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall_over(data: bytes) -> None:
    assert sniff(data) is None
    invoices, problems = read_xml(data)
    assert invoices == []
    assert len(problems) >= 1


@given(st.binary(max_size=40), st.integers(0, 2000))
def test_no_damage_makes_the_reader_fall_over(noise: bytes, at: int) -> None:
    data = _ubl("Café").encode()
    read_xml(data[:at] + noise + data[at + len(noise) :])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_with_and_without_mark_is_read(encoding: str) -> None:
    invoices, problems = read_xml(_ubl("Café São João").encode(encoding))

    assert [i.seller_name for i in invoices] == ["Café São João"]
    assert [p.code for p in problems if p.code == "read.xml_encoding"] == []


def test_windows_text_that_says_utf_8_is_read_and_reported() -> None:
    data = ('<?xml version="1.0" encoding="UTF-8"?>' + _ubl("Café “São João”")).encode("cp1252")

    invoices, problems = read_xml(data)

    assert [i.seller_name for i in invoices] == ["Café “São João”"]
    assert problems[0] == Problem("read.xml_encoding", Severity.WARNING)


def test_blanks_around_the_document_do_no_harm() -> None:
    data = b"\r\n  <?xml version='1.0'?>" + _ubl("X").encode() + b"\n\x00\x00\x1a"

    assert [i.seller_name for i in read_xml(data)[0]] == ["X"]


def test_a_large_attachment_inside_does_not_stop_the_reading() -> None:
    data = _ubl("X").replace("</Invoice>", f"<Note>{'A' * 11_000_000}</Note></Invoice>").encode()

    assert [i.seller_name for i in read_xml(data)[0]] == ["X"]


def test_a_value_that_is_no_date_is_reported_with_its_place() -> None:
    data = _ubl("X").replace("<IssueDate>2026-05-14", "<IssueDate>2026-02-31").encode()

    invoices, problems = read_xml(data)

    assert invoices[0].issue_date is None
    assert problems[0] == Problem(
        "read.xml_value", Severity.WARNING, "IssueDate", {"text": "2026-02-31"}
    )


def test_a_symlinked_or_missing_schema_is_never_fetched(tmp_path: Path) -> None:
    marker = tmp_path / "secret.txt"
    marker.write_text("secret")
    data = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{marker.as_uri()}">]><x>&e;</x>'.encode()

    assert codes(data) == ["read.xml_dtd"]


def _ubl(name: str) -> str:
    return (
        f'<Invoice xmlns="{UBL}"><ID>1</ID><IssueDate>2026-05-14</IssueDate>'
        "<AccountingSupplierParty><Party><PartyName>"
        f"<Name>{name}</Name></PartyName></Party></AccountingSupplierParty></Invoice>"
    )


def test_a_prologue_of_thousands_of_comments_is_passed_over_once() -> None:
    """Found by fuzzing (``make fuzz TARGET=cii``, seed 826dcc24-1256): it was cut in every way there is."""
    many = b"<!-- a -->\n<?b?>" * 2000
    assert (sniff(many + b"<x/>"), codes(many + b"<x/>")) == (None, ["read.xml_unknown"])
