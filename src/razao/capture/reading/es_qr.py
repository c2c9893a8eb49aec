"""The address in a Spanish fiscal QR code in (Verifactu, TicketBAI), what it says of the invoice out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from razao.kernel.money import NotAnAmount, amount

VERIFACTU = re.compile(r"/wlpl/TIKE-CONT/ValidarQR(NoVerifactu)?$", re.IGNORECASE)
TICKETBAI_HOSTS = ("batuz.eus", "gipuzkoa.eus", "araba.eus", "ticketbai.eus", "bizkaia.eus")
TICKETBAI_ID = re.compile(r"TBAI-([0-9A-Z]{9})-(\d{2})(\d{2})(\d{2})-.{13}-(\d{3})")


@dataclass(frozen=True, slots=True)
class EsQr:
    """Seller, number, date and total as the tax office's address says them."""

    system: str
    """'verifactu' or 'ticketbai'"""
    seller_tax_id: str
    number: str
    issue_date: date
    gross_total: Decimal


def parse(text: str) -> EsQr | None:
    """The fields of a Verifactu or TicketBAI address; None when the text is no such address or is damaged."""
    try:
        parts = urlsplit(text.strip())
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    if parts.hostname.endswith("agenciatributaria.gob.es") or parts.hostname.endswith("aeat.es"):
        return _verifactu(query) if VERIFACTU.search(parts.path) else None
    if parts.hostname.endswith(TICKETBAI_HOSTS):
        return _ticketbai(query, text.strip())
    return None


def _verifactu(query: dict[str, str]) -> EsQr | None:
    match = re.fullmatch(r"(\d{2})-(\d{2})-(\d{4})", query.get("fecha", ""))
    total = _amount(query.get("importe", ""))
    if not match or total is None or not query.get("nif") or not query.get("numserie"):
        return None
    issued = _date(match[3], match[2], match[1])
    if issued is None:
        return None
    return EsQr("verifactu", query["nif"].upper(), query["numserie"], issued, total)


def _ticketbai(query: dict[str, str], url: str) -> EsQr | None:
    match = TICKETBAI_ID.fullmatch(query.get("id", ""))
    total = _amount(query.get("i", ""))
    if not match or total is None or not query.get("nf"):
        return None
    issued = _date("20" + match[4], match[3], match[2])
    checked = query.get("cr", "")
    if issued is None or (checked and f"{crc8(url.rsplit('&cr=', 1)[0].encode()):03d}" != checked):
        return None
    series = query.get("s", "")
    number = f"{series}-{query['nf']}" if series else query["nf"]
    return EsQr("ticketbai", match[1], number, issued, total)


def crc8(data: bytes) -> int:
    """CRC-8 with polynomial 0x07, start 0, as the TicketBAI specification asks for."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return value


def _amount(text: str) -> Decimal | None:
    try:
        return amount(text.replace(",", "."))
    except NotAnAmount:
        return None


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
