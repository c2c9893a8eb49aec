"""The ledger's pages: in: a company and what is asked for, out: entries, one entry, batches with undo, accounts, journals."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from razao.archive.models import Filing
from razao.capture import queries
from razao.capture.posting import free_reversed
from razao.companies.rights import May
from razao.ledger.models import Account, Batch, Entry, EntrySeal, Journal, Line
from razao.ledger.posting import reverse
from razao.web.desk import company_desk
from razao.web.listing import Chip, Column, listing, rows_only

ENTRY_COLUMNS = (
    Column("date", _("Date"), "day", ("date", "number")),
    Column("number", _("Entry"), "text", ("journal__code", "number")),
    Column("reference", _("Document"), "text", ("reference",)),
    Column("text", _("Description"), "text", ("text",)),
    Column("amount", _("Amount"), "num"),
)
ACCOUNT_COLUMNS = (
    Column("code", _("Account"), "text", ("code",)),
    Column("name", _("Name"), "text", ("name",)),
    Column("kind", _("Kind"), "state", ("kind", "code")),
    Column("counterpart", _("Counterpart"), "text"),
    Column("taxonomy", _("Taxonomy"), "num", ("taxonomy", "code")),
)
BATCH_COLUMNS = (
    Column("sequence", _("Batch"), "num", ("sequence",)),
    Column("posted", _("Posted"), "day", ("posted_at",)),
    Column("kind", _("Kind"), "state", ("kind", "sequence")),
    Column("source", _("From"), "text", ("source",)),
    Column("entries", _("Entries"), "num", ("entry_count",)),
    Column("total", _("Amount"), "num", ("total",)),
)
KINDS = {
    "manual": _("Manual"),
    "capture": _("Digitised documents"),
    "billing": _("Billing"),
    "opening": _("Opening"),
    "import": _("Taken over"),
    "closing": _("Closing"),
    "reversal": _("Reversal"),
}
ACCOUNT_KINDS = {
    "asset": _("Asset"),
    "liability": _("Liability"),
    "equity": _("Equity"),
    "income": _("Income"),
    "expense": _("Expense"),
    "other": _("Other"),
}


@login_required
def entries(request: HttpRequest, company: UUID) -> HttpResponse:
    """Entries of the company, newest first; by journal, and by words of document, description or account."""
    access = company_desk(request, company, May.SEE_BOOKS)
    journals = Journal.objects.filter(company=access.company)
    chips = [Chip("journal", j.code, f"{j.code} {j.name}") for j in journals]
    shown = listing(request, ENTRY_COLUMNS, default="-date", chips=chips)
    found = _found_entries(shown.value("journal"), shown.value("q"), company)
    shown.load(
        found.select_related("journal", "entry_type").order_by(*shown.order_by), found.count()
    )
    seals = EntrySeal.objects.filter(company=company, entry_id__in=[row.id for row in shown.rows])
    amounts = {seal.entry_id: seal for seal in seals}
    for row in shown.rows:
        row.seal = amounts.get(row.id)
    shown.totals["amount"] = EntrySeal.objects.filter(
        company=company, entry_id__in=found.values("id")
    ).aggregate(sum=Sum("total"))["sum"]
    template = "ledger/entries_rows.html" if rows_only(request) else "ledger/entries.html"
    return render(request, template, {"listing": shown, "access": access})


def _found_entries(journal: str, words: str, company: UUID) -> QuerySet[Entry]:
    found = Entry.objects.filter(company=company)
    if journal:
        found = found.filter(journal__code=journal)
    for word in words.split():
        found = found.filter(
            Q(reference__icontains=word) | Q(text__icontains=word) | Q(source_key__icontains=word)
        )
    return found


@login_required
def entry(request: HttpRequest, company: UUID, entry: UUID) -> HttpResponse:
    """One entry: its lines, its document, its batch and its place in the chain."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = (
        Entry.objects.filter(company=company, id=entry)
        .select_related("journal", "entry_type")
        .first()
    )
    if found is None:
        raise Http404
    seal = EntrySeal.objects.filter(company=company, entry_id=entry).first()
    lines = (
        Line.objects.filter(company=company, entry_id=entry)
        .select_related("account", "party", "cost_center", "vat_code")
        .order_by("position")
    )
    filing = (
        Filing.objects.filter(company=company, file__sha256=found.file).first()
        if found.file
        else None
    )
    context = {
        "access": access,
        "entry": found,
        "lines": lines,
        "debit": sum(line.debit for line in lines),
        "credit": sum(line.credit for line in lines),
        "seal": seal,
        "hash": bytes(seal.hash).hex() if seal else "",
        "batch": Batch.objects.filter(company=company, id=found.batch_id).first(),
        "filing": filing,
        "invoice": queries.of_entry(company, entry),
    }
    return render(request, "ledger/entry.html", context)


@login_required
def batches(request: HttpRequest, company: UUID) -> HttpResponse:
    """Every posting, newest first."""
    access = company_desk(request, company, May.SEE_BOOKS)
    chips = [Chip("kind", kind, str(name)) for kind, name in KINDS.items()]
    shown = listing(request, BATCH_COLUMNS, default="-sequence", chips=chips)
    found = Batch.objects.filter(company=company)
    if shown.value("kind"):
        found = found.filter(kind=shown.value("kind"))
    shown.load(found.select_related("user").order_by(*shown.order_by), found.count())
    undone = set(
        Batch.objects.filter(
            company=company, reverses_id__in=[b.id for b in shown.rows]
        ).values_list("reverses_id", flat=True)
    )
    for row in shown.rows:
        row.said, row.undone = KINDS.get(row.kind, row.kind), row.id in undone
    template = "ledger/batches_rows.html" if rows_only(request) else "ledger/batches.html"
    return render(request, template, {"listing": shown, "access": access})


