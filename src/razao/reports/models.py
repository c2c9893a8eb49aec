"""The table of reports: files that were made in the background, for whoever asked to find again."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from razao.kernel.tenancy import CompanyRecord


class MadeFile(CompanyRecord):
    """A file that a job makes: asked for, then made (``name`` and ``size`` are known), and kept for a while."""

    what = models.CharField(max_length=60)
    """a code of ``reports.index.OUTPUTS``, or ``year_export``"""
    form = models.CharField(max_length=10)
    parameters = models.JSONField(default=dict)
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=10, default="pt")
    asked_by = models.ForeignKey("companies.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    run = models.ForeignKey("kernel.JobRun", on_delete=models.SET_NULL, null=True, related_name="+")
    """the job: its state, progress and cause of failure"""
    name = models.CharField(max_length=200, blank=True)
    """under which it is saved"""
    size = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["company", "-asked_at"], name="made_file_at")]
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return self.title
