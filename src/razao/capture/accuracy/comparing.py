"""Judging a reading: what a document truly says and the invoice that was read in, right or wrong by field out.

A field is judged only where the truth has it; where the truth has it as null, the document does not say it, and a
reader that gives a value is wrong. Rules:

- amounts are equal as numbers, without sign (a credit is told by the document type, not by a minus);
- dates are equal; numbers of documents are equal after dropping spaces and case;
- tax ids are equal without spaces, dots, dashes and case, and without the letters of the party's country;
  the number of "consumidor final" equals none;
- names are equal after folding case and accents and dropping everything but letters and digits, with the legal
  form in one spelling (Lda = Limitada, SA = S.A., Unipessoal Lda = Unip. Lda.);
- the breakdown is right when the rows with tax have the same rate, base and amount, and the bases without tax the
  same sum; stamp duty and surcharges are taxes of their own and not compared here;
- exemption and region are right when the set of codes (of fiscal spaces) is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from razao.invoices.invoice import CREDIT_TYPES, Invoice

#: Fields that posting needs: one wrong among them makes a wrong entry.
POSTING = (
    "document_type",
    "number",
    "issue_date",
    "currency",
    "seller_tax_id",
    "buyer_tax_id",
    "vat",
    "net_total",
    "vat_total",
    "withholding",
    "gross_total",
)
OTHERS = (
    "atcud",
    "due_date",
    "seller_name",
    "seller_country",
    "buyer_name",
    "buyer_country",
    "payable",
    "exemption",
    "region",
    "reference",
)
#: Judged and shown, but not part of "wholly right".
BESIDE = ("lines",)
NOBODY = "999999990"
#: Rows of the breakdown that are not VAT.
OTHER_TAXES = frozenset({"stamp_duty", "surcharge"})
FORMS = {
    "limitada": "lda",
    "ltda": "lda",
    "sociedadeanonima": "sa",
    "unip": "unipessoal",
    "limited": "ltd",
    "incorporated": "inc",
}


def folded(text: object) -> str:
    """Letters and digits in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", str(text or "").casefold())
    return "".join(c for c in plain if c.isalnum() and not unicodedata.combining(c))


def name_key(text: object) -> str:
    """A name for comparison."""
    words = re.split(r"[\s,;]+", str(text or ""))
    return "".join(FORMS.get(folded(word), folded(word)) for word in words)


def id_key(text: object, country: object = None) -> str:
    """A tax id for comparison."""
    bare = re.sub(r"[^0-9A-Z]", "", str(text or "").upper())
    for prefix in (str(country or ""), "PT", "ES"):
        if len(prefix) == 2 and bare.startswith(prefix) and any(c.isdigit() for c in bare[2:]):
            bare = bare.removeprefix(prefix)
            break
    return "" if bare == NOBODY else bare


def number_key(text: object) -> str:
    """A document number for comparison."""
    return re.sub(r"\s", "", str(text or "").upper())


def amount_key(value: object) -> Decimal | None:
    """An amount for comparison: the number without sign."""
    if value is None or value == "":
        return None
    try:
        return abs(Decimal(str(value)))
    except InvalidOperation:
        return None


def same_amount(truth: object, read: object) -> bool:
    """Amounts are equal; no amount equals zero."""
    return (amount_key(truth) or Decimal(0)) == (amount_key(read) or Decimal(0))


def rows_key(rows: list[Mapping[str, Any]]) -> tuple[list[tuple[Decimal, ...]], Decimal]:
    """Taxed rows in order, and the sum of the bases without tax."""
    taxed, free = [], Decimal(0)
    for row in rows:
        if row.get("kind") in OTHER_TAXES:
            continue
        rate, base, tax = (
            amount_key(row.get(name)) or Decimal(0) for name in ("rate", "base", "amount")
        )
        if rate and tax:
            taxed.append((rate.normalize(), base, tax))
        else:
            free += base
    return sorted(taxed), free


def invoice_rows(invoice: Invoice) -> list[Mapping[str, Any]]:
    """The breakdown of an invoice as plain rows."""
    return [
        {"rate": r.rate, "base": r.base, "amount": r.amount, "kind": r.kind} for r in invoice.vat
    ]


def same_vat(truth: Any, invoice: Invoice) -> bool:
    """The breakdown is the one of the truth."""
    return rows_key(list(truth or [])) == rows_key(invoice_rows(invoice))


