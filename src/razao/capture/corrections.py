"""What was read and what a person said in, the invoice as it stands out; pure.

``corrections`` maps a field to its JSON value; ``vat`` holds all rows of the breakdown once any of them was
changed; ``confirmed`` lists fields that a person looked at and left as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from razao.capture import recording
from razao.invoices.invoice import Evidence, Invoice, Source, VatAmount
from razao.kernel.money import tax_on

#: Fields that a person may correct one by one.
SIMPLE = frozenset(f.name for f in fields(Invoice)) - {
    *("vat", "lines", "evidence", "pages", "confident"),
}
Corrections = Mapping[str, Any]
ROW_FIELDS = ("rate", "base", "amount", "region", "exemption")


def corrected(reading: Invoice, corrections: Corrections) -> Invoice:
    """The invoice as it stands; what a person typed or confirmed has their word as evidence."""
    changed = {
        name: recording.value(name, text) for name, text in corrections.items() if name in SIMPLE
    }
    rows = corrections.get("vat")
    if rows is not None:
        changed |= _followed(_rows(rows), corrections)
    said = [*changed, *corrections.get("confirmed", ())]
    evidence = dict(reading.evidence)
    if rows is not None:
        evidence = {n: e for n, e in evidence.items() if not n.startswith("vat.")}
        said += [f"vat.{n}.{part}" for n in range(len(rows)) for part in ("rate", "base", "amount")]
    for name in said:
        evidence[name] = _by_person(reading.evidence.get(name))
    return replace(reading, **changed, evidence=evidence)


def change(
    invoice: Invoice, corrections: Corrections, field: str, text: str | None
) -> dict[str, Any]:
    """``corrections`` after a person set ``field`` of the invoice as it stands to ``text`` (JSON value).

    Raises LookupError for a field that nobody can type.
    """
    after = dict(corrections)
    if field in SIMPLE:
        after[field] = text
    elif field.startswith("vat."):
        after["vat"] = _with_cell(recording.to_json(invoice)["vat"], field, text)
    else:
        raise LookupError(field)
    after["confirmed"] = [name for name in after.get("confirmed", []) if name != field]
    return after


def confirm(corrections: Corrections, field: str) -> dict[str, Any]:
    """``corrections`` after a person looked at ``field`` and left it."""
    return {**corrections, "confirmed": sorted({*corrections.get("confirmed", ()), field})}


def add_row(invoice: Invoice, corrections: Corrections, region: str) -> dict[str, Any]:
    """``corrections`` with one more row of the breakdown, over what the others leave of the total."""
    rows = recording.to_json(invoice)["vat"]
    rows.append(
        {
            "rate": "0",
            "base": "0.00",
            "amount": "0.00",
            "region": region,
            "exemption": None,
            "kind": None,
        }
    )
    return {**corrections, "vat": rows}


def drop_row(invoice: Invoice, corrections: Corrections, row: int) -> dict[str, Any]:
    """``corrections`` without one row of the breakdown. Raises LookupError for a row that is not there."""
    rows = recording.to_json(invoice)["vat"]
    if not 0 <= row < len(rows):
        raise LookupError(f"vat.{row}")
    return {**corrections, "vat": [r for n, r in enumerate(rows) if n != row]}


def _with_cell(rows: list[dict[str, Any]], field: str, text: str | None) -> list[dict[str, Any]]:
    """The rows with one cell typed; a new base or rate makes its tax anew."""
    _, at, part = field.split(".")
    if not at.isdecimal() or part not in ROW_FIELDS or int(at) >= len(rows):
        raise LookupError(field)
    row = rows[int(at)]
    row[part] = text if part in ("region", "exemption") else text or "0.00"
    if part in ("base", "rate"):
        row["amount"] = str(tax_on(Decimal(row["base"]), Decimal(row["rate"])))
    return rows


def _rows(rows: list[dict[str, Any]]) -> tuple[VatAmount, ...]:
    return recording.from_json({"vat": rows}).vat


def _followed(rows: tuple[VatAmount, ...], corrections: Corrections) -> dict[str, Any]:
    """The rows, and the totals that follow from them unless a person typed those too."""
    totals = {
        "net_total": sum((row.base for row in rows), Decimal("0.00")),
        "vat_total": sum((row.amount for row in rows), Decimal("0.00")),
    }
    return {"vat": rows, **{n: t for n, t in totals.items() if n not in corrections}}


def _by_person(before: Evidence | None) -> Evidence:
    place = (before.page, before.box) if before else (None, None)
    return Evidence(Source.PERSON, *place, confidence=1.0)
