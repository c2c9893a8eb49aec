"""Files made in the background: in: a report's address or a year, out: a job that can be left, and its file found again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from razao.companies.rights import Access, May
from razao.delivery import year_export
from razao.reports import flow, made
from razao.reports.index import BY_CODE, MEDIA_TYPES, OUTPUTS, Form, report
from razao.reports.models import MadeFile
from razao.reports.parameters import Parameters, read
from razao.web.desk import company_desk
from razao.web.reports import ParametersForm

SHOWN = 20
ZIP = "application/zip"


def parameters_of(request: HttpRequest, access: Access, code: str) -> Parameters:
    """The parameters in the page's address; what is no sheet reads the year alone."""
    language = (get_language() or "pt").lower()
    if code not in BY_CODE:
        return read(access.company, {"year": request.GET.get("year", "")}, language)
    form = ParametersForm(request.GET or None).offer(access.company, report(code).asks)
    return read(access.company, form.cleaned_data if form.is_valid() else {}, language)


@login_required
@require_POST
def ask(request: HttpRequest, company: UUID, code: str, form: str) -> HttpResponse:
    """Have a report made in the background."""
    access = company_desk(request, company, May.SEE_BOOKS)
    if code not in OUTPUTS or form not in set(Form):
        raise Http404
    flow.ask(access, code, parameters_of(request, access, code), Form(form))
    return _asked(request, company)


@login_required
@require_POST
def ask_year(request: HttpRequest, company: UUID, year: str) -> HttpResponse:
    """Have a year exported in the background, as a folder that proves itself (M8), zipped."""
    year_export.ask(company_desk(request, company, May.CONFIGURE), year)
    return _asked(request, company)


def _asked(request: HttpRequest, company: UUID) -> HttpResponse:
    messages.success(
        request, gettext("It is being made. You can leave this page: it will stand here.")
    )
    return redirect("reports:made", company=company)


@login_required
@require_GET
def made_files(request: HttpRequest, company: UUID) -> HttpResponse:
    """What was made and what is being made, newest first; ``?part=rows`` gives the rows alone."""
    access = company_desk(request, company, May.SEE_BOOKS)
    rows = list(MadeFile.objects.filter(company=access.company).select_related("run", "asked_by"))
    values = {"access": access, "rows": rows[:SHOWN], "days": made.KEPT.days}
    values["waiting"] = any(row.run and not row.run.finished_at for row in rows[:SHOWN])
    part = request.GET.get("part") == "rows"
    return render(request, "reports/made_rows.html" if part else "reports/made.html", values)


@login_required
@require_GET
def made_file(request: HttpRequest, company: UUID, made_id: UUID) -> FileResponse:
    """A file that was made."""
    access = company_desk(request, company, May.SEE_BOOKS)
    row = made.made_file(access.company.pk, made_id)
    if row.what == year_export.YEAR_EXPORT:
        access.require(May.CONFIGURE)
    kind = MEDIA_TYPES[Form(row.form)] if row.form in set(Form) else ZIP
    answer = FileResponse(made.finished(row).open("rb"), content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, row.name)
    return answer
