"""Tables of booking: how a company wants its invoices booked, and how it has booked them so far."""

from __future__ import annotations

from django.db import models

from razao.kernel.tenancy import CompanyRecord


class PostingProfile(CompanyRecord):
    """How documents of one direction are booked (S14). Codes are text: a profile may name what is not there, and says so.

    Meanings of the fields: ``booking.rules.Profile``.
    """

    class Direction(models.TextChoices):
        SALE = "sale"
        PURCHASE = "purchase"

    direction = models.CharField(max_length=10, choices=Direction.choices)
    journal = models.CharField(max_length=20, blank=True)
    entry_types = models.JSONField(default=dict)
    classifier = models.CharField(max_length=20, blank=True)
    party_prefix = models.CharField(max_length=30, blank=True)
    """account below which a new party gets its own (S12)"""
    foreign_prefixes = models.JSONField(default=dict)
    """the same for parties of ``eu`` and ``world``"""
    counterpart = models.CharField(max_length=30, blank=True)
    modality = models.CharField(max_length=60, blank=True)
    modalities = models.JSONField(default=dict)
    vat_codes = models.JSONField(default=list)
    """codes in use; all active ones when empty"""
    credit_to_regularisation = models.BooleanField(default=False)
    credit_accounts = models.JSONField(default=dict)
    cash_account = models.CharField(max_length=30, blank=True)
    final_consumer = models.CharField(max_length=30, blank=True)
    asset_classifier = models.CharField(max_length=20, blank=True)
    withholding_account = models.CharField(max_length=30, blank=True)
    rounding_loss = models.CharField(max_length=30, blank=True)
    rounding_gain = models.CharField(max_length=30, blank=True)
    stamp_duty = models.CharField(max_length=30, blank=True)
    non_deductible = models.CharField(max_length=30, blank=True)
    cost_center = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "direction"], name="profile_once"),
        ]

    def __str__(self) -> str:
        return str(self.direction)


class Habit(CompanyRecord):
    """How rows of one party at one rate were booked, how often and when last (M5). Rows, not weights."""

    direction = models.CharField(max_length=10)
    party = models.CharField(max_length=30)
    rate = models.IntegerField()
    """hundredths of a per cent"""
    exemption = models.CharField(max_length=30, blank=True)
    counterpart = models.CharField(max_length=30, blank=True)
    vat_code = models.CharField(max_length=30, blank=True)
    cost_center = models.CharField(max_length=30, blank=True)
    withholding_code = models.CharField(max_length=20, blank=True)
    setting = models.CharField(max_length=30, blank=True)
    """the party account's own counterpart when this was learnt"""
    count = models.BigIntegerField(default=0)
    last = models.DateTimeField()
    documents = models.JSONField(default=list)
    """numbers of the latest documents"""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("company", "direction", "party", "rate", "exemption", "counterpart"),
                    *("vat_code", "cost_center", "withholding_code", "setting"),
                ],
                name="habit_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party} {self.rate} → {self.counterpart} ×{self.count}"
