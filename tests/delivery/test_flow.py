"""From the office's desk to the client's hands, with the real queue: sent once, corrected, withdrawn, and failing in the open."""

from __future__ import annotations

import io
import os
from datetime import UTC, date, datetime
from email.utils import parseaddr
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction

from razao.companies.changes import change_office
from razao.companies.models import Membership
from razao.companies.rights import office_for
from razao.delivery import flow, reading, subscriptions
from razao.delivery.models import Delivery, Notice, Opening, PortalDocument
from razao.delivery.parcel import Parcel
from razao.delivery.recipients import readers_for
from razao.kernel.jobs import Run
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import act_as
from tests.delivery.clients import PDF, House, a_house, work


def facts(house: House, delivery: Delivery) -> list[str]:
    with house.at_work():
        rows = Opening.objects.filter(document__delivery=delivery).order_by("at", "id")
        return [row.fact for row in rows]


def visible(house: House) -> list[str]:
    with house.reading() as reader:
        found = reading.page([reader], house.client.pk, reading.Wish(), start=0, rows=30)
        return [document.title for document in found]


def test_a_file_that_was_reviewed_and_confirmed_is_before_the_client_with_one_notice(house):
    delivery = house.sent("Contrato de avença", period="2026-10")
    assert delivery.state == "delivered"
    assert house.steps(delivery) == ["draft", "queued", "sending", "delivered"]
    assert visible(house) == ["Contrato de avença"]
    assert [(m.to, m.subject) for m in mail.outbox] == [
        ([house.client.email], "Novo documento: Contrato de avença")
    ]
    with house.at_work() as access:
        office = access.company.office.name
    assert parseaddr(str(mail.outbox[0].message()["From"])) == (office, "razao@localhost")
    assert facts(house, delivery) == ["notified"]


def published(house: House, *titles: str) -> Delivery:
    """One after the other in the evening of the last of July; the last of them."""
    for hour, title in enumerate(titles, 23 - len(titles)):
        delivery = house.upload(title)
        with house.at_work():
            PortalDocument.objects.create(
                company_id=delivery.company_id,
                delivery=delivery,
                file=delivery.upload,
                category=delivery.category,
                series=delivery.series,
                title=title,
                published_at=datetime(2026, 7, 31, hour, 30, tzinfo=UTC),
            )
    return delivery


def listed(house: House) -> list[tuple[str, date, bool]]:
    with transaction.atomic():
        readers, wish = readers_for(house.client.pk), reading.Wish()
        total, found = reading.first_page(readers, house.client.pk, wish, 30)
        assert total == len(found)
        assert found == reading.page(readers, house.client.pk, wish, start=0, rows=30)
        assert reading.first_page(readers, house.client.pk, wish, 1) == (total, found[:1])
    return [(one.title, one.published_on, one.was_opened) for one in found]


def test_what_is_unread_stands_first_then_the_newest_and_the_day_is_the_offices(house):
    last = published(house, "Primeiro", "Segundo", "Terceiro")
    with house.reading() as reader:
        reading.open_document(reader, house.document(last), None)
    assert listed(house) == [
        ("Segundo", date(2026, 7, 31), False),
        ("Primeiro", date(2026, 7, 31), False),
        ("Terceiro", date(2026, 7, 31), True),
    ]
    with transaction.atomic():
        office = office_for(house.administrator)
        change_office(
            office,
            name=office.office.name,
            time_zone="Africa/Maputo",
            reception_minutes=15,
            second_factor=False,
        )
    assert [day for _, day, _ in listed(house)] == [
        date(2026, 7, 31),
        date(2026, 7, 31),
        date(2026, 8, 1),
    ]


def test_nothing_is_sent_before_the_person_confirms(house):
    with house.at_work() as access:
        flow.draft(
            access, io.BytesIO(PDF), "a.pdf", Parcel("contracts", "Contrato"), key=uuid4().hex
        )
    work()
    assert (visible(house), mail.outbox) == ([], [])


def test_the_same_key_twice_is_one_delivery(house):
    with house.at_work() as access:
        parcel, key = Parcel("contracts", "Contrato"), "pasta-1"
        first = flow.draft(access, io.BytesIO(PDF), "a.pdf", parcel, key=key)
        again = flow.draft(access, io.BytesIO(PDF), "a.pdf", parcel, key=key)
        flow.confirm(access, first.pk)
        flow.confirm(access, again.pk)
    work()
    assert first.pk == again.pk
    assert (visible(house), len(mail.outbox)) == (["Contrato"], 1)


def test_a_key_does_not_stand_for_two_documents(house):
    with house.at_work() as access:
        flow.draft(access, io.BytesIO(PDF), "a.pdf", Parcel("contracts", "Contrato"), key="k")
        with pytest.raises(Refused) as refusal:
            flow.draft(access, io.BytesIO(PDF), "a.pdf", Parcel("contracts", "Outro"), key="k")
    assert [p.code for p in refusal.value.problems] == ["delivery.key_reused"]


def test_what_is_wrong_is_said_all_at_once(house):
    wanted = Parcel("holidays", " ", period="outubro")
    with house.at_work() as access, pytest.raises(Refused) as refusal:
        flow.draft(access, io.BytesIO(PDF), "a.pdf", wanted, key=uuid4().hex)
    assert [p.code for p in refusal.value.problems] == [
        "delivery.period_unreadable",
        "delivery.title_missing",
        "delivery.category_unknown",
    ]


