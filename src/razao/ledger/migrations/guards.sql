-- Invariants 1-6 of DESIGN §5, held by the database for every writer. Applied by 0002_guards.
--
-- A posting is: one row of ledger_batch (opens the batch and locks the company's chain), then its entries,
-- then their lines, each by any number of statements that hold whole entries; ledger_seal, or the commit,
-- closes the batch. The checks look at whole statements (transition tables), never at single rows.
-- Functions run with the owner's rights, because the application may not write seals, balances, counters
-- and the chain. A plan made for one line must not serve a million: ledger_plans_for says which is made when.

CREATE FUNCTION ledger_refuse(rule text, detail text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger refuses: % (%)', rule, coalesce(detail, '')
    USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

-- Few rows are worth a plan that is kept, many are worth one of their own. For the function that calls it alone.
CREATE FUNCTION ledger_plans_for(many boolean) RETURNS text LANGUAGE sql AS $$
  SELECT set_config('plan_cache_mode', CASE WHEN many THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true)
$$;

-- Canonical text of an entry and of a line (docs/chain.md). Tab and newline separate, so texts hold neither.
CREATE FUNCTION ledger_entry_text(
  id uuid, journal text, entry_type text, fiscal_year text, period smallint, number integer, day date,
  document_day date, source_key text, reference text, description text, file text, reverses uuid
) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'E' || E'\t' || id::text || E'\t' || journal || E'\t' || entry_type || E'\t' || fiscal_year
    || E'\t' || period::text || E'\t' || number::text || E'\t' || to_char(day, 'YYYY-MM-DD')
    || E'\t' || coalesce(to_char(document_day, 'YYYY-MM-DD'), '') || E'\t' || source_key
    || E'\t' || coalesce(reference, '') || E'\t' || coalesce(description, '')
    || E'\t' || coalesce(file, '') || E'\t' || coalesce(reverses::text, '') || E'\n'
$$;

CREATE FUNCTION ledger_line_text(
  place integer, account text, debit numeric, credit numeric, cost_center text, party text, vat_code text,
  tax_base numeric, currency text, currency_amount numeric, rubric text, description text
) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT 'L' || E'\t' || place::text || E'\t' || account || E'\t' || debit::text || E'\t' || credit::text
    || E'\t' || coalesce(cost_center, '') || E'\t' || coalesce(party, '') || E'\t' || coalesce(vat_code, '')
    || E'\t' || coalesce(tax_base::text, '') || E'\t' || coalesce(currency, '')
    || E'\t' || coalesce(currency_amount::text, '') || E'\t' || coalesce(rubric, '')
    || E'\t' || coalesce(description, '') || E'\n'
$$;

CREATE FUNCTION ledger_one_line(value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT strpos(value, E'\t') = 0 AND strpos(value, E'\n') = 0
$$;

-- 1. A batch opens ------------------------------------------------------------------------------------------

CREATE FUNCTION ledger_batch_opens() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE head ledger_chain;
BEGIN
  INSERT INTO ledger_chain (company_id, sequence, hash)
    VALUES (NEW.company_id, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM ledger_chain WHERE company_id = NEW.company_id FOR UPDATE;
  IF head.open_batch_id IS NOT NULL THEN
    PERFORM ledger_refuse('batch_one_at_a_time', head.open_batch_id::text);
  END IF;
  NEW.sequence := head.sequence + 1;
  NEW.previous_hash := head.hash;
  NEW.hash := NULL;
  NEW.entry_count := NULL;
  NEW.line_count := NULL;
  NEW.total := NULL;
  NEW.posted_at := clock_timestamp();
  UPDATE ledger_chain SET open_batch_id = NEW.id WHERE company_id = NEW.company_id;
  RETURN NEW;
END $$;

CREATE TRIGGER batch_opens BEFORE INSERT ON ledger_batch FOR EACH ROW EXECUTE FUNCTION ledger_batch_opens();

-- 2. Entries arrive: of the open batch, in an open period, numbered on without gap ---------------------------

CREATE FUNCTION ledger_entries_arrive() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto
  SET work_mem = '128MB' AS $$
DECLARE
  of_company uuid; of_batch uuid; bad record; span record; given integer;
BEGIN
  SELECT company_id, batch_id INTO of_company, of_batch FROM new_rows LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM ledger_plans_for(EXISTS (SELECT FROM new_rows OFFSET 200));
  IF EXISTS (SELECT FROM new_rows WHERE (company_id, batch_id) IS DISTINCT FROM (of_company, of_batch)) THEN
    PERFORM ledger_refuse('entries_of_one_batch', NULL);
  END IF;
  IF NOT EXISTS (SELECT FROM ledger_chain WHERE company_id = of_company AND open_batch_id = of_batch) THEN
    PERFORM ledger_refuse('entry_of_open_batch', of_batch::text);
  END IF;
  PERFORM FROM ledger_period p WHERE p.company_id = of_company
    AND (p.fiscal_year_id, p.number) IN (SELECT DISTINCT fiscal_year_id, period FROM new_rows) FOR SHARE;
  SELECT n.date, p.state INTO bad
    FROM (SELECT DISTINCT fiscal_year_id, period, date FROM new_rows) n
    LEFT JOIN companies_fiscalyear y ON y.id = n.fiscal_year_id AND y.company_id = of_company
      AND n.date BETWEEN y.start AND y."end"
    LEFT JOIN ledger_period p ON p.fiscal_year_id = y.id AND p.company_id = of_company
      AND p.number = n.period AND n.date BETWEEN p.start AND p."end"
    WHERE p.id IS NULL OR p.state = 'closed' LIMIT 1;
  IF FOUND THEN
    PERFORM ledger_refuse(
      CASE WHEN bad.state IS NULL THEN 'entry_in_fiscal_year' ELSE 'entry_in_open_period' END, bad.date::text);
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT journal_id, entry_type_id FROM new_rows) n
      LEFT JOIN ledger_journal j ON j.id = n.journal_id AND j.company_id = of_company
      LEFT JOIN ledger_entrytype t ON t.id = n.entry_type_id AND t.company_id = of_company
      WHERE j.id IS NULL OR t.id IS NULL) THEN
    PERFORM ledger_refuse('entry_journal_and_type_of_company', NULL);
  END IF;
  IF EXISTS (SELECT FROM new_rows n
      WHERE of_company IS NOT NULL AND NOT ledger_one_line(concat(n.source_key, n.reference, n.text, n.file))) THEN
    PERFORM ledger_refuse('entry_texts_on_one_line', NULL);
  END IF;
  FOR span IN SELECT journal_id, fiscal_year_id, min(number) AS low, max(number) AS high, count(*) AS amount
      FROM new_rows WHERE company_id = of_company GROUP BY 1, 2 ORDER BY 1, 2 LOOP
    INSERT INTO ledger_counter (id, company_id, journal_id, fiscal_year_id, last)
      VALUES (uuidv7(), of_company, span.journal_id, span.fiscal_year_id, 0) ON CONFLICT DO NOTHING;
    SELECT last INTO given FROM ledger_counter WHERE company_id = of_company
      AND journal_id = span.journal_id AND fiscal_year_id = span.fiscal_year_id FOR UPDATE;
    -- with entry_number_once, as many numbers as the span is wide means no gap
    IF span.low <> given + 1 OR span.high - given <> span.amount THEN
      PERFORM ledger_refuse('entry_number_in_sequence', format('%s after %s', span.low, given));
    END IF;
    UPDATE ledger_counter SET last = span.high WHERE company_id = of_company
      AND journal_id = span.journal_id AND fiscal_year_id = span.fiscal_year_id;
  END LOOP;
  RETURN NULL;
END $$;

CREATE TRIGGER entries_arrive AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_arrive();

-- 3. Lines arrive: whole balanced entries of the open batch, on accounts of the company; sealed and added up --

CREATE FUNCTION ledger_line_rule(flaws integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN flaws & 1 > 0 THEN 'line_account_of_company'
              WHEN flaws & 2 > 0 THEN 'line_account_postable'
              WHEN flaws & 4 > 0 THEN 'line_needs_cost_center'
              WHEN flaws & 8 > 0 THEN 'line_cost_center_of_company'
              WHEN flaws & 16 > 0 THEN 'line_party_of_company'
              WHEN flaws & 32 > 0 THEN 'line_vat_code_of_company'
              WHEN flaws & 64 > 0 THEN 'line_texts_on_one_line'
              WHEN flaws & 128 > 0 THEN 'line_currency_side' END
$$;

CREATE FUNCTION ledger_lines_arrive() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto
  SET work_mem = '256MB' SET enable_sort = on AS $$
DECLARE
  of_company uuid; of_batch uuid; undoing boolean;
BEGIN
  SELECT company_id INTO of_company FROM new_rows LIMIT 1;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM ledger_plans_for(EXISTS (SELECT FROM new_rows OFFSET 1000));
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
    WHERE n.company_id = of_company AND n.batch_id = of_batch
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
      ON e.company_id = of_company AND e.batch_id = of_batch AND e.id = l.entry_id
    GROUP BY l.account_id, l.cost_center_id, e.fiscal_year_id, e.period
  ON CONFLICT (company_id, fiscal_year_id, account_id, cost_center_id, period)
    DO UPDATE SET debit = ledger_balance.debit + excluded.debit, credit = ledger_balance.credit + excluded.credit;
  RETURN NULL;
END $$;

CREATE TRIGGER lines_arrive AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_arrive();

-- 4. A batch is sealed: nothing empty, the hash chained on, what it reverses set free -------------------------

CREATE FUNCTION ledger_reversal_frees(of_company uuid, of_batch uuid, reversed uuid) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp SET plan_cache_mode = auto AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_batch WHERE company_id = of_company AND id = reversed
      AND hash IS NOT NULL AND kind <> 'reversal') THEN
    PERFORM ledger_refuse('reversal_of_a_batch', reversed::text);
  END IF;
  IF EXISTS (
      SELECT FROM (SELECT id FROM ledger_entry WHERE company_id = of_company AND batch_id = reversed) o
      FULL JOIN (SELECT reverses_id FROM ledger_entry WHERE company_id = of_company AND batch_id = of_batch) r
        ON r.reverses_id = o.id
      WHERE o.id IS NULL OR r.reverses_id IS NULL)
    OR EXISTS (
      SELECT FROM (SELECT e.id, l.* FROM ledger_entry e
          JOIN ledger_line l ON l.company_id = of_company AND l.entry_id = e.id
          WHERE e.company_id = of_company AND e.batch_id = reversed) o
      FULL JOIN (SELECT e.reverses_id, l.* FROM ledger_entry e
          JOIN ledger_line l ON l.company_id = of_company AND l.entry_id = e.id
          WHERE e.company_id = of_company AND e.batch_id = of_batch) r
        ON r.reverses_id = o.id AND r.position = o.position
      WHERE (r.account_id, r.debit, r.credit, r.cost_center_id, r.currency, r.currency_amount, r.vat_code_id,
          r.tax_base, r.party_id)
        IS DISTINCT FROM (o.account_id, o.credit, o.debit, o.cost_center_id, o.currency, -o.currency_amount,
          o.vat_code_id, o.tax_base, o.party_id)) THEN
    PERFORM ledger_refuse('reversal_mirrors', reversed::text);
  END IF;
  UPDATE ledger_entryseal s SET reversed_by_id = e.id FROM ledger_entry e
    WHERE e.company_id = of_company AND e.batch_id = of_batch
      AND s.company_id = of_company AND s.entry_id = e.reverses_id;
END $$;

CREATE FUNCTION ledger_seal(of_company uuid, of_batch uuid) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = auto
  SET work_mem = '128MB' AS $$
DECLARE batch ledger_batch; sums record; link bytea;
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_chain WHERE company_id = of_company AND open_batch_id = of_batch) THEN
    PERFORM ledger_refuse('batch_open', of_batch::text);
  END IF;
  PERFORM ledger_plans_for(
    EXISTS (SELECT FROM ledger_entry WHERE company_id = of_company AND batch_id = of_batch OFFSET 200));
  SELECT * INTO batch FROM ledger_batch WHERE company_id = of_company AND id = of_batch;
  SELECT count(*) AS entries, count(s.entry_id) AS sealed, sum(s.line_count) AS lines, sum(s.total) AS total,
      string_agg(s.hash, ''::bytea ORDER BY e.id) AS hashes INTO sums
    FROM ledger_entry e LEFT JOIN ledger_entryseal s ON s.company_id = of_company AND s.entry_id = e.id
    WHERE e.company_id = of_company AND e.batch_id = of_batch;
  IF sums.entries = 0 THEN PERFORM ledger_refuse('batch_not_empty', of_batch::text); END IF;
  IF sums.entries <> sums.sealed THEN PERFORM ledger_refuse('entry_has_lines', of_batch::text); END IF;
  IF batch.reverses_id IS NOT NULL THEN
    PERFORM ledger_reversal_frees(of_company, of_batch, batch.reverses_id);
  END IF;
  link := sha256(batch.previous_hash || sums.hashes);
  UPDATE ledger_batch SET hash = link, entry_count = sums.entries, line_count = sums.lines, total = sums.total
    WHERE company_id = of_company AND id = of_batch;
  UPDATE ledger_chain SET sequence = batch.sequence, hash = link, open_batch_id = NULL
    WHERE company_id = of_company;
END $$;

CREATE FUNCTION ledger_batch_commits() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM ledger_chain WHERE company_id = NEW.company_id AND open_batch_id = NEW.id) THEN
    PERFORM ledger_seal(NEW.company_id, NEW.id);
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER batch_commits AFTER INSERT ON ledger_batch DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_batch_commits();

