"""Mailboxes of the office: in: an administrator's words and a clerk's decisions, out: mailboxes, addresses, and messages that wait for a decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.capture import flow, mailboxes
from razao.capture.models import Flow, MailAddress, Mailbox, MailMessage
from razao.companies.models import Company
from razao.companies.rights import May, OfficeAccess
from razao.kernel.problems import NotFound, Refused
from razao.web.company_forms import tell
from razao.web.desk import office_desk

DIRECTIONS = (
    (Flow.RECEIVED, _("Received from suppliers")),
    (Flow.ISSUED, _("Issued to customers")),
)
#: How many messages of each kind are shown.
SHOWN = 100


class MailboxForm(forms.Form):
    """Where a mailbox is and how to get in."""

    host = forms.CharField(label=_("Mail server"), max_length=255)
    port = forms.ChoiceField(
        label=_("Port"), choices=((993, _("993, encrypted")), (143, _("143, STARTTLS")))
    )
    username = forms.CharField(label=_("User"), max_length=254)
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept encrypted and never shown again."),
    )
    folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX")
    done_folder = forms.CharField(
        label=_("Folder for what was received"),
        max_length=200,
        initial="Razao",
        help_text=_("A message goes there once the archive holds it."),
    )
    since = forms.DateField(
        label=_("From day"),
        help_text=_("Messages of earlier days are left alone."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    enabled = forms.BooleanField(label=_("Look there"), required=False, initial=True)

    def clean_port(self) -> int:
        return int(self.cleaned_data["port"])


class AddressForm(forms.Form):
    """Whose an address is."""

    address = forms.EmailField(label=_("E-mail address"), max_length=254)
    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))
    direction = forms.ChoiceField(label=_("Direction"), choices=DIRECTIONS)

    def offer(self, access: OfficeAccess) -> AddressForm:
        """Offer the companies of the office."""
        field = self.fields["company"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = companies_of(access)
        return self


def companies_of(access: OfficeAccess) -> Any:
    """The office's companies, by code."""
    return Company.objects.filter(office=access.office, active=True).order_by("code")


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The mailboxes, the addresses, what waits for a decision and what was received last."""
    access = office_desk(request, May.REVIEW)
    return _shown(request, access, AddressForm().offer(access))


def _shown(request: HttpRequest, access: OfficeAccess, form: AddressForm) -> HttpResponse:
    rows = MailMessage.objects.filter(office=access.office).select_related("mailbox", "company")
    context = {
        "access": access,
        "may_administer": access.may(May.ADMINISTER),
        "mailboxes": Mailbox.objects.filter(office=access.office),
        "addresses": MailAddress.objects.filter(office=access.office).select_related("company"),
        "waiting": rows.filter(state=MailMessage.State.WAITING).order_by("-at")[:SHOWN],
        "received": rows.filter(state=MailMessage.State.RECEIVED).order_by("-at")[:SHOWN],
        "companies": companies_of(access),
        "directions": DIRECTIONS,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "razao/settings/mailboxes.html", context, status=status)


@login_required
def mailbox(request: HttpRequest, mailbox: UUID | None = None) -> HttpResponse:
    """One mailbox, to be written down or changed; its password is typed again to be changed and never shown."""
    access = office_desk(request, May.ADMINISTER)
    now = mailboxes.mailbox_of(access.office, mailbox) if mailbox else None
    initial: dict[str, Any] = {"since": timezone.localdate()}
    if now is not None:
        initial = {name: getattr(now, name) for name in mailboxes.FIELDS}
    form = MailboxForm(request.POST or None, initial=initial)
    form.fields["password"].required = now is None
    if request.method == "POST" and form.is_valid():
        try:
            saved = mailboxes.save_mailbox(access, form.cleaned_data, mailbox)
        except Refused as refusal:
            tell(form, refusal, {"mail.mailbox_taken": "username"})
        else:
            if saved.enabled:
                flow.look_for_mail(access.user_id, [saved])
            messages.success(request, gettext("Saved. The mailbox is being looked at."))
            return redirect("settings:mailboxes")
    return render(
        request,
        "razao/settings/mailbox.html",
        {"form": form, "mailbox": now},
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def forget(request: HttpRequest, mailbox: UUID) -> HttpResponse:
    """Look at a mailbox no more."""
    access = office_desk(request, May.ADMINISTER)
    mailboxes.forget_mailbox(access, mailbox)
    messages.success(
        request, gettext("The mailbox is no longer looked at; what was received stays.")
    )
    return redirect("settings:mailboxes")


@login_required
@require_POST
def add_address(request: HttpRequest) -> HttpResponse:
    """Messages to this address are for this company from now on."""
    access = office_desk(request, May.ADMINISTER)
    form = AddressForm(request.POST).offer(access)
    if form.is_valid():
        said = form.cleaned_data
        try:
            mailboxes.save_address(access, said["address"], said["company"].pk, said["direction"])
        except Refused as refusal:
            tell(form, refusal, {"mail.address_taken": "address"})
        else:
            messages.success(request, gettext("Saved."))
            return redirect("settings:mailboxes")
    return _shown(request, access, form)


@login_required
@require_POST
def drop_address(request: HttpRequest, address: UUID) -> HttpResponse:
    """Messages to this address find their company by other marks again."""
    access = office_desk(request, May.ADMINISTER)
    mailboxes.forget_address(access, address)
    return redirect("settings:mailboxes")


@login_required
@require_POST
def decide(request: HttpRequest, message: UUID) -> HttpResponse:
    """For whom a waiting message is; then it is received at once."""
    access = office_desk(request, May.REVIEW)
    direction = Flow(request.POST.get("direction", Flow.RECEIVED))
    row = mailboxes.decide(access, message, _company(request), direction)
    if row.company_id is not None:
        flow.look_for_mail(access.user_id, [row.mailbox])
        messages.info(request, gettext("The message is being received."))
    return redirect("settings:mailboxes")


def _company(request: HttpRequest) -> UUID | None:
    if "leave" in request.POST:
        return None
    try:
        return UUID(request.POST.get("company", ""))
    except ValueError as error:
        raise NotFound("company") from error


@login_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look at every mailbox now (S8)."""
    access = office_desk(request, May.REVIEW)
    flow.look_for_mail(access.user_id, mailboxes.in_use(access.office))
    messages.info(request, gettext("Looking for new messages."))
    return redirect("settings:mailboxes")
