"""The text of a document in, its SAF-T (PT) document type out: FT FR FS NC ND RC NE …"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from razao.capture.reading.dates import plain
from razao.capture.reading.labels import Label
from razao.capture.reading.layout import Run
from razao.capture.reading.text import Text

#: title words (plain, lower case) and the type they name; the first that fits a line counts for it.
TITLES: tuple[tuple[str, str, int], ...] = (
    (r"nota de credito|credit note|credit memo|nota de abono|^abono(?= n|$)|factura rectificativa|facture d'avoir|\bavoir\b|gutschrift|rechnungskorrektur|stornorechnung|nota di credito|creditnota|creditfactuur|credit invoice", "NC", 9),
    (r"nota de debito|debit note|note de debit|lastschriftanzeige|nota di debito", "ND", 9),
    (r"fatura\s?[-/–]?\s?recibo|factura\s?[-/–]\s?recibo|invoice\s?[-/]\s?receipt", "FR", 9),
    (r"fatura simplificada|factura simplificada|simplified invoice|talao de venda", "FS", 9),
    (r"venda a dinheiro", "VD", 8),
    (r"pro\s?[-–]?\s?forma|proforma", "PF", 9),
    (r"guia de transporte", "GT", 6),
    (r"guia de remessa", "GR", 6),
    (r"orcamento|quotation|presupuesto|\bdevis\b|angebot|offerte|cotizacion", "OR", 5),
    (r"nota de encomenda|purchase order|bestellung|orden de compra|bon de commande|\border\b|\bcontract\b", "NE", 4),
    (r"\bdanfe\b|documento auxiliar da nota fiscal|nota fiscal eletronica", "FT", 7),
    (r"fatura|factura|invoice|rechnung|facture|fattura|factuur|faktura|cash bill|\bbill\b", "FT", 6),
    (r"recibo|\breceipt\b|quittung|\bquittance\b|\brecu\b", "RC", 3),
)  # fmt: skip
PATTERNS = tuple((re.compile(words, re.MULTILINE), code, weight) for words, code, weight in TITLES)
DOT = re.compile(r"(?<=[a-z])\.(?=[a-z])")
"""which OCR gives for a space"""
STANDARD = {"NCR": "NC", "NDB": "ND", "NCF": "NC", "FAC": "FT", "FTR": "FR", "FTS": "FS"}
"""codes of programs for types that have another code in SAF-T"""
CODES = re.compile(
    r"\b(FT|FR|FS|FAC|FTR|FTS|NCR|NCF|NDB|NC|ND|VD|PF|GT|GR|OR|RG|RC|NE)(?:\s+|(?=\d))[A-Z0-9][\w.\-]*/\d+"
)
MODIFIERS = re.compile(
    r"\b(data|date|fecha|total|vencimento|due|datum|valor|ref|referente|number of|facture a|faturar|facturar|faturado|invoice to|bill to|rechnung an|address|paga|pagamento|enviar|order|contract)\b"
)


@dataclass(frozen=True)
class Titled:
    """A document type that a line names, and how clearly."""

    document_type: str
    score: float
    run: Run


def type_of(text: Text) -> Titled | None:
    """The type that the document's title, or the code in its number, names; None when nothing does."""
    found = sorted(_titles(text), key=lambda t: -t.score)
    return found[0] if found else None


CLOSE = 1.0
"""points within which another type is as likely"""


def disputed(text: Text, chosen: Titled) -> bool:
    """True when another title on the document speaks as clearly for another type."""
    return any(
        t.document_type != chosen.document_type and t.score > chosen.score - CLOSE
        for t in _titles(text)
    )


HEAD = 0.45
"""part of the page in which a document's title stands"""


CREDIT_WORDS = re.compile(
    r"rectificativa|rectificada|retifica|nota de credito|credit note|abono|gutschrift|\bavoir\b|korrektur|storno|nota di credito|credito|devoluc"
)


