-- A large batch is posted by one person and approved by another (two-person rule of a company). Applied by 0005.

-- A batch over a limit is sealed only with an approval of exactly this plan, by somebody else, used once.
CREATE FUNCTION ledger_second_person() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE rule ledger_approvalrule; found_id uuid;
BEGIN
  SELECT * INTO rule FROM ledger_approvalrule WHERE company_id = NEW.company_id;
  IF NOT FOUND OR NEW.reverses_id IS NOT NULL
    OR NOT coalesce(NEW.total > rule.amount, false) AND NOT coalesce(NEW.entry_count > rule.entries, false) THEN
    RETURN NEW;
  END IF;
  SELECT id INTO found_id FROM ledger_approval
    WHERE company_id = NEW.company_id AND fingerprint = NEW.plan_fingerprint AND state = 'approved'
      AND total = NEW.total AND entry_count = NEW.entry_count AND decided_by_id <> NEW.user_id
    ORDER BY decided_at LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM ledger_refuse('batch_needs_a_second_person', NEW.total::text);
  END IF;
  UPDATE ledger_approval SET state = 'used', batch_id = NEW.id WHERE id = found_id;
  RETURN NEW;
END $$;

CREATE TRIGGER batch_second_person BEFORE UPDATE ON ledger_batch FOR EACH ROW
  WHEN (OLD.hash IS NULL AND NEW.hash IS NOT NULL) EXECUTE FUNCTION ledger_second_person();

-- Whoever writes by hand may ask, in their own name, and nothing more.
CREATE FUNCTION ledger_approval_is_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state <> 'waiting' OR NEW.decided_by_id IS NOT NULL OR NEW.batch_id IS NOT NULL
    OR NEW.asked_by_id IS DISTINCT FROM razao_user() THEN
    PERFORM ledger_refuse('approval_begins_waiting', NEW.id::text);
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER approval_is_asked BEFORE INSERT ON ledger_approval FOR EACH ROW
  EXECUTE FUNCTION ledger_approval_is_asked();

-- The one way to decide: the person of this session, who is not who asked, for a company it acts for.
CREATE FUNCTION ledger_decide(approval uuid, agreed boolean, said text) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE one ledger_approval;
BEGIN
  SELECT * INTO one FROM ledger_approval WHERE id = approval AND company_id = ANY (razao_companies()) FOR UPDATE;
  IF NOT FOUND OR one.state <> 'waiting' THEN
    PERFORM ledger_refuse('approval_waiting', approval::text);
  END IF;
  IF razao_user() IS NULL OR one.asked_by_id = razao_user() THEN
    PERFORM ledger_refuse('approval_by_another', approval::text);
  END IF;
  UPDATE ledger_approval SET state = CASE WHEN agreed THEN 'approved' ELSE 'refused' END,
    decided_by_id = razao_user(), decided_at = clock_timestamp(), note = said WHERE id = approval;
END $$;
