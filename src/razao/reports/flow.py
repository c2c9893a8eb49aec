"""Reports in the background, top to bottom: asked for, made by a job that tells its progress, found again, dropped after a month.

ask ─ make (job) ─▶ file ─ a month later: drop
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import translation

from razao.companies.rights import Access, May, company_for
from razao.kernel.jobs import Run, job, timer
from razao.kernel.problems import NotFound
from razao.kernel.tenancy import act_as, all_company_ids
from razao.reports import index, made
from razao.reports.index import Form
from razao.reports.models import MadeFile
from razao.reports.parameters import Parameters, read, words_of


def ask(access: Access, code: str, parameters: Parameters, form: Form) -> MadeFile:
    """Have a report, or the accounting file, made in the background. Raises Refused and NotFound."""
    access.require(May.SEE_BOOKS)
    if code not in index.OUTPUTS or form not in index.forms_of(code):
        raise NotFound(f"{code} as {form}")
    return made.begin(
        access,
        make,
        what=code,
        form=form,
        parameters=words_of(parameters),
        title=f"{index.title_of(code)} {parameters.start:%Y-%m} – {parameters.end:%Y-%m}",
        language=parameters.language,
    )


@job(title="Make a report", attempts=3)
def make(run: Run, *, made: str) -> None:
    """Make the file, with the rights of who asked as they are now."""
    _make(run, UUID(made))


def _make(run: Run, identity: UUID) -> None:
    company, person = run.company_id, run.user_id
    if company is None or person is None:
        raise NotFound("company")
    with run.transaction():
        access = company_for(person, company, May.SEE_BOOKS)
        row = made.made_file(company, identity)
        parameters = read(access.company, row.parameters, row.language)
    form = Form(row.form)

    def fill(path: Path) -> None:
        with run.transaction(), translation.override(row.language):
            index.make(row.what, parameters, form, path, run.progress)

    made.write(run, row, index.name_of(row.what, parameters, form), fill)


@timer("40 3 * * *")
def drop_old_files() -> None:
    """Forget what was made a month ago."""
    for company in all_company_ids():
        with transaction.atomic():
            act_as(companies=[company])
            made.drop_old(company)
