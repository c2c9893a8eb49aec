"""How figures and days are written: in: Decimal, int, date; out: text in the person's language. Amounts are never rounded here."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import get_language

from razao.kernel.money import decimals_of

MINUS = "\u2212"
#: Languages that part thousands with a full stop or comma keep Django's own grouping.
NO_BREAK = "\u00a0"


_currency: ContextVar[str] = ContextVar("currency", default="")


def write_in(currency: str) -> None:
    """From here to the end of the request amounts are written with the decimals of ``currency`` ("" for two)."""
    _currency.set(currency)


def money(value: Decimal | int | str | None, *, blank_zero: bool = False) -> str:
    """An amount with the decimals of the company's currency, grouped, with a real minus sign: ``−1 234,56``. None gives ''."""
    if value is None or value == "":
        return ""
    amount = value if isinstance(value, Decimal) else Decimal(value)
    if blank_zero and not amount:
        return ""
    places = decimals_of(_currency.get())
    text = formats.number_format(abs(amount), places, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if amount < 0 else str(text)


def plain(value: Decimal | int | None) -> str:
    """An amount as a form field holds it: decimal sign of the language, no grouping, so that it can be typed over."""
    if value is None:
        return ""
    return str(
        formats.number_format(value, decimals_of(_currency.get()), force_grouping=False)
    ).replace(NO_BREAK, "")


def number(value: int | None) -> str:
    """A count, grouped: ``10 000``."""
    if value is None:
        return ""
    text = formats.number_format(abs(value), 0, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if value < 0 else str(text)


def percent(value: Decimal | float | int | None, decimals: int = 0) -> str:
    """``value`` per cent, as written: 23 gives ``23 %``."""
    if value is None:
        return ""
    amount = Decimal(str(value))
    places = decimals or (0 if amount == amount.to_integral_value() else 2)
    text = formats.number_format(round(abs(amount), places), places, use_l10n=True)
    return f"{MINUS if amount < 0 else ''}{text}{NO_BREAK}%"


def size(octets: int | None) -> str:
    """A file's size in kB or MB of 1000, as people read it."""
    if octets is None:
        return ""
    for unit, step in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= step:
            places = 1 if octets < 10 * step else 0
            return f"{formats.number_format(round(octets / step, places), places, use_l10n=True)}{NO_BREAK}{unit}"
    return f"{octets}{NO_BREAK}B"


def day(value: date | datetime | None) -> str:
    """A day as figures, so that a column of them aligns: ``14/05/2026``; English gets ISO, which cannot be misread."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if (get_language() or "").startswith("en"):
        return value.isoformat()
    return str(formats.date_format(value, "SHORT_DATE_FORMAT"))


def short_stamp(value: datetime | None) -> str:
    """Day, month and time of something recent: ``22/11 00:46``; English keeps the order of ISO."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    english = (get_language() or "").startswith("en")
    return f"{local:%m-%d %H:%M}" if english else f"{local:%d/%m %H:%M}"


def stamp(value: datetime | None) -> str:
    """A day with its time, in the office's time zone."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local)} {local:%H:%M}"
