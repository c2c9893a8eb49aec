"""One hash chain over files, entries and deliveries: nobody changes anything unseen, and an export proves itself anywhere."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from razao.archive import chain
from razao.archive.models import ChainLink, ChainRoot
from razao.cli.main import razao
from razao.companies.models import Company
from razao.delivery import flow, proof, reading, verify
from razao.ledger.posting import post
from tests.delivery.clients import PDF, House, a_house, work
from tests.ledger.by_hand import connect
from tests.ledger.entries import draft, drafts


def book(house: House, *wanted) -> None:
    with house.at_work() as access:
        post(access, drafts(*wanted), kind="manual", source="à mão", fingerprint="")


@pytest.fixture
def busy(committed_db) -> House:
    """A company with two batches, a delivered and opened document, and one that was withdrawn."""
    house = a_house("demo", books=True)
    with house.at_work():
        Company.objects.filter(pk=house.company).update(address="Rua do Norte 1, 1200-284 Lisboa")
    book(house, draft(source_key="a"), draft(source_key="b", text="Venda à vista – café"))
    opened = house.sent("Balancete de maio", period="2025-05")
    with house.reading() as reader:
        reading.open_document(reader, house.document(opened), "10.1.2.3")
    withdrawn = house.sent("Guia", PDF + b"2", category="vat", period="2025-T2")
    with house.at_work() as access:
        flow.withdraw(access, [withdrawn.pk], "valor errado")
    work()
    book(house, draft(source_key="c"))
    return house


def links(house: House) -> list[str]:
    with house.at_work():
        return list(
            ChainLink.objects.filter(company=house.company)
            .order_by("position")
            .values_list("kind", flat=True)
        )


def problems(house: House) -> list[tuple[str, str]]:
    with house.at_work():
        found = chain.check(house.company) + proof.check_records(house.company)
    return [(p.code, p.where) for p in found]


def intrude(statement: str) -> None:
    """As the superuser, with every trigger off."""
    with connect("postgres") as session:
        session.execute("SET session_replication_role = replica")
        session.execute(statement)


def export(house: House, folder: Path) -> Path:
    result = CliRunner().invoke(
        razao,
        ["export", "year", "--company", "demo", "--year", "2025", "--to", str(folder), "--json"],
        catch_exceptions=False,
    )
    assert (result.exit_code, json.loads(result.output)["saft_problems"]) == (0, [])
    return folder


def test_every_fact_is_a_link_in_the_order_of_its_commit(busy):
    assert links(busy) == [
        "batch",
        "file", "step", "step", "step", "step", "opening",  # drawn, queued, sending, delivered; notified
        "opening", "step",  # opened
        "file", "step", "step", "step", "step", "opening",
        "step",  # withdrawn
        "batch",
    ]  # fmt: skip
    assert problems(busy) == []


def test_a_fact_that_was_rolled_back_leaves_no_link(busy):
    before = len(links(busy))

    def fail_after_posting() -> None:
        with busy.at_work() as access:
            post(access, drafts(draft()), kind="manual", source="", fingerprint="")
            raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        fail_after_posting()
    assert len(links(busy)) == before


def test_the_application_cannot_write_the_chain(busy):
    statements = (
        "SELECT archive_chain_append(%s, 'file', uuidv7(), 'x')",
        "UPDATE archive_chainhead SET position = 0 WHERE company_id = %s",
        "DELETE FROM archive_chainlink WHERE company_id = %s",
        "DELETE FROM delivery_opening WHERE company_id = %s",
        "UPDATE delivery_deliverystep SET cause = '' WHERE company_id = %s",
    )
    for statement in statements:
        with connect() as session:
            session.execute("SELECT set_config('razao.companies', %s, false)", [str(busy.company)])
            with pytest.raises(Exception, match="permission denied"):
                session.execute(statement, [busy.company])


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE delivery_opening SET who = 'Outro' WHERE fact = 'opened'", "chain.record_differs"),
        ("UPDATE delivery_delivery SET title = 'Outro'", "chain.record_differs"),
        ("UPDATE archive_storedfile SET name = 'outro.pdf'", "chain.record_differs"),
        ("UPDATE ledger_batch SET source = 'outra'", "chain.record_differs"),
        ("DELETE FROM delivery_deliverystep WHERE state = 'withdrawn'", "chain.record_differs"),
        (
            "UPDATE archive_chainlink SET at = at + interval '1 day' WHERE position = 3",
            "chain.broken",
        ),
        ("DELETE FROM archive_chainlink WHERE position = 5", "chain.broken"),
        (
            "DELETE FROM archive_chainlink WHERE kind = 'batch' AND position > 5",
            "chain.end_missing",
        ),
    ],
)
def test_what_an_intruder_above_all_rights_changes_is_found(busy, statement, code):
    intrude(statement)
    assert code in [found for found, _where in problems(busy)]


def test_the_nightly_root_is_kept_and_belies_a_chain_made_anew(busy):
    flow.seal_chains()
    flow.seal_chains()
    with busy.at_work():
        (root,) = ChainRoot.objects.filter(company=busy.company)
    assert (root.position, root.problems) == (len(links(busy)), [])
    intrude("UPDATE archive_chainroot SET hash = sha256('x')")
    assert problems(busy) == [("chain.root_differs", str(root.position))]


def test_the_export_holds_by_itself_on_any_machine(busy, tmp_path):
    flow.seal_chains()
    folder = export(busy, tmp_path / "2025")
    assert sorted(p.name for p in folder.iterdir()) == [
        "chain.tsv", "entries.txt", "files", "manifest.json", "manifest.sha256", "records.tsv",
        "saft.xml", "verify.py",
    ]  # fmt: skip
    said = subprocess.run(
        [sys.executable, "-I", "-S", folder / "verify.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout.startswith("Everything holds.")) == (0, True)
    end = json.loads((folder / "manifest.json").read_text())["chain"]
    known = f"{end['position']}:{end['hash']}"
    assert verify.main([str(folder), "--expect", known]) == 0
    assert verify.main([str(folder), "--expect", f"{end['position']}:{'0' * 64}"]) == 1
    assert verify.main([str(folder), "--expect", "nothing"]) == 2


def test_an_export_goes_to_a_folder_of_its_own_and_for_a_year_that_exists(busy, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "x").touch()
    for year, folder in (("2025", "there"), ("1999", "new")):
        words = ["--company", "demo", "--year", year, "--to", str(tmp_path / folder)]
        assert CliRunner().invoke(razao, ["export", "year", *words]).exit_code == 1


def test_every_single_byte_that_is_changed_is_found_and_its_place_named(busy, tmp_path):
    flow.seal_chains()
    folder = export(busy, tmp_path / "2025")
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "saft.xml")
    assert list(verify.check(folder)) == []

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        path=st.sampled_from(paths),
        place=st.floats(0, 1, exclude_max=True),
        flip=st.integers(1, 255),
    )
    def changed(path: Path, place: float, flip: int) -> None:
        whole = path.read_bytes()
        at = int(place * len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
        try:
            named = " ".join(verify.check(folder))
        finally:
            path.write_bytes(whole)
        expected = "manifest" if path.name.startswith("manifest") else path.name
        assert expected in named

    changed()
    assert list(verify.check(folder)) == []


def test_who_also_mends_the_manifest_is_found_by_the_chain(busy, tmp_path):
    """The forger changes an amount, a name or a file, and makes every plain hash of the folder fit again."""
    folder = export(busy, tmp_path / "2025")
    chance = random.Random(7)
    document = chance.choice(sorted((folder / "files").iterdir()))
    forgeries = [
        ("entries.txt", b"\t123.00\t", b"\t923.00\t", "entries.txt line"),
        ("records.tsv", b"10.1.2.3", b"10.9.2.3", "opening"),
        ("records.tsv", b"valor errado", b"valor certo!", "step"),
        ("chain.tsv", b"\topening\t", b"\tstep\t", "chain.tsv position"),
        (f"files/{document.name}", b"/Count 1", b"/Count 2", f"files/{document.name}"),
    ]
    for name, old, new, place in forgeries:
        forged = tmp_path / "forged"
        shutil.copytree(folder, forged)
        path = forged / name
        path.write_bytes(path.read_bytes().replace(old, new, 1))
        manifest = json.loads((forged / "manifest.json").read_text())
        for one in manifest["files"]:
            one["sha256"] = verify.sha256_of(forged / one["path"])
        (forged / "manifest.json").write_text(json.dumps(manifest))
        seal = verify.sha256_of(forged / "manifest.json")
        (forged / "manifest.sha256").write_text(seal + "\n")
        named = list(verify.check(forged))
        assert named != [], name
        assert place in named[0]
        shutil.rmtree(forged)


def test_two_companies_have_chains_of_their_own(busy):
    other = a_house("c9")
    other.sent()
    assert links(other)[0] == "file"
    assert problems(other) == []
