"""A month of a company's sales for the benches: number of documents in; frames of mixed types, rules and configuration out."""

from __future__ import annotations

import random

import numpy as np
import polars as pl

from razao.booking.billing_rules import (
    ARTICLES,
    CUSTOMERS,
    PLACES,
    POSTING_CODES,
    POSTING_RATES,
    TYPES,
    VARIABLES,
    BillingRules,
)
from razao.invoices.frame import InvoiceFrames

CUSTOMER_COUNT = 20_000
ARTICLE_COUNT = 5_000
LINES_EACH = 4
SELLER = "501964843"

_SALE = [("gross", "D", "customer"), ("net", "C", "revenue"), ("tax", "C", "tax")]
_CASH = [("received", "D", "cash"), ("net", "C", "revenue"), ("tax", "C", "tax")]
_CREDIT = [("gross", "C", "customer"), ("net", "D", "returns"), ("tax", "D", "tax")]
KINDS = {"FT": ("FT", _SALE), "FR": ("FR", _CASH), "FS": ("FS", _CASH), "NC": ("NC", _CREDIT)}


def configuration() -> BillingRules:
    """Two posting codes, four types, the articles and the customers."""
    kinds = (("RED", 600, "1"), ("INT", 1300, "2"), ("NOR", 2300, "3"))
    return BillingRules(
        types=pl.DataFrame(
            [
                (code, "VD", t, t in {"FR", "FS"}, False, None, "M")
                for code, (t, _) in KINDS.items()
            ],
            TYPES,
            orient="row",
        ),
        variables=pl.DataFrame(
            [(code, *row, "") for code, (_, rows) in KINDS.items() for row in rows],
            VARIABLES,
            orient="row",
        ),
        posting_codes=pl.DataFrame([(c, "111", "276") for c in "MS"], POSTING_CODES, orient="row"),
        posting_rates=pl.DataFrame(
            [
                (
                    *(code, rate, "*", "", f"{sales}{end}", "7171", "7181", f"243311{end}"),
                    *(f"24332{end}", f"L{kind}", f"LAC{kind}"),
                )
                for code, sales in (("M", "7111"), ("S", "7211"))
                for kind, rate, end in kinds
            ],
            POSTING_RATES,
            orient="row",
        ),
        articles=pl.DataFrame(
            [
                (f"A{n}", "S" if n % 5 == 0 else "M", n % 5 == 0, False, *("",) * 5, 1, 1, 1)
                for n in range(ARTICLE_COUNT)
            ],
            ARTICLES,
            orient="row",
        ),
        customers=pl.DataFrame(
            [(f"C{n}", tax_id(n), account(n), None) for n in range(CUSTOMER_COUNT)],
            CUSTOMERS,
            orient="row",
        ),
        places=pl.DataFrame(
            [("Caixa", "111", True), ("Banco", "121", False)], PLACES, orient="row"
        ),
    )


def tax_id(number: int) -> str:
    """Tax number of a customer, right in form and check digit."""
    digits = f"5{number:07d}"
    rest = sum(int(d) * w for d, w in zip(digits, range(9, 1, -1), strict=True)) % 11
    return digits + str(0 if rest < 2 else 11 - rest)


def account(number: int) -> str:
    """Ledger account of a customer."""
    return f"21111{number:06d}"


def documents(count: int, *, seed: int = 7) -> InvoiceFrames:
    """``count`` documents of four lines each at the three rates, over the days of May 2026."""
    random_ = np.random.default_rng(seed)
    doc = np.arange(count, dtype=np.int64)
    kind = random_.choice(np.array(list(KINDS)), count, p=[0.55, 0.25, 0.15, 0.05])
    customer = random_.integers(0, CUSTOMER_COUNT, count)
    names = pl.Series([f"C{n}" for n in range(CUSTOMER_COUNT)])
    numbers = pl.Series([tax_id(n) for n in range(CUSTOMER_COUNT)])
    day = np.datetime64("2026-05-01") + (doc * 31 // count).astype("timedelta64[D]")
    lines = _lines(count, random_)
    vat = (
        lines.group_by("doc", "vat_rate")
        .agg(pl.col("net").sum().alias("base"))
        .sort("doc", "vat_rate")
        .with_columns(((pl.col("base") * pl.col("vat_rate") + 5000) // 10_000).alias("amount"))
        .rename({"vat_rate": "rate"})
        .with_columns((pl.int_range(pl.len()).over("doc") + 1).alias("position"))
    )
    totals = vat.group_by("doc").agg(
        pl.col("base").sum().alias("net"), pl.col("amount").sum().alias("vat")
    )
    heads = pl.DataFrame({"doc": doc, "billing_type": kind, "issue_date": day})
    heads = heads.with_columns(
        pl.col("billing_type").alias("document_type"),
        pl.format("{} A/{}", "billing_type", pl.col("doc") + 1).alias("number"),
        names.gather(customer).alias("buyer_id"),
        numbers.gather(customer).alias("buyer_tax_id"),
        pl.format("Cliente {}", pl.lit(pl.Series(customer))).alias("buyer_name"),
        pl.lit("EUR").alias("currency"),
        pl.lit(SELLER).alias("seller_tax_id"),
    ).join(totals, on="doc", how="left", maintain_order="left")
    heads = heads.with_columns(
        (pl.col("net") + pl.col("vat")).alias("gross"),
        pl.format("{}|{}|{}|2026", "seller_tax_id", "document_type", "number").alias("source_key"),
    )
    return InvoiceFrames.of(heads, vat, lines)


def _lines(count: int, random_: np.random.Generator) -> pl.DataFrame:
    size = count * LINES_EACH
    rates = np.array([600, 1300, 2300, 2300], dtype=np.int32)
    main = np.repeat(random_.choice(rates, count), LINES_EACH)
    other = np.where(random_.random(size) < 0.2, random_.choice(rates, size), main)
    articles = pl.Series([f"A{n}" for n in range(ARTICLE_COUNT)])
    return pl.DataFrame(
        {
            "doc": np.repeat(np.arange(count, dtype=np.int64), LINES_EACH),
            "position": np.tile(np.arange(1, LINES_EACH + 1, dtype=np.int32), count),
            "article": articles.gather(random_.integers(0, ARTICLE_COUNT, size)),
            "quantity": random_.integers(1, 20, size) * 10_000,
            "net": random_.integers(100, 50_000, size),
            "vat_rate": other,
        }
    )


def shuffled(frames: InvoiceFrames, seed: int = 1) -> InvoiceFrames:
    """The same documents in another order of rows."""
    chance = random.Random(seed)
    return InvoiceFrames(
        *(
            f.sample(fraction=1, shuffle=True, seed=chance.randint(0, 2**31))
            for f in (frames.documents, frames.vat, frames.lines)
        )
    )
