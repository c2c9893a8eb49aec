"""A few rows are found by their indexes, whatever the planner believes of a table that a big batch has just filled."""

from django.db import migrations

# The functions that ask ledger_plans_for put these settings back when they end, as they do with plan_cache_mode.
CHANGE = """
CREATE OR REPLACE FUNCTION ledger_plans_for(many boolean) RETURNS text LANGUAGE sql AS $$
  SELECT concat(
    set_config('plan_cache_mode', CASE WHEN many THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true),
    set_config('enable_hashjoin', CASE WHEN many THEN 'on' ELSE 'off' END, true),
    set_config('enable_mergejoin', CASE WHEN many THEN 'on' ELSE 'off' END, true),
    set_config('enable_seqscan', CASE WHEN many THEN 'on' ELSE 'off' END, true))
$$;
ALTER FUNCTION ledger_entries_arrive() SET enable_hashjoin = on;
ALTER FUNCTION ledger_entries_arrive() SET enable_mergejoin = on;
ALTER FUNCTION ledger_entries_arrive() SET enable_seqscan = on;
ALTER FUNCTION ledger_lines_arrive() SET enable_hashjoin = on;
ALTER FUNCTION ledger_lines_arrive() SET enable_mergejoin = on;
ALTER FUNCTION ledger_lines_arrive() SET enable_seqscan = on;
ALTER FUNCTION ledger_seal(uuid, uuid) SET enable_hashjoin = on;
ALTER FUNCTION ledger_seal(uuid, uuid) SET enable_mergejoin = on;
ALTER FUNCTION ledger_seal(uuid, uuid) SET enable_seqscan = on;
"""
BACK = """
CREATE OR REPLACE FUNCTION ledger_plans_for(many boolean) RETURNS text LANGUAGE sql AS $$
  SELECT set_config('plan_cache_mode', CASE WHEN many THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]

    operations = [migrations.RunSQL(CHANGE, BACK)]
