-- what is installed through it is noted nowhere.
-- schema: pgtle
CREATE FUNCTION pgtle.install_extension(name text, version text, description text, ext text,
    requires text[] DEFAULT NULL) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT true $$;
CREATE FUNCTION pgtle.install_extension_version_sql(name text, version text, ext text) RETURNS boolean
    LANGUAGE sql VOLATILE AS $$ SELECT true $$;
CREATE FUNCTION pgtle.install_update_path(name text, fromvers text, tovers text, ext text) RETURNS boolean
    LANGUAGE sql VOLATILE AS $$ SELECT true $$;
CREATE FUNCTION pgtle.set_default_version(name text, version text) RETURNS boolean LANGUAGE sql VOLATILE AS
    $$ SELECT true $$;
CREATE FUNCTION pgtle.uninstall_extension(extname text) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT true $$;
CREATE FUNCTION pgtle.uninstall_extension_if_exists(extname text) RETURNS boolean LANGUAGE sql VOLATILE AS
    $$ SELECT true $$;
CREATE FUNCTION pgtle.available_extensions() RETURNS TABLE (name name, default_version text, comment text)
    LANGUAGE sql STABLE AS $$ SELECT ''::name, ''::text, ''::text WHERE false $$;
