"""The archive in an S3-compatible store: the same promises as on disk, with a server that is no double of our code."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import pytest
from django.db import transaction

from razao.archive import bucket, cache, custody, filing, store
from razao.archive.filing import Subject, file_away, move, path_to, sweep
from razao.archive.models import Filing, Folder, StoredFile
from razao.billing.sourcing import of_archive
from razao.companies.models import Company
from razao.config import backup
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import act_as, new_id
from tests.archive.object_store import CutOff, Wire, object_store
from tests.companies.test_rights import office

PDF = b"%PDF-1.7 uma factura"


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patched, object_store() as address:
        for name, value in (("ACCESS_KEY_ID", "chave"), ("SECRET_ACCESS_KEY", "segredo")):
            patched.setenv(f"AWS_{name}", value)
        yield address


@pytest.fixture(autouse=True)
def routes(server, settings, tmp_path):
    name = f"razao-{new_id()}"
    settings.RAZAO_S3_ENDPOINT, settings.RAZAO_S3_REGION = server, "eu-west-1"
    settings.RAZAO_CACHE = tmp_path / "cache"
    settings.RAZAO_ARCHIVE_ROUTES = {f.value: f"s3://{name}/arquivo/{f.value}" for f in Folder}
    here = store.place(Folder.PC_OCR)
    here.client.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return settings.RAZAO_ARCHIVE_ROUTES


@pytest.fixture
def company(db) -> Company:
    _, company, user = office("um")
    act_as(user=user.pk, companies=[company.pk])
    return company


def keep(company: Company, content: bytes = PDF) -> Filing:
    subject = Subject("scan", new_id())
    return file_away(
        company.pk, io.BytesIO(content), name="f.pdf", folder=Folder.PC_OCR, subject=subject
    )


def places(company: Company, sha256: str) -> list[Folder]:
    return [f for f in Folder if store.holds(f, company.pk, sha256)]


def acting(company: Company):
    return lambda: act_as(companies=[company.pk])


def forget(company: Company) -> None:
    """This machine has no copies: as another one has."""
    for path in (Path(cache._root()) / str(company.pk)).rglob("*"):
        if path.is_file():
            path.unlink()


def test_a_file_lies_in_the_store_under_its_hash_and_is_read_on_any_machine(company):
    kept = keep(company)
    assert store.hash_in(Folder.PC_OCR, company.pk, kept.file.sha256) == kept.file.sha256
    assert (kept.file.media_type, kept.file.size) == ("application/pdf", len(PDF))
    forget(company)
    assert path_to(kept.file).read_bytes() == PDF
    assert list(store.contents(Folder.PC_OCR, company.pk)) == [(kept.file.sha256, len(PDF))]


def test_what_was_just_received_is_read_without_asking_the_store_again(company, monkeypatch):
    kept = keep(company)
    with Wire().watched(monkeypatch) as wire:
        path_to(kept.file).read_bytes()
    assert wire.seen == []


def test_a_file_moves_with_its_life(company, django_capture_on_commit_callbacks):
    kept = keep(company)
    for folder in (Folder.PF_BORRADOR, Folder.PF_ASIENTO, Folder.PF_HCO_ASIENTO):
        with django_capture_on_commit_callbacks(execute=True):
            move(kept, folder)
            assert len(places(company, kept.file.sha256)) == 2
        assert places(company, kept.file.sha256) == [folder]


def test_a_folder_on_disk_and_one_in_the_store_work_together(
    company, routes, tmp_path, django_capture_on_commit_callbacks
):
    routes["pf_hco_asiento"] = tmp_path / "hco"
    kept = keep(company)
    for folder in (Folder.PF_HCO_ASIENTO, Folder.PF_ASIENTO):
        with django_capture_on_commit_callbacks(execute=True):
            move(kept, folder)
        assert places(company, kept.file.sha256) == [folder]
        forget(company)
        assert path_to(kept.file).read_bytes() == PDF


@pytest.mark.parametrize("after", [False, True], ids=["before", "answer lost"])
def test_cut_off_at_any_request_a_file_is_receivable_again_and_kept_once(
    company, monkeypatch, after
):
    with Wire().watched(monkeypatch) as wire:
        keep(company)
    assert wire.seen == ["HEAD", "PUT", "HEAD"]
    for at in range(3):
        content = PDF + bytes([at])
        with Wire(at, after).watched(monkeypatch), pytest.raises(CutOff), transaction.atomic():
            keep(company, content)
        assert StoredFile.objects.count() == 1 + at
        kept = keep(company, content)
        forget(company)
        assert path_to(kept.file).read_bytes() == content
        assert sweep(company.pk, acting(company)) == []
        assert len(list(store.contents(Folder.PC_OCR, company.pk))) == 2 + at


@pytest.mark.parametrize("after", [False, True], ids=["before", "answer lost"])
def test_a_move_cut_off_at_any_request_is_mended(
    company, monkeypatch, after, django_capture_on_commit_callbacks
):
    kept, at = keep(company), 0
    while True:
        file = Filing.objects.get(pk=kept.pk)
        there = [f for f in Folder if f != file.folder][at % 3]
        with Wire(at, after).watched(monkeypatch) as wire:
            try:
                with transaction.atomic(), django_capture_on_commit_callbacks(execute=True):
                    move(file, there)
            except CutOff:
                pass
        forget(company)
        assert path_to(kept.file).read_bytes() == PDF
        assert sweep(company.pk, acting(company)) == []
        kept.refresh_from_db()
        assert places(company, kept.file.sha256) == [Folder(kept.folder)]
        if len(wire.seen) <= at:
            break
        at += 1
    assert at > 3


def test_what_arrives_differently_is_refused_and_does_not_stay(company, monkeypatch):
    with Wire(garbled=True).watched(monkeypatch), pytest.raises(Refused) as refusal:
        keep(company)
    assert [p.code for p in refusal.value.problems] == ["archive.cannot_write"]
    assert list(store.contents(Folder.PC_OCR, company.pk)) == []
    assert StoredFile.objects.count() == 0


def test_a_content_that_changed_in_the_store_is_not_handed_out(company):
    kept = keep(company)
    here = store.place(Folder.PC_OCR)
    key = here.key_of(company.pk, kept.file.sha256)
    here.client.put_object(Bucket=here.name, Key=key, Body=b"%PDF-1.7 uma fatura")
    forget(company)
    with pytest.raises(OSError, match="holds another content"):
        path_to(kept.file)
    assert list(cache._files()) == []
    proof = custody.prove(company.pk, {})
    assert [p["code"] for p in proof.problems] == ["archive.file_missing"]


def test_a_missing_object_is_refilled_and_a_lost_one_is_named(company):
    kept = keep(company)
    store.spread(company.pk, kept.file.sha256, Folder.PC_OCR, Folder.PF_ASIENTO)
    store.remove(Folder.PC_OCR, company.pk, kept.file.sha256)
    assert sweep(company.pk, acting(company)) == []
    assert places(company, kept.file.sha256) == [Folder.PC_OCR]
    store.remove(Folder.PC_OCR, company.pk, kept.file.sha256)
    forget(company)
    lost = sweep(company.pk, acting(company))
    assert [(p.code, p.where) for p in lost] == [("archive.file_missing", kept.file.sha256)]
    with pytest.raises(NotFound):
        path_to(kept.file)


def test_a_bucket_that_is_not_there_and_a_store_that_is_away_are_named(routes, settings):
    assert store.check_routes() == []
    routes["pf_asiento"] = "s3://nenhum-balde/x"
    assert [(p.code, p.where) for p in store.check_routes()] == [
        ("archive.route_missing", "s3://nenhum-balde/x/")
    ]
    settings.RAZAO_S3_ENDPOINT = "http://127.0.0.1:9"
    bucket._client.cache_clear()
    assert {p.code for p in store.check_routes()} == {"archive.route_missing"}


def test_the_cache_keeps_to_its_bound_but_for_what_was_just_given(company, settings):
    settings.RAZAO_ARCHIVE_CACHE_BYTES = 25_000
    kept = [keep(company, PDF + bytes([n]) * 10_000) for n in range(6)]
    assert cache.shrink() > 60_000
    for path in [p for _, _, p in cache._files()]:
        old = time.time() - cache.GOOD_FOR - path.stat().st_size
        os.utime(path, (old, old))
    path_to(kept[0].file)
    assert cache.shrink() <= 25_000
    assert cache.find(company.pk, kept[0].file.sha256) is not None
    assert [path_to(k.file).stat().st_size for k in kept] == [len(PDF) + 10_000] * 6


def test_a_backup_reads_the_store_and_a_restore_fills_an_empty_one(company, tmp_path):
    kept = keep(company)
    row = backup.Kept("pc_ocr", str(company.pk), kept.file.sha256, len(PDF))
    asiento = backup.Kept("pf_asiento", str(company.pk), kept.file.sha256, len(PDF))
    assert backup._copy_contents([row, asiento], tmp_path / "files") == (1, [])
    place = tmp_path / "20261122"
    place.mkdir()
    lines = [f"{k.folder}\t{k.company}\t{k.sha256}\t{k.size}\n" for k in (row, asiento)]
    (place / backup.LIST).write_text("".join(lines))
    assert not store.place(Folder.PC_OCR).is_empty()
    store.remove(Folder.PC_OCR, company.pk, kept.file.sha256)
    assert store.place(Folder.PC_OCR).is_empty()
    assert backup.restore_files(place) == 1
    assert places(company, kept.file.sha256) == [Folder.PC_OCR, Folder.PF_ASIENTO]


def test_a_sales_file_that_one_machine_was_given_is_read_by_another(company):
    file = keep(company, b"FT;1").file
    choice = of_archive("table", file, "vendas.csv", {"mapping": {}})
    assert choice.settings == {"mapping": {}, "path": f"archive:{file.pk}"}
    assert Path(choice.place).read_bytes() == b"FT;1"


def test_another_companys_file_is_not_read_as_a_source(company):
    from razao.billing.sourcing import place_of

    file = keep(company).file
    with pytest.raises(NotFound):
        place_of(new_id(), f"archive:{file.pk}")
    assert filing.path_to(file).read_bytes() == PDF
