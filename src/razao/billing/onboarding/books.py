"""Taking over the books of a company's former software: the ledger part of a SAF-T file in; chart, parties, journals,
opening balances and past entries out (M15).

Everything here runs inside a transaction that acts for the company. What cannot be taken over is reported,
never swallowed: entries that do not balance as published, opening balances that do not, accounts without a place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from razao.companies.models import Company, Party
from razao.companies.rights import Access, May
from razao.countries.pack import Pack, load
from razao.invoices.formats.saft import Saft
from razao.kernel.problems import Problem, Severity
from razao.ledger import posting
from razao.ledger.drafts import ENTRY_SCHEMA, LINE_SCHEMA, Drafts
from razao.ledger.models import Account, Batch, EntryType, Journal
from razao.ledger.opening import open_year

#: Grouping categories of accounts that take movements.
MOVING = {"GM", "AM"}
ENTRY_TYPE = "IMP"
JOURNAL_CODE = 20
_KINDS = {
    "1": "asset",
    "2": "other",
    "3": "asset",
    "4": "asset",
    "5": "equity",
    "6": "expense",
    "7": "income",
}


@dataclass(slots=True)
class TakenOver:
    """What was taken over, and what was not."""

    accounts: int = 0
    parties: int = 0
    journals: int = 0
    entries: int = 0
    batches: list[Batch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def take_over(access: Access, saft: Saft) -> TakenOver:
    """The whole ledger part of the file. Run again, it adds what is missing; entries already taken over stay out."""
    access.require(May.CONFIGURE)
    done = TakenOver()
    company = access.company
    parties = _parties(company, saft, done)
    _accounts(company, saft, parties, done)
    _journals(company, saft, done)
    years = {day.year for day in saft.ledger.transactions["date"].drop_nulls()}
    first = saft.header.start
    for year in sorted(years | ({first.year} if first else set())):
        open_year(company, year)
    _opening(access, saft, done)
    _history(access, saft, done)
    return done


def _parties(company: Company, saft: Saft, done: TakenOver) -> dict[str, Party]:
    """Customers and suppliers as parties; account → its party, where one party alone uses it."""
    people = pl.concat([saft.ledger.customers, saft.ledger.suppliers], how="diagonal")
    people = people.filter(pl.col("tax_id").is_not_null()).unique(
        "tax_id", keep="first", maintain_order=True
    )
    Party.objects.bulk_create(
        [
            Party(
                company=company,
                tax_id=row["tax_id"],
                name=(row["name"] or row["tax_id"])[:200],
                country=(row["country"] or company.country)[:2],
                address=", ".join(filter(None, (row["address"], row["postal_code"], row["city"]))),
            )
            for row in people.iter_rows(named=True)
        ],
        ignore_conflicts=True,
    )
    done.parties = people.height
    made = {p.tax_id: p for p in Party.objects.filter(company=company)}
    owners = pl.concat([saft.ledger.customers, saft.ledger.suppliers], how="diagonal").drop_nulls(
        ["account", "tax_id"]
    )
    alone = (
        owners.group_by("account")
        .agg(pl.col("tax_id").unique())
        .filter(pl.col("tax_id").list.len() == 1)
    )
    return {
        account: made[tax_ids[0]] for account, tax_ids in alone.iter_rows() if tax_ids[0] in made
    }


def _accounts(company: Company, saft: Saft, parties: Mapping[str, Party], done: TakenOver) -> None:
    """The chart: codes of the file win over those that are there, by name, taxonomy and whether they take movements."""
    pack = load(company.country)
    rows = saft.ledger.accounts.drop_nulls("code").unique("code", keep="last", maintain_order=True)
    codes = set(rows["code"])
    made = []
    for row in rows.iter_rows(named=True):
        code, category = row["code"], row["grouping_category"]
        moves = (
            category in MOVING
            if category
            else not any(c != code and c.startswith(code) for c in codes)
        )
        taxonomy = row["taxonomy"]
        made.append(
            Account(
                company=company,
                code=code,
                name=row["name"] or code,
                kind=_kind(pack, code),
                postable=moves,
                classifier=_classifier(pack, code),
                party=parties.get(code) if moves else None,
                taxonomy=int(taxonomy) if taxonomy and str(taxonomy).isdecimal() else None,
            )
        )
    Account.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["company", "code"],
        update_fields=["name", "postable", "party", "taxonomy"],
    )
    done.accounts = len(made)


def _kind(pack: Pack, code: str) -> str:
    for length in range(len(code), 0, -1):
        known = pack.account_by_code.get(code[:length])
        if known is not None:
            return known.kind.value
    return _KINDS.get(code[:1], "other")


def _classifier(pack: Pack, code: str) -> str:
    fitting = [(len(p), c.code) for c in pack.classifiers for p in c.prefixes if code.startswith(p)]
    return max(fitting)[1] if fitting else ""


def _journals(company: Company, saft: Saft, done: TakenOver) -> None:
    rows = saft.ledger.journals.drop_nulls("code").unique("code", keep="first", maintain_order=True)
    short = _short_codes(saft)
    Journal.objects.bulk_create(
        [Journal(company=company, code=short[c], name=n or c) for c, n in rows.iter_rows()],
        ignore_conflicts=True,
    )
    EntryType.objects.get_or_create(
        company=company, code=ENTRY_TYPE, defaults={"name": "Lançamento importado"}
    )
    done.journals = rows.height


def _short_codes(saft: Saft) -> dict[str, str]:
    """Journal code of the file → here, where a code has at most twenty characters."""
    codes = saft.ledger.journals["code"].drop_nulls().unique(maintain_order=True)
    return {
        code: code if len(code) <= JOURNAL_CODE else f"{code[: JOURNAL_CODE - 4]}~{at:03d}"
        for at, code in enumerate(codes)
    }


def _opening(access: Access, saft: Saft, done: TakenOver) -> None:
    """One entry of opening balances, on the first day of the file's period."""
    rows = saft.ledger.accounts.filter(
        pl.col("grouping_category").is_in(MOVING) | pl.col("grouping_category").is_null()
    )
    signed = pl.col("opening_debit").fill_null(0) - pl.col("opening_credit").fill_null(0)
    rows = rows.select(account="code", amount=signed).filter(pl.col("amount") != 0)
    start = saft.header.start
    if rows.height == 0 or start is None:
        return
    left = int(rows["amount"].sum())
    if left:
        done.problems.append(
            Problem(
                "onboarding.opening_unbalanced",
                Severity.WARNING,
                values={"difference": f"{left / 100:.2f}"},
            )
        )
        return
    key = f"saft-opening|{start.isoformat()}"
    entries = _entries([(0, key, "AB", "SB", start, "Abertura", "Saldos de abertura")])
    lines = _lines(
        rows.with_columns(pl.lit(0, pl.Int64).alias("entry"), pl.lit(None, pl.String).alias("text"))
    )
    _post(access, Drafts(entries, lines), Batch.Kind.OPENING, done)


