"""Learning (M5): a generated year of invoices of many suppliers; the share whose every accounting field is proposed rightly after one correction.

Each supplier has a treatment of its own: account, counterpart and VAT code for each rate, cost centre, withholding code.
The first invoice is corrected to it; from the second on, what is proposed is compared and then posted as it should be.
One invoice in fifty is for something else than usual, which nobody could foresee, and counts as wrong.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from bench._home import own_home
from bench._pending import company_with, receive

#: Share of invoices that are for something else than the supplier's others.
UNUSUAL = 0.02
FIELDS = ("account", "counterpart", "vat_code", "cost_center", "withholding_code")


def main(argv: list[str]) -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(prog="bench learning")
    parser.add_argument("--suppliers", type=int, default=200)
    parser.add_argument("--invoices", type=int, default=12, help="of each supplier")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv)
    with own_home():
        access, parties = company_with(wanted.suppliers, accounts=False)
        figures = year(access, parties, wanted.invoices)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:28} {value:.4f}" if isinstance(value, float) else f"{name:28} {value:,}")


@dataclass(frozen=True)
class Treatment:
    """How a supplier's invoices are booked."""

    counterparts: dict[str, str]
    """by rate"""
    vat_codes: dict[str, str]
    cost_center: str
    withholding_code: str


def year(access: Any, parties: list[tuple[str, str]], invoices: int) -> dict[str, float | int]:
    """So many invoices of each supplier, one round after another."""
    from django.db import transaction

    from razao.companies.rights import company_for

    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        world = World(access)
    treatments = {tax_id: world.treatment(Random(tax_id)) for tax_id, _ in parties}
    right = dict.fromkeys(("whole", *FIELDS), 0)
    second = later = 0
    for at in range(invoices):
        with transaction.atomic():
            company_for(access.user_id, access.company.pk)
            found = world.round(parties, treatments, at)
        if at == 1:
            second = sum(all(f.values()) for f in found)
        if at:
            later += len(found)
            for fields in found:
                right["whole"] += all(fields.values())
                for name in FIELDS:
                    right[name] += fields[name]
    return {
        "suppliers": len(parties),
        "invoices": len(parties) * invoices,
        "second_invoice_right": second / len(parties),
        "later_invoices_right": right["whole"] / later,
        **{f"{name}_right": right[name] / later for name in FIELDS},
    }


