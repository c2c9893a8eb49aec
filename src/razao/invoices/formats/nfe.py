"""NF-e and NFC-e 4.00 (Brazil): the root of a note, with or without protocol, in; the invoice and its problems out.

The total vNF holds every tax: ICMS is inside the price of the goods, IPI and ICMS-ST stand on top. The
rows of the breakdown name them by ``kind`` (icms, icms_st, ipi); ``net_total`` is the total without them.
The access key (44 digits, the last a check digit) is the tax authority's unique code of the document and
stands where a Portuguese invoice has its ATCUD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from razao.invoices.formats.assembly import ZERO, finish
from razao.invoices.formats.xml import Node, without_namespaces
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount
from razao.kernel.problems import Problem, Severity

#: cStat of a protocol: cancelled, denied.
_CANCELLED = frozenset({"101", "135", "151", "155"})
_DENIED = frozenset({"110", "205", "301", "302", "303"})
_WITHHELD = ("vRetPIS", "vRetCOFINS", "vRetCSLL", "vIRRF", "vRetPrev")


def read(root: etree._Element) -> tuple[list[Invoice], list[Problem]]:
    """The notes of the file: one (NFe, nfeProc) or a lot (enviNFe)."""
    problems: list[Problem] = []
    doc = Node(without_namespaces(root), problems)
    protocol = doc.text("protNFe/infProt/cStat")
    notes = [Node(e, problems) for e in doc.element.iter("infNFe")]
    return [_invoice(note, protocol) for note in notes], problems


def access_key_is_valid(key: str) -> bool:
    """True for 44 characters whose last is the check digit: weights 2…9 from the right, modulo 11 (MOC, 2.2.6.1).

    All are digits, but for the first twelve of the issuer's CNPJ, which may be letters since July 2026; a
    letter counts as its ASCII code less 48.
    """
    if not re.fullmatch(r"\d{6}[0-9A-Z]{12}\d{26}", key):
        return False
    weighed = sum((ord(c) - 48) * (2 + at % 8) for at, c in enumerate(reversed(key[:43])))
    rest = weighed % 11
    return int(key[43]) == (0 if rest < 2 else 11 - rest)


def _invoice(note: Node, protocol: str | None) -> Invoice:
    ide, totals = note.at("ide"), note.at("total/ICMSTot")
    seller, buyer = note.at("emit"), note.at("dest")
    key = (note.attribute("Id") or "").removeprefix("NFe") or None
    vat = tuple(_vat(note, totals))
    taxes = sum((row.amount for row in vat), ZERO)
    gross = totals.amount("vNF")
    invoice = Invoice(
        document_type=_document_type(ide),
        number=_number(ide),
        atcud=key,
        issue_date=ide.day("dhEmi", "dEmi"),
        due_date=note.day("cobr/dup/dVenc"),
        currency="BRL",
        seller_tax_id=_tax_id(seller),
        seller_name=seller.text("xNome"),
        seller_country="BR",
        seller_address=_address(seller.at("enderEmit")),
        buyer_tax_id=_tax_id(buyer),
        buyer_name=buyer.text("xNome"),
        buyer_country=_buyer_country(buyer),
        vat=vat,
        net_total=None if gross is None else gross - taxes,
        vat_total=taxes,
        withholding=_withholding(note),
        gross_total=gross,
        lines=tuple(_lines(note)),
        status=_status(protocol),
        reference=ide.text("NFref/refNFe"),
    )
    doubts = [*_authenticity(ide, key), *_total_of_parts(totals, gross)]
    note.problems.extend(doubts)
    return finish(invoice, note.problems, doubtful=bool(doubts))


def _authenticity(ide: Node, key: str | None) -> Iterator[Problem]:
    if key is None or not access_key_is_valid(key):
        yield Problem("read.xml_access_key", Severity.WARNING, "atcud", {"key": key or ""})
    if ide.text("tpAmb") == "2":
        yield Problem("read.xml_test_document", Severity.ERROR, "status")


def _document_type(ide: Node) -> str:
    """finNFe 4 is a return of goods; model 65 is the consumer's note, paid on the spot."""
    if ide.text("finNFe") == "4":
        return "NC"
    return "FS" if ide.text("mod") == "65" else "FT"


