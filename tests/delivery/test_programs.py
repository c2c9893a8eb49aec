"""Programs and clocks: the API sends and tells, a list synchronises people, schedules send by themselves, a scanner keeps viruses out."""

from __future__ import annotations

import socket
import threading
from datetime import date

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation

from razao.companies.models import Company, User
from razao.companies.rights import company_for
from razao.companies.tokens import issue
from razao.delivery import flow, queries, reading, receipts, schedules
from razao.delivery.models import Delivery, DeliverySchedule, Notice, PortalSubscription
from razao.delivery.notices import notify
from razao.kernel.jobs import Run
from tests.delivery.clients import PDF, House, a_house, work


@pytest.fixture
def key(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue(house.accountant, 'programa')}"}


def code_of(house: House) -> str:
    with house.at_work() as access:
        return access.company.code


def test_a_program_sends_a_file_once_and_sees_who_opened_it(house, key):
    place = f"/api/v1/companies/{house.company}/deliveries"
    for _ in range(2):
        said = {
            "key": "guia-10",
            "title": "Guia de IVA",
            "category": "vat",
            "period": "2026-10",
            "due_date": "2026-12-25",
            "amount": "123.45",
            "file": SimpleUploadedFile("guia.pdf", PDF),
        }
        answer = Client().post(f"{place}/files", said, headers=key)
        assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    work()
    (delivery,) = Client().get(place, headers=key).json()
    with house.reading() as reader:
        document = reading.document_of_delivery([reader], delivery["id"])
        reading.open_document(reader, document, None)
    now = Client().get(f"{place}/{delivery['id']}", headers=key).json()
    assert (now["state"], now["amount"], [f["fact"] for f in now["facts"]]) == (
        "opened",
        "123.45",
        ["notified", "opened"],
    )


def test_a_program_is_told_what_is_wrong(house, key):
    said = {"key": "1", "title": "x", "category": "cars", "file": SimpleUploadedFile("a.pdf", PDF)}
    answer = Client().post(f"/api/v1/companies/{house.company}/deliveries/files", said, headers=key)
    assert (answer.status_code, [p["code"] for p in answer.json()["problems"]]) == (
        409,
        ["delivery.category_unknown"],
    )
    other = a_house("c2")
    place = f"/api/v1/companies/{other.company}/deliveries"
    assert Client().get(place, headers=key).status_code == 404


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("1e2147483648", "delivery.amount_wrong"),
        ("1e20", "delivery.amount_wrong"),
        ("0.005", "delivery.amount_wrong"),
        ("-1", "delivery.amount_negative"),
    ],
)
def test_an_amount_that_is_none_is_told(house, key, amount, code):
    said = {
        "key": "1",
        "title": "x",
        "category": "vat",
        "amount": amount,
        "file": SimpleUploadedFile("a.pdf", PDF),
    }
    answer = Client().post(f"/api/v1/companies/{house.company}/deliveries/files", said, headers=key)
    assert (answer.status_code, [p["code"] for p in answer.json()["problems"]]) == (409, [code])


def test_a_list_synchronises_people_and_the_same_list_changes_nothing(house, key):
    with house.at_work():
        PortalSubscription.objects.filter(company=house.company).update(active=False)
    code = code_of(house)
    rows = [
        {"company": code, "email": house.client.email, "categories": ["vat"]},
        {"company": code, "email": "nova@cliente.pt", "name": "Nova"},
        {"company": "nenhuma", "email": "x@cliente.pt"},
    ]
    first, second = (
        Client()
        .post("/api/v1/portal/synchronise", rows, content_type="application/json", headers=key)
        .json()
        for _ in range(2)
    )
    assert (first["activated"], first["changed"], [i["email"] for i in first["invited"]]) == (
        1,
        1,
        ["nova@cliente.pt"],
    )
    assert [p["code"] for p in first["problems"]] == ["invitation.company_missing"]
    assert (second["activated"], second["changed"], second["invited"]) == (0, 0, [])
    assert Client().get(first["invited"][0]["path"]).status_code == 200


