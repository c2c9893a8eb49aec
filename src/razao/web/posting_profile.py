"""Posting profile (S14): in: a company and the values typed, out: one page with what is wrong beside each value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.booking.loading import posting_profile
from razao.booking.models import PostingProfile
from razao.capture import flow
from razao.capture.profiles import MAPS, PLAIN, check_profile, save_profile
from razao.companies.models import Company
from razao.companies.rights import Access, May
from razao.countries.facts import Direction
from razao.countries.pack import load
from razao.kernel.problems import Problem, Text, explain
from razao.ledger.models import CostCenter, EntryType, Journal, VatCode
from razao.web.desk import company_desk
from razao.web.review_words import DOCUMENT_TYPES
from razao.web.vat_words import modality_words

#: (title, fields) in the order of the page.
GROUPS = (
    (_("Where entries go"), ("journal", "cost_center")),
    (_("Parties"), ("classifier", "party_prefix", "asset_classifier", "final_consumer")),
    (_("Accounts"), ("counterpart", "cash_account", "withholding_account", "non_deductible")),
    (_("Rounding and stamp duty"), ("rounding_loss", "rounding_gain", "stamp_duty")),
)
LABELS = {
    "journal": _("Journal"),
    "cost_center": _("Cost centre"),
    "classifier": _("Classifier of the parties"),
    "party_prefix": _("New accounts begin with"),
    "asset_classifier": _("Classifier of asset suppliers"),
    "final_consumer": _("Account of final consumers"),
    "counterpart": _("Counterpart when nothing better is known"),
    "cash_account": _("Cash account of documents paid on the spot"),
    "withholding_account": _("Tax withheld from us"),
    "non_deductible": _("Tax that is not deducted (blank: part of the cost)"),
    "rounding_loss": _("Rounding, loss"),
    "rounding_gain": _("Rounding, gain"),
    "stamp_duty": _("Stamp duty"),
    "modality": _("VAT modality when the document says nothing special"),
}
SITUATIONS = {
    "*": _("any other"),
    "exempt": _("exempt"),
    "surcharge": _("equivalence surcharge"),
    "eu": _("European Union"),
    "world": _("rest of the world"),
    "not_subject": _("outside the scope of the tax"),
}
ACCOUNT_FIELDS = frozenset(
    {
        *("final_consumer", "counterpart", "cash_account", "withholding_account"),
        *("non_deductible", "rounding_loss", "rounding_gain", "stamp_duty"),
    }
)


#: (value, what a person reads)
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the page with what is wrong about it."""

    name: str
    label: str
    value: str
    problems: tuple[tuple[Problem, Text], ...]
    choices: Choices = ()
    account: bool = False


@login_required
def profile(request: HttpRequest, company: UUID) -> HttpResponse:
    """The profile of purchases and sales; each wrong value says so at once."""
    access = company_desk(request, company, May.SEE_BOOKS)
    direction = _direction(request)
    if request.method == "POST":
        access.require(May.CONFIGURE)
        _kept, problems = save_profile(access, direction, _values(request))
        flow.propose_again.defer(user=access.user_id, company=access.company.pk)
        said = gettext("Saved; the waiting invoices are proposed anew.")
        (messages.warning if problems else messages.success)(request, said)
        return redirect(f"{request.path}?direction={direction.value}")
    found = posting_profile(access.company, direction)
    return render(request, "capture/profile.html", _context(access, direction, found))


def _direction(request: HttpRequest) -> Direction:
    asked = request.GET.get("direction", "purchase")
    return Direction(asked) if asked in {d.value for d in Direction} else Direction.PURCHASE


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {n: request.POST.get(n, "").strip() for n in PLAIN}
    for name in MAPS:
        keys, given = request.POST.getlist(f"{name}.key"), request.POST.getlist(f"{name}.value")
        pairs = ((k.strip(), v.strip()) for k, v in zip(keys, given, strict=False))
        values[name] = {k: v for k, v in pairs if k and v}
    values["vat_codes"] = request.POST.getlist("vat_codes")
    values["credit_to_regularisation"] = "credit_to_regularisation" in request.POST
    return values


