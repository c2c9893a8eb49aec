"""Tables of delivery: who may read what in the portal, what was sent with each of its steps, and who was told and opened it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from razao.kernel.tenancy import CompanyRecord

#: The right to every category, those that the catalogue gains later included.
EVERY_CATEGORY = "*"


class PortalSubscription(CompanyRecord):
    """The portal is active for the company (E1)."""

    never_deleted: ClassVar[bool] = True

    active = models.BooleanField(default=True)
    second_factor = models.BooleanField(default=False)
    """client users must sign in with a second factor"""
    activated_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    activated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company"], name="portal_subscription_once")]

    def __str__(self) -> str:
        return f"{self.company_id} {'active' if self.active else 'ended'}"


class PortalRight(CompanyRecord):
    """A client user may read documents of a category (E3)."""

    user = models.ForeignKey("companies.User", on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=40)
    """a code of the catalogue, or EVERY_CATEGORY"""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user", "category"], name="portal_right_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.category}"


class Invitation(CompanyRecord):
    """An e-mail address was invited to a company's portal; of the link's secret only the digest is kept."""

    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    categories = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    invited_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        "companies.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "digest"], name="invitation_once"),
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_an_address",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class PortalPreference(CompanyRecord):
    """When a client user wants an e-mail about a company's new documents."""

    class Notify(models.TextChoices):
        EACH = "each"
        DUE = "due"
        """only what has a due date"""
        NEVER = "never"

    user = models.ForeignKey("companies.User", on_delete=models.CASCADE, related_name="+")
    notify = models.CharField(max_length=10, choices=Notify.choices, default=Notify.EACH)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "user"], name="portal_preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.notify}"


class State(models.TextChoices):
    """Where a delivery stands (E7)."""

    DRAFT = "draft"
    """a file was uploaded and waits for the person's confirmation"""
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    OPENED = "opened"
    FAILED_RETRY = "failed_retry"
    """failed, and is tried again by itself"""
    FAILED = "failed"
    """failed, and needs a person"""
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Delivery(CompanyRecord):
    """A document on its way to the client (E6). Its content never changes; its state does, step by step."""

    never_deleted: ClassVar[bool] = True

    key = models.CharField(max_length=200)
    """asked for twice under one key, it is sent once"""
    report = models.CharField(max_length=60, blank=True)
    """code of the report it is made from; '' for a file"""
    parameters = models.JSONField(default=dict)
    form = models.CharField(max_length=10, default="pdf")
    series = models.CharField(max_length=64)
    """equal for what corrects one another: report, its object, category and period"""
    category = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    period = models.CharField(max_length=20, blank=True)
    """2026, 2026-10 or 2026-T3"""
    due_date = models.DateField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    note = models.CharField(max_length=500, blank=True)
    """a word to the client"""
    upload = models.ForeignKey(
        "archive.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    """the file to send, for what is no report"""
    asked_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    """the earlier one that a person said this corrects"""
    state = models.CharField(max_length=15, choices=State.choices, default=State.QUEUED)
    problems = models.JSONField(default=list)
    """why it failed; [] when it did not"""
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="delivery_once")]
        indexes = [
            models.Index(fields=["company", "state", "-asked_at"], name="delivery_state"),
            models.Index(fields=["company", "series"], name="delivery_series"),
        ]
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return f"{self.title} {self.state}"


class DeliveryStep(CompanyRecord):
    """A delivery came to a state: when, by whom, why. A link of the hash chain."""

    append_only: ClassVar[bool] = True

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=15, choices=State.choices)
    user = models.ForeignKey(
        "companies.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    """None where Razão itself took the step"""
    file = models.ForeignKey(
        "archive.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    """what became visible, on the step to DELIVERED"""
    cause = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["company", "delivery", "at"], name="delivery_step_at")]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.state} {self.at}"


class PortalDocument(CompanyRecord):
    """What client users see of a delivery."""

    never_deleted: ClassVar[bool] = True

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="document")
    file = models.ForeignKey("archive.StoredFile", on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=40)
    series = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    period = models.CharField(max_length=20, blank=True)
    due_date = models.DateField(null=True)
    published_at = models.DateTimeField(db_default=Now())
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    search = SearchVectorField(null=True)
    """title, period and note before the words of the file"""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "series"],
                condition=Q(superseded_by__isnull=True, withdrawn_at__isnull=True),
                name="one_live_document_a_series",
            )
        ]
        indexes = [
            models.Index(
                fields=["company", "category", "-published_at"], name="portal_document_at"
            ),
            models.Index(fields=["company", "due_date"], name="portal_document_due"),
            models.Index(
                fields=["company", "-published_at", "-id"],
                condition=Q(superseded_by__isnull=True, withdrawn_at__isnull=True),
                name="portal_document_live",
            ),
            GinIndex(fields=["search"], name="portal_document_search"),
        ]
        ordering = ["-published_at"]

    def __str__(self) -> str:
        return self.title


class Notice(CompanyRecord):
    """An e-mail to one person about one delivery; there is never a second of its kind."""

    class Kind(models.TextChoices):
        PUBLISHED = "published"
        CORRECTED = "corrected"
        WITHDRAWN = "withdrawn"
        REMINDER = "reminder"

    class State(models.TextChoices):
        ATTEMPTING = "attempting"
        """written before the mail server is asked"""
        ACCEPTED = "accepted"
        FAILED = "failed"
        """the server did not take it: safe to try again"""
        UNCERTAIN = "uncertain"
        """cut off in between: it may have gone out, so it is not sent again by itself"""
        UNWANTED = "unwanted"
        """the person's preference says no"""

    never_deleted: ClassVar[bool] = True

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="notices")
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    occasion = models.CharField(max_length=20, blank=True)
    """'' or the day of a reminder"""
    state = models.CharField(max_length=10, choices=State.choices, default=State.ATTEMPTING)
    address = models.EmailField()
    message_id = models.CharField(max_length=200)
    attempts = models.PositiveSmallIntegerField(default=0)
    cause = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "delivery", "user", "kind", "occasion"], name="notice_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.address} {self.state}"


