"""What people and programs do with a company, each step as a page, a command or a worker does it; a place in, little out.

Every function here is called in a process of its own that may be killed anywhere, and called again.
"""

from __future__ import annotations

import io
import threading
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from click.testing import CliRunner
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from razao.archive import custody, filing
from razao.billing import flow as billing
from razao.billing.customers import take_over
from razao.billing.models import Article, Preparation
from razao.billing.sourcing import Choice, load
from razao.billing.starting import start
from razao.booking.billing_rules import Options
from razao.capture import flow as capture
from razao.capture import intake, parties, posting, queries
from razao.capture.models import CapturedInvoice, Flow
from razao.capture.reading import read as reader
from razao.capture.samples.documents import Wanted
from razao.capture.samples.generate import draw_sample
from razao.capture.samples.parties import draw_party
from razao.cli.main import razao
from razao.companies.models import Membership, Office, Role, User
from razao.companies.opening import open_company
from razao.companies.rights import Access, company_for
from razao.delivery import flow as delivery
from razao.delivery import proof, publishing, subscriptions, words
from razao.delivery.models import EVERY_CATEGORY, Delivery, PortalDocument
from razao.delivery.parcel import Parcel
from razao.delivery.rendering import describe
from razao.kernel import jobs
from razao.kernel.models import JobRun
from razao.kernel.problems import Refused
from razao.kernel.tenancy import act_as
from razao.ledger.opening import open_books
from razao.web import portal_files
from tests.billing.shop import HEADINGS, MAPPING
from tests.chaos import invariants
from tests.chaos.place import Place
from tests.delivery.clients import PDF
from tests.factories import PASSWORD, an_office

TAX_ID = "501964843"
NAME = "Padaria do Caos, Lda."
YEAR = 2026


class Answered(Exception):
    """A page or command answered with an error."""


def prepared(place: Place) -> None:
    """What every process of a seed begins with: its mail goes to the seed's own folder."""
    settings.EMAIL_FILE_PATH = place.mail
    reader.read_file = _read_here
    capture.read_file = _read_here
    publishing.words_of = _words_here
    portal_files.page_count = _pages_here


#: PDFium looks at one file at a time; the product has it do so in processes of its own.
PDFIUM = threading.Lock()


def _read_here(path: str | Path, *, country: str = "PT", known: Any = None) -> Any:
    """Reading in this process: the sandbox's fresh interpreter has tests of its own and costs seconds."""
    with PDFIUM:
        return reader.task(str(path), country, known, 1, lambda _: None)


def _words_here(path: Path) -> Any:
    with PDFIUM:
        return words.task("words", str(path), 0, lambda _: None)


def _pages_here(path: Path) -> Any:
    with PDFIUM:
        return words.task("count", str(path), 0, lambda _: None)


def write_papers(folder: Path, count: int) -> list[str]:
    """Invoices to be received, drawn once for all seeds: PDFs with text and code, and XML."""
    company = draw_party(Random("company"), "PT")
    company = type(company)(NAME, TAX_ID, "PT", company.street, company.town, region="PT")
    wish = Wanted(company=company, country="PT", first=date(YEAR, 1, 1), last=date(YEAR, 10, 31))
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(count):
        kind = ("digital_qr", "xml", "digital_qr")[number % 3]
        sample = draw_sample(f"chaos/{number}", f"{number:03d}", kind, wish)
        (folder / sample.name).write_bytes(sample.content)
        names.append(sample.name)
    return names


def open_house() -> tuple[UUID, UUID]:
    """The office of all seeds; answers with it and its administrator."""
    with transaction.atomic():
        office, administrator = an_office("Gabinete do Caos")
        return office.pk, administrator.pk


def found(seed: int, office: UUID, administrator: UUID, mail: str) -> Place:
    """A company of the seed's own: open books, a started configuration of billing, a portal with one reader."""
    with transaction.atomic():
        act_as(user=administrator, office=office)
        house = Office.objects.get(pk=office)
        company = open_company(administrator, house, code=f"s{seed}", name=NAME, tax_id=TAX_ID)
        access = company_for(administrator, company.pk)
        open_books(access.company, administrator, (YEAR,))
        start(access.company, today=date(YEAR, 5, 14))
        for code, of in (("CANETA", "MERC"), ("HORA", "SERV")):
            Article.objects.create(
                company=company, code=code, posting_code=of, service=of == "SERV"
            )
        people = {}
        for role in (Role.ACCOUNTANT, Role.CLIENT):
            email = f"{role.value}{seed}@example.pt"
            people[role] = User.objects.create_user(email, PASSWORD, name=role.label)
        Membership.objects.create(user=people[Role.ACCOUNTANT], office=house, role=Role.ACCOUNTANT)
        Membership.objects.create(user=people[Role.CLIENT], company=company, role=Role.CLIENT)
        access = company_for(administrator, company.pk)
        subscriptions.activate(access)
        subscriptions.give_rights(access, people[Role.CLIENT].pk, [EVERY_CATEGORY])
        folders = {f.direction: f.folder for f in intake.open_folders(access.company)}
    return Place(
        seed,
        f"s{seed}",
        office,
        company.pk,
        people[Role.ACCOUNTANT].pk,
        people[Role.CLIENT].pk,
        folders[Flow.RECEIVED],
        mail,
    )


