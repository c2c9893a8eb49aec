"""Mailboxes on a real server: a message finds its company, leaves its folder once it is safe, and is received once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from razao.capture import flow, mailboxes
from razao.capture.addressing import Directory, Parcel, Target, by_recipient, by_tax_id, parcels
from razao.capture.imap import _quoted
from razao.capture.mail import Attachment
from razao.capture.models import CapturedInvoice, Mailbox, MailMessage, Scan
from razao.companies.models import Role, User
from razao.companies.rights import company_for, office_for
from razao.invoices.invoice import Invoice
from razao.kernel.jobs import Run
from razao.kernel.models import JobRun
from razao.kernel.problems import Refused
from razao.kernel.tenancy import new_id
from tests.capture.mail_server import PASSWORD, MailServer, a_mail_server, message
from tests.capture.papers import a_paper
from tests.factories import a_company, a_person, an_office

BOX = "faturas@gabinete.pt"
ONE, OTHER = Target(uuid4(), "received"), Target(uuid4(), "received")
DIRECTORY = Directory(
    BOX,
    {"padaria@gabinete.pt": ONE},
    {"coa": OTHER.company},
    {"501964843": ONE.company, "503504564": OTHER.company},
)


@pytest.mark.parametrize(
    ("recipients", "found"),
    [
        (["Padaria@Gabinete.pt"], [ONE]),
        (["faturas+COA@gabinete.pt"], [OTHER]),
        (["faturas+coa@outro.pt", "faturas+xyz@gabinete.pt", "faturas@gabinete.pt"], []),
        (["padaria@gabinete.pt", "faturas+coa@gabinete.pt", "PADARIA@gabinete.pt"], [ONE, OTHER]),
    ],
)
def test_who_is_named_as_recipient_decides(recipients, found):
    assert by_recipient(DIRECTORY, recipients) == found


@pytest.mark.parametrize(
    ("invoices", "found"),
    [
        ([Invoice(buyer_tax_id="501964843")], ONE),
        ([Invoice(seller_tax_id="503504564")], Target(OTHER.company, "issued")),
        ([Invoice(seller_tax_id="503504564", buyer_tax_id="501964843")], ONE),
        ([Invoice(buyer_tax_id="501964843"), Invoice(buyer_tax_id="503504564")], None),
        ([Invoice(buyer_tax_id="500000000")], None),
        ([], None),
    ],
)
def test_else_the_tax_number_on_the_document_decides(invoices, found):
    assert by_tax_id(DIRECTORY, invoices) == found


def test_a_message_for_several_companies_is_taken_apart():
    a, b = (Attachment(name, b"%PDF", "application/pdf") for name in "ab")
    assert parcels([ONE], [(a, OTHER)]) == [Parcel(ONE)]
    assert parcels([], [(a, ONE), (b, None)]) == [Parcel(ONE)]
    assert parcels([], [(a, ONE), (b, OTHER)]) == [Parcel(ONE, (a,)), Parcel(OTHER, (b,))]
    assert parcels([ONE, OTHER], [(a, ONE)]) == [Parcel(ONE)]
    assert parcels([], [(a, None)]) == []
    assert parcels([ONE, OTHER], []) == []


def test_a_folder_is_named_as_the_protocol_has_it():
    assert _quoted("Faturação") == '"Fatura&AOcA4w-o"'
    assert _quoted('A & "B"') == '"A &- \\"B\\""'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with a_mail_server(tmp_path_factory.mktemp("mail")) as up:
        yield up


@pytest.fixture
def house(
    committed_db: None, server: MailServer, settings, monkeypatch: pytest.MonkeyPatch
) -> SimpleNamespace:
    """An office with two companies and a mailbox of its own on the server."""
    settings.RAZAO_INSIDE_HOSTS = frozenset({"localhost"})
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    user = f"caixa{uuid4().hex[:8]}@gabinete.pt"
    with transaction.atomic():
        office = an_office()
        one, other = (a_company(code=code, office=office) for code in ("padaria", "coa"))
        access = office_for(office[1].pk)
        type(other.company).objects.filter(pk=other.company.pk).update(tax_id="503504564")
        box = mailboxes.save_mailbox(access, values(server, user))
    return SimpleNamespace(
        office=office[0], admin=office[1], one=one, other=other, box=box, user=user, server=server
    )


def values(server: MailServer, user: str) -> dict[str, object]:
    return {
        "host": "localhost",
        "port": server.port,
        "username": user,
        "password": PASSWORD,
        "folder": "INBOX",
        "done_folder": "Razao",
        "since": date(2026, 1, 1),
        "enabled": True,
    }


def looked_at(house: SimpleNamespace) -> list[str]:
    """Look at the mailbox as the job does; the problems that it ends with."""
    run = Run(new_id(), house.admin.pk, None)
    try:
        flow.receive_mail(run, office=str(house.office.pk), mailbox=str(house.box.pk))
    except Refused as refusal:
        return [p.code for p in refusal.problems]
    return []


def scans(house: SimpleNamespace, access) -> list[tuple[str, str]]:
    with transaction.atomic():
        company_for(house.admin.pk, access.company.pk)
        found = Scan.objects.filter(company=access.company).order_by("pk")
        return list(found.values_list("name", "origin"))


def told(house: SimpleNamespace) -> list[tuple[str, str]]:
    with transaction.atomic():
        office_for(house.admin.pk)
        return list(MailMessage.objects.order_by("uid").values_list("subject", "state"))


def test_a_message_finds_its_company_and_leaves_once_it_is_safe(house):
    one, other = a_paper(house.one.company, "1"), a_paper(house.one.company, "2")
    with transaction.atomic():
        access = office_for(house.admin.pk)
        mailboxes.save_address(access, "coa@gabinete.pt", house.other.company.pk, "received")
    house.server.put(house.user, message("a", "COA@gabinete.pt", (one.name, one.content)))
    house.server.put(house.user, message("b", house.user, (other.name, other.content)))
    house.server.put(house.user, message("c", house.user))
    assert looked_at(house) == []
    assert scans(house, house.other) == [(one.name, "mail")]
    assert scans(house, house.one) == [(other.name, "mail")]  # by the tax number in its fiscal code
    assert house.server.subjects(house.user) == ["c"]
    assert house.server.subjects(house.user, "Razao") == ["a", "b"]
    assert told(house) == [("a", "received"), ("b", "received"), ("c", "waiting")]
    with transaction.atomic():
        company_for(house.admin.pk, house.one.company.pk)
        assert CapturedInvoice.objects.get().state == "received"
        assert JobRun.objects.get(name="capture.read_scan").state == "queued"


def test_what_nobody_can_tell_waits_for_a_person(house):
    house.server.put(house.user, message("d", "x@y.pt", ("f.pdf", b"%PDF-1.7 rubbish")))
    assert looked_at(house) == []
    assert looked_at(house) == []
    assert told(house) == [("d", "waiting")]
    client = Client()
    client.force_login(house.admin, "django.contrib.auth.backends.ModelBackend")
    with transaction.atomic():
        office_for(house.admin.pk)
        row = MailMessage.objects.get()
    address = reverse("settings:message", kwargs={"message": row.pk})
    answer = client.post(address, {"company": house.other.company.pk, "direction": "issued"})
    assert answer.status_code == 302
    assert looked_at(house) == []
    assert scans(house, house.other) == [("f.pdf", "mail")]
    assert house.server.subjects(house.user, "Razao") == ["d"]


def test_a_message_that_cannot_be_put_away_is_received_once(house):
    paper = a_paper(house.one.company, "1")
    house.server.put(house.user, message("e", house.user, (paper.name, paper.content)))
    with transaction.atomic():
        office_for(house.admin.pk)
        Mailbox.objects.update(done_folder="a//b")
    assert looked_at(house) == ["mail.cannot_move"]
    assert house.server.subjects(house.user) == ["e"]
    assert scans(house, house.one) == [(paper.name, "mail")]
    with transaction.atomic():
        office_for(house.admin.pk)
        Mailbox.objects.update(done_folder="Faturação")
    assert looked_at(house) == []
    assert house.server.subjects(house.user) == []
    assert scans(house, house.one) == [(paper.name, "mail")]


def test_a_wrong_password_is_said_beside_the_mailbox(house):
    with transaction.atomic():
        access = office_for(house.admin.pk)
        mailboxes.save_mailbox(
            access, values(house.server, house.user) | {"password": "x"}, house.box.pk
        )
    assert looked_at(house) == ["mail.sign_in_refused"]
    client = Client()
    client.force_login(house.admin, "django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("settings:mailboxes"))
    (box,) = page.context["mailboxes"]
    assert [p["code"] for p in box.problems] == ["mail.sign_in_refused"]
    form = client.get(reverse("settings:mailbox", kwargs={"mailbox": box.pk})).content.decode()
    assert box.secret not in form
    assert 'value="x"' not in form


def test_a_server_in_the_own_network_needs_leave(house, settings):
    settings.RAZAO_INSIDE_HOSTS = frozenset()
    assert looked_at(house) == ["source.inside"]


def test_a_mailbox_without_a_password_typed_keeps_its_own(house):
    with transaction.atomic():
        access = office_for(house.admin.pk)
        mailboxes.save_mailbox(
            access, values(house.server, house.user) | {"password": ""}, house.box.pk
        )
    assert looked_at(house) == []


@pytest.mark.django_db
def test_an_administrator_writes_mailboxes_down_and_a_clerk_only_decides(client):
    office, admin = an_office()
    a_company(office=(office, admin))
    clerk = a_person(office, Role.CLERK, by=admin)
    new = reverse("settings:mailbox-new")
    typed = {
        "host": "imap.gabinete.pt",
        "port": "993",
        "username": BOX,
        "password": PASSWORD,
        "folder": "INBOX",
        "done_folder": "Razao",
        "since": "2026-01-01",
        "enabled": "on",
    }
    signed_in(client, clerk)
    assert client.post(new, typed).status_code == 403
    assert client.get(reverse("settings:mailboxes")).status_code == 200
    signed_in(client, admin)
    assert client.post(new, typed | {"password": ""}).status_code == 422
    assert client.post(new, typed).status_code == 302
    assert client.post(new, typed).status_code == 422
    page = client.get(reverse("settings:mailboxes"))
    (box,) = page.context["mailboxes"]
    assert PASSWORD not in box.secret
    assert JobRun.objects.filter(name="capture.receive_mail").count() == 1
    stranger = an_office("Outro")[1]
    signed_in(client, stranger)
    assert list(client.get(reverse("settings:mailboxes")).context["mailboxes"]) == []
    assert client.get(reverse("settings:mailbox", kwargs={"mailbox": box.pk})).status_code == 404


def signed_in(client: Client, person: User) -> None:
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
