"""The text of a document in; the tax identifiers that it prints, with the side that each seems to be of, out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from razao.capture.reading import taxids
from razao.capture.reading.dates import plain
from razao.capture.reading.labels import Hit, Label
from razao.capture.reading.layout import Run
from razao.capture.reading.sides import side_of
from razao.capture.reading.taxids import TaxId
from razao.capture.reading.text import Text

ID_SHAPE = re.compile(
    r"(?<![\w/])(?:[A-Z]{2}\s?)?(?:[A-Z]?\d(?:[\d.\- ]{5,16})[\dA-Z]|\d{8}[A-Z]|U\d{8}|[A-Z]{1,2}\d{7}[A-Z0-9]|[A-Z0-9]{15})(?:\s?B\s?\d{2})?(?![\w/])"
)
THIRD = re.compile(
    r"\b(transportador|transportadora|carrier|litigio|cniacc|arbitragem|reclamacoes|mediador|contabilista|spediteur|transporteur)\b"
)
"""words before the identifier of a third party"""
GROUP = re.compile(r"[A-Z]?[\d.]{2,12}[A-Z]?\d{0,2}")
PLAIN_NIF = re.compile(r"(?<![\d.,/-])(?:PT\s?)?(\d{3}\s?\d{3}\s?\d{3})(?![\d/]|[.,]\d)")
PREFIXED = re.compile(
    r"(?<![A-Z0-9])(?=((?:AT\s?U|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|GB|CHE)[ .\-]?[A-Z0-9](?:[ .\-]?[A-Z0-9]){6,13})(?![A-Z0-9]))"
)
"""found wherever one begins, also within another that is none: 'IE VAT IE6388047V'"""


def _prefixed(printed: str, country: str) -> tuple[TaxId | None, int]:
    """The identifier with which a run of letters and digits begins, and its length: what follows may be of the next column."""
    ends = [len(printed), *(m.start() for m in re.finditer(r" ", printed))]
    for end in sorted(ends, reverse=True):
        value = taxids.identify(printed[:end], country)
        if value and value.checked:
            return value, end
    return None, len(printed)


HEAD = re.compile(r"\b(vat|iva|nif|nipc|tva|ust|btw|contribuinte)\W*(no|n)?\W*$")
"""what leads up to an identifier with a country's letters and is no label by itself"""


@dataclass(frozen=True)
class IdFound:
    """A tax identifier on the page, whose it seems to be, and how sure that is."""

    tax_id: TaxId
    run: Run
    line: int
    labelled: bool
    side: str = ""
    """'seller', 'buyer' or '' where nothing says"""


def ids_in(text: Text, country: str) -> list[IdFound]:
    """Tax identifiers in reading order: those with a label, and those whose prefix and check digits tell."""
    found: list[IdFound] = []
    taken: set[tuple[int, float]] = set()
    for hit in text.of(Label.TAX_ID):
        for candidate in _beside_or_below(text, hit, country):
            key = (candidate.line, round(candidate.run.box[0], 3))
            if key not in taken:
                taken.add(key)
                found.append(candidate)
            break
    for index, line in enumerate(text.lines):
        for match in PREFIXED.finditer(line.run.text):
            value, end = _prefixed(match[1], country)
            run = line.run.between(match.start(1), match.start(1) + end)
            key = (index, round(run.box[0], 3))
            if (
                value
                and value.checked
                and key not in taken
                and not _is_bank(line.run.text, match.start())
            ):
                taken.add(key)
                headed = bool(HEAD.search(_leading(line.run.text, match.start())))
                found.append(IdFound(value, run, index, headed, side_of(text, index, run)))
    found += _mentioned(text, country, taken)
    found = [f for f in found if not _third(text, f)]
    return sorted(found, key=lambda f: (f.line, f.run.box[0]))


def _leading(line: str, at: int) -> str:
    """What stands just before a place of a line; a line of thousands of numbers is not gone through for each of them."""
    return plain(line[max(0, at - LEAD) : at])


