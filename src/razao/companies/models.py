"""Offices, their companies, and the people with their rights."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from razao.kernel.tenancy import CompanyRecord, new_id


class Role(models.TextChoices):
    """What a person may do. Office roles reach every company of the office; CLIENT reaches one company's portal."""

    ADMINISTRATOR = "administrator"
    ACCOUNTANT = "accountant"
    CLERK = "clerk"
    READ_ONLY = "read_only"
    CLIENT = "client"


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address is compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person. Rights come from memberships alone: there is no superuser."""

    row_security: ClassVar[str] = ""  # needed to sign in, before anybody acts for a company

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, default="pt")
    theme = models.CharField(max_length=10, default="auto")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now())
    proven_at = models.DateTimeField(null=True, editable=False)
    """when they first showed that they read what is sent to ``email``; until then whoever made the account may hold it"""

    is_staff = False
    is_superuser = False

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """No permission by name: ``razao.companies.rights`` is the one place that decides."""
        del perm, obj
        return False

    def has_module_perms(self, app_label: str) -> bool:
        del app_label
        return False


class Office(models.Model):
    """An accounting office: the people who keep companies' books."""

    row_security: ClassVar[str] = (
        "id = (SELECT razao_office()) OR EXISTS (SELECT 1 FROM companies_membership m"
        " WHERE m.office_id = companies_office.id AND m.user_id = (SELECT razao_user()))"
        # its clients, and jobs about one company, know whose client they are
        " OR EXISTS (SELECT 1 FROM companies_company c WHERE c.office_id = companies_office.id"
        " AND c.id = ANY ((SELECT razao_companies())::uuid[]))"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="PT")
    time_zone = models.CharField(max_length=64, default="Europe/Lisbon")
    reception_minutes = models.PositiveSmallIntegerField(default=15)
    second_factor = models.BooleanField(default=False)
    """its people must sign in with a second factor"""
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class Company(models.Model):
    """A company whose books an office keeps."""

    row_security: ClassVar[str] = (
        "id = ANY ((SELECT razao_companies())::uuid[]) OR office_id = (SELECT razao_office())"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="companies")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    tax_id = models.CharField(max_length=30)
    country = models.CharField(max_length=2, default="PT")
    region = models.CharField(max_length=5, default="PT")
    currency = models.CharField(max_length=3, default="EUR")
    address = models.TextField(blank=True)
    taxonomy = models.CharField(max_length=1, blank=True, default="S")
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "code"], name="company_code_once")]
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Membership(models.Model):
    """A person's role in an office, or in one company (client users)."""

    row_security: ClassVar[str] = (
        "user_id = (SELECT razao_user()) OR office_id = (SELECT razao_office())"
        " OR company_id = ANY ((SELECT razao_companies())::uuid[])"
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, null=True, related_name="memberships"
    )
    company = models.ForeignKey(
        Company, on_delete=models.CASCADE, null=True, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_of_office_or_company",
                condition=(
                    models.Q(office__isnull=False, company__isnull=True)
                    & ~models.Q(role=Role.CLIENT)
                )
                | models.Q(office__isnull=True, company__isnull=False, role=Role.CLIENT),
            ),
            models.UniqueConstraint(fields=["user", "office"], name="one_role_in_an_office"),
            models.UniqueConstraint(fields=["user", "company"], name="one_role_in_a_company"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class FiscalYear(CompanyRecord):
    """A fiscal year of a company (at most 16 periods; 13–16 take closing entries of the last month)."""

    code = models.CharField(max_length=10)
    start = models.DateField()
    end = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="fiscal_year_code_once"),
            models.CheckConstraint(
                name="fiscal_year_runs_forward", condition=models.Q(start__lt=models.F("end"))
            ),
        ]
        ordering = ["start"]

    def __str__(self) -> str:
        return self.code


class Party(CompanyRecord):
    """A fiscal entity that a company deals with: customer, supplier, lawyer, tenant …"""

    tax_id = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2, default="PT")
    address = models.TextField(blank=True)
    withholding_code = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "tax_id"], name="party_once_by_tax_id"),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.tax_id} {self.name}"


class ApiToken(models.Model):
    """A key by which a program acts for a person; only its hash is kept."""

    row_security: ClassVar[str] = (
        ""  # looked up by its hash before anybody acts; holds no company's data
    )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class IdempotencyKey(CompanyRecord):
    """The answer once given to a request that carried a key, so that sending it again does nothing twice."""

    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=200)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "key"], name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key
