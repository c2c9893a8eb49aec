"""Words of the review page: in: names of fields, types and sources, out: what people call them, and which problems mend where."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from razao.invoices.invoice import Source

#: Document types as the SAF-T (PT) codes them, with the word that people use.
DOCUMENT_TYPES = {
    "FT": _("Invoice"),
    "FR": _("Invoice-receipt"),
    "FS": _("Simplified invoice"),
    "NC": _("Credit note"),
    "ND": _("Debit note"),
    "VD": _("Cash sale"),
    "TV": _("Till sale"),
    "TD": _("Till return"),
    "RC": _("Receipt (cash VAT)"),
    "PF": _("Pro forma"),
    "GT": _("Transport guide"),
}
SOURCES = {
    Source.XML: _("electronic invoice"),
    Source.QR: _("fiscal code"),
    Source.TEXT: _("text"),
    Source.OCR: _("scan"),
    Source.DERIVED: _("worked out"),
    Source.PERSON: _("by hand"),
}
#: The same in the room beside a label; blank: a pencil.
SOURCE_MARKS = {
    Source.XML: "XML",
    Source.QR: "QR",
    Source.TEXT: _("text"),
    Source.OCR: "OCR",
    Source.DERIVED: _("calc."),
    Source.PERSON: "",
}
#: (name, label, kind) of the fields, by part of the form; ``{side}`` is the party's side.
PARTY_FIELDS = (
    ("account", _("Account"), "account"),
    ("{side}_tax_id", _("Tax number"), "text"),
    ("{side}_name", _("Name"), "text"),
)
DOCUMENT_FIELDS = (
    ("document_type", _("Type"), "type"),
    ("number", _("Number"), "text"),
    ("issue_date", _("Date"), "date"),
    ("due_date", _("Due"), "date"),
    ("date", _("Accounting date"), "date"),
    ("atcud", _("ATCUD"), "text"),
)
TOTAL_FIELDS = (
    ("gross_total", _("Total with VAT"), "amount"),
    ("withholding", _("Withheld"), "amount"),
    ("withholding_code", _("Withholding code"), "text"),
    ("cost_center", _("Cost centre"), "text"),
)
#: Shown only where the invoice calls for them.
RARE_FIELDS = {
    "reference": _("Corrects"),
    "exchange_rate": _("Exchange rate"),
    "currency": _("Currency"),
    "buyer_tax_id": _("Buyer's tax number"),
    "seller_tax_id": _("Seller's tax number"),
    "status": _("Status"),
}
IN_PROFILE = frozenset(
    {
        *("booking.journal_missing", "booking.entry_type_missing", "booking.vat_modality_missing"),
        *("booking.vat_rate_missing", "booking.vat_account_missing"),
        "booking.withholding_account_missing",
    }
)
NO_ACCOUNT = frozenset({"booking.account_missing", "booking.account_unknown"})
ALIKE = frozenset(
    {"capture.duplicate_document", "capture.duplicate_atcud", "capture.duplicate_alike"}
)
