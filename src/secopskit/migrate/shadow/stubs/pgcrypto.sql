-- values of the right shape, but no cryptography.
-- package: postgresql-{version}
CREATE FUNCTION @schema@.gen_random_bytes(integer) RETURNS bytea LANGUAGE sql VOLATILE STRICT AS
    $$ SELECT substring(decode(string_agg(replace(gen_random_uuid()::text, '-', ''), ''), 'hex') FROM 1 FOR $1)
         FROM generate_series(0, $1 / 16) $$;
CREATE FUNCTION @schema@.digest(bytea, text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT CASE lower($2) WHEN 'md5' THEN decode(md5($1), 'hex') WHEN 'sha1' THEN substring(sha256($1) FROM 1 FOR 20)
         WHEN 'sha224' THEN sha224($1) WHEN 'sha384' THEN sha384($1) WHEN 'sha512' THEN sha512($1) ELSE sha256($1) END $$;
CREATE FUNCTION @schema@.digest(text, text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT @schema@.digest(convert_to($1, 'UTF8'), $2) $$;
CREATE FUNCTION @schema@.hmac(bytea, bytea, text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT @schema@.digest($2 || $1, $3) $$;
CREATE FUNCTION @schema@.hmac(text, text, text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT @schema@.digest(convert_to($2 || $1, 'UTF8'), $3) $$;
CREATE FUNCTION @schema@.gen_salt(text) RETURNS text LANGUAGE sql VOLATILE STRICT AS
    $$ SELECT '$stand-in$' || substring(md5(gen_random_uuid()::text) FROM 1 FOR 16) $$;
CREATE FUNCTION @schema@.gen_salt(text, integer) RETURNS text LANGUAGE sql VOLATILE STRICT AS
    $$ SELECT @schema@.gen_salt($1) $$;
CREATE FUNCTION @schema@.crypt(text, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT substring($2 FROM 1 FOR 26) || md5($1 || substring($2 FROM 1 FOR 26)) $$;
CREATE FUNCTION @schema@.pgp_sym_encrypt(text, text, text DEFAULT '') RETURNS bytea LANGUAGE sql VOLATILE STRICT AS
    $$ SELECT convert_to($1, 'UTF8') $$;
CREATE FUNCTION @schema@.pgp_sym_decrypt(bytea, text, text DEFAULT '') RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT convert_from($1, 'UTF8') $$;
CREATE FUNCTION @schema@.encrypt(bytea, bytea, text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.decrypt(bytea, bytea, text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.armor(bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT encode($1, 'base64') $$;
CREATE FUNCTION @schema@.dearmor(text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT decode($1, 'base64') $$;
CREATE FUNCTION @schema@.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.gen_random_uuid() $$;
CREATE FUNCTION @schema@.pgp_sym_encrypt_bytea(bytea, text, text DEFAULT '') RETURNS bytea LANGUAGE sql VOLATILE STRICT AS
    $$ SELECT $1 $$;
CREATE FUNCTION @schema@.pgp_sym_decrypt_bytea(bytea, text, text DEFAULT '') RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1 $$;
CREATE FUNCTION @schema@.pgp_pub_encrypt(text, bytea, text DEFAULT '') RETURNS bytea LANGUAGE sql VOLATILE STRICT AS
    $$ SELECT convert_to($1, 'UTF8') $$;
CREATE FUNCTION @schema@.pgp_pub_decrypt(bytea, bytea, text DEFAULT '', text DEFAULT '') RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT convert_from($1, 'UTF8') $$;
