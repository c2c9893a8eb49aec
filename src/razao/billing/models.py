"""Tables of billing integration: where documents come from, how they become entries, and what was prepared and posted.

Accounts, journals and codes are text: a configuration may name what the company does not have, and the
preparation says so (P21). Meanings of the fields: ``booking.billing_rules``.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from razao.kernel.tenancy import CompanyRecord


def named(**options: object) -> models.CharField[str, str]:
    """A column that names an account, a journal or another code; blank means none."""
    return models.CharField(max_length=30, blank=True, **options)  # type: ignore[arg-type]


class BillingSource(CompanyRecord):
    """Where a company's billing documents come from (P19, P20)."""

    class Kind(models.TextChoices):
        SAFT = "saft"
        TABLE = "table"
        EINVOICE = "einvoice"
        ODBC = "odbc"
        PHC = "phc"
        API = "api"

    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    settings = models.JSONField(default=dict)
    """by kind: path or url, user, company, query, mapping …; never a secret"""
    secret = models.TextField(blank=True)
    """password, sealed (``companies.sealing``); never shown again"""
    write_back = models.BooleanField(default=False)
    """mark the source's documents as integrated, after the commit (P20)"""
    inside_allowed = models.BooleanField(default=False)
    """an administrator lets it reach the server's own network"""
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="billing_source_name_once")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class PostingCode(CompanyRecord):
    """Which accounts sales use (P1)."""

    code = models.CharField(max_length=30)
    name = models.CharField(max_length=100, blank=True)
    cash_account = named()
    advances_account = named()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="posting_code_once")
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PostingCodeRate(CompanyRecord):
    """The accounts of a posting code at one rate; region ``*`` and a blank exemption stand for any."""

    posting_code = models.ForeignKey(PostingCode, on_delete=models.CASCADE, related_name="rates")
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    region = models.CharField(max_length=10, default="*")
    exemption = models.CharField(max_length=20, blank=True)
    revenue = named()
    returns = named()
    discount = named()
    tax = named()
    free_tax = named()
    vat_code = named()
    free_vat_code = named()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "posting_code", "rate", "region", "exemption"],
                name="posting_rate_once",
            )
        ]
        ordering = ["rate", "region", "exemption"]

    def __str__(self) -> str:
        return f"{self.rate} % {self.region} {self.exemption}"


class BillingDocumentType(CompanyRecord):
    """A type of the source's documents: journal, entry type and variables (P5)."""

    code = models.CharField(max_length=30)
    name = models.CharField(max_length=100, blank=True)
    journal = named()
    entry_type = named()
    cash_sale = models.BooleanField(default=False)
    self_settling = models.BooleanField(default=False)
    treasury_place = models.CharField(max_length=60, blank=True)
    posting_code = named()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="billing_type_once")
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Variable(CompanyRecord):
    """An amount of the document × a side × where its account is found."""

    document_type = models.ForeignKey(
        BillingDocumentType, on_delete=models.CASCADE, related_name="variables"
    )
    position = models.PositiveSmallIntegerField()
    amount = models.CharField(max_length=20)
    side = models.CharField(max_length=1)
    place = models.CharField(max_length=20)
    account = named()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "document_type", "position"], name="variable_position_once"
            ),
            models.CheckConstraint(name="variable_side", condition=Q(side__in=["D", "C"])),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.side} {self.amount} → {self.place} {self.account}"


class Article(CompanyRecord):
    """An article or service as billing knows it. Costs are for one unit in the company's currency."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200, blank=True)
    posting_code = named()
    service = models.BooleanField(default=False)
    advance = models.BooleanField(default=False)
    gift_cost = named()
    gift_regularisation = named()
    gift_tax = named()
    inventory = named()
    cost_of_sales = named()
    last = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    average = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    standard = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    layers = models.JSONField(default=list)
    """stock on hand as it was bought: [quantity, unit cost] as texts, oldest first (FIFO)"""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="article_once")]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Customer(CompanyRecord):
    """A customer as the source knows it, with its accounts here."""

    number = models.CharField(max_length=60)
    """the source's own number"""
    tax_id = models.CharField(max_length=30, blank=True)
    name = models.CharField(max_length=200, blank=True)
    account = named()
    titled_account = named()
    """titled debts: bills and cheques (P15)"""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="customer_once")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class TreasuryPlace(CompanyRecord):
    """Where cash sales are received: the cash box or a bank (P14)."""

    name = models.CharField(max_length=60)
    account = named()
    is_cash = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="treasury_place_once")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AdvanceAccounts(CompanyRecord):
    """Accounts of P16: tax of regularised advances by rate, exchange differences, withheld tax."""

    taxes = models.JSONField(default=list)
    """[{"rate": "23", "region": "*", "account": "24341"}]"""
    fx_gain = named()
    fx_loss = named()
    withholding = named()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company"], name="advance_accounts_once")]

    def __str__(self) -> str:
        return str(self.company_id)


