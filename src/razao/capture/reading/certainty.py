"""A draft invoice and what bore it out in, whether it is certain enough to need no look out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from razao.capture.reading.sums import Totals
from razao.invoices.invoice import Evidence, Source

NEEDED = (
    "document_type",
    "number",
    "issue_date",
    "seller_tax_id",
    "currency",
    "vat",
    "net_total",
    "vat_total",
    "gross_total",
)
"""fields that posting needs"""
LEGIBLE = 0.9
"""least confidence of a word that OCR read"""


def certain(
    values: Mapping[str, Any],
    sure: set[str],
    conflicts: set[str],
    evidence: Mapping[str, Evidence],
    *,
    complete: bool,
    totals: Totals,
) -> bool:
    """True when every field that posting needs has a proof that does not rest on one reading alone.

    A fiscal code whose sums hold is proof, unless the page's own words clearly differ from it. Text is proof
    when labels are strong, sums and rates hold and the tax id passes its check digits. OCR alone never is:
    nothing bears out each character of a number that was read once.
    """
    if any(not values.get(name) and values.get(name) != Decimal(0) for name in NEEDED):
        return False
    if not _plausible(values):
        return False
    if complete:
        return not conflicts & {"gross_total", "issue_date", "seller_tax_id"}
    if any(evidence[name].source is Source.OCR for name in NEEDED if name in evidence):
        return False
    return not conflicts and all(name in sure for name in NEEDED) and not totals.rivals


def _plausible(values: Mapping[str, Any]) -> bool:
    issued, due = values["issue_date"], values.get("due_date")
    code = values["number"].partition(" ")[0]
    if code in OWN_CODES and code != values["document_type"]:
        return False
    return date(2000, 1, 1) <= issued and (due is None or issued <= due)


OWN_CODES = frozenset({"FT", "FR", "FS", "NC", "ND"})
"""codes in the numbers of Portuguese documents that are types of SAF-T: they and the type must agree"""
