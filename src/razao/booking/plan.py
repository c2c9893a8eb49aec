"""The plan: proposed entries, the reason of each line and the problems, with a fingerprint; the preview *is* the posting (M1).

A plan is made by booking from invoices and a company's rules, shown to a person, and posted as it
stands. Its fingerprint covers every entry and line, so that posting can refuse a plan that would come
out differently today and say in what.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from razao.kernel.problems import Severity
from razao.ledger.drafts import ENTRY_SCHEMA, LINE_SCHEMA, Drafts

#: What booking adds to a draft's line: the rule's code and what it rests on (M5), as JSON for the texts.
REASON_SCHEMA: dict[str, pl.DataType] = {"rule": pl.String(), "because": pl.String()}

#: One row a problem of a document. ``field`` is the place on the review screen or in the configuration.
PROBLEM_SCHEMA: dict[str, pl.DataType] = {
    "source_key": pl.String(),
    "code": pl.String(),
    "severity": pl.String(),
    "field": pl.String(),
    "values": pl.String(),  # JSON object
}


#: What each row of an invoice's tax breakdown was booked to: what review shows and habits are learnt from.
BOOKED_SCHEMA: dict[str, pl.DataType] = {
    "doc": pl.Int64(),
    "source_key": pl.String(),
    "position": pl.Int32(),
    "part": pl.Int64(),  # 0 unless a person split the row
    "number": pl.String(),
    "party": pl.String(),
    "credit": pl.Boolean(),
    "rate": pl.Int32(),
    "exemption": pl.String(),  # "" when none
    "kind": pl.String(),
    "base": pl.Int64(),
    "amount": pl.Int64(),
    "counterpart": pl.String(),
    "counterpart_rule": pl.String(),
    "counterpart_because": pl.String(),
    "modality": pl.String(),
    "vat_code": pl.String(),
    "tax_account": pl.String(),
    "deductible": pl.Int32(),
    "cost_center": pl.String(),
    "withholding_code": pl.String(),
    "setting": pl.String(),
}

#: What of a plan its fingerprint covers, in this order: all that is posted, and which documents it comes from.
COVERED = {
    "entries": list(ENTRY_SCHEMA),
    "lines": list(LINE_SCHEMA),
    "sources": ["source_key", "entry"],
}

#: Texts that are put into one buffer for the fingerprint.
_TEXTS = 200_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Proposed entries with reasons and problems.

    ``lines`` carry LINE_SCHEMA and REASON_SCHEMA, and the part of the source's ``net`` and ``tax`` in them. Documents with a blocking problem have no entry here
    that may be posted: ``postable`` leaves them out. ``sources`` has one row a document and the entry it
    went to (many documents may share one entry): source_key, entry.
    """

    entries: pl.DataFrame
    lines: pl.DataFrame
    problems: pl.DataFrame
    sources: pl.DataFrame
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BOOKED_SCHEMA))
    """of digitised invoices: BOOKED_SCHEMA"""

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over entries, lines and sources in their order."""
        digest = hashlib.sha256()
        for part, columns in COVERED.items():
            frame = getattr(self, part)
            digest.update(f"{frame.height}|{'|'.join(columns)}\n".encode())
            for name in columns:
                _take(digest, frame[name])
        return digest.hexdigest()

    @property
    def blocked(self) -> pl.DataFrame:
        """Keys of the documents that a blocking problem keeps out: one column, source_key."""
        errors = self.problems.filter(pl.col("severity") == Severity.ERROR.value)
        return errors.select("source_key").unique()

    @property
    def postable(self) -> Plan:
        """The plan without blocked documents, entries counted anew from 0. Problems that do not block stay."""
        kept = self.sources.join(self.blocked, on="source_key", how="anti", maintain_order="left")
        wanted = self.entries.join(
            kept.select("entry").unique(), on="entry", how="semi", maintain_order="left"
        )
        number = wanted.select("entry").with_columns(pl.int_range(pl.len()).alias("at"))

        def counted(frame: pl.DataFrame) -> pl.DataFrame:
            joined = frame.join(number, on="entry", how="inner", maintain_order="left")
            return joined.with_columns(pl.col("at").alias("entry")).drop("at")

        rest = self.problems.join(self.blocked, on="source_key", how="anti", maintain_order="left")
        rows = self.rows.join(self.blocked, on="source_key", how="anti", maintain_order="left")
        return Plan(counted(wanted), counted(self.lines), rest, counted(kept), rows)

    def drafts(self) -> Drafts:
        """The entries as the ledger's door takes them."""
        return Drafts(self.entries.select(list(ENTRY_SCHEMA)), self.lines.select(list(LINE_SCHEMA)))


def _take(digest: hashlib._Hash, column: pl.Series) -> None:
    """Add the values of a column: which are null, then the values; texts with their lengths."""
    missing = column.null_count()
    digest.update(missing.to_bytes(8, "little"))
    if missing == len(column):
        return
    if missing:
        digest.update(np.packbits(column.is_null().to_numpy()).tobytes())
    if column.dtype == pl.String:
        texts = column.fill_null("")
        digest.update(texts.str.len_bytes().to_numpy().tobytes())
        # buffers of all texts, which do not depend on how they lie in memory
        for start in range(0, len(texts), _TEXTS):
            digest.update(str(texts[start : start + _TEXTS].str.join("").item()).encode())
        return
    digest.update(column.cast(pl.Int64).fill_null(0).to_numpy().tobytes())
