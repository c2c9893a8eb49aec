-- Lines arrive, as in guards.sql (3), a batch in any number of portions: each looks at the entries of its own lines alone. Applied by 0007.

CREATE OR REPLACE FUNCTION ledger_lines_arrive() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto
  SET work_mem = '256MB' SET enable_sort = on
  SET enable_hashjoin = on SET enable_mergejoin = on SET enable_seqscan = on SET enable_nestloop = on AS $$
DECLARE
  of_company uuid; of_batch uuid; undoing boolean; many boolean; low uuid; high uuid;
BEGIN
  SELECT company_id INTO of_company FROM new_rows LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  many := EXISTS (SELECT FROM new_rows OFFSET 1000);
  PERFORM ledger_plans_for(many);
  -- the entries of these lines, and not the whole batch again for each portion of it
  low := (SELECT entry_id FROM new_rows ORDER BY entry_id LIMIT 1);
  high := (SELECT entry_id FROM new_rows ORDER BY entry_id DESC LIMIT 1);
  IF many THEN PERFORM set_config('enable_nestloop', 'off', true); END IF;
  SELECT open_batch_id INTO of_batch FROM ledger_chain WHERE company_id = of_company;
  IF of_batch IS NULL THEN
    PERFORM ledger_refuse('line_of_open_batch', NULL);
  END IF;
  -- a reversal mirrors (ledger_seal sees to it), so it may name accounts that would take nothing new
  SELECT reverses_id IS NOT NULL INTO undoing FROM ledger_batch WHERE company_id = of_company AND id = of_batch;
  INSERT INTO ledger_entryseal (company_id, entry_id, hash, total, line_count, source_key)
  SELECT of_company, e.id, sha256(convert_to(e.head || g.body, 'UTF8')), g.debit, g.amount, e.source_key
  FROM (
    SELECT l.entry_id, sum(l.debit) AS debit, sum(l.credit) AS credit, count(*) AS amount,
      min(l.position) AS low, max(l.position) AS high, min(l.date) AS first_day, max(l.date) AS last_day,
      count(l.currency) AS in_currency, min(l.currency) AS a_currency, max(l.currency) AS z_currency,
      sum(l.currency_amount) AS currency_sum,
      bit_or(CASE WHEN a.id IS NULL OR l.company_id <> of_company THEN 1 WHEN undoing THEN 0
                  WHEN NOT a.postable THEN 2 WHEN a.needs_cost_center AND l.cost_center_id IS NULL THEN 4 ELSE 0 END
        + CASE WHEN l.cost_center_id IS NOT NULL AND c.id IS NULL THEN 8 ELSE 0 END
        + CASE WHEN l.party_id IS NOT NULL AND p.id IS NULL THEN 16 ELSE 0 END
        + CASE WHEN l.vat_code_id IS NOT NULL AND v.id IS NULL THEN 32 ELSE 0 END
        + CASE WHEN ledger_one_line(concat(l.rubric, l.text, l.currency)) THEN 0 ELSE 64 END
        + CASE WHEN l.currency_amount * (l.debit - l.credit) < 0 THEN 128 ELSE 0 END) AS flaws,
      string_agg(ledger_line_text(l.position, a.code, l.debit, l.credit, c.code, p.tax_id, v.code, l.tax_base,
        l.currency, l.currency_amount, l.rubric, l.text), '' ORDER BY l.position) AS body
    FROM new_rows l
    LEFT JOIN ledger_account a ON a.id = l.account_id AND a.company_id = of_company
    LEFT JOIN ledger_costcenter c ON c.id = l.cost_center_id AND c.company_id = of_company
    LEFT JOIN companies_party p ON p.id = l.party_id AND p.company_id = of_company
    LEFT JOIN ledger_vatcode v ON v.id = l.vat_code_id AND v.company_id = of_company
    GROUP BY l.entry_id
  ) g
  LEFT JOIN (
    SELECT n.id, n.date, n.source_key, ledger_entry_text(n.id, j.code, t.code, y.code, n.period, n.number, n.date,
      n.document_date, n.source_key, n.reference, n.text, n.file, n.reverses_id) AS head
    FROM ledger_entry n JOIN ledger_journal j ON j.id = n.journal_id
      JOIN ledger_entrytype t ON t.id = n.entry_type_id JOIN companies_fiscalyear y ON y.id = n.fiscal_year_id
    -- "not distinct" keeps the planner from the index of the batch
    WHERE n.company_id = of_company AND n.batch_id IS NOT DISTINCT FROM of_batch AND n.id BETWEEN low AND high
  ) e ON e.id = g.entry_id
  WHERE CASE
    WHEN g.flaws > 0 THEN ledger_refuse(ledger_line_rule(g.flaws), g.entry_id::text)
    WHEN e.id IS NULL THEN ledger_refuse('line_of_open_batch', g.entry_id::text)
    WHEN g.debit <> g.credit THEN ledger_refuse('entry_balances', g.entry_id::text)
    WHEN g.in_currency = g.amount AND g.a_currency = g.z_currency AND g.currency_sum <> 0
      THEN ledger_refuse('entry_balances_in_currency', g.entry_id::text)
    WHEN g.low <> 1 OR g.high <> g.amount THEN ledger_refuse('line_positions_from_1', g.entry_id::text)
    WHEN g.first_day <> e.date OR g.last_day <> e.date THEN ledger_refuse('line_date_of_entry', g.entry_id::text)
    ELSE true END;
  -- rows inserted a moment ago have no statistics: told that five come, the planner would sort a million
  PERFORM set_config('enable_sort', 'off', true);
  INSERT INTO ledger_balance (id, company_id, account_id, cost_center_id, fiscal_year_id, period, debit, credit)
  SELECT uuidv7(), of_company, l.account_id, l.cost_center_id, e.fiscal_year_id, e.period,
      sum(l.debit), sum(l.credit)
    FROM new_rows l JOIN ledger_entry e
      ON e.company_id = of_company AND e.batch_id IS NOT DISTINCT FROM of_batch AND e.id = l.entry_id
        AND e.id BETWEEN low AND high
    GROUP BY l.account_id, l.cost_center_id, e.fiscal_year_id, e.period
  ON CONFLICT (company_id, fiscal_year_id, account_id, cost_center_id, period)
    DO UPDATE SET debit = ledger_balance.debit + excluded.debit, credit = ledger_balance.credit + excluded.credit;
  RETURN NULL;
END $$;
