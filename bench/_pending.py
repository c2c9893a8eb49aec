"""A company with thousands of captured invoices that wait: suppliers with accounts and habits, files on disk, proposals made."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

BUNCH = 500
#: Words on a page of an invoice, as the review page carries them.
WORDS = [[f"palavra{n}", 500 + 90 * (n % 90), 60 * (n % 150), 580 + 90 * (n % 90), 60 * (n % 150) + 50] for n in range(150)]  # fmt: skip


def fill(documents: int, suppliers: int) -> Any:
    """The administrator's access to the company; every invoice waits, nine of ten ready to post."""
    from django.db import transaction

    from razao.capture import proposing, queries
    from razao.companies.rights import company_for

    access, parties = company_with(suppliers)
    ids: list[Any] = []
    for start in range(0, documents, BUNCH):
        with transaction.atomic():
            company_for(access.user_id, access.company.pk)
            numbers = range(start, min(start + BUNCH, documents))
            readings = [a_reading(access.company, parties[n % len(parties)], n) for n in numbers]
            rows = receive(access, readings, start)
            proposing.refresh(access.company, queries.locked_rows([r.pk for r in rows]))
            ids += [r.pk for r in rows]
    return access


def company_with(suppliers: int, *, accounts: bool = True) -> tuple[Any, list[tuple[str, str]]]:
    """A company with open books and so many suppliers: (tax id, name) of each; all but one in ten have an account."""
    from django.db import transaction

    from razao.capture.samples.identifiers import portuguese
    from razao.companies.models import Party, User
    from razao.companies.opening import open_company, open_office
    from razao.companies.rights import company_for
    from razao.ledger.models import Account
    from razao.ledger.opening import open_books

    rng = Random(7)
    with transaction.atomic():
        person = User.objects.create_user("bench@example.pt", None, name="Bench")
        office = open_office("Gabinete", "PT", person)
        company = open_company(
            person.pk, office, code="c", name="Empresa, Lda.", tax_id="501964843"
        )
        access = company_for(person.pk, company.pk)
        open_books(access.company, person.pk, (2026,))
        parties = [(portuguese(rng), f"Fornecedor {n}, Lda.") for n in range(suppliers)]
        parties = list(dict(parties).items())
        kept = [p for n, p in enumerate(parties) if n % 10 and accounts]
        made = Party.objects.bulk_create(
            Party(company=company, tax_id=tax_id, name=name) for tax_id, name in kept
        )
        counterpart = Account.objects.get(company=company, code="6224")
        group = Account.objects.get(company=company, code="22111")
        Account.objects.bulk_create(
            Account(
                company=company,
                code=f"22111{n:06}",
                name=party.name,
                kind=group.kind,
                postable=True,
                classifier="FOR",
                party=party,
                counterpart=counterpart,
            )
            for n, party in enumerate(made, 1)
        )
    return access, parties


def receive(access: Any, readings: list[dict[str, Any]], start: int = 0) -> list[Any]:
    """Captured invoices as they are after reading, with their files, pages, filings and events."""
    from django.conf import settings

    from razao.archive.disk import Disk
    from razao.archive.models import Filing, Folder, IntakeEvent, StoredFile
    from razao.capture.models import CapturedInvoice, Scan, ScanPage

    company, day = access.company, date(2026, 11, 1)
    contents = [f"%PDF-1.4\n{n}\n".encode() for n in range(start, start + len(readings))]
    digests = [hashlib.sha256(c).hexdigest() for c in contents]
    place = Disk(settings.RAZAO_ARCHIVE_ROUTES[Folder.PF_BORRADOR.value])
    for content, digest in zip(contents, digests, strict=True):
        path = place.path_of(company.pk, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    files = StoredFile.objects.bulk_create(
        StoredFile(
            company=company, sha256=d, size=len(c), media_type="application/pdf", name=f"f{n}.pdf"
        )
        for n, (c, d) in enumerate(zip(contents, digests, strict=True), start)
    )
    scans = Scan.objects.bulk_create(
        Scan(
            company=company, file=f, direction="received", origin="folder", name=f.name,
            day=day + timedelta(days=start // 500 % 20), read_at="2026-11-01T10:00Z", page_count=1,
        )
        for f in files
    )  # fmt: skip
    ScanPage.objects.bulk_create(
        ScanPage(company=company, scan=s, number=1, words=WORDS) for s in scans
    )
    rows = CapturedInvoice.objects.bulk_create(
        CapturedInvoice(
            company=company, scan=s, direction="received", state="doubtful", day=s.day, pages=[1],
            reading=reading,
        )
        for s, reading in zip(scans, readings, strict=True)
    )  # fmt: skip
    Filing.objects.bulk_create(
        Filing(company=company, file=r.scan.file, folder=Folder.PF_BORRADOR, subject_kind="invoice", subject_id=r.pk)
        for r in rows
    )  # fmt: skip
    IntakeEvent.objects.bulk_create(
        IntakeEvent(company=company, item=r.pk, day=r.day, kind="received", file=r.scan.file)
        for r in rows
    )
    return rows


def a_reading(company: Any, party: tuple[str, str], number: int) -> dict[str, Any]:
    """What the reader says of an invoice with one or two rates, each field with its place."""
    from razao.capture import recording
    from razao.invoices.invoice import Evidence, Invoice, Source, VatAmount
    from razao.kernel.money import tax_on

    rng = Random(number)
    rates = (Decimal(23), Decimal(6))[: 1 + number % 2]
    bases = [Decimal(rng.randint(1_000, 90_000)) / 100 for _ in rates]
    vat = tuple(VatAmount(r, b, tax_on(b, r)) for r, b in zip(rates, bases, strict=True))
    net, tax = sum(bases, Decimal(0)), sum((v.amount for v in vat), Decimal(0))
    names = ("document_type", "number", "issue_date", "seller_tax_id", "seller_name", "buyer_tax_id",
             "net_total", "vat_total", "gross_total", "vat.0.rate", "vat.0.base", "vat.0.amount")  # fmt: skip
    places = {
        n: Evidence(Source.TEXT, 1, (0.1, 0.02 + at / 20, 0.4, 0.04 + at / 20), 0.99)
        for at, n in enumerate(names)
    }
    invoice = Invoice(
        pages=(1,), document_type="FT", number=f"FT A/{number}", issue_date=date(2026, 1 + number % 10, 1 + number % 28),
        currency="EUR", seller_tax_id=party[0], seller_name=party[1], seller_country="PT", buyer_tax_id=company.tax_id,
        buyer_name=company.name, buyer_country="PT", vat=vat, net_total=net, vat_total=tax, gross_total=net + tax,
        payable=net + tax, evidence=places, confident=True,
    )  # fmt: skip
    return recording.to_json(invoice)
