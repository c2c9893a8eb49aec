"""Pages of digitised documents and of the archive: what a clerk sees and does, and what a stranger does not."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from razao.archive import custody
from razao.archive.models import StoredFile
from razao.booking.loading import rules_for
from razao.capture import plans, posting, proposing, queries, review
from razao.capture.models import CapturedInvoice, Scan
from razao.capture.proposing import _about
from razao.companies.models import Party, Role, User
from razao.companies.rights import Access, company_for
from razao.kernel.models import JobRun
from razao.ledger.models import Account
from razao.web import capture_urls
from tests.capture.papers import a_paper, a_pile, read, received, send
from tests.factories import a_company, a_person

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def browser(access) -> Client:
    """The administrator, signed in."""
    return client_of(access)


def client_of(access: Access) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=access.user_id), backend=BACKEND)
    return client


def address(name: str, access: Access, **kwargs: object) -> str:
    return reverse(name, kwargs={"company": access.company.pk, **kwargs})


def back(access: Access) -> None:
    """Act for the company again, as before the request."""
    company_for(access.user_id, access.company.pk)


def one(access: Access, seed: str = "1") -> CapturedInvoice:
    (row,) = received(access, a_paper(access.company, seed))
    return row


def text_of(response) -> str:
    return response.content.decode()


def test_an_empty_list_says_what_to_do_first(browser, access):
    page = text_of(browser.get(address("capture:list", access)))
    assert page.count('class="empty"') == 1
    assert page.count("data-drop") == 1


def test_the_list_shows_what_waits_and_what_was_received(browser, access):
    row = one(access)
    page = text_of(browser.get(address("capture:list", access)))
    assert page.count(row.number) >= 1
    for state in ("posted", "rejected"):
        hidden = text_of(browser.get(address("capture:list", access) + f"?state={state}"))
        assert row.number not in hidden


def test_files_are_uploaded_one_by_one_and_refused_ones_say_why(browser, access):
    paper = a_paper(access.company)
    url = address("capture:upload", access)
    for content, status in ((paper.content, 200), (b"GIF89a", 409)):
        file = SimpleUploadedFile("f.pdf", content)
        answer = browser.post(
            url,
            {"files": file, "direction": "received"},
            headers={"X-Requested-With": "XMLHttpRequest"},
        )
        assert answer.status_code == status
    assert [p["title"] for p in answer.json()["problems"]] != []
    back(access)
    assert sorted(Scan.objects.values_list("invoices__state", flat=True)) == ["received"]


def test_the_review_page_has_the_page_the_data_and_the_entry(browser, access):
    row = one(access)
    page = text_of(browser.get(address("capture:review", access, invoice=row.pk)))
    assert page.count('data-field="gross_total"') == 1
    assert page.count("data-word=") > 20
    assert page.count('data-box="') >= 1
    assert page.count('data-act="account-form"') >= 1


def act(browser: Client, access: Access, row: CapturedInvoice, **values: object):
    url = address("capture:act", access, invoice=row.pk)
    answer = browser.post(url, values)
    back(access)
    return answer


def test_a_correction_comes_back_with_the_entry_anew(browser, access):
    row = one(access)
    answer = act(browser, access, row, act="correct", field="account", text="2212")
    assert answer.status_code == 200
    assert "data-blocked" not in text_of(answer)
    assert CapturedInvoice.objects.get().state == "ready"


def test_what_was_refused_stays_typed_with_its_reason(browser, access):
    row = one(access)
    answer = act(browser, access, row, act="correct", field="issue_date", text="31/02/2026")
    assert answer["X-Refused"] == "1"
    assert 'value="31/02/2026"' in text_of(answer)


def test_a_prefix_and_plus_give_the_first_free_code(browser, access):
    row = one(access)
    act(browser, access, row, act="correct", field="account", text="22111+")
    row.refresh_from_db()
    assert row.overrides["account"].startswith("22111")
    assert [p["code"] for p in row.problems] == ["booking.account_unknown"]


def test_an_account_is_opened_from_the_review(browser, access):
    row = one(access)
    url = address("capture:account-form", access, invoice=row.pk)
    form = text_of(browser.get(url))
    assert f'value="{row.party_tax_id}"' in form
    values = {"code": "22111777", "name": row.party_name, "tax_id": row.party_tax_id}
    wrong = browser.post(url, values | {"tax_id": "123456780"})
    assert wrong.status_code == 409
    answer = browser.post(url, values | {"country": "PT", "counterpart": "6224"})
    assert answer.status_code == 200
    back(access)
    assert Account.objects.filter(code="22111777").count() == 1
    assert CapturedInvoice.objects.get().account == "22111777"


def test_post_and_from_the_invoice_to_its_entry_and_file(browser, access):
    row = one(access)
    act(browser, access, row, act="correct", field="account", text="2212")
    url = address("capture:post", access, invoice=row.pk)
    stale = browser.post(url, {"fingerprint": "0" * 64})
    assert "data-field" in text_of(stale)
    back(access)
    row.refresh_from_db()
    answer = browser.post(url, {"fingerprint": row.fingerprint})
    assert answer.status_code == 200
    assert browser.get(json.loads(answer.content)["entry"]).status_code == 200
    page = text_of(browser.get(address("capture:review", access, invoice=row.pk)))
    assert page.count("readonly") >= 5
    back(access)
    file = StoredFile.objects.get()
    for name, kwargs in (
        ("archive:file", {"file": file.pk}),
        ("archive:file-by-hash", {"sha256": file.sha256}),
    ):
        sent = browser.get(address(name, access, **kwargs))
        assert sent["Content-Type"] == "application/pdf"
        assert b"".join(sent.streaming_content) == a_paper(access.company).content


def test_many_are_posted_and_those_that_stay_are_listed(browser, access):
    good, bad = one(access, "1"), one(access, "2")
    review.correct(access, good.pk, None, [("account", "2212")])
    url = address("capture:many", access, act="post")
    page = text_of(browser.post(url, {"row": [str(good.pk), str(bad.pk)]}))
    assert page.count('class="problem ') >= 1
    back(access)
    states = CapturedInvoice.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["posted", "doubtful"]


def test_a_page_of_the_file_is_a_picture(browser, access):
    row = one(access)
    url = address("capture:picture", access, invoice=row.pk, page=1)
    picture = browser.get(url + "?w=160")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert (
        browser.get(address("capture:picture", access, invoice=row.pk, page=9)).status_code == 404
    )


def test_the_archive_is_searched_by_words_and_fields(browser, access):
    row = one(access)
    for words in (
        row.party_tax_id,
        row.party_name,
        row.number,
        str(row.gross_total),
        row.scan.name,
    ):
        page = text_of(browser.get(address("archive:index", access), {"q": words}))
        assert row.scan.name in page
    assert row.scan.name not in text_of(browser.get(address("archive:index", access), {"q": "zzz"}))
    assert browser.get(address("archive:routes", access)).status_code == 200


def test_the_profile_shows_what_is_wrong_and_saves(browser, access):
    url = address("capture:profile", access)
    for direction in ("purchase", "sale"):
        assert browser.get(f"{url}?direction={direction}").status_code == 200
    browser.post(url, {"journal": "XX", "classifier": "FOR", "modality": "domestic_other"})
    page = text_of(browser.get(url))
    assert page.count('aria-invalid="true"') >= 1
    assert page.count('<option value="XX" selected>XX – não existe</option>') == 1


def test_a_pile_is_cut_and_joined(browser, access):
    rows = received(access, a_pile(access.company))
    scan = rows[0].scan
    page = text_of(browser.get(address("capture:pile", access, scan=scan.pk)))
    assert page.count("data-bar") == scan.page_count - 1
    assert (
        browser.get(
            address("capture:compare", access, invoice=rows[0].pk, other=rows[-1].pk)
        ).status_code
        == 200
    )
    if len(rows) > 1:
        first = min(rows[1].pages)
        url = address("capture:cut", access, scan=scan.pk, page=first)
        assert browser.post(url).status_code == 302
        back(access)
        living = CapturedInvoice.objects.exclude(state="joined")
        assert living.count() == len(rows) - 1
        proof = custody.prove(access.company.pk, queries.living(access.company.pk))
        assert proof.ties


def test_sending_files_offers_the_folders(browser, access):
    page = text_of(browser.get(address("capture:send", access)))
    assert page.count('name="intake"') == 2
    back(access)
    outside = browser.post(address("capture:add-folder", access), {"folder": "/etc"})
    assert outside.status_code == 409


def test_a_stranger_finds_nothing(access):
    """Every address of these pages, asked for another office's company and with its objects."""
    row = one(access)
    ours = {
        "invoice": row.pk,
        "other": row.pk,
        "scan": row.scan_id,
        "file": row.scan.file_id,
        "sha256": row.scan.file.sha256,
        "page": 1,
        "act": "post",
    }
    theirs = a_company(code="c2")
    stranger = client_of(theirs)
    for route in (*capture_urls.CAPTURE, *capture_urls.ARCHIVE):
        space = "capture" if route in capture_urls.CAPTURE else "archive"
        names = route.pattern.converters
        wanted = {n: ours.get(n, ours["scan"]) for n in names if n != "company"}
        url = reverse(f"{space}:{route.name}", kwargs={"company": access.company.pk, **wanted})
        assert {stranger.get(url).status_code, stranger.post(url).status_code} <= {404, 405}, url
        if "invoice" not in wanted and "scan" not in wanted and "file" not in wanted:
            continue
        url = reverse(f"{space}:{route.name}", kwargs={"company": theirs.company.pk, **wanted})
        assert {stranger.get(url).status_code, stranger.post(url).status_code} <= {404, 405, 409}, (
            url
        )
    back(access)
    row.refresh_from_db()
    assert (row.state, row.version) == ("doubtful", 1)


