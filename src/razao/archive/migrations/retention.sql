-- No file goes before its time. A filing whose term runs is removed only while another one keeps the same file
-- for as long; a term is never shortened. A filing without a term is kept for good.
CREATE OR REPLACE FUNCTION archive_filing_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone record;
BEGIN
  SELECT o.file_id, o.retained_until INTO gone FROM old_rows o
   WHERE coalesce(o.retained_until, 'infinity') >= current_date
     AND NOT EXISTS (
       SELECT 1 FROM archive_filing f WHERE f.company_id = o.company_id AND f.file_id = o.file_id
          AND coalesce(f.retained_until, 'infinity') >= coalesce(o.retained_until, 'infinity'))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'file % is kept until %', gone.file_id, coalesce(gone.retained_until::text, 'further notice')
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'filing_retained';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION archive_filing_not_shortened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM old_rows o JOIN new_rows n ON n.id = o.id
              WHERE o.retained_until IS NOT NULL AND n.retained_until < o.retained_until) THEN
    RAISE EXCEPTION 'the term of a file is never shortened'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'filing_retained';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER filing_kept AFTER DELETE ON archive_filing
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION archive_filing_kept();
CREATE OR REPLACE TRIGGER filing_not_shortened AFTER UPDATE ON archive_filing
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION archive_filing_not_shortened();
