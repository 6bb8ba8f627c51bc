-- keys are rows, nothing is encrypted.
-- schema: pgsodium
CREATE TYPE pgsodium.key_status AS ENUM ('default', 'valid', 'invalid', 'expired');
CREATE TYPE pgsodium.key_type AS ENUM ('aead-ietf', 'aead-det', 'hmacsha512', 'hmacsha256', 'auth', 'shorthash',
    'generichash', 'kdf', 'secretbox', 'secretstream', 'stream_xchacha20');
CREATE TABLE pgsodium.key (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status pgsodium.key_status DEFAULT 'valid',
    created timestamptz NOT NULL DEFAULT now(), expires timestamptz, key_type pgsodium.key_type,
    key_id bigint GENERATED ALWAYS AS IDENTITY, key_context bytea DEFAULT '\x7067736f6469756d', name text UNIQUE,
    associated_data text DEFAULT 'associated', raw_key bytea, raw_key_nonce bytea, parent_key uuid, comment text,
    user_data text);
CREATE VIEW pgsodium.valid_key AS SELECT id, name, status, key_type, key_id, key_context, created, expires,
    associated_data FROM pgsodium.key WHERE status IN ('valid', 'default');
CREATE FUNCTION pgsodium.create_key(key_type pgsodium.key_type DEFAULT 'aead-det', name text DEFAULT NULL,
    raw_key bytea DEFAULT NULL, raw_key_nonce bytea DEFAULT NULL, parent_key uuid DEFAULT NULL,
    key_context bytea DEFAULT '\x7067736f6469756d', expires timestamptz DEFAULT NULL, associated_data text DEFAULT '')
    RETURNS pgsodium.valid_key LANGUAGE sql VOLATILE AS
    $$ INSERT INTO pgsodium.key (key_type, name) VALUES ($1, $2)
       RETURNING id, name, status, key_type, key_id, key_context, created, expires, associated_data $$;
CREATE FUNCTION pgsodium.crypto_aead_det_noncegen() RETURNS bytea LANGUAGE sql VOLATILE AS
    $$ SELECT decode(replace(gen_random_uuid()::text, '-', ''), 'hex') $$;
CREATE FUNCTION pgsodium.crypto_aead_det_encrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea DEFAULT NULL)
    RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE FUNCTION pgsodium.crypto_aead_det_decrypt(message bytea, additional bytea, key_uuid uuid, nonce bytea DEFAULT NULL)
    RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE FUNCTION pgsodium.randombytes_buf(size integer) RETURNS bytea LANGUAGE sql VOLATILE AS
    $$ SELECT substring(decode(string_agg(replace(gen_random_uuid()::text, '-', ''), ''), 'hex') FROM 1 FOR $1)
         FROM generate_series(0, $1 / 16) $$;
