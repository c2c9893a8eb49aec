"""The sums over all companies that monitoring shows: no row of a company, no name, five numbers."""

from django.db import migrations

#: Runs with the owner's rights, which see every company.
FIGURES = """
CREATE OR REPLACE FUNCTION razao_figures(
  OUT batches bigint, OUT entries bigint, OUT pages bigint, OUT oldest_item double precision, OUT waiting_items bigint
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT b.batches, b.entries, s.pages, w.oldest, w.waiting
  FROM (SELECT count(*) AS batches, coalesce(sum(entry_count), 0)::bigint AS entries FROM ledger_batch) b,
       (SELECT coalesce(sum(page_count), 0)::bigint AS pages FROM capture_scan WHERE read_at IS NOT NULL) s,
       (SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::double precision AS oldest
        FROM capture_capturedinvoice WHERE state IN ('received', 'doubtful', 'ready', 'asked')) w
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("capture", "0004_copies_and_mailboxes"), ("ledger", "0003_few_rows_by_index")]

    operations = [
        migrations.RunSQL(FIGURES, "DROP FUNCTION IF EXISTS razao_figures()"),
    ]
