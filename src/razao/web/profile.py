"""A person's own page: in: name, language, theme, out: those kept, and the ways to sign-in, sessions and keys."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.companies.changes import change_own
from razao.companies.models import User
from razao.kernel.audit import record
from razao.web.desk import person_id

THEMES = (("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark")))


class ProfileForm(forms.Form):
    """What a person says of themselves."""

    name = forms.CharField(label=_("Name"), max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Appearance"), choices=THEMES)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show and keep the profile; language and theme hold at once, in this browser too."""
    person = User.objects.get(pk=person_id(request))
    now = {"name": person.name, "language": person.language, "theme": person.theme}
    form = ProfileForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        change_own(person.pk, **form.cleaned_data)
        return _kept(form.cleaned_data["language"], form.cleaned_data["theme"], request)
    return render(request, "razao/profile.html", {"form": form}, status=422 if form.errors else 200)


def _kept(language: str, theme: str, request: HttpRequest) -> HttpResponse:
    with translation.override(language):
        messages.success(request, gettext("Saved."))
    response = redirect("profile")
    year = 365 * 24 * 3600
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=year, samesite="Lax")
    response.set_cookie("theme", theme, max_age=year, samesite="Lax")
    return response


@login_required
@require_POST
def end_session(request: HttpRequest, session: int) -> HttpResponse:
    """End one of the person's own sessions: whoever sits there is signed out at their next click."""
    person = person_id(request)
    found = get_object_or_404(UserSession, pk=session, user=person)
    found.end()
    record("session.ended", user=person, subject=str(session), details={"ip": found.ip})
    messages.success(request, gettext("The session was ended."))
    return redirect("usersessions_list")