def test_who_may_only_read_sees_and_changes_nothing(access):
    row = one(access)
    person = a_person(access.company.office, Role.READ_ONLY, by=User.objects.get(pk=access.user_id))
    client = Client()
    client.force_login(person, backend=BACKEND)
    assert client.get(address("capture:review", access, invoice=row.pk)).status_code == 200
    for name in ("act", "post", "claim", "unpost"):
        answer = client.post(address(f"capture:{name}", access, invoice=row.pk), {"act": "undo"})
        assert answer.status_code == 403, name
    back(access)
    assert posting.post_invoices(access, [row.pk])[0].entry is None


def waiting(access: Access, scan: Scan, count: int) -> None:
    """So many invoices more in the list."""
    CapturedInvoice.objects.bulk_create(
        CapturedInvoice(
            company=access.company,
            scan=scan,
            direction="received",
            state="doubtful",
            day=scan.day,
            party_name=f"Fornecedor {n}",
            number=f"FT A/{n}",
            gross_total=n,
        )
        for n in range(count)
    )


def test_thousands_of_documents_open_quickly(browser, access, django_assert_max_num_queries):
    waiting(access, send(access, a_paper(access.company)), 3_000)
    with django_assert_max_num_queries(30):
        page = browser.get(address("capture:list", access))
    assert text_of(page).count("<tr data-row") == 100