class BillingParameters(CompanyRecord):
    """Parameters of the integration."""

    cost_method = models.CharField(max_length=10, default="last")
    small_gift_limit = models.DecimalField(max_digits=18, decimal_places=2, default=50)
    titled_debts = models.BooleanField(default=False)
    default_posting_code = named()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company"], name="billing_parameters_once")]

    def __str__(self) -> str:
        return str(self.company_id)


class Preparation(CompanyRecord):
    """A plan that was prepared: what will be posted, exactly (P22, M1), and what became of it."""

    class State(models.TextChoices):
        PREPARING = "preparing"
        PREPARED = "prepared"
        INTEGRATED = "integrated"
        UNDONE = "undone"
        FAILED = "failed"

    source = models.ForeignKey(BillingSource, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10)
    settings = models.JSONField(default=dict)
    """of the source, as they were"""
    label = models.TextField(blank=True)
    """the source for people"""
    options = models.JSONField(default=dict)
    key = models.CharField(max_length=100, blank=True)
    """idempotency key of whoever asked by the API: asked again with it, this is the answer"""
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREPARING)
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    fingerprint = models.CharField(max_length=64, blank=True)
    documents = models.IntegerField(default=0)
    ready = models.IntegerField(default=0)
    entries = models.IntegerField(default=0)
    lines = models.IntegerField(default=0)
    total = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    counts = models.JSONField(default=dict)
    """problems by code"""
    ties = models.BooleanField(default=False)
    differences = models.JSONField(default=list)
    """what had changed when integrating was refused"""
    batch_id = models.UUIDField(null=True)
    reversal_id = models.UUIDField(null=True)
    job_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "key"], condition=~Q(key=""), name="preparation_key_once"
            )
        ]
        indexes = [models.Index(fields=["company", "-created_at"], name="preparation_latest")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.label} {self.state}"


class PreparationPart(CompanyRecord):
    """A frame of a prepared plan, in pieces: Parquet."""

    preparation = models.ForeignKey(Preparation, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=20)
    """entries, lines, problems, sources, tie_out, marks"""
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "preparation", "name", "number"], name="preparation_part_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class WhatIf(CompanyRecord):
    """A change of the configuration that somebody thinks of, and what it would do to past documents (M3)."""

    source = models.ForeignKey(BillingSource, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=10)
    settings = models.JSONField(default=dict)
    """of the source whose documents are compared"""
    label = models.TextField(blank=True)
    since = models.DateField()
    section = models.CharField(max_length=20)
    typed = models.JSONField(default=dict)
    """the row as typed, in the form of ``interchange``"""
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    told = models.JSONField(null=True)
    """``comparing.report``, once it is made"""
    job_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.section} {self.label}"


class BillingDocument(CompanyRecord):
    """A document that was integrated, and in which batch; live until that is undone."""

    source_key = models.TextField()
    entry_key = models.TextField()
    """source key of the entry it went to: many documents may share one"""
    batch_id = models.UUIDField()
    mark = models.TextField(null=True)
    """the source's own key of it, for the write-back"""
    source = models.ForeignKey(BillingSource, on_delete=models.PROTECT, null=True, related_name="+")
    written_back = models.BooleanField(default=False)
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "source_key"],
                condition=Q(undone=False),
                name="billing_document_once_live",
            )
        ]
        indexes = [models.Index(fields=["company", "batch_id"], name="billing_document_batch")]

    def __str__(self) -> str:
        return self.source_key


class TakeOver(CompanyRecord):
    """The file of a company's former software: what taking it over would do, and whether it was done (M15)."""

    class State(models.TextChoices):
        READING = "reading"
        READ = "read"
        TAKING = "taking"
        TAKEN = "taken"
        FAILED = "failed"

    label = models.TextField()
    path = models.TextField()
    """of the file in the archive"""
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    told = models.JSONField(default=dict)
    """what was found: ``onboarding.taking.report``"""
    job_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.label} {self.state}"
