"""Large batches need two people: drafts and a company's rule in, leave to post or what must be approved out.

Who posts is never who approved; an approval is of one plan, by its fingerprint, and serves once. The
database holds the same (migrations/approvals.sql), for whoever comes past this module.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.kernel.money import from_minor_units
from razao.kernel.problems import NotFound, Problem, Refused
from razao.kernel.tenancy import act_as
from razao.ledger.drafts import Drafts
from razao.ledger.models import Approval, ApprovalRule

State = Approval.State


class NeedsApproval(Refused):
    """Nothing was posted: the batch waits for a second person, and is posted as it is once they agree."""

    def __init__(self, total: Decimal, entries: int) -> None:
        values = {"total": total, "entries": entries}
        super().__init__(Problem("post.needs_approval", values=values))


def rule_of(company: UUID) -> ApprovalRule | None:
    """The company's rule, if it has one."""
    return ApprovalRule.objects.filter(company_id=company).first()


def set_rule(access: Access, *, amount: Decimal | None, entries: int | None) -> None:
    """Above ``amount`` or ``entries`` two people are needed; both None ends the rule. Raises Refused (``rights.not_allowed``)."""
    access.require(May.ADMINISTER)
    rules = ApprovalRule.objects.filter(company=access.company)
    if amount is None and entries is None:
        rules.delete()
    else:
        ApprovalRule.objects.update_or_create(
            company=access.company, defaults={"amount": amount, "entries": entries}
        )
    record(
        "approval.rule_changed",
        user=access.user_id,
        company=access.company.pk,
        details={"amount": str(amount), "entries": entries},
    )


def need(access: Access, drafts: Drafts, *, kind: str, source: str, fingerprint: str) -> str:
    """The fingerprint to post under: the plan's, or one of the drafts where a large batch has none.

    Raises NeedsApproval for a batch over the rule that nobody but its poster has approved; it is asked for.
    """
    rule = rule_of(access.company.pk)
    if rule is None:
        return fingerprint
    total = from_minor_units(drafts.debit_total)
    over_amount = rule.amount is not None and total > rule.amount
    if not over_amount and not (rule.entries is not None and drafts.count > rule.entries):
        return fingerprint
    wanted = {
        "company_id": access.company.pk,
        "fingerprint": fingerprint or _fingerprint(drafts),
        "entry_count": drafts.count,
        "total": total,
    }
    good = Approval.objects.filter(state=State.APPROVED, **wanted)
    if not good.exclude(decided_by=access.user_id).exists():
        _ask(access, {**wanted, "kind": kind, "source": source[:500]})
        raise NeedsApproval(total, drafts.count)
    return str(wanted["fingerprint"])


def _ask(access: Access, wanted: dict[str, Any]) -> None:
    """Keep the request, once; in a transaction of its own, because what was begun is undone by the refusal."""
    with transaction.atomic(using="aside"):
        act_as(user=access.user_id, companies=[access.company.pk], using="aside")
        rows = Approval.objects.using("aside")
        mine = {**wanted, "asked_by_id": access.user_id}
        if not rows.filter(state=State.WAITING, **mine).exists():
            rows.create(**mine)


def decide(access: Access, approval: UUID, *, agreed: bool, note: str = "") -> None:
    """Approve or refuse what another person asked for.

    Raises NotFound; Refused: ``rights.not_allowed``, ``post.approval_own``, ``post.approval_decided``.
    """
    access.require(May.POST)
    found = Approval.objects.filter(company=access.company, pk=approval).first()
    if found is None:
        raise NotFound(f"approval {approval}")
    if found.asked_by_id == access.user_id:
        raise Refused(Problem("post.approval_own"))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_decide(%s, %s, %s)", [approval, agreed, note])
    except IntegrityError as error:
        raise Refused(Problem("post.approval_decided")) from error
    action = "approval.agreed" if agreed else "approval.declined"
    record(action, user=access.user_id, company=access.company.pk, subject=approval)


def _fingerprint(drafts: Drafts) -> str:
    digest = hashlib.sha256()
    for frame in (drafts.entries, drafts.lines):
        digest.update(frame.write_csv().encode())
    return digest.hexdigest()
