"""The one door: what is right goes in whole, what is wrong is all said at once and nothing is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from razao.companies.models import Party, Role
from razao.companies.rights import Access, company_for
from razao.kernel.problems import NotFound, Refused
from razao.kernel.tenancy import new_id
from razao.ledger import staging
from razao.ledger.integrity import verify
from razao.ledger.models import Account, Balance, Batch, CostCenter, Entry, EntrySeal, Line, Period
from razao.ledger.posting import post, preview, reverse
from razao.ledger.source_keys import FEW, live_labels
from tests.factories import a_company, a_person, an_office
from tests.ledger.entries import DAY, Row, draft, drafts

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> Access:
    return a_company()


def put(access: Access, *wanted, kind: str = "manual") -> Batch:
    return post(access, drafts(*wanted), kind=kind, source="test", fingerprint="")


def refusal(access: Access, *wanted) -> list[tuple[str, str]]:
    """Codes and places of what the door says; the preview must say the same, and nothing may be written."""
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        put(access, *wanted)
    said = [(p.code, p.where) for p in refused.value.problems]
    assert [(p.code, p.where) for p in preview(access, drafts(*wanted))] == said
    assert (Entry.objects.count(), Batch.objects.filter(hash=None).count()) == (before, 0)
    return said


def trial() -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for row in Balance.objects.select_related("account"):
        net = row.debit - row.credit
        sums[row.account.code] = sums.get(row.account.code, Decimal(0)) + net
    return {code: net for code, net in sums.items() if net}


def test_a_sale_becomes_an_entry_with_its_number_and_its_balances(access):
    batch = put(access, draft(source_key="a"), draft(source_key="b"))
    entries = Entry.objects.filter(batch_id=batch.id).order_by("number")
    assert [(e.number, e.source_key, e.period) for e in entries] == [(1, "a", 5), (2, "b", 5)]
    lines = entries[0].lines.select_related("account").order_by("position")
    assert [(x.account.code, x.debit, x.credit) for x in lines] == [
        ("111", Decimal("123.00"), Decimal("0.00")),
        ("71113", Decimal("0.00"), Decimal("100.00")),
        ("2433113", Decimal("0.00"), Decimal("23.00")),
    ]
    assert (batch.entry_count, batch.line_count, batch.total) == (2, 6, Decimal("246.00"))
    assert trial() == {"111": Decimal(246), "71113": Decimal(-200), "2433113": Decimal(-46)}


def test_numbers_go_on_from_batch_to_batch_in_each_journal(access):
    put(access, draft(), draft(journal="OD", entry_type="DV"))
    put(access, draft(), draft(journal="OD", entry_type="DV"), draft(date=date(2026, 1, 2)))
    rows = Entry.objects.values_list("journal__code", "fiscal_year__code", "number")
    assert sorted(rows) == [
        ("OD", "2025", 1),
        ("OD", "2025", 2),
        ("VD", "2025", 1),
        ("VD", "2025", 2),
        ("VD", "2026", 1),
    ]


def test_each_batch_is_chained_to_the_one_before(access):
    first, second = put(access, draft()), put(access, draft())
    assert bytes(first.previous_hash) == bytes(32)
    assert bytes(second.previous_hash) == bytes(first.hash)
    assert (first.sequence, second.sequence) == (1, 2)


def test_opening_and_closing_journals_have_periods_of_their_own(access):
    put(access, draft(journal="AB", entry_type="SB", date=date(2025, 1, 1)))
    put(access, draft(journal="AP", entry_type="AR", date=date(2025, 12, 31)))
    assert sorted(Entry.objects.values_list("period", flat=True)) == [0, 13]


def test_every_line_keeps_what_the_draft_said_of_it(access):
    CostCenter.objects.create(company=access.company, code="L1", name="Loja")
    Party.objects.create(company=access.company, tax_id="501442600", name="Cliente")
    more = {
        "cost_center": "L1", "party": "501442600", "vat_code": "LNOR", "tax_base": 10000, "currency": "USD",
        "currency_amount": -12000, "rubric": "R1", "text": 'Uma "linha", com\tvírgulas\ne mais',
    }  # fmt: skip
    put(access, draft([("111", 10000, 0), ("71113", 0, 10000, more)]))
    line = Line.objects.select_related("cost_center", "party", "vat_code").get(position=2)
    assert line.cost_center
    assert line.party
    assert line.vat_code
    assert (line.cost_center.code, line.party.tax_id, line.vat_code.code) == (
        "L1",
        "501442600",
        "LNOR",
    )
    assert (line.tax_base, line.currency, line.currency_amount) == (
        Decimal("100.00"),
        "USD",
        Decimal("-120.00"),
    )
    assert (line.rubric, line.text) == ("R1", 'Uma "linha", com vírgulas e mais')


def test_every_problem_of_every_document_is_said_at_once(access):
    Account.objects.filter(code="6268").update(needs_cost_center=True)
    Period.objects.filter(start=date(2025, 3, 1), number=3).update(state="closed")
    assert refusal(
        access,
        draft(source_key="a", journal="XX", entry_type="YY"),
        draft([("111", 100, 0), ("71113", 0, 99)], source_key="b"),
        draft([("111", 100, 0), ("99999", 0, 100)], source_key="c"),
        draft([("11", 100, 0), ("6268", 0, 100)], source_key="d"),
        draft(source_key="e", date=date(2019, 5, 1)),
        draft(source_key="f", date=date(2025, 3, 9)),
        draft([], source_key="g"),
        draft([("111", 100, 100), ("111", 0, 0)], source_key="h"),
    ) == [
        ("post.journal_missing", "a"),
        ("post.entry_type_missing", "a"),
        ("post.unbalanced", "b"),
        ("post.account_missing", "c"),
        ("post.account_not_postable", "d"),
        ("post.needs_cost_center", "d"),
        ("post.outside_fiscal_year", "e"),
        ("post.period_closed", "f"),
        ("post.no_lines", "g"),
        ("post.one_side", "h"),
        ("post.one_side", "h"),
    ]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"cost_center": "?"}, "post.cost_center_missing"),
        ({"party": "?"}, "post.party_missing"),
        ({"vat_code": "?"}, "post.vat_code_missing"),
        ({"tax_base": -1}, "post.currency_or_base"),
        ({"currency": "USD"}, "post.currency_or_base"),
        ({"currency": "USD", "currency_amount": -100}, "post.currency_or_base"),
    ],
)
def test_a_line_that_names_what_is_not_there_or_contradicts_itself(access, more, code):
    assert refusal(access, draft([("111", 100, 0, more), ("71113", 0, 100)], source_key="a")) == [
        (code, "a")
    ]


def test_an_entry_wholly_in_dollars_balances_in_dollars_too(access):
    def usd(amount: int) -> dict[str, object]:
        return {"currency": "USD", "currency_amount": amount}

    off: list[Row] = [("6224", 90000, 0, usd(100000)), ("22111", 0, 90000, usd(-99900))]
    Account.objects.filter(code="22111").update(postable=True)
    assert refusal(access, draft(off, source_key="a")) == [("post.unbalanced_in_currency", "a")]
    put(
        access,
        draft([("6224", 90000, 0, usd(100000)), ("22111", 0, 90000, usd(-100000))]),
        draft([("22111", 90000, 0, usd(100000)), ("6887", 5000, 0), ("121", 0, 95000)]),
    )


def test_an_empty_batch_is_refused(access):
    assert refusal(access) == [("post.empty", "")]


def test_the_same_document_is_never_posted_twice(access):
    put(access, draft(source_key="a"))
    assert refusal(access, draft(source_key="a"), draft(source_key="b")) == [
        ("post.duplicate", "a")
    ]
    assert refusal(access, draft(source_key="c"), draft(source_key="c")) == [
        ("post.twice_in_batch", "c"),
        ("post.twice_in_batch", "c"),
    ]


@pytest.mark.parametrize("others", [0, FEW], ids=["few", "many"])
def test_of_few_keys_or_many_those_with_a_live_entry_are_found(access, others):
    undone = put(access, draft(source_key="undone"))
    put(access, draft(source_key="b|FT 1/1"), draft(source_key="a"))
    reverse(access, undone.id, day=DAY, reason="Engano")
    asked = ["undone", "b|FT 1/1", None, "", "never", "a", *(f"x{n}" for n in range(others))]

    assert live_labels(access.company.pk, asked) == {"b|FT 1/1": "VD 2", "a": "VD 3"}
    assert live_labels(a_company(code="other").company.pk, asked) == {}


def test_undoing_a_batch_leaves_no_balance_and_frees_its_documents(access):
    batch = put(access, draft(source_key="a"), draft(source_key="b"))
    undone = reverse(access, batch.id, day=date(2025, 6, 1), reason="Período errado")
    assert trial() == {}
    assert (undone.kind, undone.reverses_id, undone.reason) == (
        "reversal",
        batch.id,
        "Período errado",
    )
    pairs = Entry.objects.filter(batch_id=undone.id).values_list("reverses_id", "number", "period")
    originals = Entry.objects.filter(batch_id=batch.id).order_by("number").values_list("id")
    assert sorted(pairs, key=lambda p: p[1]) == [(originals[0][0], 3, 6), (originals[1][0], 4, 6)]
    again = put(access, draft(source_key="a"), draft(source_key="b"))
    assert again.entry_count == 2
    live = EntrySeal.objects.filter(reversed_by_id=None).order_by("source_key")
    assert [s.source_key for s in live][:2] == ["a", "b"]


def test_a_batch_is_undone_once_and_a_reversal_never(access):
    batch = put(access, draft())
    undone = reverse(access, batch.id, day=DAY, reason="Engano")
    for one, code in (
        (batch.id, "post.already_reversed"),
        (undone.id, "post.reversal_of_reversal"),
    ):
        with pytest.raises(Refused) as refused:
            reverse(access, one, day=DAY, reason="Engano")
        assert [p.code for p in refused.value.problems] == [code]


def test_undoing_needs_a_reason_and_an_open_day(access):
    batch = put(access, draft())
    Period.objects.filter(number=6, fiscal_year__code="2025").update(state="closed")
    for day, reason, code in (
        (DAY, " ", "post.reason_missing"),
        (date(2025, 6, 2), "x", "post.period_closed"),
        (date(2001, 1, 1), "x", "post.outside_fiscal_year"),
    ):
        with pytest.raises(Refused) as refused:
            reverse(access, batch.id, day=day, reason=reason)
        assert [p.code for p in refused.value.problems] == [code]


def test_a_batch_of_another_company_is_not_found(access):
    batch = put(access, draft())
    other = a_company(code="c2")
    for one in (batch.id, new_id()):
        with pytest.raises(NotFound):
            reverse(other, one, day=DAY, reason="x")


def test_a_clerk_posts_what_was_captured_and_nothing_else():
    office, admin = an_office()
    company = a_company(office=(office, admin)).company
    clerk = a_person(office, Role.CLERK, by=admin)
    access = company_for(clerk.pk, company.pk)
    put(access, draft(), kind="capture")
    with pytest.raises(Refused, match=r"rights\.not_allowed"):
        put(access, draft())


def test_what_may_take_nothing_new_can_still_be_undone(access):
    batch = put(access, draft())
    Account.objects.filter(code__in=["111", "71113"]).update(postable=False)
    Account.objects.filter(code="2433113").update(needs_cost_center=True)
    reverse(access, batch.id, day=DAY, reason="Engano")
    assert trial() == {}


ODD_TEXTS = [
    "\\N",
    '""',
    '"',
    "a,b",
    " spaces  kept ",
    "",
    None,
    "NULL",
    "€ ção",
    "line\nbreak",
    "\\t",
    "'",
    "%s",
]


def told(batch: Batch) -> list[tuple[object, ...]]:
    """Everything that a draft says, as it was posted."""
    rows = Line.objects.filter(entry__batch_id=batch.id).order_by("entry__number", "position")
    return list(
        rows.values_list(
            "entry__number", "entry__date", "entry__document_date", "entry__source_key", "entry__reference",
            "entry__text", "entry__file", "entry__journal__code", "entry__entry_type__code", "entry__period",
            "position", "account__code", "date", "debit", "credit", "cost_center__code", "party__tax_id",
            "vat_code__code", "tax_base", "currency", "currency_amount", "rubric", "text",
        )
    )  # fmt: skip


def test_documents_posted_by_the_thousand_are_as_those_posted_one_by_one(monkeypatch):
    many = []
    for n in range(400):
        text = ODD_TEXTS[n % len(ODD_TEXTS)]
        more = {"text": text, "rubric": text, "vat_code": "LNOR", "tax_base": n, "currency": "USD"}
        rows: list[Row] = [
            ("111", 10000 + n, 0, {"cost_center": "L1"}),
            ("71113", 0, 10000, {"party": "501442600"}),
            *([("2433113", 0, n, {**more, "currency_amount": -n})] if n else []),
        ]
        day = date(2025, 1 + n % 12, 1 + n % 28)
        many.append(
            draft(rows, source_key=f"k{n}", date=day, document_date=None, reference=text, text=text)
        )
    posted, heard = [], []
    for code in ("at once", "in portions", "one by one"):
        mine = a_company(code=code)
        CostCenter.objects.create(company=mine.company, code="L1", name="Loja")
        Party.objects.create(company=mine.company, tax_id="501442600", name="Cliente")
        if code == "one by one":
            posted.append([row for one in many[:60] for row in told(put(mine, one))])
        else:
            monkeypatch.setattr(staging, "PORTION", 150 if code == "in portions" else 100_000)
            batch = post(
                mine,
                drafts(*many),
                kind="manual",
                source="test",
                fingerprint="",
                progress=lambda done, total, note="": heard.append((done, note)),
            )
            posted.append(told(batch))
        assert verify(mine.company) == []
    assert posted[0] == posted[1]
    assert posted[0][: len(posted[2])] == posted[2]
    assert len(posted[0]) == 1199
    end = [(400, "posting"), (400, "posted")]
    assert heard == [
        *[(0, "checking"), (0, "posting"), *end],
        *[(0, "checking"), (0, "posting"), (150, "posting"), (300, "posting"), *end],
    ]


def test_telling_progress_may_stop_a_posting_and_leaves_nothing(access):
    class Stop(Exception):
        pass

    heard = []

    def tell(done: int, total: int, note: str = "") -> None:
        heard.append((done, total, note))
        if note == "posting":
            raise Stop

    with pytest.raises(Stop):
        post(access, drafts(draft()), kind="manual", source="", fingerprint="", progress=tell)
    assert heard == [(0, 1, "checking"), (0, 1, "posting")]
    assert (Entry.objects.count(), Batch.objects.count()) == (0, 0)
