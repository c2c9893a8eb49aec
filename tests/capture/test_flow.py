"""From a file to a proposed entry: received, read, proposed, corrected, undone; the same for one and for many."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from razao.archive import custody
from razao.archive.custody import Tally
from razao.archive.filing import path_to
from razao.archive.models import CustodyProof, FileText, Filing, Folder
from razao.capture import flow, intake, queries, review
from razao.capture.intake import today_of
from razao.capture.models import CapturedInvoice, Intake, Scan
from razao.companies.models import Role
from razao.companies.rights import company_for
from razao.kernel.jobs import Run, run_worker
from razao.kernel.models import JobRun
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import act_as, new_id
from tests.capture.papers import a_paper, read, received, send
from tests.factories import a_company, a_person


def codes(row: CapturedInvoice) -> list[str]:
    return [p["code"] for p in row.problems]


def test_a_file_becomes_a_proposed_invoice(access):
    paper = a_paper(access.company)
    truth = paper.invoices[0]
    scan = send(access, paper)
    (item,) = CapturedInvoice.objects.all()
    assert item.state == "received"
    assert JobRun.objects.get(pk=scan.run_id).title == paper.name
    (row,) = read(access, scan)
    assert row.pk == item.pk
    said = (row.number, row.party_tax_id, str(row.gross_total), row.issue_date.isoformat())
    wanted = ("number", "seller_tax_id", "gross_total", "issue_date")
    assert said == tuple(truth[name] for name in wanted)
    assert row.state == "doubtful"
    assert codes(row) == ["booking.account_missing"]
    assert Filing.objects.get().folder == Folder.PF_BORRADOR
    assert FileText.objects.filter(search=row.party_tax_id).count() == 1


def test_reading_twice_changes_nothing(access):
    scan = send(access, a_paper(access.company))
    read(access, scan)
    before = CapturedInvoice.objects.values().get()
    read(access, scan)
    assert CapturedInvoice.objects.values().get() == before


def test_a_file_that_cannot_be_read_waits_with_its_reason(access):
    paper = a_paper(access.company)
    (row,) = received(access, type(paper)(**(_fields(paper) | {"content": b"%PDF-1.7 rubbish"})))
    assert row.state == "doubtful"
    assert "read.damaged" in codes(row)
    proof = custody.prove(access.company.pk, queries.living(access.company.pk))
    assert (proof.ties, proof.waiting) == (True, 1)


def _fields(paper: object) -> dict[str, object]:
    return {name: getattr(paper, name) for name in paper.__dataclass_fields__}


def test_a_folder_is_emptied_and_its_files_are_read(committed_db):
    with transaction.atomic():
        access = a_company()
        (found,) = [i for i in intake.open_folders(access.company) if i.direction == "received"]
    papers = [a_paper(access.company, seed) for seed in "ab"]
    for paper in papers:
        (Path(found.folder) / paper.name).write_bytes(paper.content)
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        flow.send_files(access, found)
    run_worker(wait=False, concurrency=1)
    assert list(Path(found.folder).iterdir()) == []
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        read = CapturedInvoice.objects.values_list("scan__name", "state")
        assert sorted(read) == sorted((p.name, "doubtful") for p in papers)
        assert set(JobRun.objects.values_list("state", flat=True)) == {"done"}


def test_a_folder_that_is_gone_is_named(access):
    (found,) = [i for i in intake.open_folders(access.company) if i.direction == "received"]
    Path(found.folder).rmdir()
    flow.receive_folder(Run(new_id(), access.user_id, access.company.pk), intake=str(found.pk))
    company_for(access.user_id, access.company.pk)
    found = Intake.objects.get(pk=found.pk)
    assert [p["code"] for p in found.problems] == ["capture.folder_unreadable"]


def test_the_timer_looks_when_the_offices_time_has_come(access):
    (found,) = [i for i in intake.open_folders(access.company) if i.direction == "received"]
    (Path(found.folder) / "f.pdf").write_bytes(b"%PDF-1.7")
    flow.receive_due()
    company_for(access.user_id, access.company.pk)
    assert JobRun.objects.filter(name="capture.receive_folder").count() == 1
    flow.receive_due()
    company_for(access.user_id, access.company.pk)
    assert JobRun.objects.filter(name="capture.receive_folder").count() == 1


def test_each_night_custody_is_proven(access):
    received(access, a_paper(access.company))
    flow.prove_custody()
    company_for(access.user_id, access.company.pk)
    proof = CustodyProof.objects.get()
    assert (proof.ties, proof.received, proof.waiting) == (True, 1, 1)
    assert proof.oldest_waiting == today_of(access.company)


def test_a_correction_is_proposed_at_once_and_can_be_undone(access):
    (row,) = received(access, a_paper(access.company))
    number = row.number
    proposal = review.correct(
        access, row.pk, row.version, [("number", "FT X/1"), ("account", "2212")]
    )
    assert (proposal.row.number, proposal.row.account) == ("FT X/1", "2212")
    assert proposal.row.state == "ready"
    assert sum(proposal.plan.lines["debit"]) == sum(proposal.plan.lines["credit"])
    again = review.undo(access, row.pk)
    assert (again.row.number, again.row.state) == (number, "doubtful")
    with pytest.raises(Refused) as refusal:
        review.undo(access, row.pk)
    assert refusal.value.problems[0].code == "capture.nothing_to_undo"


def test_two_clerks_do_not_overwrite_each_other(access):
    (row,) = received(access, a_paper(access.company))
    review.correct(access, row.pk, row.version, [("number", "FT X/1")])
    with pytest.raises(Refused) as refusal:
        review.correct(access, row.pk, row.version, [("number", "FT X/2")])
    assert refusal.value.problems[0].code == "capture.changed_meanwhile"
    assert CapturedInvoice.objects.get().number == "FT X/1"


def test_an_invoice_that_a_clerk_is_at_is_nobody_elses_next(access):
    (row,) = received(access, a_paper(access.company))
    office = access.company.office
    bia = a_person(office, Role.CLERK, by=_user(access))
    cai = a_person(office, Role.CLERK, by=_user(access))
    at_bia = company_for(bia.pk, access.company.pk)
    assert review.claim(at_bia, row) is True
    assert [r.pk for r in queries.next_invoice(access.company, "received", bia.pk)] == [row.pk]
    at_cai = company_for(cai.pk, access.company.pk)
    assert queries.next_invoice(access.company, "received", cai.pk) == []
    assert review.claim(at_cai, row) is False
    review.release(at_bia, row.pk)
    assert review.claim(at_cai, row) is True


def _user(access):
    from razao.companies.models import User

    return User.objects.get(pk=access.user_id)


def test_a_row_is_split_and_the_entry_follows(access):
    (row,) = received(access, a_paper(access.company, "3"))
    base = Decimal(row.reading["vat"][0]["base"])
    review.correct(access, row.pk, None, [("account", "2212")])
    review.split_row(access, row.pk, None, 0)
    proposal = review.correct(
        access, row.pk, None, [("split.1.base", "1,00"), ("split.1.counterpart", "6224")]
    )
    booked = proposal.plan.lines.filter(proposal.plan.lines["account"] == "6224")
    assert booked["debit"].sum() + booked["credit"].sum() == 100
    assert proposal.row.overrides["splits"][0]["base"] == str(base - 1)
    assert sum(proposal.plan.lines["debit"]) == sum(proposal.plan.lines["credit"])


def test_a_rejected_document_is_kept_and_can_come_back(access):
    (row,) = received(access, a_paper(access.company))
    with pytest.raises(Refused):
        review.reject(access, row.pk, " ")
    review.reject(access, row.pk, "publicidade")
    day = today_of(access.company)
    assert custody.tallies(access.company.pk) == {day: Tally(1, 0, 0, 1)}
    assert path_to(row.scan.file).exists()
    review.restore(access, row.pk)
    assert custody.tallies(access.company.pk) == {day: Tally(1, 0, 1, 0)}
    assert queries.living(access.company.pk) == custody.tallies(access.company.pk)


def test_the_client_is_asked_and_answers(access):
    (row,) = received(access, a_paper(access.company))
    review.ask(access, row.pk, "O que é isto?")
    assert CapturedInvoice.objects.get().state == "asked"
    assert [c.text for c in row.comments.all()] == ["O que é isto?"]
    assert review.answered(access, row.pk).row.state == "doubtful"


def test_the_same_invoice_on_two_papers_is_noticed(access):
    paper = a_paper(access.company)
    received(access, paper)
    again = type(paper)(**(_fields(paper) | {"content": paper.content + b"\n%another scan"}))
    (row,) = received(access, again)
    assert "capture.duplicate_document" in codes(row)


def test_what_is_no_field_is_not_found(access):
    (row,) = received(access, a_paper(access.company))
    for field in ("confident", "vat.99.base", "row.0.nothing"):
        with pytest.raises(NotFound):
            review.correct(access, row.pk, None, [(field, "1")])


def test_another_companys_invoice_does_not_exist(access):
    (row,) = received(access, a_paper(access.company))
    theirs = a_company(code="c2")
    assert CapturedInvoice.objects.count() == 0
    with pytest.raises(NotFound):
        queries.invoice_of(theirs.company, row.pk)
    with pytest.raises(NotFound):
        review.correct(theirs, row.pk, None, [("number", "x")])
    act_as()
    assert (Scan.objects.count(), CapturedInvoice.objects.count()) == (0, 0)


def test_who_may_only_read_changes_nothing(access):
    (row,) = received(access, a_paper(access.company))
    reader = a_person(access.company.office, Role.READ_ONLY, by=_user(access))
    looking = company_for(reader.pk, access.company.pk)
    for act in (
        lambda: review.correct(looking, row.pk, None, [("number", "x")]),
        lambda: review.reject(looking, row.pk, "x"),
        lambda: send(looking, a_paper(access.company)),
    ):
        with pytest.raises(Refused):
            act()


def test_rejecting_one_of_two_frees_the_other(access):
    first, second = (received(access, a_paper(access.company, seed))[0] for seed in "12")
    said = [("seller_tax_id", first.party_tax_id), ("number", first.number)]
    review.correct(access, second.pk, None, [*said, ("issue_date", f"{first.issue_date}")])
    propose_all(access)
    second.refresh_from_db()
    assert "capture.duplicate_document" in codes(second)
    flow.reject(access, first.pk, "a mesma")
    second.refresh_from_db()
    assert "capture.duplicate_document" not in codes(second)


def propose_all(access) -> None:
    rows = queries.locked_rows(queries.waiting_ids(access.company))
    flow.proposing.refresh(access.company, rows)