def _status(protocol: str | None) -> str:
    return "A" if protocol in _CANCELLED or protocol in _DENIED else "N"


def _number(ide: Node) -> str | None:
    series, number = ide.text("serie"), ide.text("nNF")
    return f"{series}/{number}" if series and number else number


def _tax_id(party: Node) -> str | None:
    return party.text("CNPJ", "CPF", "idEstrangeiro")


def _buyer_country(buyer: Node) -> str | None:
    """By the central bank's country code: 1058 is Brazil; others are named, not coded."""
    code = buyer.text("enderDest/cPais")
    return "BR" if code in ("1058", None) and buyer.text("CNPJ", "CPF") else None


def _address(place: Node) -> str | None:
    street = " ".join(t for t in (place.text("xLgr"), place.text("nro")) if t)
    town = " ".join(t for t in (place.text("CEP"), place.text("xMun"), place.text("UF")) if t)
    return ", ".join(part for part in (street, place.text("xBairro"), town) if part) or None


def _vat(note: Node, totals: Node) -> Iterator[VatAmount]:
    """The taxes that the note separates; one row without tax where it separates none (Simples Nacional)."""
    if not any(totals.amount(name) for name in ("vICMS", "vST", "vFCPST", "vIPI")):
        yield VatAmount(ZERO, totals.amount("vNF") or ZERO, ZERO, "BR")
        return
    yield from _by_rate(note, "ICMS", "vICMS", "pICMS", "vBC", "icms")
    substituted = (totals.amount("vST") or ZERO) + (totals.amount("vFCPST") or ZERO)
    if substituted:
        base = totals.amount("vBCST") or ZERO
        yield VatAmount(ZERO, base, substituted, "BR", None, "icms_st")
    yield from _by_rate(note, "IPI", "vIPI", "pIPI", "vBC", "ipi")


def _by_rate(
    note: Node, tax: str, value: str, rate: str, base: str, kind: str
) -> Iterator[VatAmount]:
    """One row for each rate of the tax over all items."""
    sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for found in note.all(f"det/imposto/{tax}/*"):
        amount = found.amount(value)
        if not amount:
            continue
        percent = found.rate(rate) or ZERO
        bases, amounts = sums.get(percent, (ZERO, ZERO))
        sums[percent] = (bases + (found.amount(base) or ZERO), amounts + amount)
    for percent, (bases, amounts) in sums.items():
        yield VatAmount(percent, bases, amounts, "BR", None, kind)


def _withholding(note: Node) -> Decimal | None:
    kept = [note.amount(f"total/retTrib/{name}") for name in _WITHHELD]
    return sum((k for k in kept if k), ZERO) or None


def _total_of_parts(totals: Node, gross: Decimal | None) -> Iterator[Problem]:
    """vNF by its parts (Nota Técnica 2016.002, rule W16-10); exempted ICMS is taken off or not, by item."""
    if gross is None:
        return
    plus = ("vProd", "vST", "vFCPST", "vFrete", "vSeg", "vOutro", "vII", "vIPI", "vIPIDevol")
    parts = sum((totals.amount(name) or ZERO for name in plus), ZERO)
    parts -= totals.amount("vDesc") or ZERO
    exempted = totals.amount("vICMSDeson") or ZERO
    if gross not in (parts, parts - exempted):
        values = {"field": "gross_total", "stated": str(gross), "computed": str(parts)}
        yield Problem("read.xml_totals", Severity.WARNING, "gross_total", values)


def _lines(note: Node) -> Iterator[InvoiceLine]:
    for item in note.all("det"):
        goods = item.at("prod")
        net = goods.amount("vProd")
        discount = goods.amount("vDesc") or ZERO
        yield InvoiceLine(
            description=goods.text("xProd") or "",
            article=goods.text("cProd"),
            quantity=goods.number("qCom"),
            unit=goods.text("uCom"),
            unit_price=goods.number("vUnCom"),
            net_amount=None if net is None else net - discount,
            vat_rate=item.rate("imposto/ICMS/*/pICMS"),
        )
