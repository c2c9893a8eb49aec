"""What a person asks before integrating: what is pending, which customers and articles to take over.

Every function needs an open transaction that acts for the company.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from razao.billing import configuration, customers
from razao.billing.keeping import integrated
from razao.billing.models import Article
from razao.billing.selection import chosen
from razao.billing.sourcing import Choice, load
from razao.booking.billing_rules import Options
from razao.booking.loading import rules_for
from razao.companies.rights import Access, May
from razao.kernel.audit import record


def take_over_customers(
    access: Access, choice: Choice, options: Options, numbers: Collection[str] = ()
) -> int:
    """Open accounts for the customers of these documents that the company does not know (P21); how many.

    With ``numbers``, for those of the source's customers alone.
    """
    seen = load(access.company, choice, options).customers
    if numbers:
        seen = seen.filter(pl.col("number").is_in(list(numbers)))
    return customers.take_over(access, seen)


def take_over_articles(access: Access, choice: Choice, options: Options) -> int:
    """Add the articles of these documents that are not configured, with the default posting code; how many."""
    access.require(May.CONFIGURE)
    company = access.company
    frames = chosen(load(company, choice, options).frames, options.types, options.filter)
    named = frames.lines.filter(pl.col("article").fill_null("") != "")
    known = list(Article.objects.filter(company=company).values_list("code", flat=True))
    new = named.filter(~pl.col("article").is_in(known)).unique(
        "article", keep="first", maintain_order=True
    )
    code = configuration.rules_of(company).default_posting_code
    Article.objects.bulk_create(
        Article(company=company, code=article, name=(text or "")[:200], posting_code=code)
        for article, text in new.select("article", "description").iter_rows()
    )
    record(
        "billing.articles_taken_over",
        user=access.user_id,
        company=company.pk,
        details={"count": new.height},
    )
    return new.height


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
