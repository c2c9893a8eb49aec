"""People of the office: in: an administrator's word, out: invitations with their link, other roles, roles taken away."""

from __future__ import annotations

from uuid import UUID

from allauth.core.internal.ratelimit import consume
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.companies.models import Company, Role, User
from razao.companies.people import Invited, change_role, invite, people_of, remove
from razao.companies.rights import May, OfficeAccess
from razao.delivery.letters import sender
from razao.kernel.problems import Refused
from razao.web.company_forms import tell
from razao.web.desk import office_desk
from razao.web.first_password import link_for

ROLES = (
    (Role.ADMINISTRATOR, _("Administrator: everything, people and companies too")),
    (Role.ACCOUNTANT, _("Accountant: posts, integrates, sends and configures")),
    (Role.CLERK, _("Clerk: reviews and posts digitised documents")),
    (Role.READ_ONLY, _("Read only: sees the books")),
    (Role.CLIENT, _("Client: sees the portal of one company")),
)
NAMES = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.ACCOUNTANT: _("Accountant"),
    Role.CLERK: _("Clerk"),
    Role.READ_ONLY: _("Read only"),
    Role.CLIENT: _("Client"),
}


#: Where a refusal stands in the form.
FIELDS = {
    "people.company_missing": "company",
    "people.already_there": "email",
    "people.unproven": "email",
}


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, initial=Role.ACCOUNTANT, widget=forms.RadioSelect
    )
    company = forms.ModelChoiceField(
        Company.objects.none(), label=_("Company of a client"), required=False
    )

    def offer(self, access: OfficeAccess) -> InvitationForm:
        """Offer the companies of the office."""
        field = self.fields["company"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Company.objects.filter(office=access.office, active=True)
        return self


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Who works here, and the client users of the companies."""
    access = office_desk(request, May.ADMINISTER)
    rows = people_of(access)
    staff = [row for row in rows if row.office_id]
    clients = [row for row in rows if row.company_id]
    return render(
        request,
        "razao/settings/people.html",
        {
            "staff": [(row, NAMES[Role(row.role)]) for row in staff],
            "clients": clients,
            "roles": [(role, name) for role, name in NAMES.items() if role is not Role.CLIENT],
            "me": access.user_id,
        },
    )


@login_required
def invitation(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the link to choose a password is mailed and shown, as mail may be off."""
    access = office_desk(request, May.ADMINISTER)
    form = InvitationForm(request.POST or None).offer(access)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        company: Company | None = values["company"]
        try:
            with transaction.atomic():
                invited = invite(
                    access,
                    email=values["email"],
                    name=values["name"],
                    role=Role(values["role"]),
                    company=company.pk if company else None,
                )
        except Refused as refusal:
            if refusal.problems[0].code == "people.unproven":
                _mail_proof(request, access, values["email"])
            tell(form, refusal, FIELDS)
        else:
            return _invited(request, access, invited)
    return render(
        request, "razao/settings/invite.html", {"form": form}, status=422 if form.errors else 200
    )


def _invited(request: HttpRequest, access: OfficeAccess, invited: Invited) -> HttpResponse:
    """Mail the invitation once the row is committed, and show the link to hand over."""
    person = invited.user
    home = request.build_absolute_uri("/")
    mailed = link_for(request, person, mailed=True) if invited.new else home
    with translation.override(person.language):
        subject = gettext("{office} invites you to Razão").format(office=access.office.name)
        values = {"user": person, "office": access.office, "link": mailed, "new": invited.new}
        text = render_to_string("razao/mail/invitation.txt", values)
    transaction.on_commit(lambda: _send(request, access, person, subject, text))
    shown = link_for(request, person, mailed=False) if invited.new else home
    return render(request, "razao/settings/invited.html", {**values, "link": shown})


def _mail_proof(request: HttpRequest, access: OfficeAccess, address: str) -> None:
    """Mail the link by which the address's owner makes the account their own. Nothing is kept, so nothing is waited for."""
    person = User.objects.get_by_natural_key(address)
    link = link_for(request, person, mailed=True)
    with translation.override(person.language):
        subject = gettext("{office} wants to invite you to Razão").format(office=access.office.name)
        values = {"user": person, "office": access.office, "link": link}
        text = render_to_string("razao/mail/proof.txt", values)
    _send(request, access, person, subject, text)


def _send(
    request: HttpRequest, access: OfficeAccess, person: User, subject: str, text: str
) -> None:
    """Mail a letter, unless the address has had its share of the hour: nobody's mailbox is filled from here."""
    limits, key = settings.RAZAO_PORTAL_RATE_LIMITS, f"{access.office.pk} {person.email}"
    if consume(request, app="razao.person", action="letter", config=limits, key=key):
        send_mail(subject, text, sender(access.office.name), [person.email], fail_silently=True)


@login_required
@require_POST
def role(request: HttpRequest, membership: UUID) -> HttpResponse:
    """Give another role."""
    access = office_desk(request, May.ADMINISTER)
    chosen = request.POST.get("role", "")
    changed = change_role(
        access, membership, Role(chosen) if chosen in Role.values else Role.CLIENT
    )
    messages.success(request, gettext("{name}: new role.").format(name=changed.user))
    return redirect("settings:people")


@login_required
@require_POST
def leave(request: HttpRequest, membership: UUID) -> HttpResponse:
    """Take a role away."""
    access = office_desk(request, May.ADMINISTER)
    person = remove(access, membership)
    messages.success(request, gettext("{name} has no access any more.").format(name=person))
    return redirect("settings:people")
