"""Printed numbers in, exact amounts out: 1.234,56 · 1,234.56 · 1 234,56 · 1'234.56 · 7,08,000.00 · (12.00) · 12,00- · 1.234$50."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from razao.capture.reading.layout import Run

#: Marks of currencies that stand before or after an amount, with the ISO 4217 code; None where several share it.
CURRENCY_MARKS = {
    "€": "EUR", "EUR": "EUR", "EUROS": "EUR", "EURO": "EUR", "£": "GBP", "GBP": "GBP", "US$": "USD",
    "USD": "USD", "$": None, "₹": "INR", "RS": "INR", "RS.": "INR", "INR": "INR", "RM": "MYR",
    "MYR": "MYR", "R$": "BRL", "BRL": "BRL", "CHF": "CHF", "KZ": "AOA", "AOA": "AOA", "AKZ": "AOA",
    "MT": "MZN", "MZN": "MZN", "MTN": "MZN", "CVE": "CVE", "ECV": "CVE", "XOF": "XOF", "FCFA": "XOF",
    "STN": "STN", "DB": "STN", "PLN": "PLN", "ZŁ": "PLN", "S$": "SGD", "SGD": "SGD", "¥": "JPY",
    "JPY": "JPY", "CZK": "CZK", "SEK": "SEK", "DKK": "DKK", "NOK": "NOK", "HKD": "HKD", "HK$": "HKD",
    "CAD": "CAD", "AUD": "AUD", "CA$": "CAD", "A$": "AUD", "¢": None,
}  # fmt: skip
_MARK = "|".join(sorted((re.escape(m) for m in CURRENCY_MARKS), key=len, reverse=True))
_GROUPS = r"\d{1,3}(?:(?:[ \u00a0\u202f]\d{3})+|(?:[.,'’]\d{3})+)?"
"""thousands parted by spaces, or by marks; both in one number are the numbers of two columns"""
_NUMBER = (
    rf"{_GROUPS}\$\d{{2,3}}|\d+\$\d{{2}}"
    rf"|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d{{1,4}})?|{_GROUPS}(?:[.,]\d{{1,4}})?"
    r"|\d+(?:[.,]\d{1,4})?|[.,]\d{2}"
)
"""first escudos, whose sign stands for the decimal mark, then lakhs as India groups them, then thousands"""
ESCUDO = "$"
AMOUNT = re.compile(
    rf"(?<![\w.,/%-])(?P<open>\()?(?P<sign>[-–−])?\s?(?P<before>{_MARK})?[ ]?(?P<sign2>[-–−])?[ ]?"
    rf"(?P<number>{_NUMBER})(?:(?P<percent>\s?%)|(?P<sign3>-(?!\w))?[ ]?(?P<after>(?:{_MARK})(?![A-Za-zÀ-ÿ]))?)"
    r"(?P<close>\))?(?![\w%/]|[.,:$-]\d|\.[ºª°])",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """A number found on a page. ``decimals`` is how many it was printed with; ``percent`` when a % follows."""

    value: Decimal
    run: Run
    decimals: int
    percent: bool = False
    mark: str = ""
    whole: bool = False
    """an amount without decimals in a currency that has none"""

    @property
    def money(self) -> bool:
        """True when it is printed as money: two decimals, a currency beside it, or whole francs."""
        return not self.percent and (self.decimals == 2 or bool(self.mark) or self.whole)

    @property
    def currency(self) -> str | None:
        return CURRENCY_MARKS.get(self.mark.upper()) if self.mark else None


def parse_number(text: str, decimal_comma: bool | None = None) -> tuple[Decimal, int] | None:
    """Value and number of decimals of a printed number without sign or mark; None when it is none.

    ``decimal_comma`` says what the document uses, for numbers such as 1.234 that can be read both ways.
    """
    text = re.sub(r"[ \u00a0\u202f'’]", "", text)
    if ESCUDO in text:
        text, decimal_comma = text.replace(".", "").replace(ESCUDO, "."), False
    mark, whole, fraction = "", text, ""
    last = max(text.rfind(","), text.rfind("."))
    if last >= 0:
        mark, whole, fraction = text[last], text[:last], text[last + 1 :]
        if _is_grouping(mark, whole, fraction, decimal_comma):
            whole, fraction = whole + fraction, ""
        elif mark in whole:
            return None
    digits = re.sub(r"[.,]", "", whole) or "0"
    try:
        return Decimal(f"{digits}.{fraction or 0}"), len(fraction)
    except InvalidOperation:
        return None


def _is_grouping(mark: str, whole: str, fraction: str, decimal_comma: bool | None) -> bool:
    """True when the last mark groups thousands instead of opening the decimals."""
    if len(fraction) != 3:
        return False
    if mark in whole:
        return True
    if any(other in whole for other in ",." if other != mark):
        return False
    if whole in {"", "0"}:
        return False
    if decimal_comma is None:
        return True
    return (mark == ",") != decimal_comma


#: letters that OCR gives for digits, in what is otherwise an amount with two decimals
CONFUSED = re.compile(
    r"(?<![\w])[\dOoBSIlZ]{1,3}(?:[.,]?[\dOoBSIlZ]{3})*[.,][\dOoBSIlZ]{2}(?![\w])"
)
DIGITS = str.maketrans("OoBSIlZ", "0085112")


def legible(text: str) -> str:
    """The text with letters in amounts read as the digits they look like; sums must bear them out."""

    def digits(match: re.Match[str]) -> str:
        token = match[0]
        return token.translate(DIGITS) if sum(c.isdigit() for c in token) >= 2 else token

    return CONFUSED.sub(digits, text)


def amounts_in(run: Run, decimal_comma: bool | None = None) -> Iterator[Amount]:
    """The numbers of a run of words, from left to right."""
    text = legible(run.spaced) if run.confidence < 1 else run.spaced
    for match in AMOUNT.finditer(text):
        parsed = parse_number(match["number"], decimal_comma)
        if parsed is None:
            continue
        value, decimals = parsed
        negative = any(match[g] for g in ("sign", "sign2", "sign3")) or bool(
            match["open"] and match["close"] and not match["percent"]  # 'IVA (23%)' is no deduction
        )
        start, end = match.span()
        while start < end and text[start].isspace():
            start += 1
        yield Amount(
            -value if negative else value,
            run.between(start, end),
            decimals,
            percent=bool(match["percent"]),
            mark=match["before"] or match["after"] or ("CVE" if ESCUDO in match["number"] else ""),
        )


def parted(amount: Amount) -> list[Amount]:
    """'15 350,88' as the two numbers of neighbouring columns that it may be."""
    words = [w for w in amount.run.words if any(c.isdigit() for c in w.text)]
    if len(words) != 2:
        return [amount]
    parts = [n for w in words for n in amounts_in(Run((w,), amount.run.aspect))]
    return parts if len(parts) == 2 else [amount]


def uses_decimal_comma(text: str) -> bool | None:
    """Whether a document writes decimals with a comma, by the majority of its unmistakable numbers."""
    comma = len(re.findall(r"(?<![\d,.])\d{1,3}(?:[. ]\d{3})*[,$]\d{2}(?![\d.,]\d|\d)", text))
    point = len(re.findall(r"(?<![\d,.])\d{1,3}(?:[, ]\d{2,3})*\.\d{2}(?![\d.,]\d|\d)", text))
    if comma == point:
        return None
    return comma > point
