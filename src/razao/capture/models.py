"""Tables of capture: where files come from, files sent to digitisation, the invoices found in them, and what people did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from razao.kernel.tenancy import CompanyRecord, new_id

OF_OFFICE = "office_id = (SELECT razao_office())"


class Flow(models.TextChoices):
    """Whose document it is, seen from the company."""

    RECEIVED = "received"
    """from suppliers"""
    ISSUED = "issued"
    """to customers"""


class Origin(models.TextChoices):
    """How a file came in."""

    FOLDER = "folder"
    UPLOAD = "upload"
    MAIL = "mail"
    API = "api"


class Intake(CompanyRecord):
    """A source folder of a company for one direction (S1)."""

    direction = models.CharField(max_length=10, choices=Flow.choices)
    folder = models.TextField()
    enabled = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "direction", "folder"], name="intake_once")
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.folder}"


class Scan(CompanyRecord):
    """A file sent to digitisation. The same content is one scan, however often it comes."""

    file = models.ForeignKey("archive.StoredFile", on_delete=models.PROTECT, related_name="+")
    mail = models.ForeignKey(
        "archive.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    direction = models.CharField(max_length=10, choices=Flow.choices)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    name = models.TextField()
    day = models.DateField()
    received_at = models.DateTimeField(db_default=Now())
    sent_by = models.ForeignKey(
        "companies.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    read_at = models.DateTimeField(null=True)
    run = models.ForeignKey("kernel.JobRun", on_delete=models.SET_NULL, null=True, related_name="+")
    page_count = models.PositiveIntegerField(default=0)
    copy = models.ForeignKey(
        "archive.StoredFile", on_delete=models.PROTECT, null=True, related_name="+"
    )
    """the PDF/A copy with a text layer of a file whose pages are pictures (``copies``)"""
    cuts = models.JSONField(default=list)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "file"], name="scan_once")]

    def __str__(self) -> str:
        return self.name


class ScanPage(CompanyRecord):
    """One page of a scan as it is shown upright, with its words."""

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    rotation = models.PositiveSmallIntegerField(default=0)
    scanned = models.BooleanField(default=False)
    """the page is a picture: its words were recognised, not written"""
    words = models.JSONField(default=list)
    """[text, left, top, right, bottom] with places in ten-thousandths of the page"""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "scan", "number"], name="scan_page_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class CapturedInvoice(CompanyRecord):
    """One invoice on its way from a file to an entry: what was read, what a person corrected, where it stands.

    The row is the item in custody from the moment its file is received. ``reading`` is what the reader
    said and never changes by hand; ``corrections`` and ``overrides`` are what people said. The columns
    after ``version`` repeat the invoice as corrected, for lists and look-ups.
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        """the file is kept and not yet read"""
        DOUBTFUL = "doubtful"
        """something must be looked at"""
        READY = "ready"
        """nothing is doubtful and nothing stands in the way of posting"""
        ASKED = "asked"
        """waits for the client's answer"""
        POSTED = "posted"
        REJECTED = "rejected"
        JOINED = "joined"
        """was found to be part of another invoice of its file: no item of its own any more"""

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="invoices")
    position = models.PositiveIntegerField(default=0)
    direction = models.CharField(max_length=10, choices=Flow.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    day = models.DateField()
    pages = models.JSONField(default=list)
    reading = models.JSONField(default=dict)
    corrections = models.JSONField(default=dict)
    overrides = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    doubts = models.JSONField(default=list)
    plan = models.JSONField(default=dict)
    """the entry as last proposed (``plans.kept``): what review shows and ``fingerprint`` stands for"""
    fingerprint = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    document_type = models.CharField(max_length=10, blank=True)
    number = models.CharField(max_length=100, blank=True)
    atcud = models.CharField(max_length=100, blank=True)
    issue_date = models.DateField(null=True)
    party_tax_id = models.CharField(max_length=30, blank=True)
    party_name = models.CharField(max_length=300, blank=True)
    account = models.CharField(max_length=60, blank=True)
    gross_total = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    source_key = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField(default=0)
    """number of things that a person must look at"""

    claimed_by = models.ForeignKey(
        "companies.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    claimed_at = models.DateTimeField(null=True)
    entry_id = models.UUIDField(null=True)
    batch_id = models.UUIDField(null=True)
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(
        "companies.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    """why it was rejected, or what the client was asked"""
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="posted_has_an_entry",
                condition=~models.Q(state="posted") | models.Q(entry_id__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["company", "direction", "state", "id"], name="captured_list"),
            models.Index(fields=["company", "party_tax_id", "state"], name="captured_party"),
            models.Index(fields=["company", "source_key"], name="captured_source_key"),
            models.Index(fields=["company", "entry_id"], name="captured_entry"),
            models.Index(fields=["company", "day", "state"], name="captured_day"),
        ]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.party_name} {self.number}".strip() or str(self.pk)


class ReviewStep(CompanyRecord):
    """One thing a person changed in review: what the values were before, so that it can be undone."""

    invoice = models.ForeignKey(CapturedInvoice, on_delete=models.CASCADE, related_name="steps")
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    fields = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    undone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["company", "invoice", "-id"], name="review_step_last")]

    def __str__(self) -> str:
        return ", ".join(self.fields)


class Comment(CompanyRecord):
    """What somebody said about an invoice: a note among clerks, or a question to the client."""

    append_only: ClassVar[bool] = True

    invoice = models.ForeignKey(CapturedInvoice, on_delete=models.CASCADE, related_name="comments")
    user = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    text = models.TextField()
    to_client = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["company", "invoice", "id"], name="comment_of_invoice")]

    def __str__(self) -> str:
        return self.text[:40]


class Mailbox(models.Model):
    """A mailbox of an office, by IMAP. Whose company a message is for is decided message by message (``addressing``)."""

    row_security: ClassVar[str] = OF_OFFICE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey("companies.Office", on_delete=models.PROTECT, related_name="+")
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=993)
    username = models.CharField(max_length=254)
    secret = models.TextField()
    """password, sealed (``companies.sealing``); never shown again"""
    folder = models.CharField(max_length=200, default="INBOX")
    done_folder = models.CharField(max_length=200, default="Razao")
    """where a message goes once the archive holds it"""
    since = models.DateField()
    """messages of earlier days are left alone"""
    enabled = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "host", "username", "folder"], name="mailbox_once"
            )
        ]
        ordering = ["username"]

    def __str__(self) -> str:
        return self.username


class MailAddress(models.Model):
    """An address whose messages are for one company of the office."""

    row_security: ClassVar[str] = OF_OFFICE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey("companies.Office", on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=254)
    """in lower case"""
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=10, choices=Flow.choices, default=Flow.RECEIVED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["office", "address"], name="mail_address_once")
        ]
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address


class MailMessage(models.Model):
    """A message of a mailbox and what became of it; the mailbox's own number tells it from all others."""

    class State(models.TextChoices):
        WAITING = "waiting"
        """nobody can tell for whom it is: it stays in the mailbox until a person says so"""
        RECEIVED = "received"
        LEFT = "left"
        """a person said that it is for nobody: it stays in the mailbox"""

    row_security: ClassVar[str] = OF_OFFICE

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey("companies.Office", on_delete=models.PROTECT, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="messages")
    validity = models.BigIntegerField()
    """UIDVALIDITY of the mailbox: a new one makes all numbers new (RFC 3501, 2.3.1.1)"""
    uid = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    subject = models.TextField(blank=True)
    sender = models.TextField(blank=True)
    files = models.JSONField(default=list)
    """names of what it carries"""
    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, null=True, related_name="+"
    )
    """for which it was received, or which a person has named"""
    direction = models.CharField(max_length=10, choices=Flow.choices, default=Flow.RECEIVED)
    problems = models.JSONField(default=list)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "validity", "uid"], name="mail_message_once")
        ]
        indexes = [models.Index(fields=["office", "state", "-at"], name="mail_message_list")]

    def __str__(self) -> str:
        return self.subject or str(self.uid)
