-- 1936024431 is 'seco' in ASCII: the first half of every advisory lock key here.
-- 1: a run, 2: the end of the history, 3: this file.

-- An Odoo database is never ours, in whichever schema it lies. With operators and functions in full, here and
-- below: in `public` somebody may have made some that fit better than PostgreSQL's own.
DO $secops$
DECLARE
    found text;
    names int;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(1936024431, 3);
    SELECT pg_catalog.string_agg(pg_catalog.concat(n.nspname, '.', c.relname), ', ' ORDER BY c.relname),
           pg_catalog.count(DISTINCT c.relname)
      INTO found, names
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
     WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}') AND c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[
        'base_module_upgrade', 'ir_act_server', 'ir_act_window', 'ir_actions', 'ir_attachment',
        'ir_config_parameter', 'ir_cron', 'ir_model', 'ir_model_access', 'ir_model_data', 'ir_model_fields',
        'ir_module_category', 'ir_module_module', 'ir_module_module_dependency', 'ir_rule', 'ir_sequence',
        'ir_ui_menu', 'ir_ui_view', 'res_company', 'res_config_settings', 'res_country', 'res_currency',
        'res_groups', 'res_lang', 'res_partner', 'res_users'
     ]);
    IF names OPERATOR(pg_catalog.>=) 2 THEN
        RAISE EXCEPTION 'this is an Odoo database: %', pg_catalog."left"(found, 200)
              USING HINT = 'secops never writes to it. Check where you are connected.';
    END IF;
END
$secops$;

CREATE SCHEMA IF NOT EXISTS secops;

-- Which database this is, so that another one is not taken for it. One row.
CREATE TABLE IF NOT EXISTS secops.target (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    env text NOT NULL CHECK (env ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    system_identifier text NOT NULL,
    datoid bigint NOT NULL,
    layout int NOT NULL DEFAULT 1,
    pinned_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What is applied. The primary key is what keeps a version from being applied twice.
CREATE TABLE IF NOT EXISTS secops.schema_migrations (
    version text PRIMARY KEY,
    name text NOT NULL,
    checksum text CHECK (checksum ~ '^[0-9a-f]{64}$'),
    kind text NOT NULL CHECK (kind IN ('transaction', 'steps', 'adopted', 'repaired')),
    state text NOT NULL CHECK (state IN ('applied', 'running', 'failed', 'baseline')),
    stmts_done int NOT NULL DEFAULT 0,
    stmts_total int NOT NULL DEFAULT 0 CHECK (stmts_done BETWEEN 0 AND stmts_total),
    run_id text NOT NULL,
    xid text,
    applied_at timestamptz,
    duration_ms bigint
);

-- What was done and tried, row after row: `hash` covers the row and the hash of the one before.
CREATE TABLE IF NOT EXISTS secops.migration_history (
    id bigint PRIMARY KEY,
    run_id text NOT NULL,
    version text,
    action text NOT NULL,
    ok boolean NOT NULL,
    at timestamptz NOT NULL,
    duration_ms bigint,
    sqlstate text,
    message text,
    plan_hash text,
    actor text,
    git_sha text,
    tool_version text,
    locks jsonb,
    prev_hash text NOT NULL UNIQUE,
    hash text NOT NULL UNIQUE
);

-- The text that is hashed: each column as `length:text`, or `-` for NULL, joined by `;`.
-- In PL/pgSQL, which plans it once for a session; a function in SQL is planned in each transaction.
CREATE OR REPLACE FUNCTION secops.history_hash(h secops.migration_history) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $secops$
DECLARE
    hashed text := '';
    field text;
BEGIN
    FOREACH field IN ARRAY ARRAY[
        h.prev_hash, h.id::text, h.run_id, h.version, h.action, h.ok::text,
        to_char(h.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), h.duration_ms::text, h.sqlstate,
        h.message, h.plan_hash, h.actor, h.git_sha, h.tool_version, h.locks::text
    ]
    LOOP
        hashed := hashed || ';' || coalesce(length(field) || ':' || field, '-');
    END LOOP;
    RETURN encode(sha256(convert_to(substr(hashed, 2), 'UTF8')), 'hex');
END
$secops$;

CREATE OR REPLACE FUNCTION secops.history_append() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $secops$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(1936024431, 2);  -- until the commit: the chain has one end
    SELECT h.id, h.hash INTO last FROM secops.migration_history h ORDER BY h.id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.prev_hash := coalesce(last.hash, repeat('0', 64));
    NEW.hash := secops.history_hash(NEW);
    RETURN NEW;
END
$secops$;

CREATE OR REPLACE FUNCTION secops.history_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $secops$
BEGIN
    RAISE EXCEPTION 'secops.migration_history is append-only' USING ERRCODE = 'insufficient_privilege';
END
$secops$;

DROP TRIGGER IF EXISTS history_append ON secops.migration_history;
CREATE TRIGGER history_append BEFORE INSERT ON secops.migration_history
    FOR EACH ROW EXECUTE FUNCTION secops.history_append();
-- Also where a database or role has session_replication_role = replica: without it there is no row.
ALTER TABLE secops.migration_history ENABLE ALWAYS TRIGGER history_append;
DROP TRIGGER IF EXISTS history_refuse ON secops.migration_history;
CREATE TRIGGER history_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON secops.migration_history
    FOR EACH STATEMENT EXECUTE FUNCTION secops.history_refuse();

-- Only the owner sees or changes any of it: not everybody, and not the roles of Supabase's API.
ALTER TABLE secops.target ENABLE ROW LEVEL SECURITY;
ALTER TABLE secops.schema_migrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE secops.migration_history ENABLE ROW LEVEL SECURITY;

DO $secops$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN
        SELECT 'PUBLIC' UNION ALL SELECT pg_catalog.format('%I', rolname) FROM pg_catalog.pg_roles
         WHERE rolname OPERATOR(pg_catalog.=) ANY (
               ARRAY['anon', 'authenticated', 'authenticator', 'service_role'])
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA secops FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL TABLES IN SCHEMA secops FROM %s', grantee);
        EXECUTE pg_catalog.format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA secops FROM %s', grantee);
    END LOOP;
END
$secops$;

-- The identity: what `secops.environment` says, and what the server knows of itself.
INSERT INTO secops.target (env, system_identifier, datoid)
SELECT coalesce(nullif(pg_catalog.current_setting('secops.environment', true), ''), 'development'),
       (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
       (SELECT oid::bigint FROM pg_catalog.pg_database
         WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
ON CONFLICT (only_one) DO NOTHING;
