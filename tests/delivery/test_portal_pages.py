"""The portal as the client's browser sees it: find, open, download; what scanners do counts for nothing; nobody else gets in."""

from __future__ import annotations

import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from django.core import mail
from django.db import connections, transaction
from django.test import Client

from razao.companies.models import User
from razao.companies.rights import company_for
from razao.delivery import flow, subscriptions
from razao.delivery.models import Opening
from tests.delivery.clients import PDF, House, a_house


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def phone(house) -> Client:
    """The client user, signed in."""
    return signed_in(house.client)


def facts(house: House, delivery) -> list[str]:
    with house.at_work():
        rows = Opening.objects.filter(document__delivery=delivery).order_by("at", "id")
        return [row.fact for row in rows]


def titles(answer) -> list[str]:
    return [document.title for document in answer.context["found"]]


def test_the_first_page_of_a_client_is_the_portal(phone):
    assert phone.get("/").headers["Location"] == "/portal/"


def whose(page: str) -> list[str]:
    """The name at the top of the portal."""
    return re.findall(r'<div class="portal-office"><b>(.*?)</b>', page)


OWN = ("/profile/", "/accounts/email/", "/accounts/password/change/", "/accounts/sessions/")


def test_a_clients_own_pages_stand_in_the_portal_and_those_of_the_office_at_its_desk(house, phone):
    shown = {page: phone.get(page) for page in (*OWN, "/accounts/2fa/")}
    assert {page: answer.status_code for page, answer in shown.items()} == dict.fromkeys(shown, 200)
    for answer in shown.values():
        text = answer.content.decode()
        assert ('class="rail"' in text, 'class="portal"' in text) == (False, True)
        with house.at_work() as access:
            assert [unescape(name) for name in whose(text)] == [access.company.name]
    at_desk = signed_in(house.accountant)
    for page in OWN:
        text = at_desk.get(page).content.decode()
        assert ('class="rail"' in text, 'class="portal"' in text) == (True, False)


def test_whoever_has_no_portal_any_more_still_reaches_their_own_pages(house, phone):
    with house.at_work() as access:
        subscriptions.activate(access, active=False)
    assert phone.get("/").templates[0].name == "razao/home_nothing.html"
    text = phone.get("/profile/").content.decode()
    assert ('class="portal"' in text, 'class="rail"' in text) == (True, False)
    assert whose(text) == ["Razão"]


def test_following_the_mails_link_shows_what_it_is_and_opens_nothing(house, phone):
    delivery = house.sent("Guia de IVA", category="vat")
    link = re.search(r"http\S+(/portal/\S+)", mail.outbox[0].body).group(1)
    page = phone.get(link)
    assert (page.status_code, page.context["opened"], list(page.context["pages"])) == (
        200,
        False,
        [],
    )
    assert facts(house, delivery) == ["notified"]


def test_a_click_opens_and_shows_the_pages(house, phone):
    delivery = house.sent()
    page = phone.post(f"/portal/d/{delivery.pk}/open/", follow=True)
    assert (page.context["opened"], list(page.context["pages"])) == (True, [1])
    picture = phone.get(f"/portal-files/{delivery.pk}/1.png")
    assert (picture.status_code, picture.content[:4]) == (200, b"\x89PNG")
    assert facts(house, delivery) == ["notified", "opened", "fetched"]
    assert house.now(delivery).state == "opened"


def test_what_follows_links_ahead_of_a_person_opens_nothing(house, phone):
    delivery = house.sent()
    scanner = Client()
    for address in (f"/portal/d/{delivery.pk}/", f"/portal-files/{delivery.pk}/"):
        assert scanner.get(address).headers["Location"].startswith("/accounts/login/")
        assert scanner.head(address).status_code == 302
    assert scanner.post(f"/portal/d/{delivery.pk}/open/").status_code == 302
    phone.head(f"/portal-files/{delivery.pk}/")
    for header in ({"Sec-Purpose": "prefetch"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}):
        assert phone.get(f"/portal-files/{delivery.pk}/", headers=header).status_code == 204
    phone.get(f"/portal/d/{delivery.pk}/open/")
    phone.get(f"/portal/d/{delivery.pk}/download/")
    assert facts(house, delivery) == ["notified"]
    assert b"".join(phone.get(f"/portal-files/{delivery.pk}/").streaming_content) == PDF
    assert facts(house, delivery) == ["notified", "fetched"]
    assert house.now(delivery).state == "delivered"


