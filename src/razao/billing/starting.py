"""The configuration that a company starts billing with: a country pack in, posting codes, types and variables out.

Only what is missing is created: what a person changed stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from razao.billing.models import (
    AdvanceAccounts,
    BillingDocumentType,
    BillingParameters,
    PostingCode,
    PostingCodeRate,
    TreasuryPlace,
    Variable,
)
from razao.booking.defaults import profile_of
from razao.companies.models import Company
from razao.countries.facts import Direction, VatCodeSpec
from razao.countries.pack import NO_TAX, Pack, load
from razao.ledger.models import Account, VatCode

GOODS, SERVICES = "MERC", "SERV"
_SALE = (("gross", "D", "customer"), ("net", "C", "revenue"), ("tax", "C", "tax"))
_CASH = (
    ("received", "D", "cash"),
    ("withholding", "D", "withholding"),
    ("net", "C", "revenue"),
    ("tax", "C", "tax"),
)
_CREDIT = (("gross", "C", "customer"), ("net", "D", "returns"), ("tax", "D", "tax"))
_OF_A_CODE = ("base_account", "tax_account", "regularisation_account")
#: type → is it a sale for cash, and its variables.
TYPES: dict[str, tuple[bool, tuple[tuple[str, str, str], ...]]] = {
    "FT": (False, _SALE),
    "ND": (False, _SALE),
    "NC": (False, _CREDIT),
    "FR": (True, _CASH),
    "FS": (True, _CASH),
    "VD": (True, _CASH),
}


def start(company: Company, *, today: date) -> None:
    """Give ``company`` a configuration that integrates ordinary documents; run again, it adds what is missing."""
    pack = _as_it_stands(company)
    for code, name, family in ((GOODS, "Mercadorias", "goods"), (SERVICES, "Serviços", "services")):
        _posting_code(company, pack, code, name, family, today)
    _types(company, pack)
    roles = pack.roles
    AdvanceAccounts.objects.get_or_create(
        company=company,
        defaults={
            "taxes": list(_advance_taxes(pack, today)),
            "fx_gain": roles.get("fx_gain", ""),
            "fx_loss": roles.get("fx_loss", ""),
            "withholding": roles.get("withholding_suffered", ""),
        },
    )
    BillingParameters.objects.get_or_create(
        company=company, defaults={"default_posting_code": GOODS}
    )
    for name, role, is_cash in (("Caixa", "cash", True), ("Banco", "bank", False)):
        TreasuryPlace.objects.get_or_create(
            company=company,
            name=name,
            defaults={"account": roles.get(role, ""), "is_cash": is_cash},
        )


def usual_code(company: Company, code: str, *, today: date) -> dict[str, Any]:
    """A posting code as the country would have it, in the form of ``interchange``: what a new one begins with."""
    pack = _as_it_stands(company)
    roles = pack.roles
    usual = _usual(pack, "goods")
    blank = dict.fromkeys(("revenue", "tax", "free_tax", "vat_code", "free_vat_code"), "")
    return {
        "code": code,
        "cash_account": roles.get("cash", ""),
        "advances_account": roles.get("customer_advances", ""),
        "rates": [
            {**blank, **key, "rate": str(key["rate"]), **usual, **values}
            for key, values in _rates(pack, "goods", today)
        ],
    }


def usual_type(company: Company, code: str) -> dict[str, Any]:
    """A document type as the country would have it, in the form of ``interchange``; an unknown code begins as an invoice."""
    pack = load(company.country)
    profile = profile_of(pack, Direction.SALE)
    cash_sale, variables = TYPES.get(code[:2].upper(), TYPES["FT"])
    return {
        "code": code,
        "journal": profile.journal,
        "entry_type": profile.entry_types.get(code[:2].upper(), profile.entry_types.get("*", "")),
        "cash_sale": cash_sale,
        "active": True,
        "variables": [
            {"amount": amount, "side": side, "place": place, "account": ""}
            for amount, side, place in variables
        ],
    }


def _usual(pack: Pack, family: str) -> dict[str, str]:
    """Accounts that are the same at every rate."""
    roles = pack.roles
    discounts = "services_discounts" if family == "services" else "sales_discounts"
    return {"returns": roles.get("sales_returns", ""), "discount": roles.get(discounts, "")}


def _as_it_stands(company: Company) -> Pack:
    """The pack with the accounts that the company gave its VAT codes, and without roles that its chart cannot fill."""
    pack = load(company.country)
    postable = set(
        Account.objects.filter(company=company, postable=True).values_list("code", flat=True)
    )
    codes = VatCode.objects.filter(company=company).select_related(*_OF_A_CODE)
    own = {code.code: code for code in codes}
    return replace(
        pack,
        roles={role: code for role, code in pack.roles.items() if code in postable},
        vat_codes=tuple(_with_accounts(spec, own.get(spec.code)) for spec in pack.vat_codes),
    )


def _with_accounts(spec: VatCodeSpec, code: VatCode | None) -> VatCodeSpec:
    if code is None:
        return spec
    base, tax, regularisation = (getattr(code, field) for field in _OF_A_CODE)
    return replace(
        spec,
        base_account=base.code if base else None,
        tax_account=tax.code if tax else None,
        regularisation_account=regularisation.code if regularisation else None,
    )


def _posting_code(
    company: Company, pack: Pack, code: str, name: str, family: str, today: date
) -> None:
    roles = pack.roles
    made, _ = PostingCode.objects.get_or_create(
        company=company,
        code=code,
        defaults={
            "name": name,
            "cash_account": roles.get("cash", ""),
            "advances_account": roles.get("customer_advances", ""),
        },
    )
    usual = _usual(pack, family)
    for key, values in _rates(pack, family, today):
        PostingCodeRate.objects.get_or_create(
            company=company, posting_code=made, **key, defaults=usual | values
        )


def _rates(pack: Pack, family: str, today: date) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Each rate of each region, and each reason for none."""
    for region in pack.regions:
        for kind in _kinds(pack, region):
            rate = pack.rate_on(region, kind, today)
            spec = pack.vat_code(Direction.SALE, "domestic", kind, region)
            if rate is None or rate.rate is None or spec is None:
                continue
            free = pack.vat_code(Direction.SALE, "self_supply", kind, region)
            usual = pack.roles.get(f"sales_{family}_normal") or spec.base_account or ""
            revenue = pack.roles.get(f"sales_{family}_{kind}") or usual
            yield (
                {"rate": rate.rate, "region": region, "exemption": ""},
                _accounts(spec, revenue)
                | {
                    "free_tax": (free.tax_account or "") if free else "",
                    "free_vat_code": free.code if free else "",
                },
            )
    yield from _untaxed(pack, family)


