-- queries are answered with no data; comments that configure it are not read.
-- schema: graphql
CREATE FUNCTION graphql.resolve(query text, variables jsonb DEFAULT '{}', "operationName" text DEFAULT NULL,
    extensions jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{"data": null}'::jsonb $$;
CREATE FUNCTION graphql.get_schema_version() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT 1 $$;
CREATE FUNCTION graphql.exception(message text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT $1 $$;
