"""People of the office: in: an administrator's word, out: invitations with their link, other roles, roles taken away."""

from __future__ import annotations

from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
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
            fields = {"people.company_missing": "company", "people.already_there": "email"}
            tell(form, refusal, fields)
        else:
            return _invited(request, access, invited)
    return render(
        request, "razao/settings/invite.html", {"form": form}, status=422 if form.errors else 200
    )


def _invited(request: HttpRequest, access: OfficeAccess, invited: Invited) -> HttpResponse:
    """Mail the invitation once the row is committed, and show its link."""
    link = password_link(request, invited.user) if invited.new else request.build_absolute_uri("/")
    values = {"user": invited.user, "office": access.office, "link": link, "new": invited.new}
    with translation.override(invited.user.language):
        text = render_to_string("razao/mail/invitation.txt", values)
        subject = gettext("{office} invites you to Razão").format(office=access.office.name)
    address = invited.user.email
    transaction.on_commit(
        lambda: send_mail(subject, text, sender(access.office.name), [address], fail_silently=True)
    )
    return render(request, "razao/settings/invited.html", values)


def password_link(request: HttpRequest, user: User) -> str:
    """The address where ``user`` chooses a password; it ends to work with its first use."""
    place = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return request.build_absolute_uri(reverse("account_reset_password_from_key", kwargs=place))


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