def corrects(text: Text, document_type: str) -> bool:
    """True when other words say that the document corrects one, though its title does not."""
    if document_type in {"NC", "ND"}:
        return False
    referred = any(h.label is Label.REFERENCE and h.weight >= 6 for h in text.hits)
    return referred or bool(CREDIT_WORDS.search(text.plain))


def title_in_head(text: Text) -> bool:
    """True when a title of a document, or a number in its form, stands in the upper part of the page."""
    return any(t.score >= 5 and t.run.box[1] < HEAD for t in _titles(text))


def _titles(text: Text) -> Iterator[Titled]:
    heights = sorted(line.run.height for line in text.lines) or [0.01]
    usual = heights[len(heights) // 2] or 0.01
    lines = text.plain_lines
    for index, line in enumerate(text.lines):
        code = CODES.search(line.run.text)
        apart = DOT.sub(" ", "\n".join(plain(s.text) for s in line.segments))
        refers = any(h.label is Label.REFERENCE for h in text.by_line.get(index, ()))
        if refers:
            continue
        if code:
            score = (OF_SERIES if code[1] == "VD" else 12) - index * 0.05
            yield Titled(STANDARD.get(code[1], code[1]), score, line.run.between(*code.span()))
        yield from _over_two_lines(text, index, usual)
        for pattern, document_type, weight in PATTERNS:
            match = pattern.search(apart)
            if match is None:
                continue
            run = line.run.between(*match.span())
            share = len(match[0]) / max(len(lines[index]), 1)
            score = weight * 0.5 + 4 * share + _stature(text, index, run, usual)
            score -= 2.5 if MODIFIERS.search(lines[index]) else 0
            score -= 3.0 if _mentions(text, index, run) else 0
            yield Titled(document_type, score, run)
            break


def _stature(text: Text, line: int, run: Run, usual: float) -> float:
    """Points for being printed larger than the rest, and near the top."""
    size = min(run.height / usual, 2.5) - 1
    return 2.5 * size + 2.0 * (1 - line / max(len(text.lines), 1))


OF_SERIES = 4.5
"""points of a code that no type of SAF-T has any more: a series may still bear it beside a title of its own"""
TITLE_WORDS = 3
"""words of the first line of a title that wraps"""


def _over_two_lines(text: Text, index: int, usual: float) -> Iterator[Titled]:
    """'Factura' with 'rectificativa' under it: titles that break over two lines of one column."""
    for upper in text.lines[index].segments:
        lower = _continued(text, index, upper) if len(upper.words) <= TITLE_WORDS else None
        if lower is None:
            continue
        first = plain(upper.text)
        whole = f"{first} {plain(lower.text)}"
        for pattern, document_type, weight in PATTERNS:
            match = pattern.search(whole)
            if match and match.start() <= 1 and match.end() > len(first) + 1:
                share = len(match[0]) / len(whole)
                run = Run(upper.words + lower.words, upper.aspect, upper.order)
                score = weight * 0.5 + 4 * share + _stature(text, index, upper, usual)
                yield Titled(document_type, score, run)
                break


def _continued(text: Text, index: int, upper: Run) -> Run | None:
    """The segment right under a segment, on its left edge, its right edge or its middle, and of its size."""
    left, _, right, bottom = upper.box
    for line in text.lines[index + 1 : index + 3]:
        for segment in line.segments:
            box = segment.box
            near = -0.3 * upper.height <= box[1] - bottom <= 1.2 * upper.height
            edges = (box[0] - left, box[2] - right, (box[0] + box[2] - left - right) / 2)
            size = segment.height / max(upper.height, 0.001)
            if near and min(map(abs, edges)) < 0.015 and 0.7 < size < 1.4:
                return segment if segment.page == upper.page else None
    return None


def _mentions(text: Text, line: int, run: Run) -> bool:
    """True where the words are the label of another document's number: 'Nota de encomenda 68293'."""
    return any(
        h.label is Label.OTHER_NUMBER and h.weight >= 6 and h.run.words[0] in run.words
        for h in text.by_line.get(line, ())
    )
