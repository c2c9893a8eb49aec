"""The posting profile (S14): values a person typed in, what is wrong with each, and the profile changed, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from razao.booking.loading import posting_profile
from razao.booking.models import PostingProfile
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.countries.facts import Direction
from razao.countries.pack import load
from razao.kernel.audit import record
from razao.kernel.problems import Problem, Severity
from razao.ledger.models import Account, CostCenter, EntryType, Journal, VatCode

#: Fields that hold the code of an account that is posted to.
ACCOUNTS = (
    *("counterpart", "cash_account", "final_consumer", "withholding_account"),
    *("rounding_loss", "rounding_gain", "stamp_duty", "non_deductible"),
)
PLAIN = (
    *ACCOUNTS,
    "journal",
    "classifier",
    "asset_classifier",
    "party_prefix",
    "modality",
    "cost_center",
)
MAPS = ("entry_types", "modalities", "foreign_prefixes", "credit_accounts")


def save_profile(
    access: Access, direction: Direction, values: Mapping[str, Any]
) -> tuple[PostingProfile, list[Problem]]:
    """Change the profile; what is wrong with a value is told, and saved all the same: posting says so too."""
    access.require(May.CONFIGURE)
    profile = posting_profile(access.company, direction)
    for name in (*PLAIN, *MAPS, "vat_codes", "credit_to_regularisation"):
        if name in values:
            setattr(profile, name, values[name])
    profile.save()
    record(
        "profile.changed",
        user=access.user_id,
        company=access.company.pk,
        subject=direction.value,
        details={name: values[name] for name in values},
    )
    return profile, check_profile(access.company, profile)


def check_profile(company: Company, profile: PostingProfile) -> list[Problem]:
    """Everything of a profile that names what is not there; ``where`` is the field."""
    return [
        *_unknown("journal", [profile.journal], _codes(Journal, company), needed=True),
        *_unknown("entry_types", profile.entry_types.values(), _codes(EntryType, company)),
        *_unknown("cost_center", [profile.cost_center], _codes(CostCenter, company)),
        *_accounts(company, profile),
        *_modalities(company, profile),
        *_classifiers(company, profile),
    ]


def _codes(model: Any, company: Company) -> set[str]:
    return set(model.objects.filter(company=company, active=True).values_list("code", flat=True))


def _unknown(
    field: str, codes: Iterable[str], known: set[str], *, needed: bool = False
) -> Iterator[Problem]:
    for code in codes:
        if code and code not in known:
            yield Problem("capture.profile_unknown", where=field, values={"code": code})
        elif needed and not code:
            yield Problem("capture.profile_blank", where=field)


def _accounts(company: Company, profile: PostingProfile) -> Iterator[Problem]:
    named = {field: getattr(profile, field) for field in ACCOUNTS}
    rows = Account.objects.filter(company=company, code__in=[c for c in named.values() if c])
    postable = {a.code: a.postable and a.active for a in rows}
    for field, code in named.items():
        if code and code not in postable:
            yield Problem("capture.profile_unknown", where=field, values={"code": code})
        elif code and not postable[code]:
            yield Problem("capture.profile_not_postable", where=field, values={"code": code})
    if not named["counterpart"]:
        yield Problem("capture.profile_blank", Severity.WARNING, "counterpart")


def _modalities(company: Company, profile: PostingProfile) -> Iterator[Problem]:
    rows = VatCode.objects.filter(company=company, direction=profile.direction, active=True)
    known = {word for pair in rows.values_list("modality", "operation") for word in pair}
    yield from _unknown("modality", [profile.modality], known, needed=True)
    yield from _unknown("modalities", profile.modalities.values(), known)


def _classifiers(company: Company, profile: PostingProfile) -> Iterator[Problem]:
    known = {c.code for c in load(company.country).classifiers}
    known |= set(
        Account.objects.filter(company=company)
        .exclude(classifier="")
        .values_list("classifier", flat=True)
        .distinct()
    )
    yield from _unknown("classifier", [profile.classifier], known, needed=True)
    yield from _unknown("asset_classifier", [profile.asset_classifier], known)
