-- Who reads, decided in one round trip: the person as client of each of their companies that has a portal, with the
-- categories they may read. Runs with the caller's rights; companies_client_companies tells the database who acts
-- before anything of a company is asked, and rows of others stay unseen under row-level security.
DROP FUNCTION delivery_readers(uuid);
CREATE FUNCTION delivery_readers(person uuid) RETURNS TABLE (
  id uuid, office_id uuid, code varchar, name varchar, tax_id varchar, country varchar, region varchar,
  currency varchar, office_name varchar, time_zone varchar, second_factor boolean, categories varchar[]
) LANGUAGE plpgsql AS $$
BEGIN
  FOR id, office_id, code, name, tax_id, country, region, currency, office_name, time_zone IN
    SELECT * FROM companies_client_companies(person)
  LOOP
    SELECT s.second_factor, ARRAY(SELECT r.category FROM delivery_portalright r
        WHERE r.company_id = delivery_readers.id AND r.user_id = person)
      INTO second_factor, categories
      FROM delivery_portalsubscription s WHERE s.active AND s.company_id = delivery_readers.id;
    IF FOUND THEN RETURN NEXT; END IF;
  END LOOP;
END $$;
