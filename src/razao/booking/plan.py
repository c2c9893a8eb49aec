"""The plan: proposed entries, the reason of each line and the problems, with a fingerprint; the preview *is* the posting (M1).

A plan is made by booking from invoices and a company's rules, shown to a person, and posted as it
stands. Its fingerprint covers every entry and line, so that posting can refuse a plan that would come
out differently today and say in what.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

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


@dataclass(frozen=True, slots=True)
class Plan:
    """Proposed entries with reasons and problems.

    ``lines`` carry LINE_SCHEMA and REASON_SCHEMA. Documents with a blocking problem have no entry here
    that may be posted: ``postable`` leaves them out. ``sources`` has one row a document and the entry it
    went to (many documents may share one entry): source_key, entry.
    """

    entries: pl.DataFrame
    lines: pl.DataFrame
    problems: pl.DataFrame
    sources: pl.DataFrame

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) over entries, lines and sources in their order."""
        digest = hashlib.sha256()
        for frame, columns in (
            (self.entries, list(ENTRY_SCHEMA)),
            (self.lines, list(LINE_SCHEMA)),
            (self.sources, ["source_key", "entry"]),
        ):
            digest.update(frame.select(columns).write_csv(null_value="\\N").encode())
            digest.update(b"\x00")
        return digest.hexdigest()

    def drafts(self) -> Drafts:
        """The entries as the ledger's door takes them."""
        return Drafts(self.entries.select(list(ENTRY_SCHEMA)), self.lines.select(list(LINE_SCHEMA)))
