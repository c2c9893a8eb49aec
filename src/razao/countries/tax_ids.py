"""Tax identifiers: country and text as printed in, the plain number and whether it can be right out.

The country's own rule decides (python-stdnum where it has the country). Where no check digit is published
(AO, CV, ST, GW) only the form is looked at, and a wrong form warns without blocking. A foreign number of
the European Union is checked by its member's rule and warns as well: suppliers print other numbers too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from stdnum.br import cnpj, cpf
from stdnum.es import nif as es_nif
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
from stdnum.mz import nuit
from stdnum.pt import nif as pt_nif

from razao.countries.pack import available, load
from razao.kernel.problems import Problem, Severity

_EU_PREFIX = {"GR": "EL"}


@dataclass(frozen=True, slots=True)
class TaxIdCheck:
    """What can be said of a tax identifier without asking anybody."""

    country: str
    normalised: str
    """letters and digits only, upper case, without the country's prefix"""
    valid: bool | None
    """``None``: the form fits (or no rule is known), and no check digit exists to prove it"""
    severity: Severity | None = None
    """``None`` where there is nothing to tell"""
    kind: str = ""
    """person, company, public_body, other, final_consumer; blank when the number does not say"""
    reason: str = ""
    """problem code (docs/problems.md) of what is wrong; blank when nothing is"""

    @property
    def final_consumer(self) -> bool:
        return self.kind == "final_consumer"

    def problem(self, where: str = "") -> Problem | None:
        """The problem to show beside the field ``where``, if there is one."""
        if self.severity is None:
            return None
        values = {"tax_id": self.normalised, "country": self.country}
        return Problem(self.reason, self.severity, where, values)


def normalise_tax_id(country: str, text: str) -> str:
    """``text`` as letters and digits only, upper case, without the prefix of ``country``.

    >>> normalise_tax_id("PT", "PT 501 964 843")
    '501964843'
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    bare = re.sub(r"[^0-9A-Z]", "", plain)
    prefix = _EU_PREFIX.get(country, country)
    has_prefix = bare.startswith(prefix) and any(c.isdigit() for c in bare[2:])
    return bare[len(prefix) :] if has_prefix else bare


@cache
def final_consumers() -> frozenset[str]:
    """What countries print for a customer who gave no number; it is nobody's number."""
    found = (load(country).final_consumer for country in available())
    return frozenset(number for number in found if number)


def check_tax_id(country: str, text: str) -> TaxIdCheck:
    """Whether ``text`` can be a tax identifier of ``country`` (ISO 3166-1 alpha-2)."""
    number = normalise_tax_id(country, text)
    if not number:
        return TaxIdCheck(country, "", False, Severity.ERROR, reason="tax_id.missing")
    pack = load(country) if country in available() else None
    if pack is not None and pack.final_consumer == number:
        return TaxIdCheck(country, number, True, kind="final_consumer")
    if pack is not None and pack.tax_id_form:
        return _form_only(country, number, pack.tax_id_form)
    own_rule = _RULES.get(country)
    if own_rule is not None:
        return own_rule(number)
    if country.lower() in eu_vat.MEMBER_STATES:
        return _european(country, number)
    return TaxIdCheck(country, number, None)


def _proved(
    country: str, number: str, validate: Callable[[str], str], severity: Severity = Severity.ERROR
) -> TaxIdCheck:
    """The verdict of a rule with a check digit."""
    try:
        validate(number)
    except InvalidLength:
        return TaxIdCheck(country, number, False, severity, reason="tax_id.length")
    except InvalidChecksum:
        return TaxIdCheck(country, number, False, severity, reason="tax_id.check_digit")
    except ValidationError:
        return TaxIdCheck(country, number, False, severity, reason="tax_id.form")
    return TaxIdCheck(country, number, True)


def _with_kind(check: TaxIdCheck, kind: str) -> TaxIdCheck:
    return TaxIdCheck(
        check.country, check.normalised, check.valid, check.severity, kind, check.reason
    )


#: First digits of a Portuguese NIF and who bears them, the longest first (list of GOBL; meanings unverified).
_PT_PREFIXES = (
    ("45", "person"),
    ("70", "other"),
    ("71", "company"),
    ("72", "other"),
    ("74", "other"),
    ("75", "other"),
    ("77", "other"),
    ("78", "other"),
    ("79", "other"),
    ("90", "other"),
    ("91", "other"),
    ("98", "company"),
    ("99", "company"),
    ("1", "person"),
    ("2", "person"),
    ("3", "person"),
    ("5", "company"),
    ("6", "public_body"),
    ("8", "person"),
)


def _portugal(number: str) -> TaxIdCheck:
    check = _proved("PT", number, pt_nif.validate)
    if not check.valid:
        return check
    for prefix, kind in _PT_PREFIXES:
        if number.startswith(prefix):
            return _with_kind(check, kind)
    return TaxIdCheck("PT", number, True, Severity.WARNING, reason="tax_id.prefix")


def _spain(number: str) -> TaxIdCheck:
    kind = "person" if number[0].isdigit() or number[0] in "XYZKLM" else "company"
    public = number[0] in "PQS"
    return _with_kind(_proved("ES", number, es_nif.validate), "public_body" if public else kind)


def _mozambique(number: str) -> TaxIdCheck:
    return _proved("MZ", number, nuit.validate)


def _brazil(number: str) -> TaxIdCheck:
    if len(number) == 11:
        if len(set(number)) == 1:  # passes the sums and was never issued
            return TaxIdCheck("BR", number, False, Severity.ERROR, "person", "tax_id.form")
        return _with_kind(_proved("BR", number, cpf.validate), "person")
    return _with_kind(_proved("BR", number, cnpj.validate), "company")


def _angola(number: str) -> TaxIdCheck:
    """10 digits (company) or the number of the identity card; SAF-T (AO) allows 10 to 15 characters."""
    if re.fullmatch(r"\d{10}", number):
        return TaxIdCheck("AO", number, None, kind="company")
    if re.fullmatch(r"\d{9}[A-Z]{2}\d{3}", number):
        return TaxIdCheck("AO", number, None, kind="person")
    return TaxIdCheck("AO", number, None, Severity.WARNING, reason="tax_id.form_unusual")


def _form_only(country: str, number: str, form: str) -> TaxIdCheck:
    """The verdict for a country whose check digit is not published."""
    if re.fullmatch(form, number):
        return TaxIdCheck(country, number, None)
    return TaxIdCheck(country, number, None, Severity.WARNING, reason="tax_id.form_unusual")


def _european(country: str, number: str) -> TaxIdCheck:
    prefix = _EU_PREFIX.get(country, country)
    return _proved(country, number, lambda n: str(eu_vat.validate(prefix + n)), Severity.WARNING)


_RULES: dict[str, Callable[[str], TaxIdCheck]] = {
    "PT": _portugal,
    "ES": _spain,
    "MZ": _mozambique,
    "BR": _brazil,
    "AO": _angola,
}
