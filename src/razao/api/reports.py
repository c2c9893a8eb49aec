"""Reports through the API: a code, a form and parameters in; a job, and then its file, out. So too the export of a year."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils.http import content_disposition_header
from ninja import Router, Schema

from razao.api.person import person_id
from razao.companies.rights import May, company_for
from razao.delivery import year_export
from razao.kernel.problems import NotFound
from razao.reports import flow, index, made
from razao.reports.index import Form
from razao.reports.models import MadeFile
from razao.reports.parameters import read

router = Router(tags=["reports"])


class ReportOut(Schema):
    """A report that can be made, the forms it can be had in, and the parameters it reads besides year, first and last."""

    code: str
    title: str
    forms: list[str]
    parameters: list[str]


class ReportWanted(Schema):
    """Parameters are those of the report's address: year, first, last, account, level, cost_center, journal."""

    parameters: dict[str, Any] = {}


class MadeOut(Schema):
    """A file of the background: ``state`` of its job, ``done`` of ``total``; its content is there once ``size`` is known."""

    id: UUID
    title: str
    form: str
    state: str
    done: int
    total: int
    name: str
    size: int | None
    asked_at: datetime
    problems: list[dict[str, Any]]


def _out(row: MadeFile) -> MadeOut:
    run = row.run
    return MadeOut(
        id=row.pk,
        title=row.title,
        form=row.form,
        state=run.state if run else "",
        done=run.done if run else 0,
        total=run.total if run else 0,
        name=row.name,
        size=row.size,
        asked_at=row.asked_at,
        problems=run.problems if run else [],
    )


@router.get("/{company_id}/reports", response=list[ReportOut])
def list_reports(request: HttpRequest, company_id: UUID) -> list[ReportOut]:
    """Everything that can be made."""
    company_for(person_id(request), company_id, May.SEE_BOOKS)
    return [
        ReportOut(
            code=code,
            title=str(index.title_of(code)),
            forms=[str(form) for form in index.forms_of(code)],
            parameters=list(index.BY_CODE[code].asks) if code in index.BY_CODE else [],
        )
        for code in index.OUTPUTS
    ]


@router.post("/{company_id}/reports/{code}/{form}", response=MadeOut)
def make_report(
    request: HttpRequest, company_id: UUID, code: str, form: str, body: ReportWanted
) -> MadeOut:
    """Have a report, or the accounting file, made in the background."""
    access = company_for(person_id(request), company_id, May.SEE_BOOKS)
    if code not in index.OUTPUTS or form not in set(Form):
        raise NotFound(f"{code} as {form}")
    asked = flow.ask(access, code, read(access.company, body.parameters), Form(form))
    return _out(made.made_file(company_id, asked.pk))


@router.post("/{company_id}/years/{year}/export", response=MadeOut)
def export_year(request: HttpRequest, company_id: UUID, year: str) -> MadeOut:
    """Have a year exported in the background, as a zip with verify.py."""
    access = company_for(person_id(request), company_id, May.CONFIGURE)
    return _out(made.made_file(company_id, year_export.ask(access, year).pk))


@router.get("/{company_id}/made-files/{uuid:made_id}", response=MadeOut)
def made_file(request: HttpRequest, company_id: UUID, made_id: UUID) -> MadeOut:
    """Where a file stands."""
    company_for(person_id(request), company_id, May.SEE_BOOKS)
    return _out(made.made_file(company_id, made_id))


@router.get("/{company_id}/made-files/{uuid:made_id}/content")
def made_content(request: HttpRequest, company_id: UUID, made_id: UUID) -> FileResponse:
    """The file's content, once it is made."""
    access = company_for(person_id(request), company_id, May.SEE_BOOKS)
    row = made.made_file(company_id, made_id)
    if row.what == year_export.YEAR_EXPORT:
        access.require(May.CONFIGURE)
    answer = FileResponse(made.finished(row).open("rb"), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(True, row.name)
    return answer