class UndoForm(forms.Form):
    """The day of the reversal, and why."""

    day = forms.DateField(
        label=_("Accounting date"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@login_required
def batch(request: HttpRequest, company: UUID, batch: UUID) -> HttpResponse:
    """One posting: what it holds, its hash, and its undoing."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = Batch.objects.filter(company=company, id=batch).select_related("user").first()
    if found is None:
        raise Http404
    rows = Entry.objects.filter(company=company, batch_id=batch).select_related("journal")
    latest = rows.order_by("-date").values_list("date", flat=True).first()
    undone_by = Batch.objects.filter(company=company, reverses_id=batch).first()
    context = {
        "access": access,
        "batch": found,
        "said": KINDS.get(found.kind, found.kind),
        "hash": bytes(found.hash or b"").hex(),
        "entries": rows.order_by("date", "number")[:200],
        "undone_by": undone_by,
        "reverses": Batch.objects.filter(company=company, id=found.reverses_id).first()
        if found.reverses_id
        else None,
        "form": UndoForm(initial={"day": latest or timezone.localdate()}),
        "can_undo": access.may(May.POST)
        and undone_by is None
        and found.kind != Batch.Kind.REVERSAL,
    }
    return render(request, "ledger/batch.html", context)


@login_required
@require_POST
def undo(request: HttpRequest, company: UUID, batch: UUID) -> HttpResponse:
    """Undo a posting by a reversal (M2)."""
    access = company_desk(request, company, May.POST)
    form = UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say the day and the reason of the reversal."))
        return redirect("ledger:batch", company=company, batch=batch)
    made = reverse(access, batch, day=form.cleaned_data["day"], reason=form.cleaned_data["reason"])
    free_reversed(access.company, access.user_id, form.cleaned_data["reason"])
    messages.success(request, gettext("Undone: the documents can be posted again."))
    return redirect("ledger:batch", company=company, batch=made.id)


@login_required
def accounts(request: HttpRequest, company: UUID) -> HttpResponse:
    """The chart of accounts, with search by code or name."""
    access = company_desk(request, company, May.SEE_BOOKS)
    chips = [Chip("kind", kind, str(name)) for kind, name in ACCOUNT_KINDS.items()]
    shown = listing(request, ACCOUNT_COLUMNS, default="code", chips=chips, page_rows=300)
    found = Account.objects.filter(company=company)
    if shown.value("kind"):
        found = found.filter(kind=shown.value("kind"))
    for word in shown.value("q").split():
        found = found.filter(
            Q(code__startswith=word) | Q(name__icontains=word) | Q(party__tax_id__startswith=word)
        )
    rows = found.select_related("counterpart", "party").order_by(*shown.order_by)
    shown.load(rows, found.count())
    for row in shown.rows:
        row.said = ACCOUNT_KINDS.get(row.kind, row.kind)
    template = "ledger/accounts_rows.html" if rows_only(request) else "ledger/accounts.html"
    context = {"listing": shown, "access": access, "may_configure": access.may(May.CONFIGURE)}
    return render(request, template, context)


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # the stubs' generic is not one at run time
    """What may be changed of an account; its code never is."""

    class Meta:
        model = Account
        fields = ("name", "counterpart", "classifier", "needs_cost_center", "taxonomy", "active")
        labels = {
            "name": _("Name"),
            "counterpart": _("Counterpart account"),
            "classifier": _("Classifier"),
            "needs_cost_center": _("Movements need a cost centre"),
            "taxonomy": _("Taxonomy"),
            "active": _("In use"),
        }
        widgets = {"name": forms.TextInput(), "counterpart": forms.Select()}

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        field = self.fields["counterpart"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Account.objects.filter(
                company=self.instance.company_id,
                postable=True,
                kind__in=["income", "expense", "asset"],
            ).order_by("code")


@login_required
def account(request: HttpRequest, company: UUID, code: str) -> HttpResponse:
    """One account: what it is, and the form to change what may be changed."""
    access = company_desk(request, company, May.SEE_BOOKS)
    found = Account.objects.filter(company=company, code=code).select_related("party").first()
    if found is None:
        raise Http404
    form = AccountForm(request.POST or None, instance=found)
    if request.method == "POST":
        access.require(May.CONFIGURE)
        if form.is_valid():
            form.save()
            messages.success(request, gettext("Saved."))
            return redirect("ledger:account", company=company, code=code)
    context = {
        "access": access,
        "account": found,
        "said": ACCOUNT_KINDS.get(found.kind, found.kind),
        "form": form,
        "may_change": access.may(May.CONFIGURE),
    }
    return render(request, "ledger/account.html", context)


@login_required
def journals(request: HttpRequest, company: UUID) -> HttpResponse:
    """Journals with the last number of each fiscal year."""
    access = company_desk(request, company, May.SEE_BOOKS)
    rows = Journal.objects.filter(company=company)
    counts = dict(
        Entry.objects.filter(company=company).values_list("journal").annotate(Count("number"))
    )
    latest = dict(
        Entry.objects.filter(company=company).values_list("journal").annotate(Max("date"))
    )
    table = [(row, counts.get(row.pk, 0), latest.get(row.pk)) for row in rows.order_by("code")]
    return render(request, "ledger/journals.html", {"access": access, "journals": table})
