"""What a client user settles for themselves: in: an invitation's link, preferences, out: an account, notices as wished, sessions in sight."""

from __future__ import annotations

from allauth.core.internal.ratelimit import consume
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.companies.models import Office, User
from razao.delivery.models import Invitation, PortalPreference
from razao.delivery.recipients import Reader
from razao.delivery.subscriptions import accept, invitation_of
from razao.kernel.problems import NotFound, Refused
from razao.web.portal_desk import heading, portal_page, readers_of

NOTIFY = (
    (PortalPreference.Notify.EACH, _("Every new document")),
    (PortalPreference.Notify.DUE, _("Only documents with a due date")),
    (PortalPreference.Notify.NEVER, _("Nothing; I look for myself")),
)


class JoinForm(forms.Form):
    """A new person's name and password."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a sentence is best."),
    )

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: a new person chooses a password, one with an account signs in first."""
    limits = settings.RAZAO_PORTAL_RATE_LIMITS
    if not consume(request, app="razao.portal", action="invitation", config=limits, limit_get=True):
        return render(request, "portal/slow_down.html", status=429)
    try:
        return _invited(request, invitation_of(token), token)
    except Refused as refusal:
        return render(request, "portal/invitation.html", {"problems": refusal.problems}, status=410)


def _invited(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    person = request.user if isinstance(request.user, User) else None
    known = User.objects.filter(email=found.email).exists()
    is_owner = person is not None and person.email == found.email
    form = JoinForm(request.POST if request.method == "POST" and not known else None)
    form.initial["name"] = found.name
    if request.method == "POST" and (is_owner if known else form.is_valid()):
        user = accept(token, person=person, **({} if known else form.cleaned_data))
        return _joined(request, user, signed_in=is_owner)
    values = {
        "invitation": found,
        "office": Office.objects.filter(pk=found.company.office_id).first(),
        "form": form,
        "known": known,
        "is_owner": is_owner,
    }
    return render(request, "portal/invitation.html", values)


def _joined(request: HttpRequest, user: User, *, signed_in: bool) -> HttpResponse:
    if signed_in:
        messages.success(request, gettext("The documents of this company are yours to read now."))
        return redirect("portal:documents")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("portal:documents")


@portal_page
def preferences(request: HttpRequest) -> HttpResponse:
    """Notices by company, and the ways to password, second factor and sessions."""
    readers = readers_of(request)
    if any(not reader.is_client for reader in readers):
        raise NotFound("preferences of a guest")
    if request.method == "POST":
        for reader in readers:
            _keep(reader, request.POST.get(f"notify-{reader.access.company.pk}", ""))
        messages.success(request, gettext("Saved."))
        return redirect("portal:preferences")
    chosen = dict(
        PortalPreference.objects.filter(user_id=readers[0].access.user_id).values_list(
            "company_id", "notify"
        )
    )
    rows = [
        (r.access.company, chosen.get(r.access.company.pk, PortalPreference.Notify.EACH))
        for r in readers
    ]
    return render(
        request, "portal/preferences.html", {**heading(readers), "rows": rows, "choices": NOTIFY}
    )


def _keep(reader: Reader, notify: str) -> None:
    if notify in PortalPreference.Notify.values:
        PortalPreference.objects.update_or_create(
            company=reader.access.company,
            user_id=reader.access.user_id,
            defaults={"notify": notify},
        )
