-- One hash chain a company (M8). A link is added when the transaction of its fact commits: the triggers are
-- deferred, so that nobody holds the chain's end while working. Only these functions write links; the
-- application's role can neither write the tables nor call archive_chain_append.
--
-- hash = SHA-256 (previous hash as 32 bytes, then the text: position TAB kind TAB subject TAB hex digest TAB instant)
-- digest = SHA-256 of the fact's record: one line of JSON as PostgreSQL's jsonb prints it.

CREATE FUNCTION archive_instant(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION archive_link_hash(
  previous bytea, place bigint, kind text, subject uuid, digest bytea, at timestamptz
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(previous || convert_to(
    concat_ws(E'\t', place, kind, subject, encode(digest, 'hex'), archive_instant(at)), 'UTF8'))
$$;

CREATE FUNCTION archive_chain_append(of_company uuid, link_kind text, of_subject uuid, record text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE head archive_chainhead; link archive_chainlink;
BEGIN
  INSERT INTO archive_chainhead (company_id, position, hash)
    VALUES (of_company, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM archive_chainhead WHERE company_id = of_company FOR UPDATE;
  link.position := head.position + 1;
  link.at := clock_timestamp();
  link.digest := sha256(convert_to(record, 'UTF8'));
  link.hash := archive_link_hash(head.hash, link.position, link_kind, of_subject, link.digest, link.at);
  INSERT INTO archive_chainlink (company_id, position, kind, subject, digest, previous_hash, hash, at)
    VALUES (of_company, link.position, link_kind, of_subject, link.digest, head.hash, link.hash, link.at);
  UPDATE archive_chainhead SET position = link.position, hash = link.hash WHERE company_id = of_company;
END $$;
REVOKE EXECUTE ON FUNCTION archive_chain_append(uuid, text, uuid, text) FROM PUBLIC;

CREATE FUNCTION archive_file_record(file archive_storedfile) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('kind', 'file', 'id', file.id, 'sha256', file.sha256, 'size', file.size,
    'media_type', file.media_type, 'name', file.name, 'at', archive_instant(file.created_at))::text
$$;

CREATE FUNCTION archive_file_is_chained() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM archive_chain_append(NEW.company_id, 'file', NEW.id, archive_file_record(NEW));
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER file_is_chained AFTER INSERT ON archive_storedfile DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION archive_file_is_chained();

-- What is under the chain stays, for the owner too.
CREATE FUNCTION archive_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the archive refuses: % %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'check_violation', CONSTRAINT = 'chained_rows_stay';
END $$;

CREATE TRIGGER link_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON archive_chainlink
  FOR EACH STATEMENT EXECUTE FUNCTION archive_stays();
CREATE TRIGGER root_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON archive_chainroot
  FOR EACH STATEMENT EXECUTE FUNCTION archive_stays();
CREATE TRIGGER file_stays BEFORE UPDATE ON archive_storedfile
  FOR EACH STATEMENT EXECUTE FUNCTION archive_stays();
