"""A preparation as it is looked at: in: the kept plan, out: tie-out, entries with their rules, problems by kind, sums by account."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from django.http import HttpRequest
from django.utils.translation import gettext

from razao.billing import flow
from razao.billing.models import Preparation
from razao.booking.reasons import explain
from razao.companies.rights import Access
from razao.kernel.money import from_minor_units
from razao.kernel.problems import Problem, Severity
from razao.web.billing_missing import missing

#: Entries shown at once.
ROWS = 100


def observed(access: Access, kept: Preparation, request: HttpRequest) -> dict[str, Any]:
    seen = flow.observe(access, kept.pk)
    page = (
        max(0, int(request.GET.get("page", "0") or 0))
        if request.GET.get("page", "0").isdecimal()
        else 0
    )
    entries = seen.plan.entries.sort("entry").slice(page * ROWS, ROWS)
    lines = seen.plan.lines.join(entries.select("entry"), on="entry", how="semi").sort(
        "entry", "position"
    )
    by_entry: dict[int, list[dict[str, Any]]] = {}
    for line in lines.iter_rows(named=True):
        by_entry.setdefault(line["entry"], []).append(_line(line))
    documents = dict(
        seen.plan.sources.join(entries.select("entry"), on="entry", how="semi")
        .group_by("entry")
        .len()
        .iter_rows()
    )
    return {
        "entries": [
            {
                **row,
                "lines": by_entry.get(row["entry"], []),
                "documents": documents.get(row["entry"], 1),
            }
            for row in entries.iter_rows(named=True)
        ],
        "page": page,
        "more": seen.plan.entries.height > (page + 1) * ROWS,
        "problems": _problems(seen.plan.problems),
        "tie_out": _tie_out(seen.tie_out),
        "accounts": _by_account(seen.plan.lines),
        "customers_missing": "billing.customer_missing" in kept.counts,
        "articles_missing": "billing.article_missing" in kept.counts,
        "missing": missing(access.company, kept, seen.plan.problems),
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        **line,
        "debit": from_minor_units(line["debit"]),
        "credit": from_minor_units(line["credit"]),
        "said": explain(line["rule"], line["because"], gettext) if line.get("rule") else "",
    }


def _problems(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Problems by kind: the first of each, how many documents, and which (at most twenty named)."""
    kinds: list[dict[str, Any]] = []
    grouped = frame.group_by("code", "severity", maintain_order=True).agg(
        pl.len().alias("count"),
        pl.col("source_key").head(20),
        pl.col("values").first(),
    )
    for row in grouped.iter_rows(named=True):
        values = json.loads(row["values"] or "{}")
        problem = Problem(
            row["code"],
            Severity(row["severity"]),
            str(values.get("where", "")),
            values,
        )
        documents = [_number(key) for key in row["source_key"]]
        kinds.append({"problem": [problem], "count": row["count"], "documents": documents})
    return kinds


def _number(source_key: str | None) -> str:
    """The document's number, out of its key (seller, type, number, year)."""
    parts = (source_key or "").split("|")
    return parts[2] if len(parts) == 4 else source_key or ""


def _tie_out(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Source against plan by VAT code, the sum last."""
    sums = frame.group_by("vat_code", maintain_order=True).agg(pl.col(pl.Int64).sum())
    whole = frame.select(pl.lit(None, pl.String).alias("vat_code"), pl.col(pl.Int64).sum()).head(1)
    rows = []
    for row in pl.concat([sums, whole]).iter_rows(named=True):
        amounts = {k: from_minor_units(v) for k, v in row.items() if k != "vat_code"}
        ties = row["source_net"] == row["plan_net"] and row["source_tax"] == row["plan_tax"]
        rows.append({"code": row["vat_code"], "ties": ties, **amounts})
    return rows


def _by_account(lines: pl.DataFrame) -> list[dict[str, Any]]:
    sums = lines.group_by("account").agg(pl.col("debit", "credit").sum()).sort("account")
    return [_line(row) for row in sums.iter_rows(named=True)]
