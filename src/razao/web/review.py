"""Review of one captured invoice: in: what a clerk types or presses, out: the page's panes as they then stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from razao.capture import flow, parties, posting, proposing, queries, review
from razao.capture.models import CapturedInvoice, Flow, ScanPage
from razao.capture.typed import typed_date
from razao.companies.rights import Access, May
from razao.kernel.problems import NotFound, Problem, Refused
from razao.ledger.accounts import NewParty
from razao.ledger.models import Account, VatCode
from razao.web.desk import company_desk
from razao.web.review_values import boxes_of, sheet_of
from razao.web.templatetags.razao_ui import address

#: How many rows of the list stand beside the invoice.
BESIDE = 40


@login_required
def next_invoice(request: HttpRequest, company: UUID) -> HttpResponse:
    """To the next invoice that this person should look at, or to the list when there is none."""
    access = company_desk(request, company, May.REVIEW)
    direction = request.GET.get("direction", "received")
    after = request.GET.get("after")
    found = queries.next_invoice(
        access.company, direction, access.user_id, UUID(after) if after else None
    )
    if found:
        return redirect(_address(access, found[0].pk))
    messages.success(request, gettext("Nothing is left to review."))
    return redirect(
        reverse("capture:list", kwargs={"company": company}) + f"?direction={direction}"
    )


@login_required
def invoice_page(request: HttpRequest, company: UUID, invoice: UUID) -> HttpResponse:
    """The invoice beside its page image; ``?part=panes`` or ``page`` sends that part alone."""
    access = company_desk(request, company, May.SEE_BOOKS)
    row = queries.invoice_of(access.company, invoice)
    context = _context(access, row)
    if request.GET.get("part") == "page":
        return render(request, "capture/review_page.html", context | _page(context, request))
    context |= _page(context, request)
    template = "review_panes" if request.GET.get("part") == "panes" else "review"
    return render(request, f"capture/{template}.html", context)


def _address(access: Access, invoice: UUID) -> str:
    return reverse("capture:review", kwargs={"company": access.company.pk, "invoice": invoice})


def _context(
    access: Access,
    row: CapturedInvoice,
    refused: tuple[Problem, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What all panes are drawn from: the invoice as it stands and its entry as last proposed."""
    invoice = proposing.invoice_as_it_stands(row)
    context: dict[str, Any] = {"access": access, "row": row, "invoice": invoice}
    context["may_review"] = access.may(May.REVIEW)
    context["open"] = row.state not in review.CLOSED
    context["sheet"] = sheet_of(row, invoice, _names(access, row), refused, typed)
    if row.entry_id is not None:  # what was posted, whatever would be proposed today
        context["sheet"].stand_posted(queries.posted_lines(row))
    context["fingerprint"] = row.fingerprint
    context["entry_url"] = _entry_address(access, row)
    context["comments"] = row.comments.select_related("user").order_by("pk")
    context["vat_codes"] = _vat_codes(access, row)
    context |= _beside(access, row)
    return context


def _names(access: Access, row: CapturedInvoice) -> dict[str, str]:
    """Names of the accounts that the entry and its rows name."""
    codes = {line["account"] for line in row.plan.get("lines", ())} | {row.account}
    codes |= {booked["counterpart"] for booked in row.plan.get("rows", ())}
    codes |= {part.get("counterpart") for part in row.overrides.get("splits", ())}
    found = Account.objects.filter(company=access.company, code__in=[c for c in codes if c])
    return dict(found.values_list("code", "name"))


def _vat_codes(access: Access, row: CapturedInvoice) -> list[tuple[str, str]]:
    direction = proposing.DIRECTIONS[Flow(row.direction)]
    found = VatCode.objects.filter(company=access.company, direction=direction.value, active=True)
    return list(found.order_by("code").values_list("code", "name"))


def _entry_address(access: Access, row: CapturedInvoice) -> str:
    if row.entry_id is None:
        return ""
    return address("ledger:entry", company=access.company.pk, entry=row.entry_id)