REGISTERED = re.compile(r"\b(nipc|pessoa cole\w+|contribuinte|matricula|identificacao fiscal)\b")
"""words of a sentence that leads up to a company's number: 'registada sob o n.º único de matrícula e de pessoa coletiva …'"""


REGISTRY = re.compile(r"\b(registada|matriculada|capital social|conservatoria|c\.?r\.?c\b)")
"""words of the foot of a letter, where the seller says who it is"""


GLUED = re.compile(
    r"^(?:N\.?I\.?F\.?|NIPC|CONTRIBUINTE|CONTRIB\.?)\W{0,2}((?:PT)?\d{9})$", re.IGNORECASE
)
"""a label and its number as one word, as OCR often prints them"""


def _glued(line: Run, index: int, taken: set[tuple[int, float]], text: Text) -> Iterator[IdFound]:
    for at, word in enumerate(line.words):
        match = GLUED.match(word.text.strip(",;"))
        value = taxids.identify(match[1], "PT") if match else None
        run = line.part(at, at + 1)
        key = (index, round(run.box[0], 3))
        if value and value.checked and key not in taken:
            taken.add(key)
            yield IdFound(value, run, index, True, side_of(text, index, run))


def _mentioned(text: Text, country: str, taken: set[tuple[int, float]]) -> Iterator[IdFound]:
    """Numbers whose check digits hold in a sentence that speaks of a company's number, also over the end of a line."""
    if country != "PT":
        return
    for index, line in enumerate(text.lines):
        before = text.plain_lines[index - 1] if index else ""
        yield from _glued(line.run, index, taken, text)
        for match in PLAIN_NIF.finditer(line.run.text):
            lead = f"{before[-4 * LEAD :]}\n{_leading(line.run.text, match.start())}"
            value = taxids.identify(match[1], country)
            run = line.run.between(*match.span(1))
            key = (index, round(run.box[0], 3))
            if value and value.checked and key not in taken and REGISTERED.search(lead[-LEAD:]):
                taken.add(key)
                side = "seller" if REGISTRY.search(lead) else side_of(text, index, run)
                yield IdFound(value, run, index, False, side)


LEAD = 60
"""letters before a number in which the words that lead up to it stand"""


def _third(text: Text, found: IdFound) -> bool:
    """True for the identifier of a carrier, an arbitration centre or another who is neither seller nor buyer."""
    here = text.plain_lines[found.line]
    if THIRD.search(here):
        return True
    above = text.plain_lines[found.line - 1] if found.line else ""
    return (
        bool(THIRD.search(above)) and ":" not in here[: here.find(plain(found.run.words[0].text))]
    )


def _is_bank(line: str, at: int) -> bool:
    return bool(re.search(r"(IBAN|NIB|SWIFT|BIC)\W*$", line[max(0, at - LEAD) : at].upper()))


def _beside_or_below(text: Text, hit: Hit, country: str) -> Iterator[IdFound]:
    rest = text.after(hit, stop=5)
    if rest is not None:
        value = _first_id(rest, country, hit.weight >= 6)
        if value:
            yield IdFound(value[0], value[1], hit.line, True, _side_of_hit(text, hit))
            return
    if hit.weight < 6:
        return
    further = _further(text, hit, country)
    if further is not None:
        yield further
        return
    for line, run in text.below(hit, 1):
        value = _first_id(_in_column(run, hit), country, True) or _first_id(run, country, True)
        if value:
            yield IdFound(value[0], value[1], line, True, _side_of_hit(text, hit))


def _in_column(run: Run, hit: Hit) -> Run:
    """The words of a run from the first on that stands under the label: a narrow column may end close before it."""
    left = hit.run.box[0]
    first = next((i for i, w in enumerate(run.words) if w.box[2] > left), 0)
    return run.part(first, len(run.words))


