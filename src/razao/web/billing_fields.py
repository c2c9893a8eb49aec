"""The fields of the billing configuration as people type them: in: a section, out: its fields and those of its own rows, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Field:
    """One value. ``kind``: text, account, number, check, choice, or what the company has: code, journal, entry_type, place, vat_code."""

    name: str
    label: Any
    kind: str = "text"
    choices: tuple[tuple[str, Any], ...] = ()
    help: Any = ""
    css: str = "c-4"
    names: bool = False
    """tells rows apart, and stays once it is there"""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the configuration: its fields, and those of the rows below it."""

    one: Any
    """what a new one is called"""
    many: Any
    fields: tuple[Field, ...]
    part: str = ""
    """key of its own rows in the file; '' when it has none"""
    part_title: Any = ""
    part_fields: tuple[Field, ...] = ()
    alone: bool = False
    """there is one for a company"""


AMOUNTS = (
    ("gross", _("total with VAT")),
    ("received", _("amount received (total less tax withheld)")),
    ("net", _("net after discounts")),
    ("before_discount", _("net before discounts")),
    ("discount", _("discounts")),
    ("tax", _("VAT")),
    ("withholding", _("tax withheld")),
)
SIDES = (("D", _("Debit")), ("C", _("Credit")))
PLACES = (
    ("customer", _("the customer's account")),
    ("cash", _("cash or treasury place")),
    ("revenue", _("revenue of the posting code")),
    ("returns", _("returns of the posting code")),
    ("discount", _("discount of the posting code")),
    ("tax", _("VAT of the posting code")),
    ("free_tax", _("VAT of free operations of the posting code")),
    ("withholding", _("tax withheld by customers")),
    ("fixed", _("this account:")),
)
COSTS = (
    ("last", _("last cost")),
    ("average", _("average cost")),
    ("standard", _("standard cost")),
    ("fifo", _("first in, first out")),
)
ANY = _("* stands for any")


def _account(name: str, label: Any, css: str = "c-4") -> Field:
    return Field(name, label, "account", css=css)


SECTIONS: dict[str, Section] = {
    "posting_codes": Section(
        _("Posting code"),
        _("Posting codes"),
        (
            Field("code", _("Code"), css="c-3", names=True),
            Field("name", _("Name"), css="c-9"),
            _account("cash_account", _("Cash account"), "c-6"),
            _account("advances_account", _("Advances account"), "c-6"),
        ),
        "rates",
        _("Accounts at each rate"),
        (
            Field("rate", _("Rate"), "number"),
            Field("region", _("Region"), help=ANY),
            Field("exemption", _("Exemption")),
            _account("revenue", _("Revenue")),
            _account("returns", _("Returns")),
            _account("discount", _("Discount")),
            _account("tax", _("VAT")),
            _account("free_tax", _("VAT of free operations")),
            Field("vat_code", _("VAT code"), "vat_code"),
            Field("free_vat_code", _("VAT code of free operations"), "vat_code"),
        ),
    ),
    "types": Section(
        _("Document type"),
        _("Document types and their variables"),
        (
            Field("code", _("Type"), css="c-3", names=True),
            Field("name", _("Name"), css="c-9"),
            Field("journal", _("Journal"), "journal", css="c-6"),
            Field("entry_type", _("Entry type"), "entry_type", css="c-6"),
            Field(
                "posting_code",
                _("Posting code"),
                "code",
                css="c-6",
                help=_("Of lines whose article has none."),
            ),
            Field(
                "treasury_place",
                _("Treasury place"),
                "place",
                css="c-6",
                help=_("Where its documents are received unless they say otherwise."),
            ),
            Field("cash_sale", _("A sale for cash"), "check"),
            Field("self_settling", _("Settles itself"), "check"),
            Field("active", _("In use"), "check"),
        ),
        "variables",
        _("Variables: which amount goes to which side and account"),
        (
            Field("side", _("Side"), "choice", SIDES),
            Field("amount", _("Amount"), "choice", AMOUNTS),
            Field("place", _("Account from"), "choice", PLACES),
            _account("account", _("Account")),
        ),
    ),
    "articles": Section(
        _("Article"),
        _("Articles"),
        (
            Field("code", _("Code"), css="c-3", names=True),
            Field("name", _("Name"), css="c-9"),
            Field("posting_code", _("Posting code"), "code"),
            Field("service", _("A service: no stock"), "check"),
            Field("advance", _("Its lines are advances"), "check"),
            _account("inventory", _("Stock"), "c-6"),
            _account("cost_of_sales", _("Cost of sales"), "c-6"),
            _account("gift_cost", _("Cost of gifts")),
            _account("gift_regularisation", _("Regularisation of gifts")),
            _account("gift_tax", _("VAT of gifts")),
            Field("last", _("Last cost"), "number"),
            Field("average", _("Average cost"), "number"),
            Field("standard", _("Standard cost"), "number"),
        ),
        "layers",
        _("Stock on hand as it was bought, oldest first"),
        (
            Field("quantity", _("Quantity"), "number"),
            Field("unit_cost", _("Unit cost"), "number"),
        ),
    ),
    "customers": Section(
        _("Customer"),
        _("Customers"),
        (
            Field("number", _("Number at the source"), css="c-3", names=True),
            Field("name", _("Name"), css="c-9"),
            Field("tax_id", _("Tax number")),
            _account("account", _("Account")),
            _account("titled_account", _("Account of titled debts")),
        ),
    ),
    "treasury_places": Section(
        _("Treasury place"),
        _("Treasury places"),
        (
            Field("name", _("Name"), css="c-6", names=True),
            _account("account", _("Account"), "c-6"),
            Field("is_cash", _("This is the cash box"), "check"),
        ),
    ),
    "advances": Section(
        _("Accounts of advances"),
        _("Accounts of advances"),
        (
            _account("fx_gain", _("Favourable exchange differences")),
            _account("fx_loss", _("Unfavourable exchange differences")),
            _account("withholding", _("Tax withheld by customers")),
        ),
        "taxes",
        _("Regularisation of the VAT of advances"),
        (
            Field("rate", _("Rate"), "number"),
            Field("region", _("Region"), help=ANY),
            _account("account", _("Account")),
        ),
        alone=True,
    ),
    "parameters": Section(
        _("Parameters"),
        _("Parameters"),
        (
            Field("cost_method", _("Cost method"), "choice", COSTS),
            Field("small_gift_limit", _("Limit of small gifts"), "number"),
            Field("default_posting_code", _("Posting code of articles without one"), "code"),
            Field(
                "titled_debts",
                _("Debit titled debts"),
                "check",
                help=_("Cash sales paid by cheque go to the customer's account of titled debts."),
                css="c-9",
            ),
        ),
        alone=True,
    ),
}
#: What a field begins with in a new row.
INITIAL: dict[str, Any] = {"region": "*", "active": True, "small_gift_limit": "50.00"}
