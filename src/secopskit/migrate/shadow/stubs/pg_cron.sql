-- Stand-ins for pg_cron: jobs are kept in a table and never run.
CREATE SCHEMA IF NOT EXISTS cron;
CREATE TABLE cron.job (jobid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, schedule text NOT NULL,
    command text NOT NULL, nodename text, nodeport integer, database text, username text,
    active boolean NOT NULL DEFAULT true, jobname text UNIQUE);
CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE sql VOLATILE AS
    $$ INSERT INTO cron.job (jobname, schedule, command) VALUES ($1, $2, $3)
       ON CONFLICT (jobname) DO UPDATE SET schedule = $2, command = $3 RETURNING jobid $$;
CREATE FUNCTION cron.schedule(schedule text, command text) RETURNS bigint LANGUAGE sql VOLATILE AS
    $$ INSERT INTO cron.job (schedule, command) VALUES ($1, $2) RETURNING jobid $$;
CREATE FUNCTION cron.unschedule(job_name text) RETURNS boolean LANGUAGE sql VOLATILE AS
    $$ DELETE FROM cron.job WHERE jobname = $1; SELECT true $$;
CREATE FUNCTION cron.unschedule(job_id bigint) RETURNS boolean LANGUAGE sql VOLATILE AS
    $$ DELETE FROM cron.job WHERE jobid = $1; SELECT true $$;
