"""``razao read PATH…``: files and folders in, one line of JSON (or a short summary) for each file out; no database."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from razao.capture.reading.document import Reading
from razao.capture.reading.read import files_of, read_files
from razao.invoices.invoice import Evidence, Invoice, InvoiceLine, VatAmount
from razao.kernel.problems import Problem

FIELDS = (
    "document_type", "number", "atcud", "issue_date", "due_date", "currency", "seller_tax_id", "seller_name",
    "seller_country", "seller_address", "buyer_tax_id", "buyer_name", "buyer_country", "net_total", "vat_total",
    "withholding", "gross_total", "payable", "status", "reference",
)  # fmt: skip
REFUSED = 1


@click.command("read")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--country", default="PT", show_default=True, help="country of the books (ISO 3166)")
@click.option(
    "--json", "as_json", is_flag=True, help="one JSON object for each file, on a line of its own"
)
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 16))
@click.pass_context
def read(
    context: click.Context, paths: tuple[Path, ...], country: str, as_json: bool, processes: int
) -> None:
    """Read invoices from files and folders: PDF, JPG, PNG, TIFF and XML, judged by content."""
    files = list(files_of(paths))
    refused = False
    at_once = max(1, min(processes, len(files)))
    for reading in read_files(files, country=country.upper(), processes=at_once):
        refused = refused or not reading.invoices
        click.echo(
            json.dumps(as_record(reading), ensure_ascii=False) if as_json else summary(reading)
        )
    context.exit(REFUSED if refused else 0)


def as_record(reading: Reading) -> dict[str, Any]:
    """A reading as the interface promises it: amounts as texts with two decimals, dates in ISO form."""
    return {
        "file": reading.file,
        "invoices": [invoice_record(i) for i in reading.invoices],
        "problems": [problem_record(p) for p in reading.problems],
        "cuts": [
            {"before_page": c.before_page, "certain": c.certain, "reasons": list(c.reasons)}
            for c in reading.cuts
        ],
    }


def invoice_record(invoice: Invoice) -> dict[str, Any]:
    """One invoice as the interface promises it."""
    record: dict[str, Any] = {"pages": list(invoice.pages)}
    record.update({name: _text(getattr(invoice, name)) for name in FIELDS})
    record["vat"] = [_vat_record(row) for row in invoice.vat]
    record["lines"] = [_line_record(line) for line in invoice.lines]
    record["evidence"] = {name: _evidence_record(e) for name, e in invoice.evidence.items()}
    record["confident"] = invoice.confident
    return record


def _vat_record(row: VatAmount) -> dict[str, Any]:
    return {
        "rate": _number(row.rate),
        "base": _text(row.base),
        "amount": _text(row.amount),
        "region": row.region,
        "exemption": row.exemption,
        "kind": row.kind,
    }


def _line_record(line: InvoiceLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "article": line.article,
        "quantity": _number(line.quantity),
        "unit": line.unit,
        "unit_price": _number(line.unit_price),
        "net_amount": _text(line.net_amount),
        "vat_rate": _number(line.vat_rate),
        "exemption": line.exemption,
    }


def _evidence_record(evidence: Evidence) -> dict[str, Any]:
    return {
        "source": evidence.source.value,
        "page": evidence.page,
        "box": list(evidence.box) if evidence.box else None,
        "confidence": evidence.confidence,
    }


def problem_record(problem: Problem) -> dict[str, Any]:
    """A problem with its code, how grave it is and the values of its texts."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "where": problem.where,
        "values": {name: str(value) for name, value in problem.values.items()},
    }


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: Decimal | None) -> str | None:
    """A rate or quantity without trailing zeros."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def summary(reading: Reading) -> str:
    """A reading in a few lines for a person at a terminal."""
    out = [reading.file]
    for i in reading.invoices:
        mark = "certain" if i.confident else "to check"
        out.append(
            f"  {i.document_type or '?'} {i.number or '?'}  {i.issue_date or '?'}  {i.seller_tax_id or '?'} "
            f"{i.seller_name or '?'}  {i.gross_total if i.gross_total is not None else '?'} {i.currency or ''}  ({mark})"
        )
    out += [f"  {p.severity.value}: {p.code} {dict(p.values) or ''}" for p in reading.problems]
    return "\n".join(out)


if __name__ == "__main__":
    read()
