"""The report of accuracy: rows of figures in, a table of text out."""

from __future__ import annotations

from collections.abc import Sequence

from razao.capture.accuracy.comparing import BESIDE, OTHERS, POSTING
from razao.capture.accuracy.tally import Row

SHORT = {
    "document_type": "type",
    "issue_date": "date",
    "currency": "curr",
    "seller_tax_id": "s.id",
    "buyer_tax_id": "b.id",
    "net_total": "net",
    "vat_total": "tax",
    "withholding": "withh",
    "gross_total": "gross",
    "due_date": "due",
    "seller_name": "s.name",
    "seller_country": "s.ctry",
    "buyer_name": "b.name",
    "buyer_country": "b.ctry",
    "exemption": "exempt",
    "reference": "ref",
}


def percent(part: int, whole: int) -> str:
    """A share in per cent without decimals; '' of nothing. 100 only when it is all."""
    if not whole:
        return ""
    share = 100 * part / whole
    return "100" if part == whole else f"{min(share, 99.9):.0f}" if share < 99.5 else "99"


def summed(name: str, rows: Sequence[Row]) -> Row:
    """One row of all."""
    total = Row(name)
    for row in rows:
        for counter in (
            "files",
            "invoices",
            "refused",
            "posting_right",
            "wholly_right",
            "confident",
        ):
            setattr(total, counter, getattr(total, counter) + getattr(row, counter))
        total.confident_wrong += row.confident_wrong
        total.judged.update(row.judged)
        total.right.update(row.right)
        total.cuts_true += row.cuts_true
        total.cuts_found += row.cuts_found
        total.cuts_right += row.cuts_right
    return total


def cells(row: Row, fields: Sequence[str]) -> list[str]:
    """One line of the table."""
    cut = row.cut_f1
    return [
        row.kind,
        str(row.files),
        str(row.invoices),
        str(row.refused),
        percent(row.posting_right, row.invoices),
        percent(row.wholly_right, row.invoices),
        percent(row.confident, row.invoices),
        str(row.confident_wrong) if row.invoices else "",
        "" if cut is None else f"{cut:.2f}",
        *(percent(row.right[name], row.judged[name]) for name in fields),
    ]


def table(rows: Sequence[Row]) -> str:
    """The report as a Markdown table, sums of corpus and of each generated half last."""
    fields = [f for f in (*POSTING, *OTHERS, *BESIDE) if any(row.judged[f] for row in rows)]
    made = {"development": "development: ", "held back": "held back: ", "countries": "country: "}
    groups = {
        "corpus, all": [r for r in rows if not r.kind.startswith(tuple(made.values()))],
        **{f"{n}, all": [r for r in rows if r.kind.startswith(p)] for n, p in made.items()},
    }
    shown = [
        *rows,
        *(summed(name, members) for name, members in groups.items() if len(members) > 1),
    ]
    heads = ["kind", "files", "inv.", "none", "post%", "whole%", "conf%", "conf.wrong", "cut F1"]
    lines = [[*heads, *(SHORT.get(f, f) for f in fields)], *(cells(row, fields) for row in shown)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    text = [
        "| "
        + " | ".join(
            c.ljust(w) if i == 0 else c.rjust(w)
            for i, (c, w) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (w + 1) + (":" if i else "-") for i, w in enumerate(widths)) + "|"
    return "\n".join([text[0], rule, *text[1:]])
