"""What is missing for the documents at hand: in: a plan's problems, out: each missing thing once, with the address that creates it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import polars as pl
from django.urls import reverse
from django.utils.translation import gettext

from razao.billing import interchange
from razao.billing.models import Preparation
from razao.companies.models import Company
from razao.kernel.problems import Problem, explain

#: Things listed at most; the problems below name the documents of all.
SHOWN = 100
#: Problem → section of the configuration, its key's value in the problem, and values for the form: field → value.
MENDS: dict[str, tuple[str, str, dict[str, str]]] = {
    "billing.type_missing": ("types", "billing_type", {}),
    "billing.no_variables": ("types", "billing_type", {}),
    "billing.not_balanced": ("types", "billing_type", {}),
    "billing.journal_missing": ("types", "billing_type", {}),
    "billing.entry_type_missing": ("types", "billing_type", {}),
    "billing.posting_code_missing": ("posting_codes", "posting_code", {}),
    "billing.posting_rate_missing": (
        "posting_codes",
        "posting_code",
        {"part-rate": "rate", "part-region": "region", "part-exemption": "exemption"},
    ),
    "billing.cash_account_missing": ("posting_codes", "posting_code", {}),
    "billing.advance_account_missing": ("posting_codes", "posting_code", {}),
    "billing.article_missing": ("articles", "article", {}),
    "billing.cost_missing": ("articles", "article", {}),
    "billing.treasury_account_missing": ("treasury_places", "place", {}),
    "billing.customer_missing": (
        "customers",
        "customer_number",
        {"name": "customer", "tax_id": "tax_id"},
    ),
    "billing.posting_code_unsaid": ("parameters", "", {}),
    "billing.withholding_account_missing": ("advances", "", {}),
    "billing.exchange_account_missing": ("advances", "", {}),
    "billing.advance_tax_missing": ("advances", "", {}),
}
ACCOUNTS = ("billing.account_unknown", "billing.account_not_postable")
CENTER = "billing.cost_center_unknown"
#: Problems of whole sections, of which the problem names no row.
LISTS = {
    "billing.variable_account_missing": "types",
    "billing.posting_account_missing": "posting_codes",
    "billing.article_account_missing": "articles",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: in words, for how many documents, and where it is made."""

    title: str
    what: str
    documents: int
    address: str
    label: str
    customer: str = ""
    """number at the source of a customer that can be taken over as it is"""


def missing(company: Company, kept: Preparation, problems: pl.DataFrame) -> list[Missing]:
    """Each missing thing once, those first that hold most documents back."""
    codes = [*ACCOUNTS, CENTER, *MENDS, *LISTS]
    rows = (
        problems.filter(pl.col("code").is_in(codes))
        .with_columns(pl.col("values").map_elements(_without_rule, return_dtype=pl.String))
        .group_by("code", "values", maintain_order=True)
        .agg(pl.col("source_key").n_unique().alias("documents"))
        .sort("documents", descending=True, maintain_order=True)
    )
    found: dict[tuple[str, str], Missing] = {}
    for code, values, documents in rows.iter_rows():
        one = _missing(company, kept.pk, code, json.loads(values), documents)
        known = found.get((one.address, one.title))
        if known is None and len(found) < SHOWN:
            found[one.address, one.title] = one
    return list(found.values())


def _without_rule(values: str) -> str:
    """The same account is missing once, whichever rule wants it; amounts that differ are no other thing."""
    told = json.loads(values or "{}")
    kept = {k: v for k, v in told.items() if k not in {"rule", "because", "amount", "difference"}}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False)


def _missing(
    company: Company, preparation: UUID, code: str, values: dict[str, Any], documents: int
) -> Missing:
    title = explain(Problem(code, values=values), gettext).title
    back = {"for": str(preparation)}
    if code == CENTER:
        what = str(values.get("cost_center", ""))
        address = _address("billing:cost-center", company, back | {"code": what})
        return Missing(title, what, documents, address, gettext("Open the cost centre"))
    if code in ACCOUNTS:
        what = str(values.get("account", ""))
        there = code == "billing.account_not_postable"
        address = _address("billing:account", company, back | ({} if there else {"code": what}))
        return Missing(title, what, documents, address, gettext("Open the account"))
    if code in LISTS:
        address = _address("billing:section", company, {}, section=LISTS[code])
        return Missing(title, "", documents, address, gettext("Fill in"))
    section, key, fields = MENDS[code]
    what = str(values.get(key) or "") if key else ""
    given = {name: str(values.get(value) or "") for name, value in fields.items()}
    row = _row(company, section, what) if key else None
    if not key:
        address = _address("billing:section", company, back, section=section)
        return Missing(title, "", documents, address, gettext("Fill in"))
    if row is not None:
        parts = {n: v for n, v in given.items() if n.startswith("part-")}
        address = _address("billing:edit", company, back | parts, section=section, row=row)
        return Missing(title, what, documents, address, gettext("Fill in"))
    names = {interchange.SECTIONS[section][1][0]: what}
    address = _address("billing:new", company, back | names | given, section=section)
    customer = what if section == "customers" and given.get("tax_id") else ""
    said = " ".join(filter(None, (what, given.get("name"))))
    return Missing(title, said, documents, address, gettext("Create"), customer)


def _row(company: Company, section: str, key: str) -> UUID | None:
    model, names = interchange.SECTIONS[section]
    return (
        model._default_manager.filter(company=company, **{names[0]: key})
        .values_list("pk", flat=True)
        .first()
    )


def _address(name: str, company: Company, query: dict[str, str], **parts: Any) -> str:
    path = reverse(name, kwargs={"company": company.pk, **parts})
    return f"{path}?{urlencode(query)}" if query else path
