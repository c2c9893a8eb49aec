"""The message of a Portuguese fiscal QR code in, its fields and what is odd about them out (Portaria 195/2020).

Tolerant of what printers really emit (reference: AT "Especificações técnicas – Código QR" 1.0 and 1.1):
spaces after the colon, zero amounts, amounts without decimals or with a comma, missing optional fields,
leading zeros. Strict about what makes a message an invoice: issuer, type, date, number and total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import unquote

from razao.kernel.money import NotAnAmount, amount

FIELD = re.compile(r"([A-S]|[IJK][1-8])\s*:\s*(.*)", re.DOTALL)
REQUIRED = ("A", "D", "F", "G", "N", "O")
"""without one of these a message is no document"""
EXPECTED = ("B", "C", "E", "H", "Q", "R")
"""required by the specification, missing now and then"""
RATES = (("2", "", "ISE"), ("3", "4", "RED"), ("5", "6", "INT"), ("7", "8", "NOR"))
"""codes of base and VAT within a fiscal space, and the SAF-T code of the rate"""
TOLERANCE = Decimal("0.02")
UNKNOWN_COUNTRY = "desconhecido"


class NotAtQr(ValueError):
    """The text is not the message of a Portuguese fiscal QR code; the reason is its argument."""


@dataclass(frozen=True, slots=True)
class SpaceAmount:
    """Base and VAT of one rate class in one fiscal space; ``rate_class`` is the SAF-T code ISE, RED, INT or NOR."""

    region: str
    rate_class: str
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class AtQr:
    """What the code says, in the terms of the specification."""

    seller_tax_id: str
    buyer_tax_id: str | None
    buyer_country: str | None
    document_type: str
    status: str
    issue_date: date
    number: str
    atcud: str | None
    amounts: tuple[SpaceAmount, ...]
    not_subject: Decimal
    stamp_duty: Decimal
    tax_total: Decimal
    """field N: VAT and stamp duty"""
    gross_total: Decimal
    """field O: with tax, before withholding"""
    withholding: Decimal | None
    hash_characters: str
    certificate: str
    other: str
    oddities: tuple[str, ...] = ()
    """deviations: 'missing:H', 'tax_sum', 'gross_sum', 'atcud_number', 'unknown:T'"""

    @property
    def adds_up(self) -> bool:
        """True when taxes and total follow from the rows."""
        return not {"tax_sum", "gross_sum"} & set(self.oddities)


def looks_like(text: str) -> bool:
    """True when a code's text may be such a message."""
    return bool(re.match(r"\s*A\s*:\s*(PT)?\s*\d{9}\s*\*", _plain(text)))


def parse(text: str) -> AtQr:
    """The fields of the message. Raises NotAtQr."""
    fields, oddities = _fields(text)
    for code in REQUIRED:
        if not fields.get(code):
            raise NotAtQr(f"missing:{code}")
    oddities += [f"missing:{code}" for code in EXPECTED if not fields.get(code)]
    seller = _digits(fields["A"].removeprefix("PT"))
    if len(seller) != 9:
        raise NotAtQr("seller")
    rows = tuple(_rows(fields))
    qr = AtQr(
        seller_tax_id=seller,
        buyer_tax_id=fields.get("B", "").replace(" ", "") or None,
        buyer_country=_country(fields.get("C", "")),
        document_type=_type(fields["D"]),
        status=fields.get("E", "N")[:1].upper() or "N",
        issue_date=_date(fields["F"]),
        number=fields["G"],
        atcud=_atcud(fields.get("H", "")),
        amounts=rows,
        not_subject=_amount(fields.get("L", "0")),
        stamp_duty=_amount(fields.get("M", "0")),
        tax_total=_amount(fields["N"]),
        gross_total=_amount(fields["O"]),
        withholding=_amount(fields["P"]) or None if fields.get("P") else None,
        hash_characters=fields.get("Q", ""),
        certificate=fields.get("R", "").lstrip("0") or "0",
        other=fields.get("S", ""),
        oddities=(),
    )
    return _with_oddities(qr, oddities + list(_sums(qr)))


