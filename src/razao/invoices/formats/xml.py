"""Safe XML: bytes of unknown origin in, the syntax's name or a tree without namespaces out.

No entity is expanded, no DTD read, nothing fetched. What is too large, too deep or carries a DTD is
refused, because no invoice syntax needs one and every XML bomb does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lxml import etree

from razao.kernel.money import NotAnAmount, exact
from razao.kernel.money import amount as money_amount
from razao.kernel.problems import Problem, Refused, Severity

#: Invoices with their attachments inside stay far below this.
MAX_BYTES = 64 * 1024 * 1024
#: The deepest of the syntaxes read here nests some 20 levels.
MAX_DEPTH = 100
#: libxml2 limits one text node to this unless told that the tree is huge.
_HUGE = 9_000_000
_HEAD = 65536
#: Decimal exponents of numbers that are still meant: below a trillionth and from 10^14 on they are damage.
_LEAST, _GREATEST = -12, 14

#: Root elements that are read, by local name → (syntax, what the namespace must contain).
ROOTS = {
    "Invoice": ("ubl", "oasis:names:specification:ubl"),
    "CreditNote": ("ubl", "oasis:names:specification:ubl"),
    "DebitNote": ("ubl", "oasis:names:specification:ubl"),
    "SelfBilledInvoice": ("ubl", "oasis:names:specification:ubl"),
    "SelfBilledCreditNote": ("ubl", "oasis:names:specification:ubl"),
    "StandardBusinessDocument": ("ubl", "StandardBusinessDocumentHeader"),
    "CrossIndustryInvoice": ("cii", "CrossIndustryInvoice"),
    "CrossIndustryDocument": ("cii", "CrossIndustryDocument"),
    "Facturae": ("facturae", "acturae"),
    "FatturaElettronica": ("fatturapa", ""),
    "FatturaElettronicaSemplificata": ("fatturapa", ""),
    "nfeProc": ("nfe", "portalfiscal.inf.br/nfe"),
    "NFe": ("nfe", "portalfiscal.inf.br/nfe"),
    "enviNFe": ("nfe", "portalfiscal.inf.br/nfe"),
    "AuditFile": ("saft", ""),
}

#: What was taken stays taken: a prologue of two thousand comments would else be tried in every way that it can be cut.
_PROLOG = re.compile(
    r"\s*+(?:<\?(?>.*?\?>)\s*+|<!--(?>.*?-->)\s*+)*+<!DOCTYPE", re.DOTALL | re.IGNORECASE
)
_DECLARED = re.compile(rb"^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?!\d{5})")


def sniff(data: bytes) -> str | None:
    """Which syntax the bytes are in: ubl, cii, facturae, fatturapa, nfe, saft; None for anything else.

    Reads no further than the root element and never raises.
    """
    data = _trimmed(data)
    if has_dtd(data):
        return None
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        parser.feed(data[:_HEAD])
        for _, root in parser.read_events():
            return syntax_of(root) if isinstance(root, etree._Element) else None
    except etree.XMLSyntaxError:
        pass
    return None


def syntax_of(root: etree._Element) -> str | None:
    """The syntax of a root element, by local name and namespace."""
    # not etree.QName, which raises for a prefix that nothing declares
    namespace, _, name = str(root.tag).rpartition("}")
    syntax, wanted = ROOTS.get(name, (None, ""))
    return syntax if wanted in namespace.removeprefix("{") else None


def has_dtd(data: bytes) -> bool:
    """True when a document type declaration stands before the root element."""
    head = data[:_HEAD]
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:4]
    text = head.decode("utf-16" if wide else "latin-1", "replace")
    return _PROLOG.match(text.lstrip("\ufeff").removeprefix("ï»¿")) is not None


def parse(data: bytes, problems: list[Problem]) -> etree._Element:
    """The root element. Raises Refused with ``read.xml_*`` when the bytes are unsafe or no XML.

    A wrongly declared encoding is put right and reported in ``problems``.
    """
    if len(data) > MAX_BYTES:
        raise Refused(Problem("read.xml_too_large", values={"size": len(data), "limit": MAX_BYTES}))
    data = _trimmed(data)
    if has_dtd(data):
        raise Refused(Problem("read.xml_dtd"))
    root = _parsed(data, problems)
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(Problem("read.xml_dtd"))
    if root.xpath(f"boolean({'/*' * (MAX_DEPTH + 1)})"):
        raise Refused(Problem("read.xml_too_deep", values={"limit": MAX_DEPTH}))
    return root


def without_namespaces(root: etree._Element) -> etree._Element:
    """The same tree with every tag as its local name; the paths of a syntax then read as its manual does."""
    for element in root.iter(etree.Element):
        tag = element.tag
        if isinstance(tag, str) and tag[0] == "{":
            element.tag = tag[tag.index("}") + 1 :]
    return root


def _parsed(data: bytes, problems: list[Problem]) -> etree._Element:
    try:
        return etree.fromstring(data, _parser(len(data)))
    except etree.XMLSyntaxError as error:
        mended = _reencoded(data)
        if mended is None:
            raise Refused(Problem("read.xml_malformed", values={"reason": str(error)})) from error
    except (LookupError, ValueError) as error:  # an encoding that no codec knows
        raise Refused(Problem("read.xml_malformed", values={"reason": str(error)})) from error
    try:
        root = etree.fromstring(mended, _parser(len(mended)))
    except etree.XMLSyntaxError as error:
        raise Refused(Problem("read.xml_malformed", values={"reason": str(error)})) from error
    problems.append(Problem("read.xml_encoding", Severity.WARNING))
    return root


def _parser(size: int) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=size > _HUGE,
    )


def _reencoded(data: bytes) -> bytes | None:
    """The bytes as UTF-8 when they are no valid UTF-8 although they say so: such files are Windows-1252."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        plain = _DECLARED.sub(rb"\1", data)
        return plain.decode("cp1252", "replace").encode("utf-8")
    plain = _DECLARED.sub(rb"\1", data)
    return plain if plain != data else None