-- 5. What is posted stays, for the owner too --------------------------------------------------------------------

CREATE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ledger_refuse('posted_rows_stay', TG_OP || ' ' || TG_TABLE_NAME);
  RETURN NULL;
END $$;

CREATE TRIGGER entry_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER line_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_line
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER batch_stays BEFORE UPDATE ON ledger_batch
  FOR EACH ROW WHEN (OLD.hash IS NOT NULL) EXECUTE FUNCTION ledger_stays();
CREATE TRIGGER batch_is_kept BEFORE DELETE OR TRUNCATE ON ledger_batch
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_stays();

-- 6. What posted entries name keeps its name and its company ----------------------------------------------------

CREATE FUNCTION ledger_name_stays() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'ledger_account' THEN
    IF NOT EXISTS (SELECT FROM ledger_balance WHERE account_id = OLD.id) THEN RETURN NEW; END IF;
  ELSIF TG_TABLE_NAME = 'companies_fiscalyear' THEN
    IF NOT EXISTS (SELECT FROM ledger_counter WHERE fiscal_year_id = OLD.id) THEN RETURN NEW; END IF;
  ELSIF TG_TABLE_NAME = 'companies_party' THEN
    IF NOT EXISTS (SELECT FROM ledger_line WHERE party_id = OLD.id) THEN
      IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
      RETURN NEW;
    END IF;
  END IF;
  PERFORM ledger_refuse('named_by_entries', TG_TABLE_NAME);
  RETURN NULL;