def _with_oddities(qr: AtQr, oddities: list[str]) -> AtQr:
    values = {name: getattr(qr, name) for name in AtQr.__dataclass_fields__}
    return AtQr(**{**values, "oddities": tuple(oddities)})


def _plain(text: str) -> str:
    """The message with percent-encoding undone and line breaks of printers taken out."""
    if "%3A" in text.upper() or "%2A" in text.upper():
        text = unquote(text)
    return re.sub(r"[\r\n]+", "", text).strip().strip("\ufeff\x00")


def _fields(text: str) -> tuple[dict[str, str], list[str]]:
    plain = _plain(text)
    if not re.match(r"\s*A\s*:", plain):
        raise NotAtQr("start")
    fields: dict[str, str] = {}
    oddities: list[str] = []
    for part in plain.split("*"):
        match = FIELD.fullmatch(part.strip())
        if match is None:
            code = part.split(":", 1)[0].strip()
            if part.strip():
                oddities.append(f"unknown:{code[:8]}")
            continue
        code, value = match[1], match[2].strip()
        if code in fields and fields[code] != value:
            raise NotAtQr(f"repeated:{code}")
        fields[code] = value
    return fields, oddities


def _rows(fields: Mapping[str, str]) -> Iterator[SpaceAmount]:
    for space in "IJK":
        region = fields.get(f"{space}1", "PT" if space == "I" else "").upper()
        for base_code, vat_code, rate_class in RATES:
            base = _amount(fields.get(space + base_code, "0"))
            vat = _amount(fields.get(space + vat_code, "0")) if vat_code else Decimal("0.00")
            if base or vat:
                yield SpaceAmount(region or "PT", rate_class, base, vat)


def _sums(qr: AtQr) -> Iterator[str]:
    taxes = sum((r.vat for r in qr.amounts), qr.stamp_duty)
    if abs(taxes - qr.tax_total) > TOLERANCE:
        yield "tax_sum"
    bases = sum((r.base for r in qr.amounts), qr.not_subject)
    if abs(bases + qr.tax_total - qr.gross_total) > TOLERANCE:
        yield "gross_sum"
    if qr.atcud and not same_sequence(qr.atcud, qr.number):
        yield "atcud_number"


def same_sequence(atcud: str, number: str) -> bool:
    """True when the number after the ATCUD's hyphen is the document's number after the slash (art. 3 n.º 3)."""
    after_hyphen, after_slash = atcud.rpartition("-")[2], number.rpartition("/")[2]
    if not after_hyphen.isdecimal() or not after_slash.isdecimal():
        return False
    # As texts: what claims to be a number may have thousands of digits.
    return after_hyphen.lstrip("0") == after_slash.lstrip("0")


def _amount(text: str) -> Decimal:
    cleaned = text.replace(" ", "").replace(",", ".")
    if not re.fullmatch(r"-?\d{1,14}(\.\d{1,6})?", cleaned):
        raise NotAtQr(f"amount:{text[:20]}")
    try:
        return abs(amount(cleaned))
    except NotAnAmount as error:
        raise NotAtQr(f"amount:{text[:20]}") from error


def _date(text: str) -> date:
    digits = _digits(text)
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError as error:
        raise NotAtQr(f"date:{text[:20]}") from error


def _type(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", text.upper()):
        raise NotAtQr(f"type:{text[:8]}")
    return text.upper()


def _country(text: str) -> str | None:
    return text.upper() if re.fullmatch(r"[A-Za-z]{2}", text) else None


def _atcud(text: str) -> str | None:
    cleaned = re.sub(r"^ATCUD\s*:?", "", text.replace(" ", ""), flags=re.IGNORECASE)
    return None if cleaned.strip("0") == "" else cleaned


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