def _beside(access: Access, row: CapturedInvoice) -> dict[str, Any]:
    """The list pane: the invoices around this one, and where the next one is."""
    found = queries.around(access.company, row, BESIDE)
    following = queries.next_invoice(access.company, row.direction, access.user_id, row.pk)
    ahead = [f for f in following if f.pk != row.pk]
    held = queries.held_by(row, access.user_id)
    mine = _address(access, row.pk)
    return {
        "beside": [(one, mine.replace(str(row.pk), str(one.pk))) for one in found],
        "next_url": _address(access, ahead[0].pk) if ahead else "",
        "held_by": held,
    }


def _page(context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """The page pane: the picture of one page, the fields' places and the words on it."""
    row: CapturedInvoice = context["row"]
    pages = list(row.pages) or list(range(1, row.scan.page_count + 1))
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and int(asked) in pages else (pages or [0])[0]
    page = ScanPage.objects.filter(company=row.company_id, scan=row.scan, number=number).first()
    return {
        "pages": pages,
        "number": number,
        "words": _words(page.words) if page else "",
        "scanned": bool(page and page.scanned),
        "boxes": boxes_of(context["invoice"], number, row.doubts),
    }


def _words(words: list[list[Any]]) -> SafeString:
    """The words with their places as SVG takes them; hundreds on a page, so not left to the template's loop."""
    places = ((w[0], w[1], w[2], w[3] - w[1], w[4] - w[2]) for w in words)
    return format_html_join(
        "", '<rect data-word="{}" x="{}" y="{}" width="{}" height="{}"/>', places
    )


def _rendered(
    request: HttpRequest,
    access: Access,
    invoice: UUID,
    refused: tuple[Problem, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    row = queries.invoice_of(access.company, invoice)
    context = _context(access, row, refused, typed)
    response = render(request, "capture/review_data.html", context)
    if refused:
        response["X-Refused"] = "1"
    return response


Act = Callable[[Access, UUID, int | None, HttpRequest], Any]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 4:
        raise NotFound(name)
    return int(text)


def _correct(access: Access, invoice: UUID, version: int | None, request: HttpRequest) -> Any:
    name, text = request.POST.get("field", ""), request.POST.get("text", "")
    if name == "account" and text.strip().endswith(parties.NEXT):
        row = queries.invoice_of(access.company, invoice)
        text = parties.code_for(row, access.company, text)
    return review.correct(access, invoice, version, [(name, text)])


ACTS: dict[str, Act] = {
    "correct": _correct,
    "confirm": lambda a, i, v, r: review.confirm(a, i, v, r.POST.get("field", "")),
    "undo": lambda a, i, v, r: review.undo(a, i),
    "add-row": lambda a, i, v, r: review.add_row(a, i, v),
    "drop-row": lambda a, i, v, r: review.drop_row(a, i, v, _number(r, "number")),
    "split": lambda a, i, v, r: review.split_row(a, i, v, _number(r, "number")),
    "unsplit": lambda a, i, v, r: review.unsplit(a, i, v, _number(r, "number")),
    "different": lambda a, i, v, r: review.not_the_same(a, i, _id(r)),
    "ask": lambda a, i, v, r: review.ask(a, i, r.POST.get("text", "")),
    "answered": lambda a, i, v, r: review.answered(a, i),
    "reject": lambda a, i, v, r: flow.reject(a, i, r.POST.get("text", "")),
    "restore": lambda a, i, v, r: review.restore(a, i),
    "comment": lambda a, i, v, r: review.comment(a, review.locked(a, i), r.POST.get("text", "")),
}


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("other", ""))
    except ValueError as error:
        raise NotFound("other") from error


@login_required
@require_POST
def act(request: HttpRequest, company: UUID, invoice: UUID) -> HttpResponse:
    """One act on the invoice; the data pane as it then stands. What was refused says so beside its field."""
    access = company_desk(request, company, May.REVIEW)
    doing = ACTS.get(request.POST.get("act", ""))
    if doing is None:
        raise NotFound("act")
    text = request.POST.get("version", "")
    try:
        with transaction.atomic():
            doing(access, invoice, int(text) if text.isdecimal() else None, request)
    except Refused as refusal:
        typed = {request.POST.get("field", ""): request.POST.get("text", "")}
        return _rendered(request, access, invoice, refusal.problems, typed)
    return _rendered(request, access, invoice)


@login_required
@require_POST
def claim(request: HttpRequest, company: UUID, invoice: UUID) -> HttpResponse:
    """This person is at the invoice now (and no longer at the one they come from)."""
    access = company_desk(request, company, May.REVIEW)
    left = request.POST.get("left", "")
    if left:
        review.release(access, UUID(left))
    held = review.claim(access, queries.invoice_of(access.company, invoice))
    return JsonResponse({"held": held})


@login_required
@require_POST
def post(request: HttpRequest, company: UUID, invoice: UUID) -> HttpResponse:
    """Post the invoice as it was seen; its address in the journal, or the pane with every reason why not."""
    access = company_desk(request, company, May.REVIEW)
    seen = {invoice: request.POST.get("fingerprint", "")}
    (outcome,) = flow.post(access, [invoice], seen)
    if outcome.entry is None:
        shown = [p for p in outcome.problems if p.code.startswith(("capture.", "post."))]
        return _rendered(
            request, access, invoice, tuple(p for p in shown if not _kept(access, invoice, p))
        )
    row = queries.invoice_of(access.company, invoice)
    return JsonResponse({"posted": str(row), "entry": _entry_address(access, row)})


def _kept(access: Access, invoice: UUID, problem: Problem) -> bool:
    """Whether the invoice shows this problem anyway."""
    row = queries.invoice_of(access.company, invoice)
    return any(p["code"] == problem.code for p in row.problems)


@login_required
@require_POST
def unpost(request: HttpRequest, company: UUID, invoice: UUID) -> HttpResponse:
    """Undo the posting by reversal; the invoice waits again."""
    access = company_desk(request, company, May.POST)
    text = request.POST.get("day", "")
    day: date = typed_date("day", text)
    freed = posting.unpost(access, invoice, day=day, reason=request.POST.get("reason", ""))
    messages.success(
        request, gettext("Posting undone; {n} invoices wait again.").format(n=len(freed))
    )
    return redirect(_address(access, invoice))


@login_required
def account_form(request: HttpRequest, company: UUID, invoice: UUID) -> HttpResponse:
    """The account form, filled from the invoice (S12); saving it opens the account."""
    access = company_desk(request, company, May.REVIEW)
    row = queries.invoice_of(access.company, invoice)
    context: dict[str, Any] = {"access": access, "row": row}
    if request.method != "POST":
        context["form"] = parties.account_form(row, access.company, request.GET.get("code", ""))
        return render(request, "capture/account_form.html", context)
    form = _account_form(request)
    try:
        with transaction.atomic():
            account, rows = parties.open_account(access, invoice, form)
    except Refused as refusal:
        context |= {"form": form, "refused": refusal.problems}
        return render(request, "capture/account_form.html", context, status=409)
    text = gettext("Account {code} opened; {n} invoices have it.")
    response = _rendered(request, access, invoice)
    response["X-Said"] = quote(text.format(code=account.code, n=len(rows)))
    return response


def _account_form(request: HttpRequest) -> parties.AccountForm:
    given = {name: request.POST.get(name, "").strip() for name in request.POST}
    party = NewParty(
        tax_id=given.get("tax_id", ""),
        name=given.get("name", ""),
        country=given.get("country", "") or "PT",
        address=given.get("address", ""),
        withholding_code=given.get("withholding_code", ""),
    )
    return parties.AccountForm(
        given.get("code", ""), party, given.get("counterpart", ""), given.get("classifier", "")
    )


@login_required
def accounts(request: HttpRequest, company: UUID) -> HttpResponse:
    """Accounts whose code begins with, or whose name holds, what was typed: for the fields' suggestions."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = queries.accounts_like(access.company, request.GET.get("q", ""))
    return JsonResponse({"accounts": [{"code": c, "name": n} for c, n in found]})