def _trimmed(data: bytes) -> bytes:
    """Without blanks before the declaration and padding after the root: both are common and harmless."""
    return (
        data.lstrip(b" \t\r\n").rstrip(b" \t\r\n\x00\x1a") if data[:1] not in b"\xff\xfe" else data
    )


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a tree without namespaces, read by paths; what cannot be read becomes a problem."""

    element: etree._Element
    problems: list[Problem]

    def one(self, path: str) -> Node | None:
        """The first element at ``path``."""
        found = self.element.find(path)
        return None if found is None else Node(found, self.problems)

    def at(self, *paths: str) -> Node:
        """The first element at the first path that has one; an empty element where none has."""
        for path in paths:
            found = self.element.find(path)
            if found is not None:
                return Node(found, self.problems)
        return Node(etree.Element("absent"), self.problems)

    def all(self, path: str) -> Iterator[Node]:
        """Every element at ``path``."""
        return (Node(found, self.problems) for found in self.element.iterfind(path))

    def text(self, *paths: str) -> str | None:
        """The first text that is not blank at one of the paths, blanks and line ends as one blank."""
        for path in paths:
            for found in self.element.iterfind(path):
                text = " ".join("".join(map(str, found.itertext())).split())
                if text:
                    return text
        return None

    def attribute(self, name: str) -> str | None:
        """The attribute's text, or None where it is missing or blank."""
        return (self.element.get(name) or "").strip() or None

    def number(self, *paths: str) -> Decimal | None:
        """The number at one of the paths, as exact as it is written; what no column could hold is unreadable."""
        text = self.text(*paths)
        if text is None:
            return None
        try:
            value = exact(text)
            if value.is_zero() or _LEAST <= value.adjusted() < _GREATEST:
                return value
        except NotAnAmount:
            pass
        self._unreadable(paths[0], text)
        return None

    def rate(self, *paths: str) -> Decimal | None:
        """The per cent at one of the paths, from 0 to 1000."""
        value = self.number(*paths)
        if value is None or 0 <= value <= 1000:
            return value
        self._unreadable(paths[0], str(value))
        return None

    def amount(self, *paths: str) -> Decimal | None:
        """The amount of money at one of the paths, with two places."""
        value = self.number(*paths)
        try:
            return None if value is None else money_amount(value)
        except NotAnAmount:
            self._unreadable(paths[0], str(value))
            return None

    def total(self, path: str) -> Decimal | None:
        """The sum of the amounts at ``path``; None where there is none."""
        amounts = [n.amount(".") for n in self.all(path)]
        known = [a for a in amounts if a is not None]
        return sum(known, Decimal("0.00")) if known else None

    def day(self, *paths: str) -> date | None:
        """The date at one of the paths: 2026-05-14, 20260514, or the start of an instant."""
        text = self.text(*paths)
        if text is None:
            return None
        found = _DATE.match(text)
        try:
            if found:
                return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
        self._unreadable(paths[0], text)
        return None

    def _unreadable(self, path: str, text: str) -> None:
        self.problems.append(
            Problem("read.xml_value", Severity.WARNING, where=path, values={"text": text[:80]})
        )