def _kinds(pack: Pack, region: str) -> tuple[str, ...]:
    """Kinds of rate at which domestic sales of a region are taxed."""
    domestic = (
        c.kind
        for c in pack.vat_codes
        if (c.direction, c.operation) == (Direction.SALE, "domestic") and c.region in {region, "*"}
    )
    return tuple(dict.fromkeys(kind for kind in domestic if kind not in NO_TAX))


def _untaxed(pack: Pack, family: str) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    modalities = profile_of(pack, Direction.SALE).modalities
    known = {e.code for e in pack.exemptions}
    reasons = {"": "exempt"} | {k: m for k, m in modalities.items() if k in known}
    for reason, modality in reasons.items():
        spec = pack.vat_code(Direction.SALE, modality, "exempt")
        if spec is not None:
            usual = pack.roles.get(f"sales_{family}_exempt", "")
            plain = modality in {"exempt", "small_business", "not_subject", "exempt_with_deduction"}
            revenue = usual if plain and usual else spec.base_account or usual
            yield (
                {"rate": Decimal(0), "region": "*", "exemption": reason},
                _accounts(spec, revenue),
            )


def _accounts(spec: VatCodeSpec, revenue: str) -> dict[str, str]:
    return {"revenue": revenue, "tax": spec.tax_account or "", "vat_code": spec.code}


def _advance_taxes(pack: Pack, today: date) -> Iterator[dict[str, str]]:
    for region in pack.regions:
        for kind in _kinds(pack, region):
            rate = pack.rate_on(region, kind, today)
            spec = pack.vat_code(Direction.SALE, "domestic", kind, region)
            if rate and rate.rate is not None and spec:
                account = spec.regularisation_account or spec.tax_account or ""
                yield {"rate": str(rate.rate), "region": region, "account": account}


def _types(company: Company, pack: Pack) -> None:
    profile = profile_of(pack, Direction.SALE)
    usual = pack.vat_code(Direction.SALE, "domestic", "normal")
    moved = (
        (usual.regularisation_account or "") if usual and profile.credit_to_regularisation else ""
    )
    for code, (cash_sale, variables) in TYPES.items():
        made, new = BillingDocumentType.objects.get_or_create(
            company=company,
            code=code,
            defaults={
                "name": code,
                "journal": profile.journal,
                "entry_type": profile.entry_types.get(code, profile.entry_types.get("*", "")),
                "cash_sale": cash_sale,
            },
        )
        if new:
            Variable.objects.bulk_create(
                _variable(company, made, at, row, moved if code == "NC" else "")
                for at, row in enumerate(variables, 1)
            )


def _variable(
    company: Company,
    made: BillingDocumentType,
    position: int,
    row: tuple[str, str, str],
    tax_account: str,
) -> Variable:
    amount, side, place = row
    fixed = amount == "tax" and bool(tax_account)
    return Variable(
        company=company,
        document_type=made,
        position=position,
        amount=amount,
        side=side,
        place="fixed" if fixed else place,
        account=tax_account if fixed else "",
    )
