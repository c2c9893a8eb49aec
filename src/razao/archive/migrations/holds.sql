-- A legal hold stops the deletion of what it covers, whatever the term and whoever asks, the owner included.
CREATE FUNCTION archive_is_held(of_company uuid, of_file uuid) RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM archive_legalhold h WHERE h.company_id = of_company AND h.lifted_at IS NULL
    AND (h.file_id IS NULL OR h.file_id = of_file))
$$;

CREATE FUNCTION archive_refuse_held(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a legal hold keeps %', what USING ERRCODE = 'restrict_violation', CONSTRAINT = 'legal_hold';
END $$;

-- A filing may go while another one still keeps the file; the file itself, its words and its custody never.
CREATE FUNCTION archive_held_filing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE archive_is_held(o.company_id, o.file_id) AND NOT EXISTS (
      SELECT FROM archive_filing f WHERE f.company_id = o.company_id AND f.file_id = o.file_id)) THEN
    PERFORM archive_refuse_held('the last filing of a file');
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION archive_held_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF archive_is_held(OLD.company_id, CASE TG_TABLE_NAME
      WHEN 'archive_storedfile' THEN (to_jsonb(OLD)->>'id')::uuid ELSE (to_jsonb(OLD)->>'file_id')::uuid END) THEN
    PERFORM archive_refuse_held(TG_TABLE_NAME);
  END IF;
  RETURN OLD;
END $$;

CREATE FUNCTION archive_held_table() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM archive_legalhold WHERE lifted_at IS NULL) THEN
    PERFORM archive_refuse_held(TG_TABLE_NAME);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER filing_held AFTER DELETE ON archive_filing
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION archive_held_filing();
CREATE TRIGGER file_held BEFORE DELETE ON archive_storedfile FOR EACH ROW EXECUTE FUNCTION archive_held_row();
CREATE TRIGGER words_held BEFORE DELETE ON archive_filetext FOR EACH ROW EXECUTE FUNCTION archive_held_row();
CREATE TRIGGER custody_held BEFORE DELETE ON archive_intakeevent FOR EACH ROW EXECUTE FUNCTION archive_held_row();
CREATE TRIGGER filings_held BEFORE TRUNCATE ON archive_filing EXECUTE FUNCTION archive_held_table();
CREATE TRIGGER files_held BEFORE TRUNCATE ON archive_storedfile EXECUTE FUNCTION archive_held_table();

-- A hold is never deleted and never changed but by this: lifted, by the person of the session, with a reason.
CREATE FUNCTION archive_hold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM archive_refuse_held('itself on record');
  RETURN NULL;
END $$;
CREATE TRIGGER hold_stays BEFORE DELETE OR TRUNCATE ON archive_legalhold EXECUTE FUNCTION archive_hold_stays();

-- plpgsql, for razao_companies() comes into being after the migrations.
CREATE FUNCTION archive_lift_hold(hold uuid, said text) RETURNS boolean LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE archive_legalhold SET lifted_at = clock_timestamp(), lifted_by_id = razao_user(), lift_reason = said
    WHERE id = hold AND company_id = ANY (razao_companies()) AND lifted_at IS NULL AND razao_user() IS NOT NULL
      AND said <> '';
  RETURN FOUND;
END $$;