def _context(access: Access, direction: Direction, found: PostingProfile) -> dict[str, Any]:
    problems = check_profile(access.company, found)
    told = [(p, explain(p, gettext)) for p in problems]
    today = timezone.localdate()
    codes = VatCode.objects.filter(
        company=access.company, direction=direction.value, active=True
    ).select_related("tax_account", "base_account")
    modalities = _modalities(codes)

    def value(name: str) -> Value:
        mine = tuple(pair for pair in told if pair[0].where == name)
        chosen: str = getattr(found, name)
        choices = _with(chosen, modalities if name == "modality" else _choices(access, name))
        return Value(name, str(LABELS[name]), chosen, mine, choices, name in ACCOUNT_FIELDS)

    return {
        "access": access,
        "direction": direction.value,
        "groups": [(title, [value(n) for n in names]) for title, names in GROUPS],
        "modality": value("modality"),
        "maps": [_map(found, *pair, told, modalities) for pair in _maps()],
        "vat_codes": [
            (code, modality_words(code.modality), code.rate_on(today))
            for code in codes.prefetch_related("rates").order_by("code")
        ],
        "in_use": set(found.vat_codes),
        "entry_types": EntryType.objects.filter(company=access.company, active=True),
        "profile": found,
        "wrong": len(problems),
        "may_change": access.may(May.CONFIGURE),
    }


def _maps() -> tuple[tuple[str, Any], ...]:
    return (
        ("entry_types", _("Entry type by document type")),
        ("modalities", _("VAT modality by document type or situation")),
        ("foreign_prefixes", _("New accounts of foreign parties begin with")),
        ("credit_accounts", _("Account in place of the counterpart on credit notes")),
    )


def _map(
    found: PostingProfile,
    name: str,
    title: Any,
    told: list[tuple[Problem, Text]],
    modalities: Choices,
) -> dict[str, Any]:
    words = {**SITUATIONS, **DOCUMENT_TYPES, **_mentions(found.company)}
    given: dict[str, str] = getattr(found, name)
    choices = modalities if name == "modalities" else ()
    mine = [pair for pair in told if pair[0].where == name]
    return {
        "name": name,
        "title": title,
        "rows": [(k, _word(k, words), v, _with(v, choices)) for k, v in given.items()],
        "choices": choices,
        "list": "entry-types" if name == "entry_types" else "",
        "problems": mine,
    }


def _mentions(company: Company) -> dict[str, str]:
    """What an invoice prints for each reason of exemption."""
    return {e.code: e.mention for e in load(company.country).exemptions}


def _word(key: str, words: Mapping[str, object]) -> object:
    """What a key of a map stands for; ``@`` goes before the beginning of an account's code."""
    if key.startswith("@"):
        return gettext("booked to accounts {code}…").format(code=key[1:])
    return words.get(key, "")


def _modalities(codes: Iterable[VatCode]) -> Choices:
    """Every modality that a code of the company has, by its words."""
    known = {m for c in codes for m in (c.modality, c.operation)}
    return tuple(sorted(((m, modality_words(m)) for m in known), key=lambda pair: pair[1].lower()))


def _with(chosen: str, choices: Choices) -> Choices:
    """``choices`` and what is chosen, even where it no longer exists: a select must not show another in its place."""
    if not choices or chosen in dict(choices):
        return choices
    gone = gettext("{code} – does not exist").format(code=chosen) if chosen else "–"
    return ((chosen, gone), *choices)


def _choices(access: Access, name: str) -> Choices:
    """Choices of a field that has few."""
    if name == "journal":
        rows = Journal.objects.filter(company=access.company, active=True)
        return tuple((j.code, f"{j.code} {j.name}") for j in rows)
    if name == "cost_center":
        found = CostCenter.objects.filter(company=access.company, active=True)
        return (("", "–"), *((c.code, f"{c.code} {c.name}") for c in found))
    if name in ("classifier", "asset_classifier"):
        pack = load(access.company.country)
        return (("", "–"), *((c.code, f"{c.code} {c.name}") for c in pack.classifiers))
    return ()
