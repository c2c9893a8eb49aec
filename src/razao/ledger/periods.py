"""Periods: closed so that nothing posts into them, reopened with a reason; who did it is in the audit trail."""

from __future__ import annotations

from razao.companies.models import FiscalYear
from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused
from razao.ledger.models import Period


def _period(access: Access, year: str, number: int) -> Period:
    """The period, locked: a posting into it that is under way ends first."""
    access.require(May.CONFIGURE)
    period = (
        Period.objects.select_for_update()
        .filter(company=access.company, fiscal_year__code=year, number=number)
        .first()
    )
    if period is None:
        raise NotFound(f"period {number} of {year}")
    return period


def close(access: Access, year: str, number: int) -> Period:
    """Close a period of the fiscal year with the code ``year``; closing a closed one changes nothing. Raises NotFound."""
    period = _period(access, year, number)
    if period.state != Period.State.CLOSED:
        period.state = Period.State.CLOSED
        period.save(update_fields=["state"])
        _record(access, "period.closed", year, number, "")
    return period


def close_year(access: Access, year: str) -> list[Period]:
    """Close every period of a fiscal year. Raises NotFound."""
    fiscal_year = FiscalYear.objects.filter(company=access.company, code=year).first()
    if fiscal_year is None:
        raise NotFound(f"fiscal year {year}")
    numbers = fiscal_year.periods.order_by("number").values_list("number", flat=True)
    return [close(access, year, number) for number in list(numbers)]


def reopen(access: Access, year: str, number: int, reason: str) -> Period:
    """Open a closed period again. Raises Refused (``periods.reason_missing``, ``periods.not_closed``) and NotFound."""
    period = _period(access, year, number)
    where = f"{year}/{number}"
    if not reason.strip():
        raise Refused(Problem("periods.reason_missing", where=where))
    if period.state != Period.State.CLOSED:
        raise Refused(Problem("periods.not_closed", where=where))
    period.state = Period.State.REOPENED
    period.reason = reason.strip()
    period.save(update_fields=["state", "reason"])
    _record(access, "period.reopened", year, number, reason.strip())
    return period


def _record(access: Access, action: str, year: str, number: int, reason: str) -> None:
    record(
        action,
        user=access.user_id,
        company=access.company.pk,
        subject=f"{year}/{number}",
        details={"reason": reason} if reason else {},
    )
