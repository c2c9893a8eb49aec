"""Tables of the archive: what is kept, in which folder and for what, the ledger of what was received, and the hash chain."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.functional import cached_property

from razao.kernel.tenancy import CompanyRecord


class Folder(models.TextChoices):
    """The four folders of G5; each has a physical route of its own."""

    PC_OCR = "pc_ocr"
    """sent to digitisation"""
    PF_BORRADOR = "pf_borrador"
    """drafts: read, not yet posted"""
    PF_ASIENTO = "pf_asiento"
    """documents of entries"""
    PF_HCO_ASIENTO = "pf_hco_asiento"
    """documents of entries of closed years"""


class StoredFile(CompanyRecord):
    """A content that a company keeps, once, whatever it was called and however often it came."""

    append_only: ClassVar[bool] = True

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    name = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "sha256"], name="stored_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:12]}"

    @cached_property
    def folders(self) -> list[str]:
        """The folders it was filed in when this was first asked for."""
        return list(self.filings.values_list("folder", flat=True))


class Filing(CompanyRecord):
    """Why a file is kept and where: it lies in ``folder`` for the thing ``subject``. A file may have several."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="filings")
    folder = models.CharField(max_length=20, choices=Folder.choices)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.UUIDField()
    filed_at = models.DateTimeField(db_default=Now())
    retained_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "file", "subject_kind", "subject_id"], name="filing_once"
            )
        ]
        indexes = [
            models.Index(fields=["company", "subject_kind", "subject_id"], name="filing_subject"),
            models.Index(fields=["company", "folder", "-filed_at"], name="filing_folder"),
        ]

    def __str__(self) -> str:
        return f"{self.folder} {self.subject_kind} {self.subject_id}"


class FileText(CompanyRecord):
    """The words of a file, for search with Portuguese stemming."""

    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="words")
    text = models.TextField()
    search = models.GeneratedField(
        expression=SearchVector("text", config="portuguese"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex(fields=["search"], name="file_text_search")]

    def __str__(self) -> str:
        return self.text[:40]


class IntakeEvent(CompanyRecord):
    """One step of an item in custody (M7). An item is a file received, or an invoice found in it.

    ``day`` is the day of receipt of the item, on every one of its events, so that days add up.
    """

    class Kind(models.TextChoices):
        RECEIVED = "received"
        SPLIT = "split"
        """a further invoice was found in a file that had been received as one"""
        JOINED = "joined"
        """an item turned out to be part of another one"""
        POSTED = "posted"
        UNPOSTED = "unposted"
        REJECTED = "rejected"
        RESTORED = "restored"

    append_only: ClassVar[bool] = True

    item = models.UUIDField()
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        "companies.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["company", "day", "kind"], name="intake_event_day"),
            models.Index(fields=["company", "item"], name="intake_event_item"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind} {self.item}"


class CustodyProof(CompanyRecord):
    """What a night's check of custody found: figures for each day that has something waiting or did not tie."""

    append_only: ClassVar[bool] = True

    at = models.DateTimeField(db_default=Now())
    ties = models.BooleanField()
    received = models.BigIntegerField()
    posted = models.BigIntegerField()
    waiting = models.BigIntegerField()
    rejected = models.BigIntegerField()
    oldest_waiting = models.DateField(null=True)
    problems = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["company", "-at"], name="custody_proof_at")]

    def __str__(self) -> str:
        return f"{self.at} {'ties' if self.ties else 'does not tie'}"


class ChainHead(models.Model):
    """The end of a company's hash chain; its row is the lock under which a link is added."""

    kept_by_database: ClassVar[bool] = True

    company = models.OneToOneField(
        "companies.Company", on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    position = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.company_id} {self.position}"


class ChainLink(models.Model):
    """One fact under the hash chain (M8): a file stored, a batch posted, a step or an opening of a delivery.

    Written by triggers alone (migrations/chain.sql), when the transaction of the fact commits.
    """

    class Kind(models.TextChoices):
        FILE = "file"
        BATCH = "batch"
        STEP = "step"
        OPENING = "opening"

    kept_by_database: ClassVar[bool] = True

    pk = models.CompositePrimaryKey("company_id", "position")
    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="+")
    position = models.BigIntegerField()
    """from 1, without gaps"""
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.UUIDField()
    """id of the file, batch, step or opening"""
    digest = models.BinaryField()
    """SHA-256 of the fact's record, a line of JSON that SQL functions make (chain.sql)"""
    previous_hash = models.BinaryField()
    hash = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["company", "subject"], name="chain_link_subject")]

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.subject}"


class ChainRoot(CompanyRecord):
    """The end of a company's chain on a day, found whole that night (or with what was wrong)."""

    append_only: ClassVar[bool] = True

    day = models.DateField()
    position = models.BigIntegerField()
    hash = models.BinaryField()
    at = models.DateTimeField(db_default=Now())
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "day"], name="chain_root_once")]
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.position}"


class LegalHold(CompanyRecord):
    """Why nothing of a company, or one file of it, may be deleted whatever its term, until somebody lifts it (migrations/holds.sql)."""

    append_only: ClassVar[bool] = True

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=Now())
    lifted_by = models.ForeignKey(
        "companies.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["company", "file"], name="legal_hold_of")]

    def __str__(self) -> str:
        return self.reason
