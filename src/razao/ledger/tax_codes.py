"""Tables of tax codes: VAT codes with their accounts, dated rates and return fields; withholding codes with theirs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.db import models

from razao.kernel.tenancy import CompanyRecord


class Direction(models.TextChoices):
    """Whose document it is, as in ``countries.facts.Direction``."""

    SALE = "sale"
    PURCHASE = "purchase"


class VatCode(CompanyRecord):
    """A VAT code: modality × kind of rate × region, with its accounts and the fields of the return (G6)."""

    never_deleted: ClassVar[bool] = True

    code = models.CharField(max_length=30)
    name = models.TextField()
    direction = models.CharField(max_length=10, choices=Direction.choices)
    operation = models.CharField(max_length=40)
    nature = models.CharField(max_length=20, blank=True)
    modality = models.CharField(max_length=60)
    """operation and nature in one word, as a posting profile names it"""
    kind = models.CharField(max_length=30)
    """normal, intermediate, reduced, exempt …"""
    region = models.CharField(max_length=10)
    tax = models.CharField(max_length=10, default="IVA")
    deductible_percent = models.DecimalField(max_digits=7, decimal_places=4, default=100)
    base_account = models.ForeignKey(
        "ledger.Account", on_delete=models.PROTECT, null=True, related_name="+"
    )
    tax_account = models.ForeignKey(
        "ledger.Account", on_delete=models.PROTECT, null=True, related_name="+"
    )
    reverse_charge = models.BooleanField(default=False)
    reverse_account = models.ForeignKey(
        "ledger.Account", on_delete=models.PROTECT, null=True, related_name="+"
    )
    regularisation_account = models.ForeignKey(
        "ledger.Account", on_delete=models.PROTECT, null=True, related_name="+"
    )
    captive_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    """of the tax, that the buyer keeps and pays to the State himself (AO, IVA cativo)"""
    captive_account = models.ForeignKey(
        "ledger.Account", on_delete=models.PROTECT, null=True, related_name="+"
    )
    base_fields = models.JSONField(default=list)
    tax_fields = models.JSONField(default=list)
    deduction_fields = models.JSONField(default=list)
    regularisation_fields = models.JSONField(default=list)
    saft_tax_code = models.CharField(max_length=10, blank=True)
    exemption_required = models.BooleanField(default=False)
    exemption = models.CharField(max_length=10, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="vat_code_once"),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def rate_on(self, day: date) -> Decimal | None:
        """Per cent of tax on ``day``; None where no rate is known or the document states it freely."""
        covering = (rate for rate in self.rates.all() if rate.covers(day))
        return next((rate.rate for rate in covering), None)


class VatCodeRate(CompanyRecord):
    """The rate of a VAT code during a time; both days inclusive, null is open."""

    vat_code = models.ForeignKey(VatCode, on_delete=models.CASCADE, related_name="rates")
    rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    """per cent; null where the document states it freely"""
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "vat_code", "valid_from"],
                name="vat_code_rate_once",
                nulls_distinct=False,
            ),
        ]
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return f"{self.rate} % from {self.valid_from}"

    def covers(self, day: date) -> bool:
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


class WithholdingCode(CompanyRecord):
    """A withholding at source: what is withheld, and where it is declared."""

    code = models.CharField(max_length=20)
    name = models.TextField()
    tax = models.CharField(max_length=10)
    category = models.CharField(max_length=20, blank=True)
    rubric = models.TextField(blank=True)
    annual_code = models.TextField(blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="withholding_code_once"),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class WithholdingRate(CompanyRecord):
    """The rate of a withholding code during a time; both days inclusive, null is open."""

    code = models.ForeignKey(WithholdingCode, on_delete=models.CASCADE, related_name="rates")
    rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "code", "valid_from"],
                name="withholding_rate_once",
                nulls_distinct=False,
            ),
        ]
        ordering = ["valid_from"]

    def __str__(self) -> str:
        return f"{self.rate} % from {self.valid_from}"


class WithholdingAccount(CompanyRecord):
    """The account of a withholding code in a chart, by direction (S17).

    ``purchase``: withheld from a supplier, owed to the State; ``sale``: withheld from the company.
    """

    chart = models.CharField(max_length=20)
    code = models.ForeignKey(WithholdingCode, on_delete=models.CASCADE, related_name="accounts")
    direction = models.CharField(max_length=10, choices=Direction.choices)
    account = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "chart", "code", "direction"], name="withholding_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chart} {self.code_id} {self.direction}"
