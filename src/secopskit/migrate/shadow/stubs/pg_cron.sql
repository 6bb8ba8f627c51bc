-- jobs are kept in a table and never run.
-- schema: cron
-- package: postgresql-{version}-cron
-- instead: yes
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
CREATE FUNCTION cron.schedule_in_database(job_name text, schedule text, command text, database text,
    username text DEFAULT NULL, active boolean DEFAULT true) RETURNS bigint LANGUAGE sql VOLATILE AS
    $$ INSERT INTO cron.job (jobname, schedule, command, database, username, active)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (jobname) DO UPDATE SET schedule = $2, command = $3 RETURNING jobid $$;
CREATE FUNCTION cron.alter_job(job_id bigint, schedule text DEFAULT NULL, command text DEFAULT NULL,
    database text DEFAULT NULL, username text DEFAULT NULL, active boolean DEFAULT NULL) RETURNS void
    LANGUAGE sql VOLATILE AS
    $$ UPDATE cron.job SET schedule = coalesce($2, schedule), command = coalesce($3, command),
              database = coalesce($4, database), username = coalesce($5, username), active = coalesce($6, active)
        WHERE jobid = $1 $$;
CREATE TABLE cron.job_run_details (jobid bigint, runid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_pid integer, database text, username text, command text, status text, return_message text,
    start_time timestamptz, end_time timestamptz);
