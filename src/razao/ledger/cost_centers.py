"""Cost centres: a code in, the company's cost centre out, opened where there is none."""

from __future__ import annotations

from razao.companies.rights import Access, May
from razao.kernel.audit import record
from razao.ledger.models import CostCenter


def open_cost_center(access: Access, *, code: str, name: str) -> CostCenter:
    """Open the cost centre ``code``, or again one that was closed; its name is its code where none is said."""
    access.require(May.CONFIGURE)
    made, _ = CostCenter.objects.update_or_create(
        company=access.company, code=code, defaults={"name": name or code, "active": True}
    )
    record("cost_center.opened", user=access.user_id, company=access.company.pk, subject=code)
    return made
