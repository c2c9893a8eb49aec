"""A legal hold stops every deletion of what it covers, by the application and by the owner of the database."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from razao.archive import holds
from razao.archive.models import Filing, LegalHold, StoredFile
from razao.companies.models import User
from razao.companies.rights import Access, company_for
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import new_id
from tests.factories import a_company
from tests.ledger.by_hand import connect

pytestmark = pytest.mark.usefixtures("committed_db")
PAST = date(2000, 12, 31)


def kept(access: Access, name: str) -> Filing:
    """A file whose term is over, filed once."""
    file = StoredFile.objects.create(
        company=access.company, sha256=name * 64, size=1, media_type="application/pdf", name=name
    )
    return Filing.objects.create(
        company=access.company,
        file=file,
        folder="pf_borrador",
        subject_kind="scan",
        subject_id=new_id(),
        retained_until=PAST,
    )


def deleted(access: Access, filing: Filing) -> bool:
    """Whether the filing can be deleted now; it is not."""
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        try:
            with transaction.atomic():
                Filing.objects.filter(pk=filing.pk).delete()
        except IntegrityError:
            return False
        transaction.set_rollback(True)
        return True


@pytest.fixture
def books(committed_db) -> tuple[Access, Filing, Filing]:
    with transaction.atomic():
        access = a_company()
        return access, kept(access, "a"), kept(access, "b")


def test_a_hold_on_a_file_keeps_that_file_and_one_on_the_company_keeps_all(books):
    access, one, other = books
    assert [deleted(access, f) for f in (one, other)] == [True, True]
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        hold = holds.place(access, "Processo 12/26", sha256="a" * 64)
    assert [deleted(access, f) for f in (one, other)] == [False, True]
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        whole = holds.place(access, "Inspeção")
        holds.lift(access, hold.pk, "Arquivado")
    assert [deleted(access, f) for f in (one, other)] == [False, False]
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        holds.lift(access, whole.pk, "Terminada")
    assert [deleted(access, f) for f in (one, other)] == [True, True]


def test_the_owner_of_the_database_deletes_nothing_that_is_held(books):
    access, _, _ = books
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        holds.place(access, "Inspeção")
    refused = []
    for statement in (
        "DELETE FROM archive_filing",
        "DELETE FROM archive_storedfile",
        "TRUNCATE archive_filing CASCADE",
        "DELETE FROM archive_legalhold",
    ):
        with connect("razao_owner") as session:
            try:
                session.execute(statement)
            except Exception as error:  # noqa: BLE001 - its kind is what is asserted
                refused.append(getattr(error, "diag").constraint_name)  # noqa: B009
            session.rollback()
    assert refused == ["legal_hold"] * 4


def test_a_hold_is_lifted_with_a_reason_by_its_own_company_alone(books):
    access, _, _ = books
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        hold = holds.place(access, "Inspeção")
        with pytest.raises(Refused):
            holds.lift(access, hold.pk, " ")
    with transaction.atomic():
        theirs = a_company(code="c2")
        with pytest.raises(NotFound):
            holds.lift(theirs, hold.pk, "Quero")


def test_the_page_places_and_lifts(books):
    access, _, _ = books
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id))
    page = reverse("archive:holds", kwargs={"company": access.company.pk})
    assert client.post(page, {"reason": "Inspeção", "sha256": ""}).status_code == 302
    assert "Inspeção" in client.get(page).content.decode()
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        hold = LegalHold.objects.get()
    assert client.post(f"{page}{hold.pk}/lift/", {"reason": "Terminada"}).status_code == 302
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        hold.refresh_from_db()
    assert (hold.lift_reason, hold.lifted_by_id) == ("Terminada", access.user_id)
    assert connection.in_atomic_block is False