def test_the_trial_balance_of_last_month_goes_out_by_itself_once(committed_db, monkeypatch):
    house = a_house("padaria", books=True)
    with house.at_work() as access:
        schedules.set_schedule(access, "trial_balance", 10)
    for day, expected in ((9, 0), (10, 1), (11, 1)):
        monkeypatch.setattr(timezone, "localdate", lambda day=day: date(2026, 11, day))
        flow.send_scheduled()
        with house.at_work():
            assert Delivery.objects.count() == expected
    work()
    with house.at_work():
        (sent,) = Delivery.objects.all()
        (schedule,) = DeliverySchedule.objects.all()
    assert (sent.state, sent.period, sent.asked_by_id) == (
        "delivered",
        "2026-10",
        house.accountant.pk,
    )
    assert schedule.last_period == "2026-10"
    monkeypatch.undo()


def test_a_report_to_many_companies_at_once(committed_db):
    house = a_house("padaria", books=True)
    desk = Client()
    desk.force_login(house.accountant, backend="django.contrib.auth.backends.ModelBackend")
    said = {
        "report": "trial_balance",
        "year": "2026",
        "first": "10",
        "last": "10",
        "companies": [str(house.company)],
    }
    assert desk.post("/deliveries/many/", said).headers["Location"] == "/deliveries/"
    work()
    with house.at_work():
        assert [(d.state, d.period) for d in Delivery.objects.all()] == [("delivered", "2026-10")]
    assert desk.post("/deliveries/many/", said | {"day": "10"}).headers["Location"] == (
        "/deliveries/many/"
    )
    assert [s.day for s, _title in desk.get("/deliveries/many/").context["schedules"]] == [10]


def test_the_receipt_names_hash_person_time_and_position(house):
    delivery = house.sent("Balancete de maio")
    with house.reading() as reader:
        reading.open_document(reader, house.document(delivery), "10.1.2.3")
    with house.at_work() as access, translation.override("en"):
        content = receipts.receipt(access, queries.delivery_of(house.company, delivery.pk))
        positions = [link.position for link in queries.links_of(delivery)]
    with pypdfium2.PdfDocument(content) as pdf:
        text = "".join(page.get_textpage().get_text_bounded() for page in pdf).replace("\r\n", "")
    assert house.document(delivery).file.sha256 in text
    assert f"Opened by Cliente <{house.client.email}> [10.1.2.3]" in text
    assert str(positions[-2]) in text


