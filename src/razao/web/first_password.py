"""The link by which an invited person chooses a password: in: a person, out: a link; in: a link, out: that person signed in.

There are two of them. The one that is mailed shows who reads the address, which is proven then; the one that whoever invites may hand
over shows nothing, and serves only an account that nobody has used yet.
"""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.utils import perform_login
from allauth.core.internal.ratelimit import consume
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from razao.companies.models import User
from razao.kernel.audit import record
from razao.kernel.problems import NotFound, Problem, Refused
from razao.kernel.tenancy import act_as
from razao.web.accounts import proven
from razao.web.portal_desk import address_of

SALT = "razao.first-password"


class PasswordForm(forms.Form):
    """A password, chosen."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a sentence is best."),
    )

    def __init__(self, data: Any, person: User) -> None:
        super().__init__(data)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password


def link_for(request: HttpRequest, person: User, *, mailed: bool) -> str:
    """The address where ``person`` chooses a password, once; ``mailed`` goes to their mailbox and nowhere else."""
    token = signing.dumps([str(person.pk), mailed, _state(person)], salt=SALT)
    return request.build_absolute_uri(reverse("first-password", kwargs={"token": token}))


def first_password(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link."""
    limits = settings.RAZAO_PORTAL_RATE_LIMITS
    if not consume(request, app="razao.person", action="invitation", config=limits, limit_get=True):
        return render(request, "portal/slow_down.html", status=429)
    try:
        person, mailed = _person_of(token)
    except Refused as refusal:
        return render(request, "portal/invitation.html", {"problems": refusal.problems}, status=410)
    form = PasswordForm(request.POST or None, person)
    if request.method != "POST" or not form.is_valid():
        values = {"form": form, "person": person}
        return render(request, "razao/first_password.html", values)
    person.set_password(form.cleaned_data["password"])
    person.save(update_fields=["password"])
    if mailed:
        proven(person)
    act_as(user=person.pk)
    how = {"mailed": mailed}
    record("person.password_chosen", user=person.pk, details=how, address=address_of(request))
    return _signed_in(request, person)


def _signed_in(request: HttpRequest, person: User) -> HttpResponse:
    """On to the first page, by way of the second factor where there is one."""
    answer: HttpResponse = perform_login(request, person, redirect_url=reverse("home"))
    return answer


def _person_of(token: str) -> tuple[User, bool]:
    """Whom a link stands for, and whether it was mailed. Raises NotFound for one not made here, Refused (``invitation.ended``)."""
    try:
        known, mailed, state = signing.loads(
            token, salt=SALT, max_age=settings.PASSWORD_RESET_TIMEOUT
        )
    except signing.SignatureExpired:
        raise Refused(Problem("invitation.ended")) from None
    except signing.BadSignature:
        raise NotFound("link") from None
    person = User.objects.filter(pk=known, is_active=True).first()
    if person is None or state != _state(person) or person.proven_at:
        raise Refused(Problem("invitation.ended"))
    if not mailed and person.last_login:
        raise Refused(Problem("invitation.ended", where=person.email))
    return person, bool(mailed)


def _state(person: User) -> str:
    """Another one after each password: a link holds until somebody has chosen one."""
    return hashlib.sha256(person.password.encode()).hexdigest()[:32]
