"""A report as bytes: in: who asks, the report's code, parameters and form, out: its file; the reports' catalogue is the only source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from razao.companies.rights import Access
from razao.delivery.catalogue import category_of_report
from razao.delivery.parcel import Parcel
from razao.kernel.problems import Problem, Refused

Renderer = Callable[[Access, Mapping[str, Any], str], bytes]

#: Report code → what makes it.
RENDERERS: dict[str, Renderer] = {}


def known(report: str) -> bool:
    """Whether a report of this code can be made."""
    return report in RENDERERS


def describe(access: Access, report: str, parameters: Mapping[str, Any], form: str) -> Parcel:
    """The parcel of a report as the review window shows it: title, category and period filled in by the system."""
    del access
    return Parcel(
        category=category_of_report(report),
        title=report,
        report=report,
        parameters=dict(parameters),
        form=form,
    )


def render(access: Access, report: str, parameters: Mapping[str, Any], form: str) -> bytes:
    """The report's file. Raises Refused (``delivery.report_unknown``, and what the report refuses)."""
    if report not in RENDERERS:
        raise Refused(Problem("delivery.report_unknown", where=report))
    return RENDERERS[report](access, parameters, form)
