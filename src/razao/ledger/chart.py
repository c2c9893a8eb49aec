"""Tables of a company's chart of accounts, journals, entry types, periods, cost centres and reflections."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from razao.kernel.tenancy import CompanyRecord


class Account(CompanyRecord):
    """An account of a company's chart. A code that has been posted to never changes (the hash chain names it)."""

    code = models.TextField()
    name = models.TextField()
    kind = models.CharField(max_length=10)
    """asset, liability, equity, income, expense, other (countries.facts.AccountKind)"""
    postable = models.BooleanField(default=True)
    party_group = models.BooleanField(default=False)
    """one account for each party is opened below it"""
    classifier = models.CharField(max_length=20, blank=True)
    party = models.ForeignKey(
        "companies.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )
    counterpart = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """for a party: its usual income or expense account (S16)"""
    needs_cost_center = models.BooleanField(default=False)
    taxonomy = models.PositiveSmallIntegerField(null=True, blank=True)
    """SNC taxonomy of Portaria 302/2016 for the company's reference (S or M)"""
    contra = models.BooleanField(default=False)
    either_side = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="account_code_once"),
        ]
        indexes = [
            models.Index(fields=["party"], name="account_party", condition=Q(party__isnull=False))
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Journal(CompanyRecord):
    """A journal (diário). ``kind``: sales, purchases, cash, bank, general, opening, adjustments, closing."""

    never_deleted: ClassVar[bool] = True

    code = models.CharField(max_length=20)
    name = models.TextField()
    kind = models.CharField(max_length=20, default="general")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="journal_code_once"),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class EntryType(CompanyRecord):
    """The accountant's document type of an entry, with the journal it usually goes to."""

    never_deleted: ClassVar[bool] = True

    code = models.CharField(max_length=20)
    name = models.TextField()
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, null=True, related_name="+")
    transaction = models.CharField(max_length=1, default="N")
    """SAF-T (PT) TransactionType: N normal, R regularisation, A result, J adjustment"""
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="entry_type_code_once"),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Period(CompanyRecord):
    """A period of a fiscal year: 0 opening, 1–12 months, 13–16 closing entries dated in the last month."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"
        REOPENED = "reopened"

    never_deleted: ClassVar[bool] = True

    fiscal_year = models.ForeignKey(
        "companies.FiscalYear", on_delete=models.PROTECT, related_name="periods"
    )
    number = models.PositiveSmallIntegerField()
    start = models.DateField()
    end = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.TextField(blank=True)
    """why it was reopened"""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "fiscal_year", "number"], name="period_once"
            ),
            models.CheckConstraint(name="period_number_to_16", condition=Q(number__lte=16)),
            models.CheckConstraint(
                name="period_runs_forward", condition=Q(start__lte=models.F("end"))
            ),
            models.CheckConstraint(
                name="period_reopened_with_reason",
                condition=~Q(state="reopened") | ~Q(reason=""),
            ),
        ]
        ordering = ["start", "number"]

    def __str__(self) -> str:
        return f"{self.fiscal_year_id} {self.number} {self.state}"


class CostCenter(CompanyRecord):
    """A cost centre (analytic dimension of a line)."""

    code = models.CharField(max_length=30)
    name = models.TextField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="cost_center_code_once"),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Reflection(CompanyRecord):
    """A rule that mirrors lines on some accounts into analytic accounts, within the same entry."""

    name = models.TextField()
    prefix = models.TextField()
    """lines on accounts whose code begins so are mirrored"""
    cost_center = models.ForeignKey(
        CostCenter, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """only lines of this cost centre; any when blank"""
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    """analytic account that takes the line's side"""
    against = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    """account that takes the other side (contas refletidas)"""
    percent = models.DecimalField(max_digits=7, decimal_places=4, default=100)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["prefix"]

    def __str__(self) -> str:
        return f"{self.prefix} → {self.account_id}"
