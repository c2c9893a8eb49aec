"""The hash chain as text (docs/chain.md): a company in; batches with the canonical text of their entries out, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from razao.companies.models import Company
from razao.ledger.models import Batch

#: The program that checks the file, to be put beside it.
VERIFIER = Path(__file__).with_name("verify.py")
CHUNK = 2000

TEXTS = """
SELECT ledger_entry_text(n.id, j.code, t.code, y.code, n.period, n.number, n.date, n.document_date, n.source_key,
    n.reference, n.text, n.file, n.reverses_id) || b.body
FROM ledger_entry n JOIN ledger_journal j ON j.id = n.journal_id
JOIN ledger_entrytype t ON t.id = n.entry_type_id JOIN companies_fiscalyear y ON y.id = n.fiscal_year_id
CROSS JOIN LATERAL (
  SELECT string_agg(ledger_line_text(l.position, a.code, l.debit, l.credit, c.code, p.tax_id, v.code, l.tax_base,
    l.currency, l.currency_amount, l.rubric, l.text), '' ORDER BY l.position) AS body
  FROM ledger_line l LEFT JOIN ledger_account a ON a.id = l.account_id
  LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id
  LEFT JOIN companies_party p ON p.id = l.party_id
  LEFT JOIN ledger_vatcode v ON v.id = l.vat_code_id
  WHERE l.company_id = n.company_id AND l.entry_id = n.id
) b
WHERE n.company_id = %(company)s AND n.batch_id = %(batch)s ORDER BY n.id
"""


def chain(company: Company) -> Iterator[str]:
    """Text of every batch from the first; ``verify.py`` and the document say how to check it."""
    for batch in Batch.objects.filter(company=company).order_by("sequence").iterator(CHUNK):
        previous, own = bytes(batch.previous_hash or b""), bytes(batch.hash or b"")
        head = ["B", str(batch.sequence), str(batch.id), batch.kind, previous.hex(), own.hex()]
        yield "\t".join(head) + "\n"
        with connection.chunked_cursor() as cursor:
            cursor.execute(TEXTS, {"company": company.pk, "batch": batch.id})
            while rows := cursor.fetchmany(CHUNK):
                yield "".join(text for (text,) in rows)
