-- tokens have the right shape, but nobody signed them, and all of them are taken as valid.
CREATE FUNCTION @schema@.url_encode(data bytea) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT translate(encode($1, 'base64'), E'+/=\n', '-_') $$;
CREATE FUNCTION @schema@.url_decode(data text) RETURNS bytea LANGUAGE sql IMMUTABLE AS
    $$ SELECT decode(rpad(translate($1, '-_', '+/'), (length($1) + 3) / 4 * 4, '='), 'base64') $$;
CREATE FUNCTION @schema@.algorithm_sign(signables text, secret text, algorithm text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT @schema@.url_encode(sha256(convert_to($2 || $1, 'UTF8'))) $$;
CREATE FUNCTION @schema@.sign(payload json, secret text, algorithm text DEFAULT 'HS256') RETURNS text
    LANGUAGE sql IMMUTABLE AS
    $$ SELECT h || '.' || p || '.' || @schema@.algorithm_sign(h || '.' || p, $2, $3)
         FROM (SELECT @schema@.url_encode(convert_to(json_build_object('alg', $3, 'typ', 'JWT')::text, 'UTF8')) AS h,
                      @schema@.url_encode(convert_to($1::text, 'UTF8')) AS p) AS parts $$;
CREATE FUNCTION @schema@.verify(token text, secret text, algorithm text DEFAULT 'HS256')
    RETURNS TABLE (header json, payload json, valid boolean) LANGUAGE sql IMMUTABLE AS
    $$ SELECT convert_from(@schema@.url_decode(split_part($1, '.', 1)), 'UTF8')::json,
              convert_from(@schema@.url_decode(split_part($1, '.', 2)), 'UTF8')::json, true $$;
