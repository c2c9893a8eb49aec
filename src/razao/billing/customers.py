"""Taking over customers: those that a source names and the company does not know in, parties with accounts out (P21)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from razao.billing.models import Customer
from razao.booking.counterparties import key_of
from razao.booking.loading import posting_profile
from razao.companies.models import Company, Party
from razao.companies.rights import Access, May
from razao.countries.facts import Direction
from razao.countries.pack import load
from razao.countries.places import INSIDE_THE_UNION
from razao.countries.tax_ids import final_consumers
from razao.kernel.audit import record
from razao.ledger.models import Account


def missing(company: Company, seen: pl.DataFrame) -> pl.DataFrame:
    """Those of ``seen`` (SEEN_CUSTOMERS) with a tax number, for whom no account can be found."""
    family = posting_profile(company, Direction.SALE).classifier
    numbers = (
        Customer.objects.filter(company=company)
        .exclude(account="")
        .values_list("number", flat=True)
    )
    owned = Account.objects.filter(company=company, classifier=family, party__isnull=False)
    tax_ids = list(owned.values_list("party__tax_id", flat=True))
    known = pl.Series("key", tax_ids, pl.String).to_frame().select(key_of(pl.col("key")))["key"]
    seen = seen.with_columns(key_of(pl.col("tax_id")).alias("key"))
    return (
        seen.filter(
            pl.col("key").is_not_null()
            & ~pl.col("key").is_in(sorted(final_consumers()))
            & ~pl.col("key").is_in(known.implode())
            & ~pl.col("number").is_in(list(numbers))
        )
        .unique("key", keep="first", maintain_order=True)
        .drop("key")
    )


def take_over(access: Access, seen: pl.DataFrame) -> int:
    """Open a party and an account for each missing customer; how many. Raises Refused without the right."""
    access.require(May.CONFIGURE)
    company = access.company
    wanted = missing(company, seen)
    rows = list(wanted.iter_rows(named=True))
    parties = _parties(company, rows)
    codes = _free_codes(company, [parties[row["tax_id"]].country for row in rows])
    accounts = [
        _account(company, parties[row["tax_id"]], code)
        for row, code in zip(rows, codes, strict=True)
    ]
    Account.objects.bulk_create(accounts)
    Customer.objects.bulk_create(
        [
            Customer(
                company=company,
                number=row["number"],
                tax_id=row["tax_id"],
                name=row["name"] or "",
                account=account.code,
            )
            for row, account in zip(rows, accounts, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["company", "number"],
        update_fields=["tax_id", "name", "account"],
    )
    record(
        "billing.customers_taken_over",
        user=access.user_id,
        company=company.pk,
        details={"count": len(rows)},
    )
    return len(rows)


def _parties(company: Company, rows: list[dict[str, Any]]) -> dict[str, Party]:
    """The parties of these customers by tax number, made where they are not known."""
    Party.objects.bulk_create(
        [
            Party(
                company=company,
                tax_id=row["tax_id"],
                name=(row["name"] or row["tax_id"])[:200],
                country=(row["country"] or company.country)[:2].upper(),
                address=row["address"] or "",
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    found = Party.objects.filter(company=company, tax_id__in=[r["tax_id"] for r in rows])
    return {party.tax_id: party for party in found}


def _account(company: Company, party: Party, code: str) -> Account:
    profile = posting_profile(company, Direction.SALE)
    return Account(
        company=company,
        code=code,
        name=party.name,
        kind="asset",
        classifier=profile.classifier,
        party=party,
    )


def _free_codes(company: Company, countries: list[str]) -> Iterator[str]:
    """The next free account below the group of each country's customers, in the order asked for."""
    profile = posting_profile(company, Direction.SALE)
    pack = load(company.country)
    taken = set(Account.objects.filter(company=company).values_list("code", flat=True))
    following: dict[str, int] = {}
    for country in countries:
        place = (
            "" if country == company.country else "eu" if country in INSIDE_THE_UNION else "world"
        )
        group = profile.foreign_prefixes.get(place, profile.party_prefix)
        prefix = group + pack.party_separator
        width = pack.party_code_digits
        number = following.get(prefix, 1)
        while (code := f"{prefix}{number:0{width}d}") in taken:
            number += 1
        following[prefix] = number + 1
        taken.add(code)
        yield code
