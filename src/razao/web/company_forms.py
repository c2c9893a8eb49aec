"""Forms of companies and offices: in: what a person types, out: cleaned values, every error beside its field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from razao.countries.pack import available, load
from razao.countries.tax_ids import check_tax_id
from razao.kernel.problems import Refused, Severity, explain


def countries_of_the_books() -> list[tuple[str, str]]:
    """Countries whose books can be kept, Portugal first."""
    packs = [load(code) for code in available()]
    books = [pack for pack in packs if "books" in pack.purposes]
    return sorted(
        ((pack.country, pack.name) for pack in books), key=lambda pair: (pair[0] != "PT", pair[1])
    )


def regions_of_the_books() -> list[tuple[str, str]]:
    """Tax regions of those countries; a country with one region has none to choose."""
    choices = [("", gettext("The country's own"))]
    for code, name in countries_of_the_books():
        regions = load(code).regions
        choices += [(region, f"{name}: {region}") for region in regions if len(regions) > 1]
    return choices


class CompanyForm(forms.Form):
    """A company whose books are to be kept."""

    company_name = forms.CharField(label=_("Name of the company"), max_length=200)
    code = forms.SlugField(
        label=_("Code"), max_length=30, help_text=_("Short, as in folders and commands.")
    )
    tax_id = forms.CharField(label=_("Tax number"), max_length=30)
    country = forms.ChoiceField(label=_("Country of the books"), choices=countries_of_the_books)
    region = forms.ChoiceField(label=_("Tax region"), required=False, choices=regions_of_the_books)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        country, tax_id = values.get("country"), values.get("tax_id")
        if country and tax_id:
            check = check_tax_id(country, tax_id)
            problem = check.problem()
            if problem and problem.severity is Severity.ERROR:
                text = explain(problem, gettext)
                self.add_error("tax_id", f"{text.title}. {text.remedy}".strip())
            values["tax_id"] = check.normalised
        region = values.get("region")
        if country and region and region not in load(country).regions:
            self.add_error("region", gettext("This region belongs to another country."))
        return values


def tell(form: forms.Form, refusal: Refused, fields: dict[str, str]) -> None:
    """Put the problems of a refusal beside the form's fields; ``fields`` says which code belongs where."""
    for problem in refusal.problems:
        text = explain(problem, gettext)
        form.add_error(
            fields.get(problem.code), " ".join(filter(None, (f"{text.title}.", text.remedy)))
        )
