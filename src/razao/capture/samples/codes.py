"""The tax authority's QR code: an invoice in, the message of Portaria 195/2020 and its modules out."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import segno

from razao.capture.samples.deals import Deal
from razao.invoices.invoice import VatAmount

ZERO = Decimal("0.00")


def rate_fields(rows: list[VatAmount]) -> dict[str, Decimal]:
    """Fields 2–8 of a fiscal space: exempt base, then base and tax of reduced, intermediate, normal."""
    fields: dict[str, Decimal] = {}
    for row in rows:
        if row.rate == 0:
            fields["2"] = fields.get("2", ZERO) + row.base
            continue
        first = 3 if row.rate <= 6 else 5 if row.rate <= 13 else 7
        for offset, value in ((0, row.base), (1, row.amount)):
            key = str(first + offset)
            fields[key] = fields.get(key, ZERO) + value
    return dict(sorted(fields.items()))


def message(rng: Random, deal: Deal) -> str:
    """The QR message of a deal, with the deviations that programs in use show (reference: at_qr.md)."""
    invoice = deal.invoice
    issued = invoice.issue_date
    outside = [r for r in invoice.vat if r.kind is None and r.exemption in {"M99", "M01"}]
    inside = [r for r in invoice.vat if r.kind is None and r not in outside]
    stamp = sum((r.amount for r in invoice.vat if r.kind == "stamp_duty"), ZERO)
    buyer = invoice.buyer_tax_id or "999999990"
    pairs = [
        ("A", invoice.seller_tax_id),
        ("B", buyer),
        ("C", invoice.buyer_country or rng.choice(("PT", "PT", "Desconhecido"))),
        ("D", invoice.document_type),
        ("E", invoice.status),
        ("F", f"{issued:%Y%m%d}"),
        ("G", invoice.number),
        ("H", invoice.atcud or "0"),
        ("I1", deal.seller.region if inside else "0"),
        *((f"I{key}", f"{value:.2f}") for key, value in rate_fields(inside).items()),
    ]
    loose = rng.random() < 0.15
    not_taxed = sum((r.base for r in outside), ZERO)
    for key, value in (("L", not_taxed), ("M", stamp)):
        if value or (loose and key == "M"):
            pairs.append((key, f"{value:.2f}"))
    pairs += [("N", f"{invoice.vat_total:.2f}"), ("O", f"{invoice.gross_total:.2f}")]
    if invoice.withholding or loose:
        pairs.append(("P", f"{invoice.withholding or ZERO:.2f}"))
    certificate = deal.certificate.zfill(4) if rng.random() < 0.4 else deal.certificate
    pairs += [("Q", deal.signature), ("R", certificate)]
    if deal.seller.iban and rng.random() < 0.15:
        pairs.append(("S", f"TB;{deal.seller.iban.replace(' ', '')};{invoice.payable:.2f}"))
    return "*".join(f"{key}:{value}" for key, value in pairs)


def modules(text: str) -> tuple[int, list[int]]:
    """Side and grey values (0 dark, 255 light) of the QR symbol: byte mode, level M, version 9 or more."""
    code = segno.make(
        text, error="m", boost_error=False, mode="byte", encoding="utf-8", micro=False
    )
    if int(code.version) < 9:
        code = segno.make(
            text,
            error="m",
            boost_error=False,
            mode="byte",
            encoding="utf-8",
            version=9,
            micro=False,
        )
    rows = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(border=4)]
    return len(rows), [value for row in rows for value in row]
