"""The shape of names: a run of words in; whether it can be a name, is a company's, or wraps over lines, and its clean text out."""

from __future__ import annotations

import re

from razao.capture.reading.amounts import AMOUNT
from razao.capture.reading.dates import NUMERIC, plain
from razao.capture.reading.layout import Run
from razao.capture.reading.money_marks import COUNTRY_WORDS

LEGAL_FORM = re.compile(
    r"(?:^|[\s,(])(?:condominio|associacao|fundacao|municipio|camara municipal|junta de freguesia|cooperativa|l\.?da\.?|limitada|s\.?\s?a\.?|s\.?l\.?u?\.?|unipessoal|e\.?p\.?e\.?|c\.?r\.?l\.?|sgps|s\.?\s?coop|ltd\.?|limited|llc|l\.l\.c\.?|inc\.?|corp\.?|corporation|plc|pvt\.?|gmbh|ag|kg|ohg|ug|e\.?\s?k\.?|s\.?a\.?r\.?l\.?|s\.?a\.?s\.?|eurl|dac|clg|e\.\s?i\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|b\.?v\.?|n\.?v\.?|sdn\.?\s?bhd\.?|s/b|bhd\.?|enterprise|trading|ltda\.?|eireli|sp\.?\s?z\s?o\.?o\.?|spolka akcyjna|a/s|aps|oy|ab)\.?(?:$|[\s,)(-])"
)
ADDRESS = re.compile(
    r"\b(morada|endereco|domicilio|localidade|rua|r\.|av\.?|avenida|estrada|largo|praca|travessa|zona industrial|parque|urb\.?|lote|apartado|calle|c/|plaza|paseo|poligono|street|st\.|road|rd\.?|avenue|ave|drive|blvd|lane|suite|ste|floor|jalan|jln|taman|lorong|seksyen|bandar|kampung|lot|no\.?\s?\d|rue|bp|cedex|bd|allee|chemin|strasse|str\.|platz|weg|via|viale|piazza|corso|straat|laan|plein|po box|p\.o\.|edificio|building|km|bairro|urbanizacao|quinta d[aoe]|bloco|zona|way)\b|\b\d{4}-\d{3}\b|\b\d{4,6}\b|stra(?:ss|ß)e\b|straat\b|street\b|str\.\s?\d|\bweg\s\d"
)
CONTACT = re.compile(
    r"@|www\.|https?:|\btel\b|\btel[.:]|telef|phone|fax|e-?mail|\bmobile\b|\.com\b|\.pt\b(?!\w)"
)
TITLE = re.compile(
    r"^(tax |original |copy |duplicado|2\.? via|original|triplicado|segunda via)*\s*(danfe|documento auxiliar|nota fiscal|fatura|factura|invoice|rechnung|facture|fattura|factuur|receipt|recibo|nota de credito|credit note|order|contract|official|retail|cash bill|cash sales?|bill|duplicate|tax invoice|statement|page|pagina|seite|welcome|thank|obrigado|gracias|merci|copia|via|original|proforma|guia|quittung|summary|details?|print date|simplified|ticket)\b"
)
HONORIFIC = re.compile(
    r"^(?:(?:attn|attention|a/c|ao cuidado|at\.?te|ex\.?m\w*(?:\(\w{1,3}\))*|sr\.?a?(?:\(\w\))?|senhor\w*|nombre|nome|name|nom)\s*[.:]\s*)+",
    re.IGNORECASE,
)


ADDRESS_WORD = re.compile(
    r"\b(rua|av|avenida|estrada|largo|praca|travessa|calle|plaza|street|st|road|rd|avenue|ave|drive|blvd|lane|suite|floor|jalan|rue|box|way)\b|stra(?:ss|ß)e|straat|street"
)
REGISTERED = re.compile(
    r"[\s,]*[(\[]\s*(?:co\.?|reg\.?|no\.?|\s|:)*[\w./-]*\d{3,}[\w./ -]*[)\]]?\s*(?:\([A-Z]{2,4}\))?$",
    re.IGNORECASE,
)
"""a company's register number in brackets after its name"""
BARE_NUMBER = re.compile(r"\s+\d{5,}-?[A-Z]?\b.*$")
TAX_LABEL = re.compile(
    r"\s+(?:n\.?i\.?f|nipc|cif|contrib(?:uinte)?|vat|iva)\b\W*(?:(?:[A-Z]{2})?\s?\d{6,}.*)?$",
    re.IGNORECASE,
)
"""the head of a number that stands further on in the line"""
OWNER = re.compile(r"^(?:de|da|do)\s+(?=[A-ZÀ-Ý])")
"""'Papelaria Central' over 'de Joaquim Rosa, Lda': the shop's sign and who keeps it"""
INNER_DOT = re.compile(r"[·•●|]\s*\w")
DOTS = re.compile(r"\s*[·•●|]\s*")
HYPHENS = re.compile(r"\s+[-–]\s+")
TAIL_WORDS = frozenset(
    [
        "unipessoal",
        "lda",
        "limitada",
        "sa",
        "s",
        "a",
        "crl",
        "sl",
        "slu",
        "sll",
        "ltd",
        "limited",
        "llc",
        "llp",
        "inc",
        "gmbh",
        "co",
        "kg",
        "ag",
        "ug",
        "sarl",
        "sas",
        "eurl",
        "srl",
        "spa",
        "bv",
        "nv",
        "e",
        "filhos",
        "irmaos",
        "rl",
        "sp",
        "cia",
        "companhia",
        "sociedade",
        "anonima",
        "sociedad",
        "plc",
        "bhd",
        "sdn",
        "coop",
    ]
)
"""words of which the end of a company's name consists"""
OPEN_END = re.compile(r"(?:[,&–-]|\s(?:e|de|da|do|dos|das|and|y|et|und))\s*$", re.IGNORECASE)