def same_type(truth: object, invoice: Invoice) -> bool:
    """The SAF-T type; 'invoice' and 'credit_note' of foreign truths only say on which side it stands."""
    if truth in {"invoice", "credit_note"}:
        return invoice.is_credit == (truth == "credit_note")
    if truth in CREDIT_TYPES:
        return invoice.is_credit
    return invoice.document_type == truth


def same_lines(truth: Any, invoice: Invoice) -> bool:
    """As many lines as the document has, with the same net amounts in their order."""
    read = [amount_key(line.net_amount) for line in invoice.lines]
    return read == [amount_key(line["net_amount"]) for line in truth]


def codes_of(rows: list[Mapping[str, Any]], name: str) -> set[str]:
    """The values of a column of the breakdown, without blanks and rows of other kinds."""
    return {str(row[name]) for row in rows if row.get(name) and row.get("kind") not in OTHER_TAXES}


def read_codes(invoice: Invoice, name: str) -> set[str]:
    """The same of an invoice that was read."""
    return {
        str(getattr(r, name)) for r in invoice.vat if getattr(r, name) and r.kind not in OTHER_TAXES
    }


def text_rule(name: str, key: Callable[[object], object]) -> Callable[[Any, Invoice], bool]:
    """A rule that compares one attribute after a key function."""
    return lambda truth, invoice: key(truth) == key(getattr(invoice, name))


def amount_rule(name: str) -> Callable[[Any, Invoice], bool]:
    """A rule that compares one amount."""
    return lambda truth, invoice: same_amount(truth, getattr(invoice, name))


def party_rule(side: str) -> Callable[[Any, Invoice], bool]:
    """A rule that compares a party's tax id."""

    def same(truth: Any, invoice: Invoice) -> bool:
        country = getattr(invoice, f"{side}_country")
        read = getattr(invoice, f"{side}_tax_id")
        prefix = country or str(truth or "")[:2]
        return id_key(truth, prefix) == id_key(read, prefix)

    return same


RULES: dict[str, Callable[[Any, Invoice], bool]] = {
    "document_type": same_type,
    "number": text_rule("number", number_key),
    "atcud": text_rule("atcud", number_key),
    "issue_date": text_rule("issue_date", str),
    "due_date": text_rule("due_date", str),
    "currency": text_rule("currency", str),
    "seller_tax_id": party_rule("seller"),
    "seller_name": text_rule("seller_name", name_key),
    "seller_country": text_rule("seller_country", str),
    "buyer_tax_id": party_rule("buyer"),
    "buyer_name": text_rule("buyer_name", name_key),
    "buyer_country": text_rule("buyer_country", str),
    "vat": same_vat,
    "net_total": amount_rule("net_total"),
    "vat_total": amount_rule("vat_total"),
    "withholding": amount_rule("withholding"),
    "gross_total": amount_rule("gross_total"),
    "payable": amount_rule("payable"),
    "reference": text_rule("reference", number_key),
    "lines": same_lines,
}


def judge(truth: Mapping[str, Any], invoice: Invoice | None) -> dict[str, bool]:
    """Right or wrong for every field that the truth has; all wrong where nothing was read."""
    names = [name for name in RULES if name in truth]
    verdict = {name: invoice is not None and RULES[name](truth[name], invoice) for name in names}
    rows = truth.get("vat") or []
    for name, column in (("exemption", "exemption"), ("region", "region")):
        codes = codes_of(rows, column)
        if codes and any(column in row for row in rows):
            verdict[name] = invoice is not None and codes == read_codes(invoice, column)
    return verdict


def value_of(invoice: Invoice | None, name: str) -> object:
    """What was read for a field, to be shown beside the truth."""
    if invoice is None:
        return "(nothing read)"
    if name == "vat":
        return [f"{r.rate}:{r.base}:{r.amount}" for r in invoice.vat]
    if name in {"exemption", "region"}:
        return sorted(read_codes(invoice, name))
    if name == "lines":
        return [str(line.net_amount) for line in invoice.lines]
    return getattr(invoice, name)


def truth_of(truth: Mapping[str, Any], name: str) -> object:
    """The truth of a field, to be shown."""
    rows = truth.get("vat") or []
    if name == "vat":
        return [f"{r.get('rate')}:{r.get('base')}:{r.get('amount')}" for r in rows]
    if name in {"exemption", "region"}:
        return sorted(codes_of(rows, name))
    if name == "lines":
        return [line["net_amount"] for line in truth["lines"]]
    return truth[name]