def _history(access: Access, saft: Saft, done: TakenOver) -> None:
    """Every past entry under its own journal and date; those that do not balance are reported."""
    heads = saft.ledger.transactions
    amount = (pl.col("debit") - pl.col("credit")).alias("amount")
    lines = saft.ledger.lines.with_columns(amount).filter(pl.col("amount") != 0)
    sums = lines.group_by("transaction").agg(pl.col("amount").sum().alias("left"))
    heads = heads.join(sums, on="transaction", how="left", maintain_order="left")
    for row in heads.filter(pl.col("left").fill_null(0) != 0).iter_rows(named=True):
        difference = f"{row['left'] / 100:.2f}"
        done.problems.append(
            Problem(
                "onboarding.unbalanced",
                Severity.WARNING,
                str(row["transaction_id"]),
                {"difference": difference},
            )
        )
    good = heads.filter((pl.col("left") == 0) & pl.col("date").is_not_null())
    good = good.with_row_index("entry").with_columns(pl.col("entry").cast(pl.Int64))
    key = pl.format("saft|{}", pl.col("transaction_id"))
    entries = good.select(
        "entry",
        pl.when(key.is_duplicated())
        .then(pl.format("{}|{}", key, "transaction"))
        .otherwise(key)
        .alias("source_key"),
        pl.col("journal").replace(_short_codes(saft)),
        pl.lit(ENTRY_TYPE).alias("entry_type"),
        "date",
        pl.col("date").alias("document_date"),
        pl.col("archival_number").alias("reference"),
        pl.col("description").alias("text"),
        pl.lit(None, pl.String).alias("file"),
    )
    placed = lines.join(good.select("transaction", "entry"), on="transaction", how="inner").sort(
        "entry", "position"
    )
    _post(
        access,
        Drafts(
            entries.select(*ENTRY_SCHEMA), _lines(placed.with_columns(text=pl.col("description")))
        ),
        Batch.Kind.IMPORT,
        done,
    )


def _entries(rows: list[tuple[int, str, str, str, date, str, str]]) -> pl.DataFrame:
    names = ["entry", "source_key", "journal", "entry_type", "date", "reference", "text"]
    made = pl.DataFrame(rows, {n: ENTRY_SCHEMA[n] for n in names}, orient="row")
    made = made.with_columns(
        pl.col("date").alias("document_date"), pl.lit(None, pl.String).alias("file")
    )
    return made.select(*ENTRY_SCHEMA)


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows``: entry, account, amount, text, in their order."""
    made = rows.with_columns(
        (pl.int_range(pl.len(), dtype=pl.Int32).over("entry") + 1).alias("position"),
        pl.max_horizontal("amount", pl.lit(0, pl.Int64)).alias("debit"),
        pl.max_horizontal(-pl.col("amount"), pl.lit(0, pl.Int64)).alias("credit"),
    )
    missing = [pl.lit(None, k).alias(n) for n, k in LINE_SCHEMA.items() if n not in made.columns]
    return made.with_columns(missing).select(pl.col(n).cast(k) for n, k in LINE_SCHEMA.items())


def _post(access: Access, drafts: Drafts, kind: Batch.Kind, done: TakenOver) -> None:
    """Post what can be posted; each refusal of the ledger is reported under its entry."""
    if drafts.count == 0:
        return
    found = posting.preview(access, drafts)
    done.problems.extend(p for p in found if p.code != "post.duplicate")
    refused = [p.where for p in found if p.blocks]
    kept = drafts.entries.filter(~pl.col("source_key").is_in(refused)).select("entry")
    number = kept.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))

    def counted(frame: pl.DataFrame) -> pl.DataFrame:
        joined = frame.join(number, on="entry", how="inner", maintain_order="left")
        return joined.with_columns(pl.col("at").alias("entry")).drop("at")

    wanted = Drafts(counted(drafts.entries), counted(drafts.lines))
    if wanted.count == 0:
        return
    batch = posting.post(access, wanted, kind=kind, source="SAF-T", fingerprint="")
    done.batches.append(batch)
    done.entries += wanted.count