END $$;

CREATE TRIGGER name_stays BEFORE UPDATE ON ledger_account FOR EACH ROW
  WHEN (OLD.code <> NEW.code OR OLD.company_id <> NEW.company_id) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON ledger_journal FOR EACH ROW
  WHEN (OLD.code <> NEW.code OR OLD.company_id <> NEW.company_id) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON ledger_entrytype FOR EACH ROW
  WHEN (OLD.code <> NEW.code OR OLD.company_id <> NEW.company_id) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON ledger_costcenter FOR EACH ROW
  WHEN (OLD.code <> NEW.code OR OLD.company_id <> NEW.company_id) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON ledger_vatcode FOR EACH ROW
  WHEN (OLD.code <> NEW.code OR OLD.company_id <> NEW.company_id) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON companies_fiscalyear FOR EACH ROW
  WHEN ((OLD.code, OLD.company_id, OLD.start, OLD."end") IS DISTINCT FROM
        (NEW.code, NEW.company_id, NEW.start, NEW."end")) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON ledger_period FOR EACH ROW
  WHEN ((OLD.number, OLD.start, OLD."end", OLD.fiscal_year_id, OLD.company_id) IS DISTINCT FROM
        (NEW.number, NEW.start, NEW."end", NEW.fiscal_year_id, NEW.company_id)) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER name_stays BEFORE UPDATE ON companies_party FOR EACH ROW
  WHEN (OLD.tax_id <> NEW.tax_id OR OLD.company_id <> NEW.company_id) EXECUTE FUNCTION ledger_name_stays();
CREATE TRIGGER party_stays BEFORE DELETE ON companies_party FOR EACH ROW EXECUTE FUNCTION ledger_name_stays();

ALTER TABLE ledger_batch ADD CONSTRAINT batch_reverses_a_batch
  FOREIGN KEY (company_id, reverses_id) REFERENCES ledger_batch (company_id, id);

-- 7. Nobody hangs these functions on a table of their own, whose rows they would take for posted ones ----------

REVOKE EXECUTE ON FUNCTION ledger_batch_opens(), ledger_entries_arrive(), ledger_lines_arrive(),
  ledger_batch_commits(), ledger_name_stays(), ledger_stays() FROM PUBLIC;
