-- requests are not sent; each is answered with status 503 and an empty body.
-- package: postgresql-{version}-http
-- instead: yes
CREATE DOMAIN @schema@.http_method AS text;
CREATE TYPE @schema@.http_header AS (field varchar, value varchar);
CREATE TYPE @schema@.http_request AS (method @schema@.http_method, uri varchar, headers @schema@.http_header[],
    content_type varchar, content varchar);
CREATE TYPE @schema@.http_response AS (status integer, content_type varchar, headers @schema@.http_header[],
    content varchar);
CREATE FUNCTION @schema@.http(request @schema@.http_request) RETURNS @schema@.http_response LANGUAGE sql VOLATILE AS
    $$ SELECT ROW(503, 'text/plain', ARRAY[]::@schema@.http_header[], '')::@schema@.http_response $$;
CREATE FUNCTION @schema@.http_header(field varchar, value varchar) RETURNS @schema@.http_header LANGUAGE sql IMMUTABLE AS
    $$ SELECT ROW($1, $2)::@schema@.http_header $$;
CREATE FUNCTION @schema@.http_get(uri varchar) RETURNS @schema@.http_response LANGUAGE sql VOLATILE AS
    $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_get(uri varchar, data jsonb) RETURNS @schema@.http_response LANGUAGE sql VOLATILE AS
    $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_head(uri varchar) RETURNS @schema@.http_response LANGUAGE sql VOLATILE AS
    $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_post(uri varchar, content varchar, content_type varchar) RETURNS @schema@.http_response
    LANGUAGE sql VOLATILE AS $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_post(uri varchar, data jsonb) RETURNS @schema@.http_response
    LANGUAGE sql VOLATILE AS $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_put(uri varchar, content varchar, content_type varchar) RETURNS @schema@.http_response
    LANGUAGE sql VOLATILE AS $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_patch(uri varchar, content varchar, content_type varchar) RETURNS @schema@.http_response
    LANGUAGE sql VOLATILE AS $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_delete(uri varchar) RETURNS @schema@.http_response LANGUAGE sql VOLATILE AS
    $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_delete(uri varchar, content varchar, content_type varchar) RETURNS @schema@.http_response
    LANGUAGE sql VOLATILE AS $$ SELECT @schema@.http(NULL) $$;
CREATE FUNCTION @schema@.http_set_curlopt(curlopt varchar, value varchar) RETURNS boolean LANGUAGE sql VOLATILE AS
    $$ SELECT true $$;
CREATE FUNCTION @schema@.http_reset_curlopt() RETURNS boolean LANGUAGE sql VOLATILE AS $$ SELECT true $$;
CREATE FUNCTION @schema@.urlencode(string varchar) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text $$;
CREATE FUNCTION @schema@.urlencode(string bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT encode($1, 'escape') $$;
CREATE FUNCTION @schema@.urlencode(data jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text $$;