FAR = 8
"""words after a label within which its number stands: 'NIPC e matrícula na C.R.C. de Lisboa 503 504 564'"""


def _further(text: Text, hit: Hit, country: str) -> IdFound | None:
    """An identifier without a label of its own later on the label's line, whose check digits hold."""
    line = text.lines[hit.line].run
    stops = [h.first for h in text.by_line[hit.line] if h.first >= hit.last and h.weight >= 8]
    end = min([hit.last + FAR, len(line.words), *stops])
    rest = line.part(hit.last, end)
    if not rest.words:
        return None
    for match in PLAIN_NIF.finditer(rest.text):
        value = taxids.identify(match[1], country)
        if value and value.checked:
            run = rest.between(*match.span(1))
            return IdFound(value, run, hit.line, True, _side_of_hit(text, hit))
    return None


def _first_id(run: Run, country: str, labelled: bool) -> tuple[TaxId, Run] | None:
    """The identifier with which a run begins; an unknown form is taken where a label vouches for it."""
    lead = next((i for i, w in enumerate(run.words) if any(c.isalnum() for c in w.text)), 0)
    run = run.part(lead, len(run.words))
    words = run.words
    start = 0
    while (
        start < len(words)
        and not any(c.isdigit() for c in words[start].text)
        and start < 3
        and len(words[start].text) <= 4
    ):
        start += 1
    prefixed = _spaced_prefix(run)
    if prefixed is not None:
        return prefixed
    for first in dict.fromkeys((0, start)):
        for length in (4, 3, 2, 1):
            part = run.part(first, first + length)
            if len(part.words) < length:
                continue
            raw = "".join(w.text for w in part.words).strip(":;,.()#|")
            value = taxids.identify(raw, country)
            if value is None and part.confidence < 1:
                value = taxids.deciphered(raw, country)
            if value and (value.checked or length == 1):
                return value, part
    if labelled and start < len(words):
        return _unknown(run, start)
    return None


def _spaced_prefix(run: Run) -> tuple[TaxId, Run] | None:
    """'GB 123 4567 89': a country's letters and groups of digits, as long as they are of that country's form."""
    head = run.words[0].text.strip(":;,.()").upper()
    if len(run.words) < 2 or head not in taxids.WITH_PREFIX:
        return None
    end = 1
    while end < len(run.words) and GROUP.fullmatch(run.words[end].text.strip(":;,()")):
        end += 1
    part = run.part(0, end)
    value = taxids.identify("".join(w.text for w in part.words).strip(":;,.()"), "PT")
    return (value, part) if value else None


def _unknown(run: Run, start: int) -> tuple[TaxId, Run] | None:
    """An identifier of a country whose rule is not known: as printed, without spaces."""
    first = run.words[start].text.strip(":;,.()#|")
    if sum(c.isdigit() for c in first) >= 6 and re.fullmatch(
        r"[A-Z0-9.\-/]{6,20}", first, re.IGNORECASE
    ):
        end = start + 1
    else:
        end = start
        raw = ""
        while end < len(run.words) and re.fullmatch(
            r"[A-Z]{0,3}[\d.\-]+[A-Z]?\d{0,2}", run.words[end].text.strip(":;,()")
        ):
            raw += run.words[end].text
            end += 1
        first = raw.strip(":;,.()")
        if not 7 <= sum(c.isdigit() for c in first) <= 15:
            return None
    value = re.sub(r"\s", "", first)
    return TaxId(value.upper(), None, False), run.part(
        max(0, start - (start > 0 and len(run.words[start - 1].text) == 2)), end
    )


def _side_of_hit(text: Text, hit: Hit) -> str:
    words = plain(hit.run.text)
    if re.search(
        r"cliente|adquirente|comprador|v/|^v |seu |vosso|customer|client|kunde|ihre ", words
    ):
        return "buyer"
    if re.search(r"fornecedor|emitente", words):
        return "seller"
    return side_of(text, hit.line, hit.run)
