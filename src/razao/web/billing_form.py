"""The form of a preparation: in: the company's sources, types and journals, out: the options as booking takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.billing.models import BillingDocumentType, BillingSource
from razao.booking.billing_rules import Options
from razao.companies.rights import Access
from razao.ledger.models import EntryType, Journal

#: Options grouped as the accountant thinks.
GROUPS = (
    (_("How grouped"), ("day_totals", "per_document", "number")),
    (_("Dates and numbering"), ("movement_date", "internal_date", "journal", "entry_type")),
    (_("Analytics"), ("reflections", "rubric", "cost_center", "check_cost_center")),
    (_("Stock and gifts"), ("inventory", "exclude_gifts")),
    (_("Treasury"), ("treasury_account",)),
)


class PreparationForm(forms.Form):
    """What to prepare: source, documents, and how they are booked (P2–P18)."""

    use_required_attribute = False
    source = forms.ChoiceField(label=_("Source"), required=False)
    file = forms.FileField(
        label=_("or a file"),
        required=False,
        help_text=_("SAF-T or e-invoice; with a source of tables, a table of its form."),
    )
    since = forms.DateField(
        label=_("From date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("To date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    types = forms.MultipleChoiceField(
        label=_("Document types"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all that are configured."),
    )
    filter = forms.CharField(
        label=_("Filter"), required=False, max_length=300, help_text=_("For example: gross > 100")
    )
    only_unposted = forms.BooleanField(
        label=_("Only documents not yet posted"), required=False, initial=True
    )
    day_totals = forms.BooleanField(label=_("Integrate by the day's total"), required=False)
    per_document = forms.BooleanField(
        label=_("One entry for each billing document"), required=False, initial=True
    )
    number = forms.CharField(label=_("Number of the single entry"), required=False, max_length=60)
    movement_date = forms.DateField(
        label=_("Movement date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    internal_date = forms.BooleanField(label=_("Use the document's internal date"), required=False)
    journal = forms.ChoiceField(label=_("Journal"), required=False)
    entry_type = forms.ChoiceField(label=_("Entry type"), required=False)
    reflections = forms.BooleanField(label=_("Process reflections"), required=False)
    rubric = forms.BooleanField(
        label=_("Internal reference of the lines as rubric"), required=False
    )
    cost_center = forms.BooleanField(label=_("Post the cost centre"), required=False)
    check_cost_center = forms.BooleanField(
        label=_("Check that the cost centre is filled in"), required=False
    )
    inventory = forms.BooleanField(label=_("Move perpetual inventory"), required=False)
    exclude_gifts = forms.BooleanField(label=_("Leave gifts out"), required=False)
    treasury_account = forms.BooleanField(
        label=_("Cash sales use the account of the treasury place"), required=False
    )

    def offer(self, access: Access) -> PreparationForm:
        """Offer the company's sources, types, journals and entry types."""
        company = access.company
        sources = BillingSource.objects.filter(company=company, active=True).order_by("name")
        self._choices("source", [("", "–"), *((str(s.pk), s.name) for s in sources)])
        types = BillingDocumentType.objects.filter(company=company, active=True).order_by("code")
        self._choices("types", [(t.code, f"{t.code} {t.name}".strip()) for t in types])
        journals = Journal.objects.filter(company=company, active=True)
        self._choices(
            "journal", [("", gettext("that of the type")), *((j.code, str(j)) for j in journals)]
        )
        kinds = EntryType.objects.filter(company=company, active=True)
        self._choices(
            "entry_type", [("", gettext("that of the type")), *((t.code, str(t)) for t in kinds)]
        )
        return self

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The options, grouped."""
        return [(title, [self[name] for name in names]) for title, names in GROUPS]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("source") and not said.get("file"):
            self.add_error("source", gettext("Choose a source or a file."))
        if not said.get("per_document") and not said.get("number") and not said.get("day_totals"):
            self.add_error("number", gettext("A single entry needs a number."))
        return said

    def options(self) -> Options:
        """The options as booking takes them."""
        said = {k: v for k, v in self.cleaned_data.items() if k not in {"source", "file"}}
        return replace(Options(), **{**said, "types": tuple(said["types"])})
