"""FatturaPA (Italy, ordinary and simplified): the root of a file in, its invoices and their problems out.

The withheld tax (ritenuta d'acconto) is stated apart and is not part of the document's total. Where the
buyer pays the tax to the state (scissione dei pagamenti, EsigibilitaIVA S) it is not part of what is due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from razao.invoices.formats import codes
from razao.invoices.formats.assembly import ZERO, Settlement, finish
from razao.invoices.formats.xml import Node, without_namespaces
from razao.invoices.invoice import Invoice, InvoiceLine, VatAmount
from razao.kernel.money import amount as money_amount
from razao.kernel.problems import Problem

#: TipoDocumento → SAF-T type; all others are invoices.
_TYPES = {"TD04": "NC", "TD05": "ND", "TD07": "FS", "TD08": "NC", "TD09": "ND"}
#: Documents that the buyer issues (integrations of reverse charge, self-invoices).
_SELF_BILLED = frozenset({"TD16", "TD17", "TD18", "TD19", "TD20", "TD21", "TD22", "TD23", "TD27"})
_GENERAL = "DatiGenerali/DatiGeneraliDocumento"
_SUMMARY = "DatiBeniServizi/DatiRiepilogo"
_SIMPLE = "DatiBeniServizi"


def read(root: etree._Element) -> tuple[list[Invoice], list[Problem]]:
    """Every invoice of the file: one header, and a body for each invoice of the lot."""
    problems: list[Problem] = []
    simplified = etree.QName(root).localname.endswith("Semplificata")
    doc = Node(without_namespaces(root), problems)
    head = doc.at("FatturaElettronicaHeader")
    one = _simplified if simplified else _ordinary
    return [one(head, body) for body in doc.all("FatturaElettronicaBody")], problems


def _ordinary(head: Node, body: Node) -> Invoice:
    general = body.at(_GENERAL)
    withheld = general.total("DatiRitenuta/ImportoRitenuta")
    total = general.amount("ImportoTotaleDocumento")
    rounding = general.amount("Arrotondamento") or ZERO
    rounding += body.total(f"{_SUMMARY}/Arrotondamento") or ZERO
    vat = tuple(_vat(body))
    invoice = Invoice(
        due_date=_due_date(body),
        vat=vat,
        vat_total=body.total(f"{_SUMMARY}/Imposta"),
        withholding=withheld,
        gross_total=total,
        lines=tuple(_lines(body)),
        reference=body.text("DatiGenerali/DatiFattureCollegate/IdDocumento"),
        **_heading(head, general),
    )
    split = _paid_by_buyer(body)
    in_total = _in_total(invoice, rounding, general.amount("DatiBollo/ImportoBollo") or ZERO)
    return finish(invoice, body.problems, Settlement(prepaid=split, in_total=in_total))


def _in_total(invoice: Invoice, rounding: Decimal, duty: Decimal) -> Decimal:
    """What the total holds besides bases and taxes: the rounding, and the stamp duty where it was passed on.

    The format does not say whether the total includes either; the one sum that holds tells.
    """
    if invoice.gross_total is None:
        return rounding
    rows = sum((row.base + row.amount for row in invoice.vat), ZERO)
    for extra in (ZERO, rounding, duty, rounding + duty):
        if invoice.gross_total == rows + extra:
            return extra
    return rounding


def _simplified(head: Node, body: Node) -> Invoice:
    """Simplified invoices state amounts with the tax inside."""
    general = body.at(_GENERAL)
    rows = list(_vat_inside(body))
    invoice = Invoice(
        vat=tuple(rows),
        gross_total=body.total(f"{_SIMPLE}/Importo"),
        vat_total=sum((row.amount for row in rows), ZERO) if rows else None,
        lines=tuple(
            InvoiceLine(description=goods.text("Descrizione") or "") for goods in body.all(_SIMPLE)
        ),
        reference=body.text("DatiGenerali/DatiFatturaRettificata/NumeroFR"),
        **_heading(head, general),
    )
    return finish(invoice, body.problems)


def _heading(head: Node, general: Node) -> dict[str, Any]:
    seller, buyer = head.at("CedentePrestatore"), head.at("CessionarioCommittente")
    code = general.text("TipoDocumento") or ""
    issuer_is_buyer = head.text("SoggettoEmittente") == "CC"
    return {
        "document_type": _TYPES.get(code, "FT"),
        "number": general.text("Numero"),
        "issue_date": general.day("Data"),
        "currency": general.text("Divisa"),
        "seller_tax_id": _tax_id(seller),
        "seller_name": _name(seller),
        "seller_country": _country(seller),
        "seller_address": _address(seller),
        "buyer_tax_id": _tax_id(buyer),
        "buyer_name": _name(buyer),
        "buyer_country": _country(buyer),
        "status": "S" if code in _SELF_BILLED or issuer_is_buyer else "N",
    }


def _identity(party: Node) -> Node:
    """The simplified format leaves out the level DatiAnagrafici."""
    return party.at("DatiAnagrafici", "IdentificativiFiscali", ".")


def _tax_id(party: Node) -> str | None:
    who = _identity(party)
    country, code = who.text("IdFiscaleIVA/IdPaese"), who.text("IdFiscaleIVA/IdCodice")
    if code is None:
        return codes.compact_tax_id(who.text("CodiceFiscale"))
    prefix = "" if country is None or code.startswith(country) else country
    return codes.compact_tax_id(f"{prefix}{code}")


def _name(party: Node) -> str | None:
    who = party.at("DatiAnagrafici/Anagrafica", "AltriDatiIdentificativi", ".")
    company = who.text("Denominazione")
    person = " ".join(t for t in (who.text("Nome"), who.text("Cognome")) if t)
    return company or person or None


def _place(party: Node) -> Node:
    return party.at("Sede", "AltriDatiIdentificativi/Sede")


def _country(party: Node) -> str | None:
    stated = codes.country(_place(party).text("Nazione"))
    return stated or codes.country(_identity(party).text("IdFiscaleIVA/IdPaese"))


def _address(party: Node) -> str | None:
    place = _place(party)
    street = " ".join(t for t in (place.text("Indirizzo"), place.text("NumeroCivico")) if t)
    town = " ".join(t for t in (place.text("CAP"), place.text("Comune")) if t)
    return ", ".join(part for part in (street, town) if part) or None


def _vat(body: Node) -> Iterator[VatAmount]:
    for row in body.all(_SUMMARY):
        nature = row.text("Natura")
        yield VatAmount(
            rate=row.rate("AliquotaIVA") or ZERO,
            base=row.amount("ImponibileImporto") or ZERO,
            amount=row.amount("Imposta") or ZERO,
            region="IT",
            exemption=nature,
            kind=_kind(nature),
        )


def _kind(nature: str | None) -> str | None:
    """Natura N1 and N2 (excluded by art. 15, not subject) are outside the scope of the tax."""
    return "outside_scope" if nature and nature[:2] in ("N1", "N2") else None


def _vat_inside(body: Node) -> Iterator[VatAmount]:
    """The tax inside each amount, stated or by its rate; the rate, stated or the one the tax is nearest to."""
    for goods in body.all(_SIMPLE):
        total = goods.amount("Importo") or ZERO
        tax, rate = goods.amount("DatiIVA/Imposta"), goods.rate("DatiIVA/Aliquota")
        nature = goods.text("Natura")
        if tax is None:
            tax = total - money_amount(total * 100 / (100 + (rate or ZERO)))
        if rate is None:
            rate = (tax * 100 / (total - tax)).quantize(Decimal(1)) if total != tax else ZERO
        yield VatAmount(rate, total - tax, tax, "IT", nature, _kind(nature))


def _paid_by_buyer(body: Node) -> Decimal:
    rows = body.all(_SUMMARY)
    split = (r.amount("Imposta") or ZERO for r in rows if r.text("EsigibilitaIVA") == "S")
    return sum(split, ZERO)


def _due_date(body: Node) -> date | None:
    """The first date on which something is due."""
    terms = body.all("DatiPagamento/DettaglioPagamento")
    days = [d for d in (t.day("DataScadenzaPagamento") for t in terms) if d]
    return min(days) if days else None


def _lines(body: Node) -> Iterator[InvoiceLine]:
    for line in body.all("DatiBeniServizi/DettaglioLinee"):
        yield InvoiceLine(
            description=line.text("Descrizione") or "",
            article=line.text("CodiceArticolo/CodiceValore"),
            quantity=line.number("Quantita"),
            unit=line.text("UnitaMisura"),
            unit_price=line.number("PrezzoUnitario"),
            net_amount=line.amount("PrezzoTotale"),
            vat_rate=line.rate("AliquotaIVA"),
            exemption=line.text("Natura"),
        )