class World:
    """What treatments can be made of, and the company's flow."""

    def __init__(self, access: Any) -> None:
        from razao.ledger.models import Account, CostCenter, VatCode

        company = self.company = access.company
        self.access = access
        rows = Account.objects.filter(company=company, postable=True, active=True, party=None)
        self.expenses = sorted(
            a.code for a in rows if a.code.startswith("62") and not a.needs_cost_center
        )
        self.codes: dict[str, list[str]] = {}
        for code in VatCode.objects.filter(
            company=company, direction="purchase", region="PT", active=True,
            modality__in=("domestic_other", "domestic_inventory", "non_deductible"),
        ).prefetch_related("rates"):  # fmt: skip
            for rate in code.rates.all():
                if rate.valid_to is None:
                    self.codes.setdefault(str(rate.rate.normalize()), []).append(code.code)
        for name in ("ADM", "LOJA", "FAB"):
            CostCenter.objects.get_or_create(company=company, code=name, defaults={"name": name})
        self.next_code = 0

    def treatment(self, rng: Random) -> Treatment:
        """One way to book, drawn."""
        rates = rng.choice((["23"], ["23"], ["6"], ["13"], ["23", "6"], ["23", "13"]))
        withheld = rng.random() < 0.1
        return Treatment(
            {r: rng.choice(self.expenses) for r in rates},
            {r: rng.choice(sorted(self.codes[r])) for r in rates},
            rng.choice(("", "", "ADM", "LOJA", "FAB")),
            "B" if withheld else "",
        )

    def round(
        self, parties: list[tuple[str, str]], treatments: dict[str, Treatment], at: int
    ) -> list[dict[str, bool]]:
        """The suppliers' next invoices: proposed, compared, said as they should be, and posted."""
        from razao.capture import posting, proposing, queries

        wanted = [self.wanted(treatments[tax_id], tax_id, at) for tax_id, _ in parties]
        readings = [
            self.reading(party, treatments[party[0]], n, at) for n, party in enumerate(parties)
        ]
        ids = [r.pk for r in receive(self.access, readings, at * len(parties))]
        if at == 0:
            self.open_accounts(parties)
        rows = queries.locked_rows(ids)
        made = {p.row.pk: p for p in proposing.refresh(self.company, rows)}
        found = [
            compared(made[pk], treatment, party[0])
            for pk, treatment, party in zip(ids, wanted, self.accounts(parties), strict=True)
        ]
        for row, treatment, fields in zip(rows, wanted, found, strict=True):
            if not all(fields.values()):
                row.overrides = said(treatment)
                row.save()
        proposing.refresh(self.company, rows)
        stayed = [o for o in posting.post_invoices(self.access, ids) if o.entry is None]
        assert not stayed, stayed[:3]
        return found

    def wanted(self, usual: Treatment, tax_id: str, at: int) -> Treatment:
        """The supplier's treatment, or another one for what is unusual."""
        rng = Random(f"{tax_id} {at}")
        if at == 0 or rng.random() >= UNUSUAL:
            return usual
        others = {rate: rng.choice(self.expenses) for rate in usual.counterparts}
        return Treatment(others, usual.vat_codes, usual.cost_center, usual.withholding_code)

    def open_accounts(self, parties: list[tuple[str, str]]) -> None:
        """Each supplier's account, as the form opens it, without a counterpart: that is learnt."""
        from razao.ledger.accounts import NewParty, open_party_account

        for n, (tax_id, name) in enumerate(parties, 1):
            open_party_account(
                self.access, NewParty(tax_id, name), code=f"22111{n:04}", classifier="FOR"
            )

    def accounts(self, parties: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """(account, tax id) of each supplier."""
        return [(f"22111{n:04}", tax_id) for n, (tax_id, _) in enumerate(parties, 1)]

    def reading(
        self, party: tuple[str, str], usual: Treatment, number: int, at: int
    ) -> dict[str, Any]:
        """An invoice of the supplier with its rates, of other amounts than before."""
        from razao.capture import recording
        from razao.invoices.invoice import Invoice, VatAmount
        from razao.kernel.money import tax_on

        rng = Random(f"{party[0]} {at} amounts")
        vat = tuple(
            VatAmount(Decimal(r), base, tax_on(base, Decimal(r)))
            for r in usual.counterparts
            for base in [Decimal(rng.randint(1_000, 90_000)) / 100]
        )
        net, tax = sum(v.base for v in vat), sum(v.amount for v in vat)
        withheld = tax_on(Decimal(net), Decimal(23)) if usual.withholding_code else None
        day = date(2026, 1, 1) + timedelta(days=at * 24 + number % 20)
        invoice = Invoice(
            pages=(1,), document_type="FT", number=f"FT {at}/{number}", issue_date=day, currency="EUR",
            seller_tax_id=party[0], seller_name=party[1], seller_country="PT", buyer_tax_id=self.company.tax_id,
            buyer_name=self.company.name, buyer_country="PT", vat=vat, net_total=Decimal(net), vat_total=Decimal(tax),
            withholding=withheld, gross_total=Decimal(net + tax), payable=Decimal(net + tax) - (withheld or 0),
            confident=True,
        )  # fmt: skip
        return recording.to_json(invoice)


def compared(proposal: Any, wanted: Treatment, account: str) -> dict[str, bool]:
    """Which accounting fields of the proposal are as they should be."""
    rows = proposal.plan.rows.sort("position").to_dicts()
    rates = list(wanted.counterparts)
    return {
        "account": proposal.row.account == account,
        "counterpart": [r["counterpart"] for r in rows] == [wanted.counterparts[r] for r in rates],
        "vat_code": [r["vat_code"] for r in rows] == [wanted.vat_codes[r] for r in rates],
        "cost_center": all((r["cost_center"] or "") == wanted.cost_center for r in rows),
        "withholding_code": all(
            (r["withholding_code"] or "") == wanted.withholding_code for r in rows
        ),
    }


def said(wanted: Treatment) -> dict[str, Any]:
    """What a person says to have it so."""
    rows = {
        str(n): {
            "counterpart": wanted.counterparts[rate],
            "vat_code": wanted.vat_codes[rate],
            "cost_center": wanted.cost_center or None,
        }
        for n, rate in enumerate(wanted.counterparts)
    }
    return {"rows": rows, "withholding_code": wanted.withholding_code or None}
