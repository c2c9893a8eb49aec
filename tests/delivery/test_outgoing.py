"""The watched folder: what is put into it under a name of the company's goes to its client, once; all else stays and says why."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from razao.delivery import flow, naming, outgoing, schedules
from razao.delivery.models import Delivery, DeliverySchedule, OutgoingPattern
from razao.delivery.rendering import describe
from razao.kernel.problems import Refused
from razao.ledger.posting import post
from tests.delivery.clients import PDF, House, a_house, work
from tests.ledger.entries import draft, drafts


@pytest.fixture
def folder(house, settings, tmp_path, monkeypatch):
    settings.RAZAO_OUTGOING = tmp_path
    monkeypatch.setattr(outgoing, "STILL_SECONDS", -1)  # what a test wrote is whole
    with house.at_work() as access:
        outgoing.add(access, "c1_{category}_{period}*", "letters")
        outgoing.add(access, "carta c1 {title}.pdf", "letters")
        return outgoing.folder_of(access.company)


def sent(house: House) -> list[tuple[str, str, str, str]]:
    with house.at_work():
        found = Delivery.objects.order_by("asked_at", "title")
        return [(d.title, d.category, d.period, d.state) for d in found]


def put(folder, name: str, content: bytes = PDF) -> None:
    (folder / name).write_bytes(content)


def test_files_go_out_by_their_names_and_leave_the_folder(house, folder):
    put(folder, "c1_vat_2026-T3 guia.pdf")
    put(folder, "C1_payslips_202610.pdf", PDF + b"1")
    put(folder, "carta c1 Boas festas.pdf", PDF + b"2")
    put(folder, "outra coisa.pdf", PDF + b"3")
    put(folder, ".c1_vat_2026.pdf", PDF + b"4")
    (folder / "c1_vat_2025.pdf").symlink_to(folder / "outra coisa.pdf")
    outgoing.send_from_folders()
    work()
    assert sorted(sent(house)) == [
        ("Boas festas", "letters", "", "delivered"),
        ("C1_payslips_202610", "payslips", "2026-10", "delivered"),
        ("c1_vat_2026-T3 guia", "vat", "2026-T3", "delivered"),
    ]
    assert sorted(path.name for path in folder.iterdir()) == [
        ".c1_vat_2026.pdf",
        "c1_vat_2025.pdf",
        "outra coisa.pdf",
    ]


def test_cut_off_before_the_file_was_taken_away_it_is_sent_once(house, folder):
    for _ in range(2):
        put(folder, "c1_vat_2026-10.pdf")
        outgoing.send_from_folders()
        outgoing.send_from_folders()
    work()
    assert sent(house) == [("c1_vat_2026-10", "vat", "2026-10", "delivered")]
    assert list(folder.iterdir()) == []


def test_what_is_refused_stays_and_says_why(house, folder):
    put(folder, "c1_holidays_2026.pdf")
    outgoing.send_from_folders()
    with house.at_work():
        row = OutgoingPattern.objects.get(pattern__startswith="c1_")
        assert [p["code"] for p in row.problems] == ["delivery.category_unknown"]
    assert [path.name for path in folder.iterdir()] == ["c1_holidays_2026.pdf"]
    (folder / "c1_holidays_2026.pdf").unlink()
    put(folder, "c1_vat_2026.pdf")
    outgoing.send_from_folders()
    with house.at_work():
        assert OutgoingPattern.objects.get(pattern__startswith="c1_").problems == []


def test_a_file_that_fits_no_companys_name_stands_on_the_screens_with_what_to_do(house, folder):
    put(folder, "guia de setembro.pdf")
    put(folder, "c1_vat_2026.pdf")
    desk = Client()
    desk.force_login(house.accountant, backend="django.contrib.auth.backends.ModelBackend")
    company = f"/c/{house.company}/deliveries/"
    for address in (company, f"{company}folder/", "/deliveries/"):
        told = desk.get(address).context["unmatched"]
        assert [(p.code, p.where) for p in told] == [
            ("delivery.name_unmatched", "guia de setembro.pdf")
        ]
    with house.at_work() as access:
        outgoing.add(access, "guia de {title}.pdf", "vat")
    assert desk.get(company).context["unmatched"] == []
    phone = Client()
    phone.force_login(house.client, backend="django.contrib.auth.backends.ModelBackend")
    assert phone.get(company).status_code == 403


def test_another_companys_folder_is_not_looked_at(house, folder):
    other = a_house("c2")
    put(folder, "c2_vat_2026.pdf")
    with other.at_work() as access:
        outgoing.add(access, "c2_{category}_{period}*", "letters")
        assert outgoing.folder_of(access.company) != folder
    outgoing.send_from_folders()
    assert (sent(other), [path.name for path in folder.iterdir()]) == ([], ["c2_vat_2026.pdf"])


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("*", "delivery.pattern_too_wide"),
        ("{category}_{period}*.", "delivery.pattern_too_wide"),
        ("x1 {year}", "delivery.pattern_unreadable"),
        ("x1 {title} {title}", "delivery.pattern_unreadable"),
        ("../x1 {title}", "delivery.pattern_unreadable"),
    ],
)
def test_a_pattern_that_says_too_little_is_refused(pattern, code):
    assert [p.code for p in naming.check(pattern)] == [code]


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_and_no_pattern_is_too_odd_to_be_read(pattern, name):
    found = naming.named(pattern, name)
    assert found is None or found.period in {"", found.period.upper()}


# What the clock sends, and what the review says


def test_a_schedule_that_was_refused_says_why_until_it_goes_out(house):
    with house.at_work() as access:
        made = schedules.set_schedule(access, "trial_balance", 1)
        DeliverySchedule.objects.filter(pk=made.pk).update(report="gone")
    books = a_house("c3", books=True)
    with books.at_work() as access:
        one = schedules.set_schedule(access, "gone", 1)
    flow.send_scheduled()
    with books.at_work():
        (problem,) = DeliverySchedule.objects.get(pk=one.pk).problems
        assert problem["code"] == "delivery.report_unknown"
        DeliverySchedule.objects.update(report="trial_balance")
    flow.send_scheduled()
    with books.at_work():
        row = DeliverySchedule.objects.get(pk=one.pk)
        assert (row.problems, row.last_period != "") == ([], True)


def test_a_vat_return_says_what_is_to_be_paid_and_by_when(house):
    books = a_house("c4", books=True)
    owed = [
        ("111", 123000, 0),
        ("71113", 0, 100000),
        ("2433113", 0, 23000, {"vat_code": "LNOR", "tax_base": 100000}),
    ]
    day = {"date": date(2026, 8, 5), "document_date": date(2026, 8, 5)}
    with books.at_work() as access:
        post(access, drafts(draft(owed, **day)), kind="manual", source="", fingerprint="")
        quarter = {"year": "2026", "first": 7, "last": 9}
        parcel = describe(access, "vat_return", quarter, "pdf")
        assert (parcel.period, parcel.due_date, parcel.amount) == (
            "2026-T3",
            date(2026, 11, 25),
            Decimal("230.00"),
        )
        excess = [("2437", 10000, 0), ("111", 0, 10000)]
        day = {"date": date(2026, 6, 30), "document_date": date(2026, 6, 30)}
        post(access, drafts(draft(excess, **day)), kind="manual", source="", fingerprint="")
        assert describe(access, "vat_return", quarter, "pdf").amount == Decimal("130.00")
        whole = describe(access, "vat_return", {"year": "2026"}, "pdf")
        assert (whole.due_date, whole.amount) == (None, None)


def test_the_accounting_file_is_sent_or_what_is_missing_for_it_is_said(house):
    books = a_house("c5", books=True)
    with books.at_work() as access:
        post(access, drafts(draft()), kind="manual", source="", fingerprint="")
        parcel = describe(access, "saft", {"year": "2025"}, "xml")
        assert (parcel.category, parcel.period) == ("tax_files", "2025")
        with pytest.raises(Refused) as refusal:
            flow.request(access, parcel, key="saft")
        assert [p.code for p in refusal.value.problems] == ["saft_file.no_address"]
        access.company.address = "Rua do Forno, 7\n1000-001 Lisboa"
        access.company.save()
        delivery = flow.request(access, parcel, key="saft")
    work()
    assert books.now(delivery).state == "delivered"
    assert books.document(delivery).file.media_type == "application/xml"
