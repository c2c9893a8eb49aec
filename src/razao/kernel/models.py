"""Tables that every flow uses: what runs in the background, and who did what."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from razao.kernel.tenancy import new_id

OF_COMPANY_OR_OWN = (
    "company_id = ANY ((SELECT razao_companies())::uuid[])"
    " OR (company_id IS NULL AND user_id IS NOT DISTINCT FROM (SELECT razao_user()))"
)


class JobRun(models.Model):
    """A background job as a person sees it: state, progress, cause of failure."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        RETRYING = "retrying"
        DONE = "done"
        FAILED = "failed"
        STOPPED = "stopped"

    row_security: ClassVar[str] = OF_COMPANY_OR_OWN

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(
        "companies.Company", on_delete=models.CASCADE, null=True, related_name="+"
    )
    user = models.ForeignKey(
        "companies.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.TextField()
    title = models.TextField(blank=True)
    arguments = models.JSONField(default=dict)
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    note = models.TextField(blank=True)
    problems = models.JSONField(default=list)
    cause = models.TextField(blank=True)
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["company", "state", "-created_at"], name="jobrun_company_state")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class AuditEvent(models.Model):
    """Somebody did something that matters: signed in, opened, changed, sent. Never changed afterwards."""

    row_security: ClassVar[str] = OF_COMPANY_OR_OWN
    append_only: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, null=True, related_name="+"
    )
    user = models.ForeignKey(
        "companies.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    action = models.TextField()
    subject = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["company", "-at"], name="audit_company_at")]

    def __str__(self) -> str:
        return f"{self.at} {self.action} {self.subject}"


def stop(run_id: UUID) -> None:
    """Ask a running job to stop at its next safe place; a queued one does not start its work."""
    JobRun.objects.filter(pk=run_id).update(stop_requested=True)
