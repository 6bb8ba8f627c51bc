-- no hypothetical index is made.
-- package: postgresql-{version}-hypopg
CREATE FUNCTION @schema@.hypopg_create_index(sql_order text, OUT indexrelid oid, OUT indexname text) RETURNS SETOF record
    LANGUAGE sql VOLATILE AS $$ SELECT 0::oid, ''::text WHERE false $$;
CREATE FUNCTION @schema@.hypopg_drop_index(indexid oid) RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT false $$;
CREATE FUNCTION @schema@.hypopg_relation_size(indexid oid) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT 0::bigint $$;
CREATE FUNCTION @schema@.hypopg_get_indexdef(indexid oid) RETURNS text LANGUAGE sql STABLE AS $$ SELECT ''::text $$;
CREATE FUNCTION @schema@.hypopg_reset() RETURNS void LANGUAGE sql VOLATILE AS $$ SELECT $$;
