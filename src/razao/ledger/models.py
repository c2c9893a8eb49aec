"""The ledger's tables: batches of entries that nobody changes once posted, and what the database keeps of them.

``Batch``, ``Entry`` and ``Line`` are inserted, never updated or deleted; ``EntrySeal``, ``Balance``,
``Counter`` and ``Chain`` are written by the database's own triggers alone (migrations/guards.sql).
The bulk tables carry the company in their primary keys and no per-row foreign keys: the triggers check
what those would check, a whole statement at a time. The tables of ``chart`` and ``tax_codes`` are named
here too, so that whoever uses the ledger imports from one place.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from razao.kernel.tenancy import OF_COMPANY, CompanyRecord, new_id
from razao.ledger.chart import Account as Account
from razao.ledger.chart import CostCenter as CostCenter
from razao.ledger.chart import EntryType as EntryType
from razao.ledger.chart import Journal as Journal
from razao.ledger.chart import Period as Period
from razao.ledger.chart import Reflection as Reflection
from razao.ledger.tax_codes import Direction as Direction
from razao.ledger.tax_codes import VatCode as VatCode
from razao.ledger.tax_codes import VatCodeRate as VatCodeRate
from razao.ledger.tax_codes import WithholdingAccount as WithholdingAccount
from razao.ledger.tax_codes import WithholdingCode as WithholdingCode
from razao.ledger.tax_codes import WithholdingRate as WithholdingRate


def money(**options: Any) -> models.DecimalField[Any, Any]:
    """A column of amounts as ``numeric(18,2)``."""
    return models.DecimalField(max_digits=18, decimal_places=2, **options)


class OfCompany(models.Model):
    """Abstract: a row of a bulk table; the company leads its primary key."""

    company = models.ForeignKey(
        "companies.Company",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        abstract = True


class Batch(models.Model):
    """One posting, of one entry or a million; a link of the company's hash chain (docs/chain.md)."""

    class Kind(models.TextChoices):
        MANUAL = "manual"
        CAPTURE = "capture"
        BILLING = "billing"
        OPENING = "opening"
        IMPORT = "import"
        CLOSING = "closing"
        REVERSAL = "reversal"

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("company_id", "id")
    id = models.UUIDField(default=new_id, editable=False)
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.TextField(blank=True)
    """what it was posted from, for people: a file, a source's name, "review" """
    plan_fingerprint = models.TextField(blank=True)
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(db_default=Now())
    reverses_id = models.UUIDField(null=True)
    """id of the batch that this one undoes"""
    reason = models.TextField(blank=True)
    sequence = models.BigIntegerField(null=True)
    """place in the company's chain, from 1; set by the database, as are all columns below"""
    previous_hash = models.BinaryField(null=True)
    hash = models.BinaryField(null=True)
    """null only inside the transaction that posts"""
    entry_count = models.IntegerField(null=True)
    line_count = models.IntegerField(null=True)
    total = money(null=True)
    """sum of debits"""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "sequence"], name="batch_sequence_once"),
            models.UniqueConstraint(
                fields=["company", "reverses_id"],
                condition=Q(reverses_id__isnull=False),
                name="batch_reversed_once",
            ),
            models.CheckConstraint(
                name="batch_reversal_says_of_what",
                condition=Q(kind="reversal", reverses_id__isnull=False)
                | (~Q(kind="reversal") & Q(reverses_id__isnull=True)),
            ),
        ]
        ordering = ["-sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"


class Entry(OfCompany):
    """A posted entry. Numbered without gaps per company, journal and fiscal year."""

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("company_id", "id")
    id = models.UUIDField(default=new_id, editable=False)
    batch_id = models.UUIDField()
    batch = models.ForeignObject(
        Batch,
        on_delete=models.DO_NOTHING,
        from_fields=["company", "batch_id"],
        to_fields=["company", "id"],
        related_name="entries",
    )
    journal = models.ForeignKey(
        Journal, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    entry_type = models.ForeignKey(
        EntryType, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    fiscal_year = models.ForeignKey(
        "companies.FiscalYear",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    period = models.PositiveSmallIntegerField()
    number = models.IntegerField()
    date = models.DateField()
    document_date = models.DateField(null=True)
    source_key = models.TextField()
    """names the document; unique among entries that are not reversed (EntrySeal)"""
    reference = models.TextField(null=True)
    text = models.TextField(null=True)
    file = models.CharField(max_length=64, null=True)
    """hex SHA-256 of the archived document"""
    reverses_id = models.UUIDField(null=True)
    """id of the entry that this one undoes"""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "journal", "fiscal_year", "number"], name="entry_number_once"
            ),
            models.CheckConstraint(name="entry_number_from_1", condition=Q(number__gte=1)),
        ]
        indexes = [
            models.Index(fields=["company", "batch_id"], name="entry_batch"),
            models.Index(fields=["company", "date"], name="entry_date"),
        ]

    def __str__(self) -> str:
        return f"{self.journal_id}/{self.number} {self.date}"


class Line(OfCompany):
    """A line of a posted entry. ``date`` repeats the entry's, so that a statement reads one index."""

    append_only: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("company_id", "entry_id", "position")
    entry_id = models.UUIDField()
    entry = models.ForeignObject(
        Entry,
        on_delete=models.DO_NOTHING,
        from_fields=["company", "entry_id"],
        to_fields=["company", "id"],
        related_name="lines",
    )
    position = models.PositiveIntegerField()
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    date = models.DateField()
    debit = money()
    credit = money()
    cost_center = models.ForeignKey(
        CostCenter,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    party = models.ForeignKey(
        "companies.Party",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    vat_code = models.ForeignKey(
        VatCode,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    tax_base = money(null=True)
    """never negative: the line's side says whether it adds or takes away"""
    currency = models.CharField(max_length=3, null=True)
    currency_amount = money(null=True)
    """signed, debit positive"""
    rubric = models.TextField(null=True)
    text = models.TextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="line_has_one_side",
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
            ),
            models.CheckConstraint(
                name="line_currency_has_amount",
                condition=Q(currency__isnull=True, currency_amount__isnull=True)
                | Q(currency__isnull=False, currency_amount__isnull=False),
            ),
            models.CheckConstraint(
                name="line_tax_base_not_negative",
                condition=Q(tax_base__isnull=True) | Q(tax_base__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "date"], name="line_account_date"),
            models.Index(
                fields=["party", "date"], name="line_party_date", condition=Q(party__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.account_id} {self.debit} {self.credit}"


class EntrySeal(OfCompany):
    """What the database itself says of an entry: its hash, its total, and whether it still stands for its document."""

    kept_by_database: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("company_id", "entry_id")
    entry_id = models.UUIDField()
    entry = models.ForeignObject(
        Entry,
        on_delete=models.DO_NOTHING,
        from_fields=["company", "entry_id"],
        to_fields=["company", "id"],
        related_name="seals",
    )
    hash = models.BinaryField()
    total = money()
    line_count = models.PositiveIntegerField()
    source_key = models.TextField()
    reversed_by_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "source_key"],
                condition=Q(reversed_by_id__isnull=True),
                name="source_key_once_among_live_entries",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.total}"


class Balance(CompanyRecord):
    """Debits and credits of an account and cost centre in a period: what a trial balance is made of."""

    kept_by_database: ClassVar[bool] = True

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    cost_center = models.ForeignKey(
        CostCenter, on_delete=models.PROTECT, null=True, related_name="+"
    )
    fiscal_year = models.ForeignKey(
        "companies.FiscalYear", on_delete=models.PROTECT, related_name="+"
    )
    period = models.PositiveSmallIntegerField()
    debit = money()
    credit = money()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "fiscal_year", "account", "cost_center", "period"],
                name="balance_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period} {self.debit} {self.credit}"


class Counter(CompanyRecord):
    """The last number given in a journal and fiscal year."""

    kept_by_database: ClassVar[bool] = True

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="+")
    fiscal_year = models.ForeignKey(
        "companies.FiscalYear", on_delete=models.PROTECT, related_name="+"
    )
    last = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "journal", "fiscal_year"], name="counter_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.journal_id} {self.last}"


