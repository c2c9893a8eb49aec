-- Who a client is, decided and told to the database in one round trip: every page of the portal begins with it.
-- Runs with the caller's rights, under row-level security: as the person alone it reads their memberships, then
-- it acts for those companies (until the transaction ends) and gives them with their office's name and time zone.
DROP FUNCTION companies_client_companies(uuid);
CREATE FUNCTION companies_client_companies(person uuid) RETURNS TABLE (
  id uuid, office_id uuid, code varchar, name varchar, tax_id varchar, country varchar, region varchar,
  currency varchar, office_name varchar, time_zone varchar
) LANGUAGE plpgsql AS $$
DECLARE mine uuid[];
BEGIN
  PERFORM set_config('razao.user', person::text, true), set_config('razao.office', '', true),
    set_config('razao.companies', '', true);
  SELECT array_agg(m.company_id) INTO mine FROM companies_membership m JOIN companies_user u ON u.id = m.user_id
    WHERE m.user_id = person AND u.is_active AND m.company_id IS NOT NULL;
  PERFORM set_config('razao.companies', coalesce(array_to_string(mine, ','), ''), true);
  RETURN QUERY SELECT c.id, c.office_id, c.code, c.name, c.tax_id, c.country, c.region, c.currency, o.name, o.time_zone
    FROM companies_company c JOIN companies_office o ON o.id = c.office_id
    WHERE c.id = ANY (mine) AND c.active ORDER BY c.code;
END $$;
