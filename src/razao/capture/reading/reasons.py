"""The text of a document in, the codes of the reasons out for which it charges no VAT: printed, or by the law it cites.

Codes and their legal basis are AT's table (Manual de Integração, 2.2.2.1; ``countries/data/PT/exemptions.csv``).
"""

from __future__ import annotations

import re

REASON = re.compile(r"\bM(?:0[1-9]|1[0-69]|2[0156]|3[0-4]|4[0-6]|99)\b")
"""the codes themselves"""
EXEMPT = re.compile(
    r"\b(isent[oa]s?|isencao|exempt|exent[oa]|exoner[a-z]*|steuerfrei|nao sujeit[oa]|no sujet[oa]|nao tributad[oa]"
    r"|autoliquida[a-z]*|reverse charge|inversion del sujeto pasivo|inversione contabile|btw verlegd|zero.rated"
    r"|steuerschuldnerschaft|innergemeinschaftlich[a-z]*|intra.?communaut[a-z]*|intra.?community|intracomunit[a-z]*"
    r"|margem de lucro|esente|vrijgesteld)\b"
)
"""words that say that a base bears no tax"""
_ART = r"\bart(?:igo|s)?\b\.?\s*(?:n\.?\s?[ºo°]\s*)?"
_SIGN = r"\s*\.?\s*[ºo°]?"
_CODE = r"[^\n]{0,40}(?:\n[^\n]{0,20})?\b(?:c\.?\s?i\.?\s?v\.?\s?a\b|cod(?:\.|igo) do iva)"
_RITI = r"[^\n]{0,30}\briti\b"


def _letter(letter: str) -> str:
    """Article 2, number 1 with a letter."""
    return (
        rf"{_ART}2{_SIGN}\s*,?\s*n\.?\s?[ºo°]?\s*1\s*,?\s*(?:da\s+)?(?:alinea|al\.?)?\s*{letter}\)"
    )


#: what the law is called in print (lower case, no accents), and the code; the first that fits a text says it
LAWS: tuple[tuple[str, str], ...] = (
    (rf"{_ART}14(?!\d){_SIGN}{_RITI}", "M16"),
    (rf"{_ART}8(?!\d){_SIGN}{_RITI}", "M41"),
    (r"198/90", "M02"),
    (r"21/2007", "M42"),
    (r"362/99", "M43"),
    (r"346/85", "M11"),
    (r"221/85|margem de lucro\W+agencias", "M12"),
    (r"margem de lucro\W+(?:objetos|objectos) de arte", "M14"),
    (r"margem de lucro\W+(?:objetos|objectos) de colec", "M15"),
    (r"margem de lucro\W+bens em segunda|199/96", "M13"),
    (r"19/2017", "M46"),
    (r"lei n?\W{0,4}17/2023", "M26"),
    (r"regime forfetario|59(?!\d)\W{0,4}d\b", "M20"),
    (r"mercadorias a consignacao", "M25"),
    (rf"{_ART}58(?!\d)\W{{0,4}}a\b|regime transfronteirico de isencao", "M45"),
    (_letter("i"), "M30"),
    (_letter("j"), "M31"),
    (_letter("l"), "M32"),
    (_letter("m"), "M33"),
    (_letter("n"), "M34"),
    (rf"{_ART}6(?!\d){_SIGN}\s*,?\s*n\.?\s?[ºo°]?\s*6[^\n]{{0,40}}a contrario", "M40"),
    (rf"{_ART}5[37](?!\d){_SIGN}|iva\s*[-–—]\s*regime de isencao|regime de isencao\b", "M10"),
    (rf"{_ART}62(?!\d){_SIGN}[^\n]{{0,14}}b\)", "M09"),
    (rf"{_ART}72(?!\d){_SIGN}[^\n]{{0,10}}4", "M21"),
    (rf"{_ART}9(?!\d){_SIGN}{_CODE}|isent[oa][^\n]{{0,30}}{_ART}9(?!\d)", "M07"),
    (rf"{_ART}13(?!\d){_SIGN}{_CODE}", "M04"),
    (rf"{_ART}14(?!\d){_SIGN}{_CODE}", "M05"),
    (rf"{_ART}15(?!\d){_SIGN}{_CODE}", "M06"),
    (rf"{_ART}16(?!\d){_SIGN}[^\n]{{0,12}}6{_CODE}", "M01"),
    (r"nao sujeit[oa]\s*(?:[;,/]|ou|e)\s*nao tributad[oa]", "M99"),
)  # fmt: skip
PATTERNS = tuple((re.compile(words), code) for words, code in LAWS)


def codes_in(joined: str, plain: str) -> tuple[str, ...]:
    """The reasons of a text, given as printed and in plain letters: the codes, else those of the laws that it cites."""
    printed = tuple(dict.fromkeys(REASON.findall(joined)))
    if printed:
        return printed
    return tuple(dict.fromkeys(code for pattern, code in PATTERNS if pattern.search(plain)))


def codes_in_order(joined: str, plain: str) -> tuple[str, ...]:
    """The same reasons in the order in which they are printed."""
    places = {m[0]: m.start() for m in reversed(list(REASON.finditer(joined)))}
    places = places or {
        code: match.start() for pattern, code in PATTERNS if (match := pattern.search(plain))
    }
    return tuple(sorted(places, key=lambda code: places[code]))


def code_of(line: str, plain_line: str) -> str | None:
    """The reason that a line gives; None when it gives none."""
    found = codes_in(line, plain_line)
    return found[0] if found else None
