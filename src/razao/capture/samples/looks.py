"""Looks: a random source, a language and a layout family in, fonts, formats and wording of one document out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from razao.kernel.money import decimals_of

#: Fonts of the typst wheel first; those of Debian's packages are used where they are installed.
FONTS = (
    "Liberation Sans",
    "Liberation Sans",
    "Liberation Sans",
    "DejaVu Sans",
    "Liberation Serif",
    "Libertinus Serif",
    "New Computer Modern",
    "Liberation Sans Narrow",
    "DejaVu Serif",
)
TILL_FONTS = ("DejaVu Sans Mono", "Liberation Mono", "Liberation Sans", "DejaVu Sans")
ACCENTS = ("#1f3a5f", "#7a1f1f", "#2e6b3a", "#444444", "#0a5c8a", "#a05a00", "#5b2a86", "#000000")

#: Layout families and lists' last variants that the development half never sees.
HELD_BACK_SHEETS = frozenset({"sidebar", "band", "ledgerlike", "minimal", "folio", "dated"})


@cache
def wording() -> dict[str, dict[str, list[str]]]:
    """The labels of ``data/wording.toml`` by language."""
    text = files("razao.capture.samples").joinpath("data/wording.toml").read_text("utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True)
class Look:
    """How one document writes things."""

    sheet: str
    language: str
    words: Mapping[str, str]
    font: str
    size: str
    accent: str
    date_style: str
    decimal: str
    thousands: str
    currency_style: str
    """'' bare amounts, 'after' 1,00 €, 'before' € 1,00, 'code' 1,00 EUR"""
    rate_style: str
    options: Mapping[str, Any]
    """free draws of the layout (places, borders), by name"""

    def number(self, value: Decimal, places: int = 2) -> str:
        """An amount without currency sign."""
        text = f"{value or Decimal(0):,.{places}f}"  # a minus before zero is dropped
        return text.translate({ord(","): self.thousands, ord("."): self.decimal})

    def money(self, value: Decimal, currency: str) -> str:
        """An amount with its currency as this document writes it."""
        text = self.number(value, 0 if self.options["whole"] else 2)
        sign = SIGNS.get(currency, currency)
        if sign in "$£" and self.currency_style != "code":
            return f"{sign}{text}"
        return {
            "after": f"{text} {sign}",
            "tight": f"{text}{sign}",
            "before": f"{sign} {text}",
            "code": f"{text} {currency}",
        }.get(self.currency_style, text)

    def quantity(self, value: Decimal) -> str:
        """A quantity, without decimals where it has none and the document drops them."""
        if value == value.to_integral_value() and self.options["short_quantities"]:
            return f"{value:.0f}"
        return self.number(value, 2 if value.as_tuple().exponent >= -2 else 3)  # type: ignore[operator]

    def percent(self, value: Decimal) -> str:
        """A rate: 23, 23%, 23 %, 23,00 or 23,0%."""
        short = f"{value.normalize():f}".replace(".", self.decimal)
        return {
            "bare": short,
            "sign": f"{short}%",
            "space": f"{short} %",
            "long": self.number(value),
            "longsign": f"{self.number(value)}%",
        }[self.rate_style]

    def day(self, value: date) -> str:
        """A date."""
        if self.date_style == "words":
            month = wording()[self.language]["months"][value.month - 1]
            if self.language == "en":
                return f"{month} {value.day}, {value.year}"
            if self.language == "de":
                return f"{value.day}. {month} {value.year}"
            joint = " de " if self.language in {"pt", "es"} else " "
            return f"{value.day}{joint}{month}{joint}{value.year}"
        return value.strftime(self.date_style)


def draw_words(rng: Random, language: str, region: str, *, held_back: bool) -> dict[str, str]:
    """One variant of every label; without the last of three or more unless ``held_back``."""
    drawn = {}
    # a language or a country or fiscal space with words of its own
    for name, variants in {**wording()[language], **wording().get(region, {})}.items():
        if name == "months":
            continue
        usable = variants if held_back or len(variants) < 3 else variants[:-1]
        drawn[name] = rng.choice(usable)
    return drawn


DATE_STYLES = {
    "pt": (
        "%d-%m-%Y",
        "%d/%m/%Y",
        "%Y-%m-%d",
        "%d-%m-%Y",
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%d/%m/%y",
        "words",
    ),
    "es": ("%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "words"),
    "fr": ("%d/%m/%Y", "%d/%m/%Y", "%d.%m.%Y", "words"),
    "de": ("%d.%m.%Y", "%d.%m.%Y", "%d.%m.%y", "words"),
    "en": ("words", "%Y-%m-%d", "%d %b %Y", "%d/%m/%Y"),
}
NUMBER_STYLES = {
    "pt": ((",", "."), (",", "."), (",", " "), (",", ""), (".", ""), (".", ",")),
    "es": ((",", "."), (",", "."), (",", "")),
    "fr": ((",", " "), (",", " "), (",", "")),
    "de": ((",", "."), (",", ".")),
    "en": ((".", ","), (".", ",")),
}


#: How currencies are written beside amounts.
SIGNS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "AOA": "Kz",
    "CVE": "ECV",
    "MZN": "MT",
    "STN": "Db",
    "XOF": "FCFA",
    "BRL": "R$",
}


def draw_look(
    rng: Random, language: str, sheet: str, *, region: str, currency: str, held_back: bool
) -> Look:
    """A look for one document of a seller in a country or fiscal space."""
    till = sheet == "till"
    decimal, thousands = rng.choice(NUMBER_STYLES[language])
    escudo = currency == "CVE" and rng.random() < 0.4  # 1.234$50, the escudo's own way
    if escudo:
        decimal, thousands = "$", "."
    words = draw_words(rng, language, region, held_back=held_back)
    return Look(
        sheet=sheet,
        language=language,
        words=words,
        font=rng.choice(TILL_FONTS if till else FONTS),
        size=rng.choice(("7pt", "7.5pt", "8pt"))
        if till
        else rng.choice(("8pt", "8.5pt", "9pt", "9.5pt", "10pt")),
        accent=rng.choice(ACCENTS),
        date_style=rng.choice(DATE_STYLES[language]),
        decimal=decimal,
        thousands=thousands,
        currency_style=""
        if escudo
        else rng.choice(("", "after", "after", "tight", "before", "code")),
        rate_style=rng.choice(("bare", "sign", "sign", "space", "long", "longsign")),
        options={
            "whole": decimals_of(currency) == 0,
            "short_quantities": rng.random() < 0.6,
            "meta": rng.choice(("colon", "above", "grid", "row")),
            "lines": rng.choice(("plain", "ruled", "boxed", "striped")),
            "totals_left": rng.random() < 0.2,
            "qr_place": rng.choice(("left", "right", "foot")),
            "logo": rng.choice(("none", "text", "block", "round")),
            "vat_order": rng.choice(("rba", "bra", "rba", "rab", "bar")),
            "vat_total_column": rng.random() < 0.2,
            "vat_summary": rng.random() < 0.8,
            "columns": rng.random(),
            "upper": rng.random() < 0.15,
            "colon": rng.choice((":", ":", "", " :")),
            "seller_id_prefix": rng.random() < 0.15,
            "spaced_id": rng.random() < 0.15,
            "title_has_number": rng.random() < 0.55,
        },
    )
