"""A company whose client reads its portal, and documents to send there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction

from razao.companies.models import Role, User
from razao.companies.opening import open_company
from razao.companies.rights import Access, company_for
from razao.delivery import flow, subscriptions
from razao.delivery.models import EVERY_CATEGORY, Delivery, PortalDocument
from razao.delivery.parcel import Parcel
from razao.delivery.recipients import Reader, reader_for
from razao.kernel.jobs import run_worker
from tests.factories import a_client, a_company, a_person, an_office

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/MediaBox[0 0 200 200]/Parent 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n"


def work() -> None:
    """Run the queue until it is empty, the jobs that its jobs ask for included."""
    for _ in range(2):
        run_worker(wait=False)


@dataclass(frozen=True)
class House:
    """An office's company with a portal: its accountant, its client, and the way to act as either."""

    company: UUID
    accountant: User
    client: User
    administrator: UUID

    @contextmanager
    def at_work(self, person: User | None = None) -> Iterator[Access]:
        with transaction.atomic():
            yield company_for((person or self.accountant).pk, self.company)

    @contextmanager
    def reading(self, person: User | None = None) -> Iterator[Reader]:
        with transaction.atomic():
            yield reader_for((person or self.client).pk, self.company)

    def upload(self, title: str = "Contrato de avença", content: bytes = PDF, **said) -> Delivery:
        """A file, reviewed and confirmed."""
        said.setdefault("category", "contracts")
        with self.at_work() as access:
            wanted = Parcel(title=title, **said)
            drawn = flow.draft(access, io.BytesIO(content), f"{title}.pdf", wanted, key=uuid4().hex)
            return flow.confirm(access, drawn.pk)

    def sent(self, title: str = "Contrato de avença", content: bytes = PDF, **said) -> Delivery:
        """A file that the client can see."""
        delivery = self.upload(title, content, **said)
        work()
        return self.now(delivery)

    def now(self, delivery: Delivery) -> Delivery:
        with self.at_work():
            return Delivery.objects.get(pk=delivery.pk)

    def document(self, delivery: Delivery) -> PortalDocument:
        with self.at_work():
            return PortalDocument.objects.select_related("file").get(delivery=delivery)

    def steps(self, delivery: Delivery) -> list[str]:
        with self.at_work():
            return list(delivery.steps.order_by("at", "id").values_list("state", flat=True))


def a_house(code: str = "c1", *, books: bool = False) -> House:
    """Commits: a company with an active portal and one client user who reads everything; with ``books`` they are open."""
    with transaction.atomic():
        access = a_company(code=code) if books else _a_company_without_books(code)
        by = User.objects.get(pk=access.user_id)
        accountant = a_person(access.company.office, Role.ACCOUNTANT, by=by)
        client = a_client(access.company, by=by)
        access = company_for(by.pk, access.company.pk)
        subscriptions.activate(access)
        subscriptions.give_rights(access, client.pk, [EVERY_CATEGORY])
    return House(access.company.pk, accountant, client, by.pk)


def _a_company_without_books(code: str) -> Access:
    office, administrator = an_office()
    company = open_company(
        administrator.pk,
        office,
        code=code,
        name=f"Padaria {code}, Lda.",
        tax_id="501964843",
        country="PT",
    )
    return company_for(administrator.pk, company.pk)