# Capture -------------------------------------------------------------------------------------------------------


def receive(place: Place) -> None:
    """The button "send files" of the source folder."""
    prepared(place)
    with transaction.atomic():
        access = place.at_work()
        for one in intake.open_folders(access.company):
            if intake.has_files(Path(one.folder)):
                capture.send_files(access, one)


def upload(place: Place, path: str) -> None:
    """A file dragged onto the page."""
    prepared(place)
    address = reverse("capture:upload", args=[place.company])
    file = SimpleUploadedFile(Path(path).name, Path(path).read_bytes())
    answer = _signed_in(place.accountant).post(
        address, {"files": [file]}, headers={"X-Requested-With": "XMLHttpRequest"}
    )
    _expect(answer, 200)


def post(place: Place) -> int:
    """Open the accounts of parties that are named for sure, and post what is ready; answers how many."""
    prepared(place)
    with transaction.atomic():
        access = place.at_work()
        rows = CapturedInvoice.objects.filter(company=access.company)
        for row in rows.filter(state="doubtful", doubts=[]):
            row.refresh_from_db()
            if {p["code"] for p in row.problems} & {"booking.account_missing"}:
                form = parties.account_form(row, access.company)
                with suppress(Refused), transaction.atomic():
                    parties.open_account(access, row.pk, form)
    with transaction.atomic():
        access = place.at_work()
        ready = list(
            CapturedInvoice.objects.filter(company=access.company, state="ready").values_list(
                "pk", flat=True
            )
        )
        outcomes = capture.post(access, ready) if ready else []
    return sum(outcome.entry is not None for outcome in outcomes)


def unpost(place: Place) -> int:
    """Undo one posting; answers how many invoices wait again."""
    prepared(place)
    with transaction.atomic():
        access = place.at_work()
        row = CapturedInvoice.objects.filter(company=access.company, state="posted").first()
        if row is None:
            return 0
        return len(
            posting.unpost(access, row.pk, day=date(YEAR, 11, 20), reason="o caos quis assim")
        )


# Billing -------------------------------------------------------------------------------------------------------


def sales(rng: Random, seed: int) -> str:
    """A billing system's documents as a table."""
    rows = [HEADINGS]
    for number in range(1, rng.randrange(3, 9)):
        kind = rng.choice(("FT", "FT", "FR", "NC"))
        net = rng.randrange(100, 50_000)
        rate = rng.choice((23, 6))
        tax = (net * rate + 50) // 100
        texts = (
            kind, f"{kind} {seed}/{number}", f"{YEAR}-05-{rng.randrange(1, 29):02d}", "C1", "503504564",
            "Cliente SA", rng.choice(("CANETA", "HORA")), "1", _comma(net), str(rate), _comma(net + tax),
        )  # fmt: skip
        rows.append(";".join(texts))
    return "\n".join(rows)


def _comma(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02d}"


def ask_for_plan(place: Place, path: str) -> None:
    """Take the customers over and have the documents prepared in the background."""
    prepared(place)
    choice = Choice("table", {"path": path, "mapping": MAPPING}, "table:vendas.csv")
    with transaction.atomic():
        access = place.at_work()
        take_over(access, load(access.company, choice, Options()).customers)
        billing.ask(access, choice, Options())


def integrate(place: Place) -> str:
    """The button "integrate" of the newest plan that is ready, as its page has it done."""
    prepared(place)
    with transaction.atomic():
        access = place.at_work()
        kept = _newest(access, "prepared", entries=True)
        if kept is None:
            return "nothing"
        billing.integrate_job.defer(
            user=access.user_id,
            company=access.company.pk,
            title=kept.label,
            preparation=str(kept.pk),
            fingerprint=kept.fingerprint,
        )
    return str(kept.pk)


def undo(place: Place) -> str:
    """``razao billing undo``: the newest integration, as a whole."""
    prepared(place)
    command = ["billing", "undo", "--company", place.code, "--date", f"{YEAR}-11-20"]
    found_one = CliRunner().invoke(razao, command, obj=lambda: None)
    if found_one.exit_code not in (0, 1) or (
        found_one.exception and not isinstance(found_one.exception, SystemExit)
    ):
        raise Answered(f"{found_one.exit_code} {found_one.exception!r} {found_one.output[-300:]}")
    return "undone" if found_one.exit_code == 0 else "refused"


