"""What a person asks before integrating: what is pending, whom to take over, what a change of configuration would do.

Every function needs an open transaction that acts for the company.
"""

from __future__ import annotations

import polars as pl

from razao.billing import configuration, customers
from razao.billing.keeping import integrated
from razao.billing.loaded import Loaded
from razao.billing.selection import chosen
from razao.billing.sourcing import Choice, load
from razao.booking.billing_entries import prepare as book
from razao.booking.billing_rules import BillingRules, Options
from razao.booking.compare import differences
from razao.booking.loading import rules_for
from razao.companies.rights import Access, May


def take_over_customers(access: Access, choice: Choice, options: Options) -> int:
    """Open accounts for the customers of these documents that the company does not know (P21); how many."""
    return customers.take_over(access, load(access.company, choice, options).customers)


def pending_documents(access: Access, choice: Choice, options: Options) -> pl.DataFrame:
    """Documents of the chosen types that are issued and not integrated (P3): date, number, type, customer, total."""
    access.require(May.SEE_BOOKS)
    loaded = load(access.company, choice, options)
    frames = chosen(loaded.frames, options.types, options.filter)
    keys = frames.documents["source_key"].drop_nulls().to_list()
    posted = pl.concat(
        [rules_for(access.company, keys=keys).posted, integrated(access.company.pk, keys)]
    )
    live = pl.col("source_key").is_in(posted["source_key"].implode()).fill_null(False)
    return frames.documents.filter(~live & (pl.col("status") != "A")).select(
        *("source_key", "issue_date", "billing_type", "number", "buyer_name", "buyer_tax_id"),
        *("currency", "net", "vat", "gross"),
    )


def changes(access: Access, loaded: Loaded, options: Options, after: BillingRules) -> pl.DataFrame:
    """Which of these documents would post differently under the configuration ``after`` than under today's (M3)."""
    access.require(May.SEE_BOOKS)
    frames = chosen(loaded.frames, options.types, options.filter)
    rules, before = rules_for(access.company), configuration.rules_of(access.company)
    plans = [book(frames, rules, billing, options).plan for billing in (before, after)]
    return differences(*plans)