def company_like(text: str) -> bool:
    """True when the text ends in, or holds, a legal form of companies."""
    return bool(LEGAL_FORM.search(plain(text)))


def tail_like(text: str) -> bool:
    """True when the text is nothing but the end of a company's name: 'Unipessoal, Lda'."""
    words = re.findall(r"\w+", plain(text))
    return 0 < len(words) <= 5 and all(w in TAIL_WORDS for w in words)


FINAL = frozenset(
    [
        "lda",
        "limitada",
        "sa",
        "crl",
        "ltd",
        "llc",
        "llp",
        "inc",
        "gmbh",
        "sl",
        "slu",
        "sarl",
        "sas",
        "eurl",
        "srl",
        "spa",
        "bv",
        "nv",
        "plc",
        "bhd",
    ]
)


def ended(text: str) -> bool:
    """True when the last word is the end of a company's name, after which nothing more belongs to it."""
    words = re.findall(r"\w+", plain(text.replace(".", "")))
    return len(words) > 1 and words[-1] in FINAL


def clean(run: Run) -> str:
    """The name without label, honorific, company number and the punctuation around it."""
    text = _without_address(HONORIFIC.sub("", run.text.strip()))
    if company_like(text):
        text = BARE_NUMBER.sub("", REGISTERED.sub("", text))
    if company_like(text):
        text = OWNER.sub("", text)
    text = _without_logo(TAX_LABEL.sub("", text))
    text = re.sub(r"\bS[A-Z0-9]N BHD\b", "SDN BHD", text)
    return text.strip(" :;,|-–—_*\"'“”·•").strip()


def _without_logo(text: str) -> str:
    """The name without its first word as a logo writes it before it: 'luzviva Luzviva, S.A.', but 'One One Three' whole."""
    first, _, rest = text.partition(" ")
    again = rest.partition(" ")[0]
    return rest if first != again and first.casefold() == again.casefold() else text


def _without_address(text: str) -> str:
    """A company's name without the street or town that follows it on the same line, after a comma or a dash."""
    for match in PARTED.finditer(text):
        name, rest = text[: match.start()], plain(text[match.end() :])
        if company_like(name) and re.search(r"\d", rest):
            return name
    return text


PARTED = re.compile(r"\s*,\s+|\s+[-–—|·•]\s+")


def key_of(text: str) -> str:
    """A name for comparison: letters and digits only, without an initial that a logo puts before it."""
    words = re.findall(r"\w+", plain(text))
    return "".join(words[1:] if len(words) > 1 and len(words[0]) == 1 else words)


def name_like(run: Run) -> bool:
    """True when a segment can be a name: letters, no address, no date, no amount, no title, no contact."""
    text = plain(clean(run)).strip(" .,:;-")
    letters = sum(c.isalpha() for c in text)
    if letters < 3 or len(text) > 70 or letters < len(text.replace(" ", "")) * 0.55:
        return False
    if _lower(run) or (company_like(run.text) and INNER_DOT.search(run.text)):
        return False
    if any(p.search(text) for p in (INNER_COLON, TITLE, CONTACT, NUMERIC)):
        return False
    if any(country.fullmatch(text) for country, _ in COUNTRY_WORDS):
        return False
    if any(m["before"] or m["after"] or m["percent"] for m in AMOUNT.finditer(run.text)):
        return False
    return company_like(run.text) or not ADDRESS.search(text)


def _lower(run: Run) -> bool:
    """True for words of a sentence: several, and the first begins with a small letter."""
    first = next((c for c in run.text if c.isalpha()), "a")
    return first.islower() and not company_like(run.text) and len(run.words) > 1


INNER_COLON = re.compile(r":\s*\S")


def good(run: Run, *, strong: bool = False) -> bool:
    """True for what can be a name; a strong header vouches for names with numbers in them."""
    text = clean(run)
    if len(text) < 3 or text.startswith("(") or run.text.rstrip().endswith(":"):
        return False
    if INNER_COLON.search(text) or _lower(run):
        return False
    if strong:
        letters, digits = (sum(f(c) for c in text) for f in (str.isalpha, str.isdigit))
        street = digits and ADDRESS_WORD.search(plain(text)) and not company_like(text)
        fits = max(3, digits) <= letters and len(text) <= 70 and not street
        return bool(fits) and not CONTACT.search(plain(text))
    return name_like(run)
