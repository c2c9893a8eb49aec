"""The archive: a file is kept unchanged, moves through its folders, and is never in fewer than one durable place."""

from __future__ import annotations

import errno
import io
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone

from razao.archive import custody, filing, store
from razao.archive.custody import Tally
from razao.archive.filing import Subject, file_away, filing_of, move, path_to, sweep, withdraw
from razao.archive.models import Filing, Folder, IntakeEvent, StoredFile
from razao.companies.models import Company
from razao.kernel.problems import Refused
from razao.kernel.tenancy import act_as, new_id
from tests.companies.test_rights import office

PDF = b"%PDF-1.7 uma factura"


@pytest.fixture(autouse=True)
def routes(tmp_path: Path, settings):
    settings.RAZAO_ARCHIVE_ROUTES = {f.value: tmp_path / f.value for f in Folder}
    for folder in Folder:
        (tmp_path / folder.value).mkdir()
    return settings.RAZAO_ARCHIVE_ROUTES


@pytest.fixture
def company(db) -> Company:
    _, company, user = office("um")
    act_as(user=user.pk, companies=[company.pk])
    return company


def keep(company: Company, content: bytes = PDF, name: str = "f.pdf") -> Filing:
    subject = Subject("scan", new_id())
    return file_away(
        company.pk, io.BytesIO(content), name=name, folder=Folder.PC_OCR, subject=subject
    )


def places(company: Company, sha256: str) -> list[Folder]:
    return [f for f in Folder if store.holds(f, company.pk, sha256)]


def acting(company: Company):
    return lambda: act_as(companies=[company.pk])


def test_a_file_is_kept_under_its_hash_with_its_kind_and_size(company):
    kept = keep(company)
    path = path_to(kept.file)
    assert path.read_bytes() == PDF
    assert store.hash_of(path) == kept.file.sha256
    assert (kept.file.media_type, kept.file.size) == ("application/pdf", len(PDF))
    assert path.stat().st_mode & 0o077 == 0


def test_the_same_content_is_kept_once_whatever_it_is_called(company):
    first, second = keep(company), keep(company, name="outra.pdf")
    assert first.file == second.file
    assert StoredFile.objects.count() == 1
    assert len(list(store.contents(Folder.PC_OCR, company.pk))) == 1


def test_a_file_moves_with_its_life(company, django_capture_on_commit_callbacks):
    kept = keep(company)
    for folder in (Folder.PF_BORRADOR, Folder.PF_ASIENTO, Folder.PF_HCO_ASIENTO):
        with django_capture_on_commit_callbacks(execute=True):
            move(kept, folder)
            assert len(places(company, kept.file.sha256)) == 2
        assert places(company, kept.file.sha256) == [folder]
    assert path_to(kept.file).read_bytes() == PDF


def test_a_pile_stays_where_one_of_its_invoices_still_waits(
    company, django_capture_on_commit_callbacks
):
    one = keep(company)
    filing.file_for(one.file, Folder.PC_OCR, Subject("invoice", new_id()))
    with django_capture_on_commit_callbacks(execute=True):
        move(one, Folder.PF_ASIENTO)
    assert places(company, one.file.sha256) == [Folder.PC_OCR, Folder.PF_ASIENTO]