def statements(browser: Client, url: str) -> int:
    """How many statements the database is sent for a page."""
    browser.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


def test_the_next_invoice_costs_the_same_whatever_waits(browser, access):
    """No statement per row: neither for the invoice with its list beside it, nor for the list itself."""
    row = one(access)
    urls = [
        address("capture:review", access, invoice=row.pk) + "?part=panes",
        address("capture:list", access),
    ]
    before = [statements(browser, url) for url in urls]
    back(access)
    waiting(access, row.scan, 500)
    after = [statements(browser, url) for url in urls]
    assert after[0] <= before[0] <= 20  # with one alone, the next is looked for twice
    assert after[1] == before[1]


def test_only_what_an_invoice_touches_is_read_of_the_chart(access):
    row = one(access)
    others = [
        Party(company=access.company, tax_id=f"50000{n:04}", name=f"P{n}") for n in range(300)
    ]
    Party.objects.bulk_create(others)
    Account.objects.bulk_create(
        Account(company=access.company, code=f"22111{n:05}", name=p.name, kind="M", party=p, postable=True)
        for n, p in enumerate(others)
    )  # fmt: skip
    whole, part = rules_for(access.company), rules_for(access.company, about=_about([row]))
    assert whole.accounts.height - part.accounts.height == 300
    assert part.parties.height == 0
    (before,) = proposing.proposals(access.company, [row], whole)
    (after,) = proposing.proposals(access.company, [row], part)
    assert before.fingerprint == after.fingerprint
    assert queries.problems_of(row) == plans.problems_in(after.plan)


def test_the_list_says_how_far_each_file_is(browser, access):
    """Received, waiting to be read, being read, read; and refused with its reason, which stays listed."""
    scan = send(access, a_paper(access.company))
    url = address("capture:list", access)
    assert "badge wait" in row_of(browser.get(url))
    back(access)
    JobRun.objects.filter(pk=scan.run_id).update(state=JobRun.State.RUNNING)
    assert "badge work" in row_of(browser.get(url))
    back(access)
    JobRun.objects.filter(pk=scan.run_id).update(state=JobRun.State.FAILED)
    assert "badge fail" in row_of(browser.get(url))
    back(access)
    read(access, scan)
    assert "badge doubt" in row_of(browser.get(url))


def row_of(page) -> str:
    """The list's one row."""
    (row,) = text_of(page).split("<tr data-row")[1:]
    return row
