-- Links of the hash chain for batches posted, steps of deliveries and openings of documents, and what keeps
-- the rows they are about as they were. See archive/migrations/chain.sql.

CREATE FUNCTION delivery_batch_record(batch ledger_batch) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('kind', 'batch', 'id', batch.id, 'sequence', batch.sequence, 'of', batch.kind,
    'source', batch.source, 'plan_fingerprint', batch.plan_fingerprint, 'user', batch.user_id,
    'posted_at', archive_instant(batch.posted_at), 'reverses', batch.reverses_id, 'reason', batch.reason,
    'previous_hash', encode(batch.previous_hash, 'hex'), 'hash', encode(batch.hash, 'hex'),
    'entries', batch.entry_count, 'lines', batch.line_count, 'total', batch.total::text)::text
$$;

CREATE FUNCTION delivery_step_record(step delivery_deliverystep) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('kind', 'step', 'id', step.id, 'state', step.state, 'user', step.user_id,
    'sha256', f.sha256, 'cause', step.cause, 'at', archive_instant(step.at), 'delivery', d.id, 'title', d.title,
    'category', d.category, 'period', d.period, 'due_date', d.due_date, 'amount', d.amount::text, 'note', d.note,
    'report', d.report, 'parameters', d.parameters, 'form', d.form, 'asked_by', d.asked_by_id)::text
  FROM delivery_delivery d LEFT JOIN archive_storedfile f ON f.id = step.file_id WHERE d.id = step.delivery_id
$$;

CREATE FUNCTION delivery_opening_record(opening delivery_opening) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('kind', 'opening', 'id', opening.id, 'fact', opening.fact, 'user', opening.user_id,
    'who', opening.who, 'address', host(opening.address), 'at', archive_instant(opening.at),
    'delivery', p.delivery_id, 'title', p.title, 'sha256', f.sha256)::text
  FROM delivery_portaldocument p JOIN archive_storedfile f ON f.id = p.file_id WHERE p.id = opening.document_id
$$;

CREATE FUNCTION delivery_is_chained() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'ledger_batch' THEN
    PERFORM archive_chain_append(NEW.company_id, 'batch', NEW.id, delivery_batch_record(NEW));
  ELSIF TG_TABLE_NAME = 'delivery_deliverystep' THEN
    PERFORM archive_chain_append(NEW.company_id, 'step', NEW.id, delivery_step_record(NEW));
  ELSE
    PERFORM archive_chain_append(NEW.company_id, 'opening', NEW.id, delivery_opening_record(NEW));
  END IF;
  RETURN NULL;
END $$;

-- A batch has its hash when it is sealed; that may be at the commit itself.
CREATE CONSTRAINT TRIGGER batch_is_chained AFTER UPDATE ON ledger_batch DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.hash IS NULL AND NEW.hash IS NOT NULL) EXECUTE FUNCTION delivery_is_chained();
CREATE CONSTRAINT TRIGGER step_is_chained AFTER INSERT ON delivery_deliverystep DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION delivery_is_chained();
CREATE CONSTRAINT TRIGGER opening_is_chained AFTER INSERT ON delivery_opening DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION delivery_is_chained();

CREATE TRIGGER step_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_deliverystep
  FOR EACH STATEMENT EXECUTE FUNCTION archive_stays();
CREATE TRIGGER opening_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_opening
  FOR EACH STATEMENT EXECUTE FUNCTION archive_stays();

-- Of a delivery only its state moves on; of a document only what became of it.
CREATE TRIGGER delivery_stays BEFORE UPDATE ON delivery_delivery FOR EACH ROW
  WHEN ((OLD.company_id, OLD.key, OLD.report, OLD.parameters, OLD.form, OLD.series, OLD.category, OLD.title, OLD.period,
         OLD.due_date, OLD.amount, OLD.note, OLD.upload_id, OLD.asked_by_id, OLD.asked_at, OLD.supersedes_id)
    IS DISTINCT FROM
        (NEW.company_id, NEW.key, NEW.report, NEW.parameters, NEW.form, NEW.series, NEW.category, NEW.title, NEW.period,
         NEW.due_date, NEW.amount, NEW.note, NEW.upload_id, NEW.asked_by_id, NEW.asked_at, NEW.supersedes_id))
  EXECUTE FUNCTION archive_stays();
CREATE TRIGGER document_stays BEFORE UPDATE ON delivery_portaldocument FOR EACH ROW
  WHEN ((OLD.company_id, OLD.delivery_id, OLD.file_id, OLD.category, OLD.series, OLD.title, OLD.period, OLD.due_date,
         OLD.published_at)
    IS DISTINCT FROM
        (NEW.company_id, NEW.delivery_id, NEW.file_id, NEW.category, NEW.series, NEW.title, NEW.period, NEW.due_date,
         NEW.published_at))
  EXECUTE FUNCTION archive_stays();