def test_a_second_disk_is_copied_to(company, monkeypatch, django_capture_on_commit_callbacks):
    def other_disk(*_: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    kept = keep(company)
    monkeypatch.setattr(os, "link", other_disk)
    with django_capture_on_commit_callbacks(execute=True):
        move(kept, Folder.PF_BORRADOR)
    assert places(company, kept.file.sha256) == [Folder.PF_BORRADOR]
    assert path_to(kept.file).read_bytes() == PDF


@pytest.mark.parametrize("failing", range(4))
def test_a_full_disk_at_any_step_leaves_the_file_receivable_again(company, monkeypatch, failing):
    calls = iter(range(1000))
    sync = os.fsync

    def fail(handle: int) -> None:
        if next(calls) == failing:
            raise OSError(errno.ENOSPC, "no space left")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((Refused, OSError)):
        keep(company)
    monkeypatch.setattr(os, "fsync", sync)
    assert StoredFile.objects.count() == 0
    kept = keep(company)
    assert path_to(kept.file).read_bytes() == PDF
    assert list(store.place(Folder.PC_OCR).parts(company.pk)) == []


@pytest.mark.parametrize("failing", ["link", "fsync", "unlink"])
def test_a_move_cut_off_anywhere_is_mended(
    company, monkeypatch, failing, django_capture_on_commit_callbacks
):
    kept = keep(company)
    if failing == "unlink":
        with django_capture_on_commit_callbacks() as callbacks:  # killed before they run
            move(kept, Folder.PF_BORRADOR)
        assert len(callbacks) == 1
    else:
        real = getattr(os, failing)
        monkeypatch.setattr(os, failing, _broken)
        with pytest.raises(OSError, match="cut off"):
            move(kept, Folder.PF_BORRADOR)
        monkeypatch.setattr(os, failing, real)
    kept.refresh_from_db()
    assert path_to(kept.file).read_bytes() == PDF
    assert sweep(company.pk, acting(company)) == []
    assert places(company, kept.file.sha256) == [Folder(kept.folder)]


def test_a_place_that_cannot_be_emptied_after_the_commit_stops_nobody(
    company, monkeypatch, django_capture_on_commit_callbacks
):
    kept = keep(company)
    with monkeypatch.context() as failing, django_capture_on_commit_callbacks(execute=True):
        failing.setattr(store, "remove", _broken)
        move(kept, Folder.PF_BORRADOR)
    assert sweep(company.pk, acting(company)) == []
    assert places(company, kept.file.sha256) == [Folder.PF_BORRADOR]


def _broken(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, "cut off")


def test_a_missing_copy_is_refilled_and_a_lost_file_is_named(company):
    kept = keep(company)
    place = path_to(kept.file)
    store.spread(company.pk, kept.file.sha256, Folder.PC_OCR, Folder.PF_ASIENTO)
    place.unlink()
    assert sweep(company.pk, acting(company)) == []
    assert place.read_bytes() == PDF
    for folder in Folder:
        store.remove(folder, company.pk, kept.file.sha256)
    lost = sweep(company.pk, acting(company))
    assert [(p.code, p.where) for p in lost] == [("archive.file_missing", kept.file.sha256)]


def test_a_file_that_nobody_recorded_stays_until_it_is_recorded_elsewhere(company):
    """A receipt that was cut off between disk and row leaves bytes; nothing else of theirs is known."""
    store.settle(store.stage(io.BytesIO(PDF), Folder.PC_OCR, company.pk), Folder.PC_OCR, company.pk)
    kept = keep(company)
    assert sweep(company.pk, acting(company)) == []
    assert places(company, kept.file.sha256) == [Folder.PC_OCR]


def test_a_route_that_does_not_exist_is_named(routes, tmp_path):
    assert store.check_routes() == []
    routes["pf_asiento"] = tmp_path / "nowhere"
    (problem,) = store.check_routes()
    assert (problem.code, problem.where) == ("archive.route_missing", str(tmp_path / "nowhere"))


def test_a_route_that_cannot_be_written_is_named(routes, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "touch", _broken)
    assert {p.code for p in store.check_routes()} == {"archive.route_read_only"}
    assert len(store.check_routes()) == 4


def test_routes_exist_by_default(settings, tmp_path):
    routes = {f.value: tmp_path / "home" / "archive" / f.value for f in Folder}
    with override_settings(RAZAO_HOME=tmp_path / "home", RAZAO_ARCHIVE_ROUTES=routes):
        assert store.check_routes() == []
    assert all(path.is_dir() for path in routes.values())


def test_custody_ties_and_names_the_day_that_does_not(company):
    from datetime import date

    monday, tuesday = date(2026, 5, 4), date(2026, 5, 5)
    file = keep(company).file
    items = [new_id() for _ in range(4)]

    def step(kind: IntakeEvent.Kind, item: int, day: date = monday) -> None:
        custody.note(kind, item=items[item], day=day, file=file, user=None)

    kind = IntakeEvent.Kind
    for item in (0, 1):
        step(kind.RECEIVED, item)
    step(kind.SPLIT, 2)
    step(kind.RECEIVED, 3, tuesday)
    step(kind.POSTED, 0)
    step(kind.POSTED, 1)
    step(kind.UNPOSTED, 1)
    step(kind.REJECTED, 2)
    expected = {monday: Tally(3, 1, 1, 1), tuesday: Tally(1, 0, 1, 0)}
    assert custody.tallies(company.pk) == expected
    proof = custody.prove(company.pk, expected)
    assert (proof.ties, proof.received, proof.waiting) == (True, 4, 2)
    assert proof.oldest_waiting == monday
    proof = custody.prove(company.pk, expected | {tuesday: Tally()})
    assert [(p["code"], p["where"]) for p in proof.problems] == [
        ("archive.custody_differs", "2026-05-05")
    ]


def test_the_ledger_of_receipts_cannot_be_changed(company):
    from datetime import date

    from django.db import DatabaseError, transaction

    custody.note(
        IntakeEvent.Kind.RECEIVED,
        item=new_id(),
        day=date(2026, 5, 4),
        file=keep(company).file,
        user=None,
    )
    for change in (
        lambda: IntakeEvent.objects.update(note="x"),
        lambda: IntakeEvent.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change()


def test_another_companys_files_are_not_seen(company):
    keep(company)
    _, theirs, user = office("dois")
    act_as(user=user.pk, companies=[theirs.pk])
    assert (StoredFile.objects.count(), Filing.objects.count()) == (0, 0)


def test_a_subject_has_its_file(company):
    kept = keep(company)
    assert filing_of(company.pk, Subject("scan", kept.subject_id)) == kept


def test_a_file_is_kept_until_the_end_of_the_tenth_year_after_it_came(company):
    year = timezone.localdate().year
    assert keep(company).retained_until == date(year + 10, 12, 31)


def test_no_file_goes_before_its_time_not_even_by_hand(company):
    kept = keep(company)
    with pytest.raises(IntegrityError, match="is kept until"), transaction.atomic():
        Filing.objects.filter(pk=kept.pk).delete()
    with pytest.raises(IntegrityError, match="never shortened"), transaction.atomic():
        Filing.objects.filter(pk=kept.pk).update(retained_until=date(2000, 1, 1))
    assert Filing.objects.get().retained_until == kept.retained_until


def test_a_filing_goes_when_another_keeps_the_file_as_long(company):
    kept, other = keep(company), keep(company)
    later = date(kept.retained_until.year + 1, 12, 31)
    Filing.objects.filter(pk=other.pk).update(retained_until=later)
    other.refresh_from_db()
    withdraw(other)
    assert Filing.objects.get().retained_until == later


def test_once_its_time_is_over_a_file_may_go(company):
    file = StoredFile.objects.create(
        company=company, sha256="0" * 64, size=1, media_type="application/pdf", name="f.pdf"
    )
    Filing.objects.create(
        company=company,
        file=file,
        folder=Folder.PF_HCO_ASIENTO,
        subject_kind="invoice",
        subject_id=new_id(),
        retained_until=date(2016, 12, 31),
    )
    Filing.objects.all().delete()
    assert Filing.objects.count() == 0