class Chain(models.Model):
    """The end of a company's hash chain; locked by whoever posts, so that postings of a company follow one another."""

    row_security: ClassVar[str] = OF_COMPANY
    kept_by_database: ClassVar[bool] = True

    company = models.OneToOneField(
        "companies.Company", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    sequence = models.BigIntegerField()
    hash = models.BinaryField()
    open_batch_id = models.UUIDField(null=True)

    def __str__(self) -> str:
        return f"{self.company_id} {self.sequence}"


class ApprovalRule(models.Model):
    """Above which amount or number of entries a company's batches need a second person; no row, no rule."""

    row_security: ClassVar[str] = OF_COMPANY

    company = models.OneToOneField(
        "companies.Company", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    amount = money(null=True)
    entries = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.company_id} {self.amount} {self.entries}"


class Approval(CompanyRecord):
    """A large batch that somebody wants to post, and what another person said of it (migrations/approvals.sql)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"
        USED = "used"
        """posted by this approval, which serves once"""

    append_only: ClassVar[bool] = True

    fingerprint = models.TextField()
    kind = models.CharField(max_length=10, choices=Batch.Kind.choices)
    source = models.TextField(blank=True)
    entry_count = models.IntegerField()
    total = money()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        "companies.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    batch_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["company", "state", "-asked_at"], name="approval_state")]

    def __str__(self) -> str:
        return f"{self.state} {self.total} {self.source}"
