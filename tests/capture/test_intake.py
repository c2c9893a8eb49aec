"""Intake: a file leaves its source only when the archive holds it, and whatever is cut off is received once."""

from __future__ import annotations

import io
import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import transaction

from razao.archive import custody, store
from razao.archive.custody import Tally
from razao.archive.filing import path_to
from razao.archive.models import Filing, Folder, StoredFile
from razao.archive.store import route
from razao.capture import intake
from razao.capture.intake import Receipt, Sender, checked_folder, take, today_of, whole_files
from razao.capture.mail import parse_mail
from razao.capture.models import CapturedInvoice, Flow, Intake, Origin, Scan
from razao.companies.models import Company
from razao.kernel.problems import Refused
from razao.kernel.tenancy import act_as
from tests.companies.test_rights import office

PDF = b"%PDF-1.7 uma factura"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings):
    settings.RAZAO_ARCHIVE_ROUTES = {f.value: tmp_path / "archive" / f.value for f in Folder}
    settings.RAZAO_INTAKE = tmp_path / "intake"
    for folder in Folder:
        (tmp_path / "archive" / folder.value).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def company(db) -> Company:
    _, company, user = office("um")
    act_as(user=user.pk, office=company.office_id, companies=[company.pk])
    return company


def sender(company: Company) -> Sender:
    return Sender(company, Flow.RECEIVED, Origin.FOLDER, None)


def source(company: Company, **files: bytes) -> Path:
    (folder,) = [
        Path(i.folder) for i in intake.open_folders(company) if i.direction == Flow.RECEIVED
    ]
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(content)
        os.utime(path, (1_750_000_000, 1_750_000_000))
    return folder


def receive_all(company: Company, folder: Path) -> list[Receipt]:
    """What a pass over a folder does, each file in a transaction of its own."""
    receipts = []
    for found in whole_files(folder, wait=0):
        with transaction.atomic():
            receipts.append(take(sender(company), found))
    return receipts


def records() -> tuple[int, int, int]:
    return (Scan.objects.count(), CapturedInvoice.objects.count(), StoredFile.objects.count())


def test_a_file_leaves_its_folder_once_it_is_safe(company, django_capture_on_commit_callbacks):
    folder = source(company, factura_pdf=PDF)
    with django_capture_on_commit_callbacks() as callbacks:
        (receipt,) = receive_all(company, folder)
        assert (folder / "factura.pdf").exists()
    for callback in callbacks:
        callback()
    assert list(folder.iterdir()) == []
    (scan,) = receipt.scans
    path = path_to(scan.file)
    assert path.read_bytes() == PDF
    assert records() == (1, 1, 1)
    assert custody.tallies(company.pk) == {today_of(company): Tally(1, 0, 1, 0)}


def test_a_pass_killed_after_the_commit_is_finished_by_the_next(
    company, django_capture_on_commit_callbacks
):
    folder = source(company, factura_pdf=PDF)
    with django_capture_on_commit_callbacks():  # killed before the source is emptied
        receive_all(company, folder)
    assert (folder / "factura.pdf").exists()
    with django_capture_on_commit_callbacks(execute=True):
        (receipt,) = receive_all(company, folder)
    assert [p.code for p in receipt.problems] == ["capture.file_known"]
    assert list(folder.iterdir()) == []
    assert records() == (1, 1, 1)
    assert custody.tallies(company.pk) == {today_of(company): Tally(1, 0, 1, 0)}


@pytest.mark.parametrize("step", range(12))
def test_a_pass_that_fails_at_any_step_loses_nothing_and_takes_nothing_twice(
    company, monkeypatch, step, django_capture_on_commit_callbacks
):
    """Every call to the disk and every insert fails in turn; then the pass is made again."""
    folder = source(company, factura_pdf=PDF)
    calls = iter(range(1000))

    def counted(real):
        def call(*arguments, **keywords):
            if next(calls) == step:
                raise OSError("cut off")
            return real(*arguments, **keywords)

        return call

    from django.db.models.query import QuerySet

    with monkeypatch.context() as patch:
        for owner, name in (
            (os, "fsync"),
            (Path, "replace"),
            (QuerySet, "create"),
            (QuerySet, "get_or_create"),
            (Path, "unlink"),
        ):
            patch.setattr(owner, name, counted(getattr(owner, name)))
        with django_capture_on_commit_callbacks() as callbacks:
            try:
                with transaction.atomic():
                    receive_all(company, folder)
            except (OSError, Refused):
                callbacks.clear()
        for callback in callbacks:
            try:
                callback()
            except OSError:
                break
    if (folder / "factura.pdf").exists():
        with django_capture_on_commit_callbacks(execute=True):
            receive_all(company, folder)
    assert list(folder.iterdir()) == []
    assert records() == (1, 1, 1)
    assert Filing.objects.count() == 1
    file = StoredFile.objects.get()
    assert path_to(file).read_bytes() == PDF
    assert store.holds(Folder.PC_OCR, company.pk, file.sha256)
    assert custody.tallies(company.pk) == {today_of(company): Tally(1, 0, 1, 0)}


