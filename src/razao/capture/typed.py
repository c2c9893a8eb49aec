"""What a person types into a field in, the field's JSON value out; forgiving in form, strict in meaning."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from razao.capture.recording import AMOUNTS, DATES, NUMBERS
from razao.kernel.money import NotAnAmount, amount
from razao.kernel.problems import Problem, Refused

#: Fields whose text is a code: blanks around and within are not meant.
CODES = frozenset({"seller_tax_id", "buyer_tax_id", "currency", "atcud", "document_type"})
_DAY = re.compile(r"^(\d{1,2})[-/. ]?(\d{1,2})[-/. ]?(\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_BARE_DAY = re.compile(r"^(\d{2})(\d{2})(\d{4}|\d{2})$")


def typed(field: str, text: str) -> str | None:
    """The JSON value of ``field`` (its last part decides the kind) from what was typed; None when blank.

    Raises Refused: ``capture.not_a_date``, ``capture.not_an_amount``.
    """
    text = " ".join(text.split())
    kind = field.rsplit(".", 1)[-1]
    if not text:
        return None
    if kind in DATES or kind == "date":
        return typed_date(field, text).isoformat()
    if kind in AMOUNTS or kind in NUMBERS:
        return str(typed_amount(field, text))
    if kind in CODES:
        return text.replace(" ", "").upper()
    return text


def typed_date(field: str, text: str) -> date:
    """A date written day first (31/12/2025, 31-12-25, 311225) or as ISO. Raises Refused."""
    iso, day = _ISO.match(text), _BARE_DAY.match(text) or _DAY.match(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if day:
            year = int(day[3]) + (2000 if len(day[3]) == 2 else 0)
            return date(year, int(day[2]), int(day[1]))
    except ValueError:
        pass
    raise Refused(Problem("capture.not_a_date", where=field, values={"text": text}))


def typed_amount(field: str, text: str) -> Decimal:
    """An amount with two places: 1.234,56 · 1234.56 · 1 234,56 · 12 · 23 %. Raises Refused."""
    plain = re.sub(r"[\s€%'’]|EUR", "", text)
    comma, point = plain.rfind(","), plain.rfind(".")
    decimal_mark = "," if comma > point else "."
    if comma < 0 and plain.count(".") == 1 and len(plain) - point - 1 == 3 and plain[0] != "0":
        decimal_mark = ","  # 1.234 is a thousand and more where people write 1.234,00
    thousands = "." if decimal_mark == "," else ","
    plain = plain.replace(thousands, "").replace(decimal_mark, ".")
    try:
        return amount(plain)
    except NotAnAmount as error:
        raise Refused(
            Problem("capture.not_an_amount", where=field, values={"text": text})
        ) from error
