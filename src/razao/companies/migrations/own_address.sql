-- A person's address is theirs: given by who invited them, afterwards only another one that they proved (a link sent to it).
-- allauth's table says which are proven; whatever the program does, companies_user.email is one of those.

DELETE FROM account_emailaddress;
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT id, email, true, true FROM companies_user;

CREATE FUNCTION companies_user_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (NEW.id, NEW.email, true, true);
    ELSIF NOT EXISTS (SELECT FROM account_emailaddress WHERE user_id = NEW.id AND email = NEW.email AND verified) THEN
        RAISE EXCEPTION 'the address of person % is not proven', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER companies_user_address AFTER INSERT ON companies_user
FOR EACH ROW EXECUTE FUNCTION companies_user_address();

CREATE TRIGGER companies_user_address_changed AFTER UPDATE OF email ON companies_user
FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION companies_user_address();