def test_a_file_that_changed_after_it_was_received_stays(
    company, django_capture_on_commit_callbacks
):
    folder = source(company, factura_pdf=PDF)
    with django_capture_on_commit_callbacks() as callbacks:
        receive_all(company, folder)
        (folder / "factura.pdf").write_bytes(PDF + b" com mais uma linha")
    for callback in callbacks:
        callback()
    assert (folder / "factura.pdf").read_bytes() == PDF + b" com mais uma linha"


def test_a_file_still_being_written_is_left(company):
    folder = source(company)
    path = folder / "lenta.pdf"
    path.write_bytes(PDF)
    assert [f.path.name for f in whole_files(folder, wait=0.05)] == ["lenta.pdf"]
    first = intake._look(folder)
    path.write_bytes(PDF + b"...")
    with pytest.raises(Refused) as refusal:
        take(sender(company), first[0])
    assert refusal.value.problems[0].code == "capture.changing"


def test_links_hidden_and_partial_files_are_not_looked_at(company, tmp_path):
    folder = source(company, factura_pdf=PDF)
    (tmp_path / "segredo").write_bytes(b"x")
    (folder / "link.pdf").symlink_to(tmp_path / "segredo")
    (folder / ".oculto.pdf").write_bytes(PDF)
    (folder / "sub").mkdir()
    assert [f.path.name for f in whole_files(folder, wait=0)] == ["factura.pdf"]


def test_what_is_no_invoice_format_is_refused_kept_and_listed(company):
    receipt = intake.record(sender(company), io.BytesIO(b"GIF89a..."), "factura.pdf")
    assert [p.code for p in receipt.problems] == ["capture.format_refused"]
    item = CapturedInvoice.objects.get()
    assert (item.state, item.scan.name) == ("rejected", "factura.pdf")
    assert custody.tallies(company.pk) == {today_of(company): Tally(1, 0, 0, 1)}
    assert receipt.unread == ()


def test_a_large_file_is_accepted_with_advice(company):
    receipt = intake.record(sender(company), io.BytesIO(PDF + bytes(300_000)), "grande.pdf")
    assert [p.code for p in receipt.problems] == ["capture.large"]
    assert CapturedInvoice.objects.get().state == "received"


def test_a_file_over_the_limit_is_refused_by_every_way_in_and_nothing_is_kept(company, settings):
    settings.RAZAO_FILE_MAX_BYTES = 100
    with pytest.raises(Refused) as refusal:
        intake.record(sender(company), io.BytesIO(PDF + bytes(200)), "grande.pdf")
    assert [p.code for p in refusal.value.problems] == ["capture.too_large"]
    assert records() == (0, 0, 0)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/passwd", "..\\x.pdf", "a/../../b.pdf"]
)
def test_a_name_that_is_a_path_stays_a_name(company, name):
    (scan,) = intake.record(sender(company), io.BytesIO(PDF + name.encode()), name).scans
    place = path_to(scan.file)
    assert (scan.name, place.name) == (name, scan.file.sha256)
    assert place.is_relative_to(route(Folder.PC_OCR))


def test_a_message_with_a_thousand_recipients_is_read_at_its_first_ones():
    """Found by fuzzing (``make fuzz TARGET=eml``, seed n2-55): each of 2,000 headers was parsed."""
    headers = "".join(f"To: p{n}@example.pt\n" for n in range(2000))
    assert len(parse_mail(f"From: a@example.pt\n{headers}\nx".encode()).recipients) == 50


@pytest.mark.parametrize(
    ("header", "sender", "recipients"),
    [
        ("From: Loja <loja@", "Loja <loja@", ("b@example.pt",)),
        ("From: Loja <", "Loja <", ("b@example.pt",)),
        ("From: a@example.pt\nSender: Loja: x@example.pt;", "a@example.pt", ("b@example.pt",)),
        ("Sender: x@\nFrom: a@example.pt\nCc: c@", "a@example.pt", ("b@example.pt",)),
    ],
)
def test_an_address_that_breaks_off_is_taken_as_it_is_written(header, sender, recipients):
    """Found by fuzzing (``make fuzz TARGET=eml``, seeds 47f0bc5b-184, -431, -1182, -2879)."""
    mail = parse_mail(f"{header}\nTo: b@example.pt\nSubject: x\n\nx".encode())
    assert (mail.sender, mail.recipients, mail.subject) == (sender, recipients, "x")


