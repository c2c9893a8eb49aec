"""The portal of a company, as the office sets it up (E1–E3): active or not, who reads which categories, who is invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.companies.models import Membership, Office, Role, User
from razao.companies.people import first_language
from razao.companies.rights import Access, May
from razao.delivery import letters, subscriptions
from razao.delivery.catalogue import CATEGORIES, MODULES
from razao.delivery.models import EVERY_CATEGORY, Invitation, PortalRight
from razao.delivery.subscriptions import DAYS, Invited
from razao.kernel.problems import Refused
from razao.web.company_forms import tell
from razao.web.desk import company_desk


def category_choices() -> list[tuple[Any, Any]]:
    """Every category there is and will be, then each by module."""
    every: list[tuple[Any, Any]] = [(EVERY_CATEGORY, _("Everything, new categories too"))]
    return every + [
        (title, [(c.code, c.title) for c in CATEGORIES.values() if c.module == module])
        for module, title in MODULES.items()
    ]


class InviteForm(forms.Form):
    """Whom to invite to read what."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    categories = forms.MultipleChoiceField(
        label=_("May read"),
        choices=category_choices,
        initial=[EVERY_CATEGORY],
        widget=forms.CheckboxSelectMultiple,
    )


class RightsForm(forms.Form):
    """What a person may read."""

    categories = forms.MultipleChoiceField(
        label=_("May read"), choices=category_choices, widget=forms.CheckboxSelectMultiple
    )


@login_required
def settings(request: HttpRequest, company: UUID) -> HttpResponse:
    """Activate or end the portal; the people who read it and those invited."""
    access = company_desk(request, company, May.CONFIGURE)
    if request.method == "POST":
        active = request.POST.get("active") == "1"
        second = request.POST.get("second_factor") == "1"
        subscriptions.activate(access, active=active, second_factor=second)
        messages.success(
            request,
            gettext("The portal is active.") if active else gettext("The portal has ended."),
        )
        return redirect("delivery:portal", company=company)
    members = Membership.objects.select_related("user").filter(company=company, role=Role.CLIENT)
    open_ones = Invitation.objects.filter(company=company, accepted_at=None, revoked_at=None)
    return render(
        request,
        "delivery/portal.html",
        {
            "company": access.company,
            "subscription": subscriptions.subscription_of(access),
            "clients": [(member.user, _titles(company, member.user_id)) for member in members],
            "invitations": open_ones.order_by("-invited_at"),
            "now": timezone.now(),
        },
    )


def _titles(company: UUID, user: UUID) -> list[Any]:
    codes = set(
        PortalRight.objects.filter(company_id=company, user_id=user).values_list(
            "category", flat=True
        )
    )
    if EVERY_CATEGORY in codes:
        return [_("Everything")]
    return [category.title for code, category in CATEGORIES.items() if code in codes]


@login_required
def invite(request: HttpRequest, company: UUID) -> HttpResponse:
    """Invite somebody; the link is mailed and shown once, as mail may be off."""
    access = company_desk(request, company, May.CONFIGURE)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                invited = subscriptions.invite(access, **form.cleaned_data)
        except Refused as refusal:
            tell(form, refusal, {"invitation.already_there": "email"})
        else:
            link = mail_invitation(access, invited)
            values = {"company": access.company, "invitation": invited.invitation, "link": link}
            return render(request, "delivery/invited.html", {**values, "days": DAYS})
    values = {"company": access.company, "form": form}
    return render(request, "delivery/invite.html", values, status=422 if form.errors else 200)


def mail_invitation(access: Access, invited: Invited) -> str:
    """Mail the invitation once its row is committed; returns the link."""
    link = f"{site.RAZAO_URL}{reverse('portal:invitation', kwargs={'token': invited.token})}"
    office = (
        Office.objects.filter(pk=access.company.office_id).values_list("name", flat=True).first()
    )
    address = invited.invitation.email
    known = User.objects.filter(email=address).first()
    letter = letters.invitation(
        company=access.company.name,
        office=office or "",
        link=link,
        days=DAYS,
        language=known.language if known else first_language(access.company.country),
    )
    transaction.on_commit(
        lambda: send_mail(
            letter.subject, letter.text, letters.sender(office or ""), [address], fail_silently=True
        )
    )
    return link


@login_required
@require_POST
def revoke(request: HttpRequest, company: UUID, invitation: UUID) -> HttpResponse:
    """End an open invitation."""
    subscriptions.revoke(company_desk(request, company, May.CONFIGURE), invitation)
    messages.success(request, gettext("The invitation has ended."))
    return redirect("delivery:portal", company=company)


@login_required
def rights(request: HttpRequest, company: UUID, user: UUID) -> HttpResponse:
    """What a client user may read."""
    access = company_desk(request, company, May.CONFIGURE)
    now = PortalRight.objects.filter(company_id=company, user_id=user)
    initial = {"categories": list(now.values_list("category", flat=True))}
    form = RightsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        subscriptions.give_rights(access, user, form.cleaned_data["categories"])
        messages.success(request, gettext("Saved."))
        return redirect("delivery:portal", company=company)
    person = subscriptions.client_of(access, user)
    values = {"company": access.company, "form": form, "person": person}
    return render(request, "delivery/rights.html", values, status=422 if form.errors else 200)


@login_required
@require_POST
def leave(request: HttpRequest, company: UUID, user: UUID) -> HttpResponse:
    """Take the portal away from a person."""
    subscriptions.remove_client(company_desk(request, company, May.CONFIGURE), user)
    messages.success(request, gettext("The person reads this portal no more."))
    return redirect("delivery:portal", company=company)