def scanner(path: str, answer: bytes) -> threading.Thread:
    """A clamd that says ``answer`` to one file."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(path)
    door.listen(1)

    def serve() -> None:
        with door, door.accept()[0] as caller:
            received = b""
            while not received.endswith(b"\0\0\0\0"):
                received += caller.recv(65536)
            assert received.startswith(b"zINSTREAM\0")
            caller.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answer", "state", "codes"),
    [
        (b"stream: OK\0", "delivered", []),
        (b"stream: Eicar-Test-Signature FOUND\0", "failed", ["delivery.infected"]),
        (b"", "failed_retry", ["delivery.scanner_down"]),
    ],
)
def test_a_file_is_scanned_before_anybody_sees_it(house, settings, tmp_path, answer, state, codes):
    settings.RAZAO_CLAMD = str(tmp_path / "clamd")
    thread = scanner(settings.RAZAO_CLAMD, answer)
    delivery = house.sent()
    thread.join()
    assert (delivery.state, [p["code"] for p in delivery.problems]) == (state, codes)


class Mailbox:
    """A mail server of this machine that takes, refuses, or breaks off, as told, and counts what it took."""

    def __init__(self) -> None:
        self.replies: list[str] = []
        self.taken = 0

    def open(self) -> None:
        if self.replies and self.replies[0] == "down":
            self.replies.pop(0)
            raise ConnectionRefusedError("no server")

    def close(self) -> None:
        pass

    def send_messages(self, messages: list[object]) -> int:
        reply = self.replies.pop(0) if self.replies else "taken"
        self.taken += len(messages)
        if reply == "cut off":
            raise TimeoutError("no answer after DATA")
        return len(messages)


def notices(house: House) -> list[tuple[str, int]]:
    with house.at_work():
        return [(n.state, n.attempts) for n in Notice.objects.all()]


@pytest.mark.parametrize(
    ("replies", "tries", "state", "taken"),
    [
        (["down", "down"], 3, ("accepted", 3), 1),
        (["cut off"], 3, ("uncertain", 1), 1),
        ([], 3, ("accepted", 1), 1),
    ],
)
def test_nobody_is_notified_twice_whatever_the_mail_server_does(
    house, monkeypatch, replies, tries, state, taken
):
    box = Mailbox()
    monkeypatch.setattr("razao.delivery.notices.get_connection", lambda: box)
    delivery = house.upload()
    run = Run(delivery.pk, house.accountant.pk, house.company, attempt=1)
    flow.send(run, delivery=str(delivery.pk))
    box.replies = list(replies)
    for _ in range(tries):
        try:
            notify(run, delivery=str(delivery.pk), kind="published")
        except OSError as error:
            assert str(error) == "no server"  # noqa: PT017  (the queue would try again)
    assert (notices(house), box.taken) == ([state], taken)


def test_a_worker_that_dies_while_it_mails_leaves_uncertain_and_sends_nothing_again(
    house, monkeypatch
):
    box = Mailbox()
    monkeypatch.setattr("razao.delivery.notices.get_connection", lambda: box)
    delivery = house.upload()
    run = Run(delivery.pk, house.accountant.pk, house.company, attempt=1)
    flow.send(run, delivery=str(delivery.pk))

    def killed(*_arguments: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr("razao.delivery.notices._hand_over", killed)
        with pytest.raises(SystemExit):
            notify(run, delivery=str(delivery.pk), kind="published")
    assert notices(house) == [("attempting", 1)]
    notify(run, delivery=str(delivery.pk), kind="published")
    assert (notices(house), box.taken) == ([("uncertain", 1)], 0)


def test_what_a_client_hands_in_is_in_the_offices_intake(house):
    phone = Client()
    phone.force_login(house.client, backend="django.contrib.auth.backends.ModelBackend")
    files = {"files": SimpleUploadedFile("fatura.pdf", PDF), "direction": "received"}
    answer = phone.post("/portal/hand-in/", files, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["problems"]) == (200, [])
    assert [scan.name for scan in phone.get("/portal/hand-in/").context["sent"]] == ["fatura.pdf"]
    empty = {"files": SimpleUploadedFile("nada.pdf", b"")}
    answer = phone.post("/portal/hand-in/", empty, headers={"Accept": "application/json"})
    assert answer.status_code == 422


def test_an_administrator_of_nothing_sees_no_portal(house):
    stranger = User.objects.create_user("sem@lugar.pt", "uma frase comprida")
    client = Client()
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/portal/").status_code == 404
    with transaction.atomic():
        company_for(house.administrator, house.company)
        assert Company.objects.count() == 1


def test_a_program_has_a_report_made_and_fetches_it(house, settings, tmp_path):
    settings.RAZAO_CACHE = tmp_path
    books = a_house("c7", books=True)
    key = {"Authorization": f"Bearer {issue(books.accountant, 'programa')}"}
    place, program = f"/api/v1/companies/{books.company}", Client()
    offered = {
        one["code"]: one["forms"] for one in program.get(f"{place}/reports", headers=key).json()
    }
    assert (offered["journal"], offered["saft"]) == (["pdf", "xlsx", "csv"], ["xml"])
    body = {"parameters": {"year": "2026", "first": 1, "last": 3}}
    asked = program.post(
        f"{place}/reports/journal/csv", body, "application/json", headers=key
    ).json()
    year = program.post(f"{place}/years/2026/export", headers=key).json()
    assert (asked["state"], asked["size"], year["form"]) == ("queued", None, "zip")
    assert (
        program.post(f"{place}/reports/saft/pdf", body, "application/json", headers=key).status_code
        == 404
    )
    work()
    one = f"{place}/made-files/{asked['id']}"
    assert program.get(one, headers=key).json()["state"] == "done"
    content = b"".join(program.get(f"{one}/content", headers=key).streaming_content)
    assert content.decode("utf-8-sig").splitlines()[-1].startswith(";;;Total;")
    other = {"Authorization": f"Bearer {issue(house.accountant, 'outro')}"}
    for tail in ("", "/content"):
        assert program.get(f"{one}{tail}", headers=other).status_code == 404