PART = b"Content-Type: application/pdf\r\n\r\n" + PDF
DEEP, MANY = 5_000, 300_000
INSIDE_ITSELF = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(DEEP)
)
CROWDED = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b\r\n" + PART + b"\r\n") * 9_000
)


@pytest.mark.parametrize(
    ("header", "sender", "files"),
    [
        (b"From: a@example.pt\r\n" + INSIDE_ITSELF + PART, "a@example.pt", 0),
        (b"From: a@example.pt\r\n" + CROWDED, "a@example.pt", 0),
        (b"From: " + b"(" * DEEP + b"\r\n" + PART, "(" * DEEP, 1),
        (b"From: " + b"a@b.pt, " * MANY + b"\r\n" + PART, ("a@b.pt, " * MANY)[:10_000].strip(), 1),
        (b"To: " + b"(" * DEEP + b" c@example.pt\r\n" + PART, "", 1),
        (b"To: " + b"x, " * MANY + b"c@example.pt\r\n" + PART, "", 1),
    ],
    ids=["parts in parts", "parts", "comments", "senders", "comments before to", "many before to"],
)
def test_what_only_wants_to_keep_the_reader_busy_does_not(header, sender, files):
    """Found by fuzzing guided by branches: seconds for a header of 170 kB; the others were tried after it."""
    mail = parse_mail(b"To: b@example.pt\r\n" + header)
    assert (mail.sender, len(mail.attachments)) == (sender, files)
    assert set(mail.recipients) <= {"b@example.pt", "c@example.pt"}
    assert mail.recipients[0] == "b@example.pt"


def test_an_address_in_a_name_is_nobody_s_even_in_a_header_too_long_to_take_apart():
    names = '"chef@example.pt" <b@example.pt>, =?utf-8?q?x@y.pt?= <c@example.pt>, ' * 300
    mail = parse_mail(f"To: {names}\r\n\r\nx".encode())
    assert mail.recipients == ("b@example.pt", "c@example.pt")


def message(*files: tuple[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.pt", "b@example.pt", "Facturas"
    mail["Date"] = "Mon, 4 May 2026 10:00:00 +0100"
    mail.set_content("Junto envio.")
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def test_a_nul_in_names_and_subjects_loses_nothing(company):
    content = message(("a.pdf", PDF)).replace(b'"a.pdf"', b'"a\0b.pdf"')
    content = content.replace(b"Subject: Facturas", b"Subject: Fac\0turas")
    receipt = intake.record(sender(company), io.BytesIO(content), "cor\udcffreio.eml")
    assert [scan.file.name for scan in receipt.scans] == ["a\ufffdb.pdf"]
    assert StoredFile.objects.get(media_type="message/rfc822").name == "cor\ufffdreio.eml"
    assert parse_mail(content).subject == "Fac\ufffdturas"


def test_each_invoice_of_a_message_is_received_and_the_message_is_kept(company):
    content = message(("a.pdf", PDF), ("b.bin", PDF + b"2"), ("c.txt", b"ola"))
    receipt = intake.record(sender(company), io.BytesIO(content), "correio.eml")
    assert sorted(s.name for s in receipt.scans) == ["a.pdf", "b.bin"]
    assert records() == (2, 2, 3)
    assert {s.mail.media_type for s in receipt.scans} == {"message/rfc822"}
    again = intake.record(sender(company), io.BytesIO(content), "correio.eml")
    assert [p.code for p in again.problems] == ["capture.file_known"] * 2
    assert records() == (2, 2, 3)


def test_a_message_without_invoices_is_refused_and_kept(company):
    intake.record(sender(company), io.BytesIO(message()), "correio.eml")
    assert CapturedInvoice.objects.get().state == "rejected"


def test_a_source_folder_lies_below_the_intake_and_nowhere_else(home):
    assert checked_folder("um/recebidas") == home / "intake" / "um" / "recebidas"
    for outside in ("/etc", "../archive", "um/../..", ""):
        with pytest.raises(Refused) as refusal:
            checked_folder(outside)
        assert refusal.value.problems[0].code == "capture.folder_outside"


def test_a_company_has_a_folder_for_each_direction(company):
    folders = {i.direction: Path(i.folder) for i in intake.open_folders(company)}
    assert set(folders) == {"received", "issued"}
    assert all(path.is_dir() for path in folders.values())
    intake.open_folders(company)
    assert Intake.objects.count() == 2
