"""Sales and purchase documents of a SAF-T file: gathered columns in, invoice frames out.

Amounts come from the file and are not recomputed: a document's net, tax and total are its DocumentTotals.
The file states the tax of a document only as a whole, and lines with more decimals than money has; so the
cents are shared out over lines and rates in a way that adds up to the document's totals exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from razao.invoices.formats.fitting import fitted
from razao.invoices.formats.saft_documents import Documents
from razao.invoices.frame import InvoiceFrames, source_key_column
from razao.invoices.invoice import CREDIT_TYPES
from razao.kernel.money import proportion, shares_in_whole_units

#: Payment mechanisms that are titles: cheque, bill of exchange, documentary credit (SAF-T PaymentMechanism).
_TITLES = ("CH", "CI", "LC")
#: TaxType of version 1.00 and its region.
_OLD_REGIONS = {"IVARAM": "PT-MA", "IVARAA": "PT-AC"}
_OLD_TYPES = {"Factura": "FT", "Nota de Crédito": "NC", "Nota de Débito": "ND"}
_KINDS = {"IS": "stamp_duty", "NS": "outside_scope"}
_KEY = ("doc", "rate", "region", "exemption", "kind")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who keeps the file: the seller of its sales and the buyer of its purchases."""

    tax_id: str | None
    name: str | None
    country: str | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class MasterData:
    """What documents refer to: parties by id, products by code, rates by tax code."""

    parties: pl.DataFrame
    products: pl.DataFrame
    tax_table: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Section:
    """The documents of a section as frames, with what only SAF-T knows of them."""

    frames: InvoiceFrames
    register: pl.DataFrame
    """doc, period, system_entry, transaction_id, hash, cash_vat, source_billing"""
    without_rate: pl.DataFrame
    """doc and tax_code of lines whose rate neither they nor the tax table state"""


def to_section(gathered: Documents, issuer: Issuer, known: MasterData, *, sales: bool) -> Section:
    """The gathered documents as invoice frames."""
    head = _heads(gathered, issuer, known, sales=sales)
    lines = _lines(gathered.lines.frame(), head, known, issuer)
    lines = fitted(lines, head.select("doc", target="net"), "net")
    vat = _vat(lines, head) if sales or (lines["net"] != 0).any() else _vat_of_totals(head, issuer)
    frames = InvoiceFrames.of(_documents(head, lines, vat), vat, _public_lines(lines))
    columns = ("period", "system_entry", "transaction_id", "hash", "cash_vat", "source_billing")
    missing = lines.filter(pl.col("rate_missing")).select("doc", "tax_code").unique()
    return Section(frames, head.select("doc", *columns), missing.sort("doc"))


def _heads(gathered: Documents, issuer: Issuer, known: MasterData, *, sales: bool) -> pl.DataFrame:
    withheld = gathered.withheld.frame().group_by("doc").agg(pl.col("withholding").sum())
    parties = known.parties.select(
        party="id", party_tax_id="tax_id", party_name="name", party_country="country"
    ).unique("party", keep="first")
    head = (
        gathered.documents.frame()
        .join(withheld, on="doc", how="left", maintain_order="left")
        .join(parties, on="party", how="left", maintain_order="left")
    )
    own, other = ("seller", "buyer") if sales else ("buyer", "seller")
    number = pl.col("number").str.extract_groups(r"^(?<code>\S+) (?<series>.+)/\d+$")
    return head.with_columns(
        pl.col("document_type").replace(_OLD_TYPES),
        pl.coalesce(
            pl.when(pl.col("self_billed") == "1", pl.col("status") == "N").then(pl.lit("S")),
            "status",
            pl.lit("N"),
        ).alias("status"),
        pl.coalesce(number.struct.field("code"), "document_type").alias("billing_type"),
        number.struct.field("series").alias("series"),
        pl.lit(issuer.tax_id, pl.String).alias(f"{own}_tax_id"),
        pl.lit(issuer.name, pl.String).alias(f"{own}_name"),
        pl.lit(issuer.country, pl.String).alias(f"{own}_country"),
        pl.col("party_tax_id").alias(f"{other}_tax_id"),
        pl.col("party_name").alias(f"{other}_name"),
        pl.col("party_country").alias(f"{other}_country"),
        pl.lit(issuer.currency, pl.String).alias("currency"),
        pl.col("transaction_id").str.head(10).str.to_date("%Y-%m-%d", strict=False)
        .alias("internal_date"),
        pl.col("treasury_place").is_in(_TITLES).fill_null(value=False).alias("paid_by_title"),
        (pl.col("gross") - pl.col("withholding").fill_null(0)).alias("payable"),
    )  # fmt: skip