def _newest(access: Access, state: str, *, entries: bool = False) -> Preparation | None:
    rows = Preparation.objects.filter(company=access.company, state=state)
    if entries:
        rows = rows.filter(entries__gt=0)
    return rows.order_by("-created_at").first()


# Delivery ------------------------------------------------------------------------------------------------------


def send_report(place: Place, key: str) -> str:
    """The trial balance into the portal."""
    prepared(place)
    with transaction.atomic():
        access = place.at_work()
        parcel = describe(access, "trial_balance", {"year": str(YEAR)}, "csv")
        return str(delivery.request(access, parcel, key=key).pk)


def send_file(place: Place, key: str) -> str:
    """A file into the portal: uploaded, reviewed, confirmed."""
    prepared(place)
    content = PDF + key.encode()
    with transaction.atomic():
        parcel = Parcel("contracts", f"Contrato {key}")
        drawn = delivery.draft(place.at_work(), io.BytesIO(content), "c.pdf", parcel, key=key)
    with transaction.atomic():
        return str(delivery.confirm(place.at_work(), drawn.pk).pk)


def open_documents(place: Place) -> int:
    """The client opens and downloads what is there."""
    prepared(place)
    with transaction.atomic():
        place.at_work()
        there = PortalDocument.objects.filter(company_id=place.company, withdrawn_at=None)
        ids = list(there.values_list("delivery_id", flat=True))
    browser = _signed_in(place.client)
    for one in ids:
        _expect(browser.post(reverse("portal:open", args=[one])), 302)
        answer = browser.post(reverse("portal:download", args=[one]))
        _expect(answer, 200)
        b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        answer.close()
    return len(ids)


def withdraw(place: Place) -> int:
    """The office takes one document back."""
    prepared(place)
    with transaction.atomic():
        access = place.at_work()
        first = Delivery.objects.filter(
            company=access.company, state__in=["delivered", "opened"], report=""
        ).first()
        if first is None:
            return 0
        return len(delivery.withdraw(access, [first.pk], "o caos quis assim").done)


# Workers and the clock -----------------------------------------------------------------------------------------


def work(place: Place) -> None:
    """A worker, until the queue is empty."""
    prepared(place)
    jobs.run_worker(wait=False, concurrency=2, name="chaos")


def time_passes() -> int:
    """Heartbeats are lost, jobs of who lost his are given to others, and what waits for later is due.

    Answers how many jobs wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'"
        )
    jobs.rescue_now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() - interval '1 second'"
            " WHERE status = 'todo' AND scheduled_at > now()"
        )
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
        return int(cursor.fetchone()[0])


def settle(place: Place) -> None:
    """Time passes and workers work until the queue is empty."""
    for _ in range(8):
        if time_passes() == 0:
            return
        work(place)
    raise Answered("the queue never empties")


def finish(place: Place, handed_in: list[str], told: dict[str, Any]) -> list[str]:
    """What is left in the source folder is received, a night passes; answers with the invariants that are broken."""
    settle(place)
    receive(place)
    settle(place)
    night(place)
    problems = invariants.broken(place, handed_in, told)
    retire(place)
    return problems


def every_job_again(place: Place) -> int:
    """Old jobs come back: each that ever ran for the company is asked for once more, as it was."""
    with transaction.atomic():
        place.at_work()
        runs = list(JobRun.objects.filter(company_id=place.company).order_by("created_at"))
        for run in runs:
            task = jobs.app.tasks[run.name]
            jobs.deferring().configure_task(run.name, queue=task.queue).defer(
                run=str(run.pk),
                user=str(run.user_id),
                company=str(run.company_id),
                arguments=run.arguments,
            )
    return len(runs)


def night(place: Place) -> None:
    """The night's timers for this company: mend, move, prove, seal."""
    prepared(place)

    def acting() -> None:
        act_as(companies=[place.company])

    filing.sweep(place.company, acting)
    with transaction.atomic():
        access = place.at_work()
        posting.free_reversed(access.company, None)
    with transaction.atomic():
        acting()
        custody.prove(place.company, queries.living(place.company))
    with transaction.atomic():
        acting()
        proof.seal(place.company, timezone.localdate())


def retire(place: Place) -> None:
    """The seed is over: timers no longer look at its company."""
    with transaction.atomic():
        access = place.at_work()
        access.company.active = False
        access.company.save(update_fields=["active"])


def _signed_in(person: UUID) -> Client:
    client = Client(raise_request_exception=False, SERVER_NAME="localhost")
    client.force_login(User.objects.get(pk=person))
    return client


def _expect(answer: Any, status: int) -> None:
    if answer.status_code != status:
        raise Answered(f"status {answer.status_code}")
