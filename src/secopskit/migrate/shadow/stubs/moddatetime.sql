-- the trigger sets its column as the extension does, by way of JSON.
-- package: postgresql-{version}
CREATE FUNCTION @schema@.moddatetime() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        RETURN jsonb_populate_record(NEW, jsonb_build_object(TG_ARGV[0], now()));
    END $$;