def _lines(
    lines: pl.DataFrame, head: pl.DataFrame, known: MasterData, issuer: Issuer
) -> pl.DataFrame:
    credits = pl.col("document_type").is_in(sorted(CREDIT_TYPES))
    rates = known.tax_table.select("tax_type", "region", tax_code="code", table_rate="rate")
    keys = ["tax_type", "region", "tax_code"]
    rates = rates.drop_nulls("table_rate").unique(keys, keep="last")
    services = known.products.select(article="code", service=pl.col("type") == "S")
    old_region = pl.col("tax_type").replace_strict(_OLD_REGIONS, default=None)
    country = "AO" if issuer.country == "AO" else "PT"
    amount = pl.col("debit").fill_null(0) - pl.col("credit").fill_null(0)
    untaxed = pl.col("tax_code").is_in(["ISE", "NS", "NA"])
    return (
        lines.join(head.select("doc", "document_type"), on="doc", how="left", maintain_order="left")
        .with_columns(region=pl.coalesce("region", old_region, pl.lit(country)))
        .join(rates, on=keys, how="left", maintain_order="left")
        .join(services.unique("article"), on="article", how="left", maintain_order="left")
        .with_columns(precise=pl.when(credits).then(amount).otherwise(-amount))
        .with_columns(
            net=shares_in_whole_units(pl.col("precise"), 4, "doc"),
            rate=pl.coalesce(
                "vat_rate", "table_rate", pl.when(untaxed | pl.col("tax_amount").is_not_null()).then(0)
            ),
            exemption=pl.coalesce("exemption", pl.col("exemption_reason").str.extract(r"\b(M\d\d)\b")),
            kind=pl.coalesce(
                pl.col("tax_type").replace_strict(_KINDS, default=None),
                pl.when(pl.col("tax_code") == "NS").then(pl.lit("outside_scope")),
            ),
            free_base=proportion(
                pl.col("tax_base"), pl.col("quantity"), 100_000_000
            ).fill_null(0),
        )
        .with_columns(rate_missing=pl.col("rate").is_null() & pl.col("position").is_not_null())
        .with_columns(pl.col("rate").fill_null(0))
    )  # fmt: skip


def _vat(lines: pl.DataFrame, head: pl.DataFrame) -> pl.DataFrame:
    """The breakdown: lines summed by rate, region, exemption and kind; tax by rate, fitted to the total."""
    rows = (
        lines.filter(pl.col("position").is_not_null() | (pl.col("net") != 0))
        .group_by(*_KEY, maintain_order=True)
        .agg(
            pl.col("net").sum().alias("base"),
            pl.col("free_base").sum(),
            pl.col("tax_amount").sum(),
        )
        .with_columns(
            amount=proportion(pl.col("base") + pl.col("free_base"), pl.col("rate"), 10_000)
            + pl.col("tax_amount")
        )
    )
    rows = fitted(rows, head.select("doc", target="vat"), "amount")
    position = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("doc").alias("position")
    return rows.with_columns(position, pl.col("rate").cast(pl.Int32)).select(
        "doc", "position", "rate", "region", "exemption", "base", "amount", "kind"
    )


def _vat_of_totals(head: pl.DataFrame, issuer: Issuer) -> pl.DataFrame:
    """Purchases come without lines: one row of the totals, at the rate that they make to the whole per cent."""
    net, vat = pl.col("net"), pl.col("vat")
    rate = pl.when(net != 0).then(proportion(vat * 1000 // net, 1, 10)).otherwise(0) * 100
    return head.select(
        "doc",
        pl.lit(1, pl.Int32).alias("position"),
        rate.cast(pl.Int32).alias("rate"),
        pl.lit(issuer.country or "AO").alias("region"),
        pl.lit(None, pl.String).alias("exemption"),
        net.alias("base"),
        vat.alias("amount"),
        pl.lit(None, pl.String).alias("kind"),
    ).drop_nulls(["base", "amount"])


def _documents(head: pl.DataFrame, lines: pl.DataFrame, vat: pl.DataFrame) -> pl.DataFrame:
    references = lines.filter(pl.col("reference").is_not_null()).group_by("doc").agg(
        pl.col("reference").first()
    )  # fmt: skip
    sums = vat.group_by("doc").agg(
        pl.col("base").sum().alias("sum_base"), pl.col("amount").sum().alias("sum_amount")
    )
    unrated = lines.filter(pl.col("rate_missing")).select("doc").unique()
    holds = (
        (pl.col("sum_base") == pl.col("net"))
        & (pl.col("sum_amount") == pl.col("vat"))
        & (pl.col("net") + pl.col("vat") == pl.col("gross"))
        & ~pl.col("doc").is_in(unrated["doc"].implode())
        & pl.all_horizontal(
            pl.col("number", "document_type", "issue_date", "seller_tax_id").is_not_null()
        )
    )
    return (
        head.join(references, on="doc", how="left", maintain_order="left")
        .join(sums, on="doc", how="left", maintain_order="left")
        .with_columns(source_key_column(), confident=holds, buyer_id=pl.col("party"))
        .select(
            *("doc", "source_key", "billing_type", "document_type", "series", "number", "atcud"),
            *("issue_date", "internal_date", "currency", "exchange_rate", "foreign_currency"),
            *("foreign_gross", "seller_tax_id", "seller_name", "seller_country", "buyer_id"),
            *("buyer_tax_id", "buyer_name", "buyer_country", "status", "net", "vat", "gross"),
            *("withholding", "payable", "treasury_place", "paid_by_title", "reference"),
            "confident",
        )
    )


def _public_lines(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.filter(pl.col("position").is_not_null()).select(
        *("doc", "position", "article", "description", "quantity", "unit", "unit_price", "net"),
        *("region", "exemption", "discount", "service"),
        vat_rate="rate",
    )
