"""The fiscal codes of a document in, the part of an invoice that they state exactly out, with evidence for each field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from razao.capture.reading import at_qr, es_qr, taxids, vat_rates
from razao.capture.reading.at_qr import AtQr, SpaceAmount
from razao.capture.reading.document import Code
from razao.capture.reading.es_qr import EsQr
from razao.invoices.invoice import Evidence, Source, VatAmount
from razao.kernel.money import amount

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Stated:
    """Fields as a fiscal code states them. ``complete`` when nothing that posting needs is left to other sources."""

    fields: dict[str, Any]
    evidence: dict[str, Evidence]
    complete: bool
    oddities: tuple[str, ...] = ()


def fiscal_code(codes: Iterable[Code]) -> tuple[Code, AtQr | EsQr] | None:
    """The first code that is a fiscal one and can be read; damaged ones are passed over."""
    for code in codes:
        if at_qr.looks_like(code.text):
            try:
                return code, at_qr.parse(code.text)
            except at_qr.NotAtQr:
                continue
        spanish = es_qr.parse(code.text)
        if spanish:
            return code, spanish
    return None


UNSAID = ""
"""the region of a code without taxed amounts (I1:0), which names none"""


def stated(code: Code, said: AtQr | EsQr) -> Stated:
    """What the code states, as fields of ``Invoice``."""
    fields = _portuguese(said) if isinstance(said, AtQr) else _spanish(said)
    proof = Evidence(Source.QR, code.page, code.box, 1.0)
    evidence = {name: proof for name, value in fields.items() if value not in (None, (), "")}
    for index, _ in enumerate(fields.get("vat", ())):
        for part in ("rate", "base", "amount", "region"):
            evidence[f"vat.{index}.{part}"] = proof
    if isinstance(said, AtQr):
        valid = taxids.identify(said.seller_tax_id, "PT") is not None
        return Stated(
            fields, evidence, said.adds_up and valid and _rates_lawful(said), said.oddities
        )
    return Stated(fields, evidence, complete=False)


def _portuguese(qr: AtQr) -> dict[str, Any]:
    adds_up = qr.adds_up
    return {
        "document_type": qr.document_type,
        "number": qr.number,
        "atcud": qr.atcud,
        "issue_date": qr.issue_date,
        "currency": "EUR",
        "seller_tax_id": qr.seller_tax_id,
        "seller_country": "PT",
        "buyer_tax_id": qr.buyer_tax_id,
        "buyer_country": qr.buyer_country,
        "vat": _rows(qr) if adds_up else (),
        "net_total": qr.gross_total - qr.tax_total,
        "vat_total": qr.tax_total,
        "withholding": qr.withholding,
        "gross_total": qr.gross_total,
        "payable": qr.gross_total - qr.withholding if qr.withholding else None,
        "status": qr.status,
    }


def _spanish(qr: EsQr) -> dict[str, Any]:
    return {
        "number": qr.number,
        "issue_date": qr.issue_date,
        "currency": "EUR",
        "seller_tax_id": qr.seller_tax_id,
        "seller_country": "ES",
        "gross_total": qr.gross_total,
    }


def _rows(qr: AtQr) -> tuple[VatAmount, ...]:
    rows = [VatAmount(_rate(qr, r), r.base, r.vat, r.region) for r in qr.amounts]
    region = qr.amounts[0].region if qr.amounts else UNSAID
    if qr.not_subject:
        rows.append(VatAmount(Decimal(0), qr.not_subject, ZERO, region))
    if qr.stamp_duty:
        rows.append(VatAmount(Decimal(0), ZERO, qr.stamp_duty, region, kind="stamp_duty"))
    return tuple(rows)


def _rate(qr: AtQr, row: SpaceAmount) -> Decimal:
    """The rate of a row: that of its class in its space on the day, unless the figures say another one."""
    if row.rate_class == "ISE":
        return Decimal(0)
    usual = vat_rates.rate_of_class(row.region, row.rate_class, qr.issue_date)
    if usual is not None and (
        not row.base or abs(amount(row.base * usual / 100) - row.vat) <= slack(row)
    ):
        return usual
    for rate in vat_rates.rates(row.region, qr.issue_date):
        if row.base and abs(amount(row.base * rate / 100) - row.vat) <= slack(row):
            return rate
    implied = vat_rates.implied_rate(row.base, row.vat) if row.base else usual
    return implied if implied is not None else ZERO


def slack(row: SpaceAmount) -> Decimal:
    """How far VAT may be from base × rate: taxes rounded line by line drift by up to half a cent a line."""
    return max(Decimal("0.05"), amount(row.base / 10_000))


def _rates_lawful(qr: AtQr) -> bool:
    """True when each row has a rate that was lawful in its space that day."""
    return all(
        row.rate_class == "ISE"
        or (row.base and _rate(qr, row) in vat_rates.rates(row.region, qr.issue_date))
        for row in qr.amounts
    )
