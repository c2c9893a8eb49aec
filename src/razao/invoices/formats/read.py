"""One door to e-invoices: bytes in, invoices and problems out, whatever the syntax."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from razao.invoices.formats import cii, facturae, fatturapa, nfe, ubl
from razao.invoices.formats.assembly import with_evidence
from razao.invoices.formats.saft import read_saft
from razao.invoices.formats.xml import parse, sniff, syntax_of
from razao.invoices.frame import to_invoices
from razao.invoices.invoice import Invoice
from razao.kernel.problems import Problem, Refused

__all__ = ["READERS", "read_xml", "sniff"]

Reader = Callable[[etree._Element], tuple[list[Invoice], list[Problem]]]

#: By syntax as ``sniff`` names it. SAF-T files hold a whole period and are read in columns, by ``read_saft``.
READERS: Mapping[str, Reader] = {
    "ubl": ubl.read,
    "cii": cii.read,
    "facturae": facturae.read,
    "fatturapa": fatturapa.read,
    "nfe": nfe.read,
}


def read_xml(data: bytes) -> tuple[list[Invoice], list[Problem]]:
    """The invoices of an XML file and what is wrong with it; never raises for what the bytes hold.

    No invoices come back from unsafe XML (``read.xml_dtd``, ``read.xml_too_large``, ``read.xml_too_deep``),
    from what is no XML (``read.xml_malformed``) and from XML of another kind (``read.xml_unknown``).
    """
    problems: list[Problem] = []
    try:
        if sniff(data) == "saft":
            return _documents_of_saft(data)
        root = parse(data, problems)
    except Refused as refused:
        return [], [*problems, *refused.problems]
    reader = READERS.get(syntax_of(root) or "")
    if reader is None:
        return [], [*problems, Problem("read.xml_unknown", values={"root": str(root.tag)})]
    invoices, found = reader(root)
    if not invoices:
        found.append(Problem("read.xml_empty"))
    return invoices, [*problems, *found]


def _documents_of_saft(data: bytes) -> tuple[list[Invoice], list[Problem]]:
    """Sales of a Portuguese file, then purchases of an Angolan one."""
    saft = read_saft(data)
    sections = (saft.sales.frames, saft.purchases.frames)
    invoices = [with_evidence(i) for frames in sections for i in to_invoices(frames)]
    return invoices, list(saft.problems)