class Opening(CompanyRecord):
    """A fact about a person and a document (M9). A link of the hash chain."""

    class Fact(models.TextChoices):
        NOTIFIED = "notified"
        """the mail server took the notice"""
        FETCHED = "fetched"
        """the content went out to the signed-in person, by whatever means"""
        OPENED = "opened"
        """the signed-in person asked for it by a click"""

    append_only: ClassVar[bool] = True

    document = models.ForeignKey(PortalDocument, on_delete=models.PROTECT, related_name="openings")
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    fact = models.CharField(max_length=10, choices=Fact.choices)
    who = models.TextField()
    """name and address of the person at the time"""
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["document", "fact", "user"], name="opening_document"),
            models.Index(fields=["company", "user", "fact"], name="opening_user"),
        ]
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.fact} {self.who}"


class DeliverySchedule(CompanyRecord):
    """A report that goes out by itself every month: the trial balance on the 10th."""

    report = models.CharField(max_length=60)
    form = models.CharField(max_length=10, default="pdf")
    category = models.CharField(max_length=40)
    day = models.PositiveSmallIntegerField()
    """day of the month, 1 to 28, on which the month before is sent"""
    active = models.BooleanField(default=True)
    created_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    last_period = models.CharField(max_length=20, blank=True)
    problems = models.JSONField(default=list)
    """why the last attempt was refused; [] when it was not. It is tried again each day."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "report"], name="delivery_schedule_once"),
            models.CheckConstraint(
                name="delivery_schedule_day", condition=Q(day__gte=1, day__lte=28)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.day}"


class OutgoingPattern(CompanyRecord):
    """Files of the office's watched folder whose name fits go to the company's portal (E4)."""

    pattern = models.CharField(max_length=200)
    """see ``delivery.naming``"""
    category = models.CharField(max_length=40)
    """where the name says none"""
    created_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    problems = models.JSONField(default=list)
    """why the last file that fits was refused and stays in the folder"""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "pattern"], name="outgoing_pattern_once")
        ]

    def __str__(self) -> str:
        return self.pattern
