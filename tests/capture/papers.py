"""Documents for capture's tests: drawn samples addressed to a company, sent in and read as the site does it."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from random import Random

from razao.capture import flow
from razao.capture.models import CapturedInvoice, Flow, Scan
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import Sample, digital, pile
from razao.capture.samples.parties import Party, draw_party
from razao.companies.models import Company
from razao.companies.rights import Access, company_for
from razao.kernel.jobs import Run
from razao.kernel.tenancy import new_id


def as_party(company: Company) -> Party:
    """The company as the samples print it."""
    drawn = draw_party(Random("company"), "PT")
    return replace(drawn, name=company.name, tax_id=company.tax_id)


def a_paper(company: Company, seed: str = "1", **wanted: object) -> Sample:
    """A PDF with text and fiscal code, addressed to the company."""
    return _drawn(as_party(company), seed, tuple(sorted(wanted.items())))


@cache
def _drawn(party: Party, seed: str, wanted: tuple[tuple[str, object], ...]) -> Sample:
    wish = Wanted(company=party, country="PT", code=True, **dict(wanted))  # type: ignore[arg-type]
    return digital(seed, f"factura-{seed}", "digital_qr", wish)


def a_pile(company: Company, seed: str = "1") -> Sample:
    return pile(seed, f"monte-{seed}", "pile", Wanted(company=as_party(company), country="PT"))


def send(access: Access, paper: Sample, direction: Flow = Flow.RECEIVED) -> Scan:
    """Upload a paper, as the page does; it is not yet read."""
    receipt = flow.upload(access, direction, io.BytesIO(paper.content), paper.name)
    return receipt.scans[0]


def read(access: Access, scan: Scan) -> list[CapturedInvoice]:
    """Read a scan as the worker does, and act for the company again."""
    run = Run(new_id(), access.user_id, access.company.pk)
    flow.read_scan(run, scan=str(scan.pk))
    company_for(access.user_id, access.company.pk)
    return list(CapturedInvoice.objects.filter(scan=scan).select_related("scan__file"))


def received(access: Access, paper: Sample) -> list[CapturedInvoice]:
    """The invoices of a paper, read and proposed."""
    return read(access, send(access, paper))
