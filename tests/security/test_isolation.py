"""Foreign objects of every kind under one's own company, by every route: nobody learns more than "not there" (M10).

The routes are taken from the address map itself, so that one added tomorrow is tested tomorrow. Every route × every
role is ``test_matrix.py``.
"""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection, transaction
from django.test import Client

from razao.archive.models import Filing, StoredFile
from razao.billing.models import BillingSource, PostingCode, Preparation, TakeOver
from razao.capture.models import CapturedInvoice, Scan
from razao.companies.models import Company, User
from razao.companies.rights import company_for
from razao.companies.tokens import issue
from razao.delivery.models import Delivery, Invitation
from razao.kernel.models import JobRun
from razao.kernel.tenancy import act_as, guard_of, own_models
from razao.ledger.models import Batch, Entry
from tests.billing.shop import a_shop
from tests.factories import a_client, a_company, an_office
from tests.ledger.entries import draft, drafts
from tests.security.addresses import of_companies

pytestmark = pytest.mark.django_db

PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
NOWHERE = "00000000-0000-7000-8000-000000000000"
#: Answers that tell a stranger nothing: not there, wrong verb, sign in first, a form that says nothing.
SILENT = {302, 400, 401, 403, 404, 405, 422}


class Theirs:
    """A company with one of everything, and ids by the names that addresses use."""

    def __init__(self) -> None:
        self.access = a_shop()
        company = self.access.company
        batch = self._posted()
        file = StoredFile.objects.create(
            company=company,
            sha256="ab" * 32,
            size=1,
            media_type="application/pdf",
            name="segredo.pdf",
        )
        scan = Scan.objects.create(
            company=company,
            file=file,
            direction="received",
            origin="upload",
            name="segredo.pdf",
            day="2025-05-14",
        )
        invoice = CapturedInvoice.objects.create(
            company=company,
            scan=scan,
            direction="received",
            day="2025-05-14",
            state="doubtful",
            party_name="Segredo, Lda.",
        )
        filing = Filing.objects.create(
            company=company,
            file=file,
            folder="pf_borrador",
            subject_kind="scan",
            subject_id=scan.pk,
        )
        run = JobRun.objects.create(
            company=company, user_id=self.access.user_id, name="x", title="Segredo"
        )
        kept = Preparation.objects.create(
            company=company,
            user_id=self.access.user_id,
            kind="api",
            label="Segredo",
            state="failed",
        )
        self.ids: dict[str, object] = {
            "company": company.pk,
            "company_id": company.pk,
            "entry": Entry.objects.filter(company=company).first().id,
            "batch": batch.id,
            "invoice": invoice.pk,
            "other": invoice.pk,
            "scan": scan.pk,
            "file": filing.pk,
            "sha256": file.sha256,
            "run": run.pk,
            "preparation": kept.pk,
            "user": self.access.user_id,
            "code": "111",
            "form": "csv",
            "year": "2025",
            "number": 1,
            "page": 1,
            "act": "post",
            "source": BillingSource.objects.create(
                company=company, name="Segredo", kind="saft", settings={"path": "segredo"}
            ).pk,
            "takeover": TakeOver.objects.create(
                company=company, label="Segredo", path="segredo", user_id=self.access.user_id
            ).pk,
            "section": "posting_codes",
            "row": PostingCode.objects.filter(company=company).first().pk,
            "token": "x",
            "session": UserSession.objects.create(
                user_id=self.access.user_id,
                ip="192.0.2.1",
                user_agent="Segredo",
                session_key="segredo",
            ).pk,
        }

    def _posted(self) -> Batch:
        from razao.ledger.posting import post

        wanted = drafts(draft(text="Segredo"))
        return post(self.access, wanted, kind="manual", source="Segredo", fingerprint="")


def address(route: str, ids: dict[str, object]) -> str:
    """The route with its parameters filled in."""
    # A name that nobody told us stands for some object: an id that exists nowhere.
    return "/" + PARAMETER.sub(lambda found: str(ids.get(found["name"], NOWHERE)), route)


@pytest.fixture
def theirs() -> Theirs:
    return Theirs()


def client_of(person: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
    return client


def test_the_map_has_routes_to_test():
    assert len(of_companies()) > 60


def test_a_foreign_object_under_an_own_company_is_not_there(theirs):
    house = an_office("Outro gabinete")
    ours = a_company(code="nossa", office=house)
    client = client_of(house[1])
    ids = {**theirs.ids, "company": ours.company.pk, "company_id": ours.company.pk}
    own_words = {"code", "form", "year", "number", "page", "act", "token", "section"}
    told = []
    for route in of_companies():
        names = {found["name"] for found in PARAMETER.finditer(route)} - {"company", "company_id"}
        if not names - own_words:
            continue
        for verb in ("get", "post"):
            answer = getattr(client, verb)(address(route, ids))
            body = answer.content if not answer.streaming else b"streamed"
            if answer.status_code not in SILENT | {409} or b"Segredo" in body:
                told.append((verb, route, answer.status_code))
    assert told == []


def test_a_client_of_the_company_sees_nothing_of_the_office_s_pages(theirs):
    client = client_of(
        a_client(theirs.access.company, by=User.objects.get(pk=theirs.access.user_id))
    )
    told = []
    for route in of_companies():
        if route.startswith("api/"):
            continue
        answer = client.get(address(route, theirs.ids))
        body = answer.content if not answer.streaming else b"streamed"
        if answer.status_code == 200 or b"Segredo" in body:
            told.append((route, answer.status_code))
    assert told == []


def test_a_program_s_key_opens_no_foreign_company(theirs):
    house = an_office("Outro gabinete")
    key = issue(house[1], "k")
    answers = {
        route: Client()
        .get(address(route, theirs.ids), headers={"Authorization": f"Bearer {key}"})
        .status_code
        for route in of_companies()
        if route.startswith("api/")
    }
    assert {route: code for route, code in answers.items() if code not in {404, 405, 422}} == {}


def test_the_database_still_refuses_where_every_check_of_the_application_is_gone(theirs):
    """A session that acts for one company asks for every table without any filter."""
    ours = a_company(code="nossa", office=an_office("Outro gabinete"))
    with transaction.atomic():
        act_as(user=ours.user_id, companies=[ours.company.pk])
        leaked = {}
        for model in own_models():
            columns = {field.column for field in model._meta.local_concrete_fields}
            if "company_id" not in columns or not guard_of(model):
                continue
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT count(*) FROM "{model._meta.db_table}" WHERE company_id = %s',
                    [theirs.access.company.pk],
                )
                if count := cursor.fetchone()[0]:
                    leaked[model.__name__] = count
    assert leaked == {}


def test_without_a_company_every_guarded_table_is_empty(theirs):
    with transaction.atomic():
        act_as()
        seen = {}
        for model in own_models():
            if guard_of(model):
                with connection.cursor() as cursor:
                    cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}"')
                    if count := cursor.fetchone()[0]:
                        seen[model.__name__] = count
    assert seen == {}


def test_rights_are_asked_at_the_one_door(theirs):
    assert company_for(
        theirs.access.user_id, theirs.access.company.pk
    ).company == Company.objects.get(pk=theirs.access.company.pk)
    assert isinstance(theirs.ids["company"], UUID)
    assert (Delivery.objects.count(), Invitation.objects.count()) == (0, 0)
