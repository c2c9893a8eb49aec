"""New parties (S12): a prefix and ``+`` in, the first free code out; the account form, filled from the invoice, in; the account out.

Opening an account proposes the invoice anew, and every other waiting invoice of the same tax id with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import polars as pl

from razao.booking.loading import posting_profile
from razao.capture import proposing, queries, review
from razao.capture.doubts import PARTY
from razao.capture.models import CapturedInvoice, Flow
from razao.capture.proposing import DIRECTIONS, invoice_as_it_stands
from razao.companies.models import Company, Party
from razao.companies.rights import Access
from razao.countries.places import INSIDE_THE_UNION
from razao.kernel.problems import Problem
from razao.ledger.accounts import NewParty, check_party, next_code, open_party_account
from razao.ledger.models import Account

#: What a person types after a prefix, or alone, to get the first free code.
NEXT = "+"


@dataclass(frozen=True, slots=True)
class AccountForm:
    """The account form as it opens: what the invoice says of the party, and what the books know already."""

    code: str
    party: NewParty
    counterpart: str
    classifier: str
    problems: tuple[Problem, ...] = ()


def code_for(row: CapturedInvoice, company: Company, typed: str) -> str:
    """The code that a text in the account field means: ``prefix+`` is the first free one, anything else itself.

    Raises Refused (``accounts.no_group``, ``accounts.group_full``).
    """
    text = typed.strip()
    if not text.endswith(NEXT):
        return text
    prefix = text.removesuffix(NEXT).strip()
    return next_code(company, prefix or default_prefix(row, company))


def default_prefix(row: CapturedInvoice, company: Company) -> str:
    """Where parties of this invoice's country get their accounts, as the posting profile says."""
    profile = posting_profile(company, DIRECTIONS[_flow(row)])
    country = _party_of(row).country
    if country == company.country:
        return profile.party_prefix
    place = "eu" if country in INSIDE_THE_UNION else "world"
    return profile.foreign_prefixes.get(place) or profile.party_prefix


def account_form(row: CapturedInvoice, company: Company, code: str = "") -> AccountForm:
    """The form for the invoice's party; ``code`` is what stands in the account field.

    Raises Refused where no code is free.
    """
    profile = posting_profile(company, DIRECTIONS[_flow(row)])
    party = _party_of(row)
    taken = Account.objects.filter(company=company, code=code).exists()
    free = code if code and not taken else next_code(company, default_prefix(row, company))
    return AccountForm(
        code=free,
        party=party,
        counterpart=_counterpart_seen(row) or "",
        classifier=profile.classifier,
        problems=tuple(check_party(company, party)),
    )


def open_account(
    access: Access, invoice_id: UUID, form: AccountForm
) -> tuple[Account, list[CapturedInvoice]]:
    """Open the account and propose every waiting invoice of the same tax id anew, this one first.

    Raises Refused as ``ledger.accounts.open_party_account`` does, and as ``review.locked``.
    """
    row = review.locked(access, invoice_id)
    account = open_party_account(
        access,
        form.party,
        code=form.code,
        counterpart=form.counterpart,
        classifier=form.classifier,
    )
    changes = [("account", "")] if row.overrides.get("account") else []
    side = PARTY[row.direction]
    if row.party_tax_id != form.party.tax_id:
        changes.append((side, form.party.tax_id))
    if changes:
        review.correct(access, row.pk, None, changes)
    ids = queries.waiting_ids(access.company, [form.party.tax_id])
    rows = queries.locked_rows([row.pk, *(i for i in ids if i != row.pk)])
    proposing.refresh(access.company, rows)
    return account, rows


def keep_counterparts(company: Company, flow: Flow, booked: pl.DataFrame) -> pl.DataFrame:
    """Keep on each party's account the counterpart that was just posted, where it has none yet (S16).

    ``booked`` are the rows of the plan (``BOOKED_SCHEMA``); returned as they are to be learnt from, with
    the setting that now holds.
    """
    classifier = posting_profile(company, DIRECTIONS[flow]).classifier
    fresh = booked.filter(
        ~pl.col("credit") & pl.col("party").is_not_null() & pl.col("counterpart").is_not_null()
    ).unique("party", keep="first", maintain_order=True)
    codes = dict(fresh.select("party", "counterpart").iter_rows())
    counterparts = {
        a.code: a for a in Account.objects.filter(company=company, code__in=codes.values())
    }
    without = Account.objects.filter(
        company=company,
        classifier=classifier,
        counterpart__isnull=True,
        party__tax_id__in=codes,
    ).select_related("party")
    kept: dict[str, str] = {}
    for account in without:
        assert account.party is not None
        account.counterpart = counterparts.get(codes[account.party.tax_id])
        account.save(update_fields=["counterpart"])
        kept[account.party.tax_id] = codes[account.party.tax_id]
    setting = pl.col("party").replace_strict(kept, default=None, return_dtype=pl.String)
    return booked.with_columns(pl.coalesce(setting, "setting").alias("setting"))


def keep_withholding(company: Company, booked: pl.DataFrame) -> None:
    """Keep with each party the withholding code that its document was just posted with (S10 e): the next one has it too."""
    said = booked.filter(
        pl.col("party").is_not_null() & pl.col("withholding_code").is_not_null()
    ).unique("party", keep="last", maintain_order=True)
    for tax_id, code in said.select("party", "withholding_code").iter_rows():
        known = Party.objects.filter(company=company, tax_id=tax_id)
        known.exclude(withholding_code=code).update(withholding_code=code)


def _flow(row: CapturedInvoice) -> Flow:
    return Flow(row.direction)


def _party_of(row: CapturedInvoice) -> NewParty:
    invoice = invoice_as_it_stands(row)
    if row.direction == Flow.RECEIVED:
        return NewParty(
            tax_id=invoice.seller_tax_id or "",
            name=invoice.seller_name or "",
            country=invoice.seller_country or row.company.country,
            address=invoice.seller_address or "",
        )
    return NewParty(
        tax_id=invoice.buyer_tax_id or "",
        name=invoice.buyer_name or "",
        country=invoice.buyer_country or row.company.country,
    )


def _counterpart_seen(row: CapturedInvoice) -> str | None:
    """The counterpart that a person has already typed for the first row of the breakdown."""
    rows = row.overrides.get("rows", {})
    found: str | None = rows.get("0", {}).get("counterpart")
    return found