def test_an_opening_needs_the_pages_own_token(house):
    delivery = house.sent()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(house.client, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(f"/portal/d/{delivery.pk}/open/").status_code == 403
    assert facts(house, delivery) == ["notified"]


def test_pages_are_not_shown_before_the_document_is_opened(house, phone):
    delivery = house.sent()
    assert phone.get(f"/portal-files/{delivery.pk}/1.png").status_code == 404


def test_a_download_is_the_very_file_with_headers_that_hold_it_down(house, phone):
    delivery = house.sent("Contrato / avença: João", period="2026-10")
    answer = phone.post(f"/portal/d/{delivery.pk}/download/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''Contrato%20-%20aven%C3%A7a-%20Jo%C3%A3o%202026-10.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert facts(house, delivery) == ["notified", "opened", "fetched"]


def test_unread_first_and_found_by_words_of_title_and_category(house, phone):
    read = house.sent("Recibos de vencimento de outubro", category="payslips", period="2026-10")
    house.sent("Balancete de setembro", PDF + b"2", category="trial_balances", period="2026-09")
    house.sent("Guia de IVA", PDF + b"3", category="vat", period="2026-T3", due_date="2099-11-20")
    phone.post(f"/portal/d/{read.pk}/open/")
    assert titles(phone.get("/portal/")) == [
        "Guia de IVA",
        "Balancete de setembro",
        "Recibos de vencimento de outubro",
    ]
    assert titles(phone.get("/portal/?q=vencimentos")) == ["Recibos de vencimento de outubro"]
    assert titles(phone.get("/portal/?category=vat")) == ["Guia de IVA"]
    assert titles(phone.get("/portal/?period=2026-09")) == ["Balancete de setembro"]
    assert titles(phone.get("/portal/?show=due")) == ["Guia de IVA"]
    assert titles(phone.get("/portal/?show=unread&q=balancete")) == ["Balancete de setembro"]


def test_download_all_is_a_zip_of_what_is_shown_and_opens_nothing(house, phone):
    first = house.sent("Balancete", PDF + b"1", category="trial_balances")
    house.sent("Balancete", PDF + b"2", category="trial_balances")
    house.sent("Guia", PDF + b"3", category="vat")
    answer = phone.post("/portal/download/?category=trial_balances")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
        assert found.namelist() == ["Balancete.pdf", "Balancete (2).pdf"]
        assert sorted(found.read(name) for name in found.namelist()) == [PDF + b"1", PDF + b"2"]
    assert facts(house, first) == ["notified", "fetched"]


def test_a_client_sees_only_the_categories_they_have_the_right_to(house, phone):
    payslips = house.sent("Recibos", category="payslips")
    house.sent("Guia", PDF + b"2", category="vat")
    with house.at_work() as access:
        subscriptions.give_rights(access, house.client.pk, ["vat"])
    assert titles(phone.get("/portal/")) == ["Guia"]
    for address in ("/portal/d/{}/", "/portal-files/{}/", "/portal-files/{}/1.png"):
        assert phone.get(address.format(payslips.pk)).status_code == 404
    for act in ("open", "download"):
        assert phone.post(f"/portal/d/{payslips.pk}/{act}/").status_code == 404


def test_the_client_of_another_company_finds_nothing_anywhere(house):
    delivery = house.sent()
    other = signed_in(a_house("c2").client)
    assert titles(other.get("/portal/")) == []
    for address in ("/portal/d/{}/", "/portal-files/{}/", "/portal-files/{}/1.png"):
        assert other.get(address.format(delivery.pk)).status_code == 404
    for act in ("open", "download"):
        assert other.post(f"/portal/d/{delivery.pk}/{act}/").status_code == 404
    company = f"/c/{house.company}/deliveries/"
    for tail in ("", f"{delivery.pk}/", f"{delivery.pk}/receipt/", "portal/", "send/"):
        assert other.get(company + tail).status_code == 404
    assert facts(house, delivery) == ["notified"]


def test_the_client_does_not_get_into_the_office(house, phone):
    delivery = house.sent()
    company = f"/c/{house.company}/deliveries/"
    for tail in ("", f"{delivery.pk}/", f"{delivery.pk}/receipt/", "portal/", "send/"):
        assert phone.get(company + tail).status_code == 403
    assert phone.get("/deliveries/").status_code == 404


def test_two_companies_of_one_person_stand_side_by_side(house, phone):
    other = a_house("c2")
    with other.at_work() as access:
        invited = subscriptions.invite(access, email=house.client.email)
    answer = phone.post(f"/portal/i/{invited.token}/")
    assert answer.headers["Location"] == "/portal/"
    house.sent("Do primeiro")
    other.sent("Do segundo")
    assert titles(phone.get("/portal/")) == ["Do segundo", "Do primeiro"]
    assert titles(phone.get(f"/portal/?company={other.company}")) == ["Do segundo"]


def test_a_company_that_asks_for_a_second_factor_gets_one(house, phone):
    house.sent()
    with house.at_work() as access:
        subscriptions.activate(access, second_factor=True)
    assert phone.get("/portal/").headers["Location"] == "/accounts/2fa/totp/activate/"


def test_an_invited_person_chooses_a_password_and_reads(house):
    house.sent("Contrato")
    with house.at_work() as access:
        token = subscriptions.invite(access, email="rita@cliente.pt", name="Rita").token
    guest = Client()
    assert guest.get(f"/portal/i/{token}/").status_code == 200
    joined = {"name": "Rita", "password": "curta"}
    assert "password" in guest.post(f"/portal/i/{token}/", joined).context["form"].errors
    joined["password"] = "quinta feira de chuva"
    assert guest.post(f"/portal/i/{token}/", joined).headers["Location"] == "/portal/"
    assert titles(guest.get("/portal/")) == ["Contrato"]
    assert Client().get(f"/portal/i/{token}/").status_code == 410


def test_an_invitation_taken_up_twice_at_once_is_taken_up_once(house):
    with house.at_work() as access:
        invited = subscriptions.invite(access, email="nova@cliente.pt", name="Nova")
    begin, said = Barrier(2), {"name": "Nova", "password": "uma frase para o portal"}

    def press(_: int) -> int:
        begin.wait()
        try:
            return Client().post(f"/portal/i/{invited.token}/", said).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [302, 410]
    assert User.objects.filter(email="nova@cliente.pt").count() == 1


def test_nobody_takes_up_an_invitation_of_somebody_elses_address(house):
    other = a_house("c2")
    with other.at_work() as access:
        token = subscriptions.invite(access, email=house.client.email).token
    thief = {"name": "Eu", "password": "quinta feira de chuva"}
    page = Client().post(f"/portal/i/{token}/", thief)
    assert (page.status_code, page.context["known"]) == (200, True)
    assert Client().get(f"/portal/i/{token[:-1]}x/").status_code == 404


def test_preferences_hold_the_mail_back(house, phone):
    phone.post("/portal/preferences/", {f"notify-{house.company}": "due"})
    house.sent("Sem prazo")
    house.sent("Com prazo", PDF + b"2", due_date="2026-11-20")
    assert [m.subject for m in mail.outbox] == ["Novo documento: Com prazo"]


def test_a_withdrawn_document_says_so_and_gives_nothing(house, phone):
    delivery = house.sent()
    phone.post(f"/portal/d/{delivery.pk}/open/")
    with house.at_work() as access:
        flow.withdraw(access, [delivery.pk], "engano")
    page = phone.get(f"/portal/d/{delivery.pk}/")
    assert (page.status_code, list(page.context["pages"])) == (200, [])
    assert phone.get(f"/portal-files/{delivery.pk}/").status_code == 404
    assert phone.get(f"/portal-files/{delivery.pk}/1.png").status_code == 404


def test_somebody_of_the_office_looks_as_a_guest_and_opens_nothing(house):
    delivery = house.sent()
    desk = signed_in(house.accountant)
    assert titles(desk.get(f"/portal/?company={house.company}")) == ["Contrato de avença"]
    assert desk.get(f"/portal/d/{delivery.pk}/").context["opened"] is True
    desk.post(f"/portal/d/{delivery.pk}/open/")
    assert (facts(house, delivery), house.now(delivery).state) == (["notified"], "delivered")


def test_the_portal_ends_and_nobody_reads(house, phone):
    delivery = house.sent()
    with transaction.atomic():
        subscriptions.activate(company_for(house.administrator, house.company), active=False)
    assert phone.get("/portal/").status_code == 404
    assert phone.get(f"/portal/d/{delivery.pk}/").status_code == 404