def test_who_lost_the_right_meanwhile_sends_nothing(house):
    delivery = house.upload()
    with transaction.atomic():
        act_as(user=house.accountant.pk)
        Membership.objects.filter(user=house.accountant).delete()
    work()
    with transaction.atomic():
        act_as(companies=[house.company])
        after = Delivery.objects.get(pk=delivery.pk)
        assert (after.state, [p["code"] for p in after.problems]) == (
            "failed",
            ["delivery.rights_gone"],
        )
        assert PortalDocument.objects.count() == 0


def test_a_full_disk_is_shown_and_tried_again(house, monkeypatch):
    delivery = house.upload()

    def refuse(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(os, "link", refuse)
        run = Run(uuid4(), house.accountant.pk, house.company, attempt=1)
        with pytest.raises(OSError, match="No space left"):
            flow.send(run, delivery=str(delivery.pk))
    assert house.now(delivery).state == "failed_retry"
    work()
    assert house.steps(delivery) == [
        "draft",
        "queued",
        "sending",
        "failed_retry",
        "sending",
        "delivered",
    ]


def test_what_needs_a_person_is_integrated_again_by_a_person(house):
    delivery = house.upload()
    with house.at_work() as access:
        subscriptions.activate(access, active=False)
    work()
    assert house.now(delivery).state == "failed"
    with house.at_work() as access:
        subscriptions.activate(access)
        outcome = flow.send_again(access, [delivery.pk])
    work()
    assert (outcome.done, outcome.problems) == ((delivery.pk,), ())
    assert house.now(delivery).state == "delivered"


def test_what_the_client_has_is_not_integrated_again_and_does_not_stop_the_rest(house):
    there = house.sent("Primeiro")
    waiting = house.upload("Segundo")
    with house.at_work() as access:
        outcome = flow.send_again(access, [there.pk, waiting.pk])
    assert outcome.done == (waiting.pk,)
    assert [p.code for p in outcome.problems] == ["delivery.already_sent"]
    work()
    assert (visible(house), len(mail.outbox)) == (["Segundo", "Primeiro"], 2)


def test_a_corrected_document_supersedes_the_earlier_one_and_says_so(house):
    first = house.sent("Balancete de outubro")
    second = house.sent("Balancete de outubro (corrigido)", PDF + b"%2", corrects=first.pk)
    assert (house.now(first).state, house.now(second).state) == ("superseded", "delivered")
    assert visible(house) == ["Balancete de outubro (corrigido)"]
    assert house.document(first).superseded_by_id == house.document(second).pk
    assert [m.subject for m in mail.outbox] == [
        "Novo documento: Balancete de outubro",
        "Documento corrigido: Balancete de outubro (corrigido)",
    ]


def test_a_withdrawn_document_is_read_no_more_and_the_reason_stays(house):
    delivery = house.sent()
    with house.at_work() as access:
        flow.withdraw(access, [delivery.pk], "Enviado por engano")
    work()
    assert visible(house) == []
    with house.reading() as reader, pytest.raises(NotFound):
        reading.fetch_document(reader, house.document(delivery), None)
    with house.at_work():
        step = delivery.steps.get(state="withdrawn")
    assert (step.cause, step.user_id) == ("Enviado por engano", house.accountant.pk)
    assert mail.outbox[-1].subject == "Documento retirado: Contrato de avença"


def test_notified_fetched_and_opened_are_three_facts(house):
    delivery = house.sent()
    document = house.document(delivery)
    with house.reading() as reader:
        reading.fetch_document(reader, document, "10.0.0.1")
    assert house.now(delivery).state == "delivered"
    with house.reading() as reader:
        reading.open_document(reader, document, "10.0.0.1")
        reading.open_document(reader, document, "10.0.0.1")
    assert house.now(delivery).state == "opened"
    assert facts(house, delivery) == ["notified", "fetched", "opened"]


def test_a_look_from_the_office_is_no_opening(house):
    delivery = house.sent()
    with house.reading(house.accountant) as reader:
        reading.open_document(reader, house.document(delivery), None)
    assert (house.now(delivery).state, facts(house, delivery)) == ("delivered", ["notified"])


def test_a_reminder_goes_to_those_who_have_not_opened_and_once_a_day(house):
    opened, waiting = house.sent("Lido"), house.sent("Por ler")
    with house.reading() as reader:
        reading.open_document(reader, house.document(opened), None)
    mail.outbox.clear()
    for _ in range(2):
        with house.at_work() as access:
            flow.remind(access, [opened.pk, waiting.pk], "2026-11-21")
        work()
    assert [m.subject for m in mail.outbox] == ["Ainda por abrir: Por ler"]


def test_two_workers_that_send_the_same_thing_show_it_once(house):
    delivery = house.upload()
    run = Run(uuid4(), house.accountant.pk, house.company, attempt=1)
    flow.send(run, delivery=str(delivery.pk))
    flow.send(run, delivery=str(delivery.pk))
    work()
    assert (visible(house), len(mail.outbox)) == (["Contrato de avença"], 1)


def test_another_company_sees_nothing_of_it(house):
    delivery = house.sent()
    other = a_house("c2")
    with other.reading() as reader, pytest.raises(NotFound):
        reading.document_of_delivery([reader], delivery.pk)
    with other.at_work() as access, pytest.raises(NotFound):
        flow.withdraw(access, [delivery.pk], "não é meu")
    with other.at_work():
        assert (Delivery.objects.count(), Notice.objects.count()) == (0, 0)
