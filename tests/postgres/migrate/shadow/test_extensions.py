"""Every extension that a server has, and every stand-in, created as files create them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest

from secopskit.migrate.read.split import split
from secopskit.migrate.shadow import binaries, extensions, platform
from secopskit.migrate.shadow.database import Shadow, ShadowOptions, shadow_for
from secopskit.migrate.shadow.elevation import Elevation
from secopskit.migrate.shadow.extensions import Extensions
from secopskit.migrate.shadow.stand_ins import stand_in, stand_in_names
from support.postgres import need_version, versions

Session = psycopg.Connection[Any]
OURS = "oid > 16384 AND pronamespace <> 'secops'::regnamespace"
MEMBER = (
    "EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')"
)


@pytest.fixture(scope="module", params=versions() or (None,), ids=lambda version: f"pg{version}")
def shadow(request: pytest.FixtureRequest) -> Iterator[Shadow]:
    """A shadow of each version that is here, whose files run as a role that is no superuser."""
    found = binaries.find(prefer=need_version(request.param))
    with shadow_for(None, ShadowOptions(directory=str(found.directory))) as shadow:
        yield shadow


@pytest.fixture
def session(shadow: Shadow) -> Iterator[Session]:
    """A session in a transaction that is rolled back."""
    with shadow.connect() as session:
        session.execute("BEGIN")
        yield session
        session.execute("ROLLBACK")


class Runner:
    """Runs files as a rehearsal does."""

    def __init__(self, shadow: Shadow, session: Session) -> None:
        self.session = session
        self.extensions = Extensions(session=session, elevation=shadow.elevation, version=shadow.version)

    def __call__(self, text: str) -> None:
        for statement in split(text):
            if not self.extensions.intercept(statement):
                self.session.execute(self.extensions.adapted(statement.text).encode())

    def one(self, text: str) -> object:
        row = self.session.execute(text.encode()).fetchone()
        return row[0] if row else None


@pytest.fixture
def run(shadow: Shadow, session: Session) -> Runner:
    return Runner(shadow, session)


def test_every_extension_in_every_form(shadow: Shadow) -> None:
    """Bare, it goes where the session looks; and into a schema of the file, in a version that is not here."""
    with shadow.connect() as session:
        names = session.execute(
            "SELECT name, quote_ident(name) FROM pg_available_extensions"
            " WHERE name NOT IN ('plpgsql', 'adminpack')"  # the latter has a schema of its own
        ).fetchall()
        assert len(names) >= 1
        for name, quoted in names:
            for form, place in (
                ("", "mine"),
                ("IF NOT EXISTS {} WITH SCHEMA other VERSION '0.0.0' CASCADE", "other"),
            ):
                session.execute("BEGIN")
                run = Runner(shadow, session)
                run("CREATE SCHEMA mine; CREATE SCHEMA other; SET search_path = mine")
                run(f"CREATE EXTENSION {form.format(quoted) or quoted + ' CASCADE'}")
                known = stand_in(name)
                made = run.one(
                    f"SELECT extnamespace::regnamespace FROM pg_extension WHERE extname = '{name}'"
                )
                assert made == (known.schema if known and known.schema else place), (name, form)
                run(f"COMMENT ON EXTENSION {quoted} IS 'x'; CREATE EXTENSION IF NOT EXISTS {quoted}")
                run(f"DROP EXTENSION {quoted}")
                session.execute("ROLLBACK")
        left = session.execute("SELECT count(*) FROM pg_extension").fetchone()
    assert left == (1,)  # what a file that is rolled back made went with it


def test_what_is_no_extension_fails_as_on_the_target(run: Runner) -> None:
    run("CREATE EXTENSION tablefunc" if "tablefunc" in _names(run) else "CREATE EXTENSION hypopg")
    with pytest.raises(psycopg.errors.DuplicateObject):
        run("CREATE EXTENSION tablefunc" if "tablefunc" in _names(run) else "CREATE EXTENSION hypopg")


def test_a_schema_that_is_not_there(run: Runner) -> None:
    with pytest.raises(psycopg.errors.InvalidSchemaName):
        run("CREATE EXTENSION hypopg SCHEMA nowhere")


def _names(run: Runner) -> set[str]:
    return {name for (name,) in run.session.execute("SELECT name FROM pg_available_extensions")}


def test_every_stand_in(shadow: Shadow, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extension to who looks, its parts are its own, and nothing of it stays."""
    monkeypatch.setattr(Extensions, "_available", lambda *_: None)
    with shadow.connect() as session:
        for name in stand_in_names():
            session.execute("BEGIN")
            run, known = Runner(shadow, session), stand_in(name)
            run(f'CREATE SCHEMA ext; CREATE EXTENSION "{name}" WITH SCHEMA ext CASCADE')
            assert name in run.extensions.missing
            assert any(f"extension {name}" in note and "stand-ins" in note for note in run.extensions.notes)
            run(f"ALTER EXTENSION \"{name}\" UPDATE TO '9.9'; COMMENT ON EXTENSION \"{name}\" IS 'x'")
            assert run.one(f"SELECT count(*) FROM pg_proc p WHERE {OURS} AND NOT {MEMBER}") == 0, name
            needed = "".join(f', "{other}"' for other in (known.requires if known else ()))
            run(f'DROP EXTENSION "{name}"{needed}')
            assert run.one(f"SELECT count(*) FROM pg_proc WHERE {OURS}") == 0, name
            session.execute("ROLLBACK")


def test_vectors(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Extensions, "_available", lambda *_: None)
    run(
        "CREATE SCHEMA ext; CREATE EXTENSION vector SCHEMA ext; SET search_path = public, ext;"
        "CREATE TABLE t (id int, v vector(3), h halfvec(4), s sparsevec(5));"
        "INSERT INTO t VALUES (1, '[1,2,3]', '[1,2,3,4]', '{1:1}/5'), (2, ARRAY[1,2,3], NULL, NULL);"
        "INSERT INTO t SELECT i, ('[' || i || ',2,3]')::vector(3) FROM generate_series(1, 500) i;"
        "CREATE INDEX ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 100);"
        "CREATE INDEX ON t USING hnsw (v ext.vector_l2_ops) WITH (m = 16, ef_construction = 64) WHERE id > 1;"
        "CREATE INDEX ON t USING hnsw ((v::halfvec(3)) halfvec_ip_ops);"
        "CREATE FUNCTION near(q vector(3)) RETURNS SETOF t LANGUAGE sql STABLE AS"
        " $$ SELECT * FROM t ORDER BY v <=> q, v <-> q, v <#> q LIMIT 3 $$;"
        "SELECT * FROM near('[1,2,3]'); SELECT avg(v), 1 - (v <=> v) FROM t GROUP BY v;"
        "SELECT cosine_distance(v, v), vector_dims(v), l2_normalize(v) FROM t; SELECT v::real[] FROM t"
    )
    assert (
        run.one("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'v'")
        == "vector(3)"
    )
    assert any("options of an index were not tried" in note for note in run.extensions.notes)
    assert run.extensions.blurs("index", "CREATE INDEX i ON public.t USING hnsw (v)")
    assert "postgresql-" in run.extensions.advice("42704")
    assert run.extensions.advice("23505") == ""


def test_shapes(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    available = Extensions._available
    monkeypatch.setattr(
        Extensions,
        "_available",
        lambda self, asked: None if asked.name == "postgis" else available(self, asked),
    )
    run(
        "CREATE EXTENSION postgis; CREATE TABLE p (id int, g geometry(Point, 4326), y geography(POINT));"
        "INSERT INTO p SELECT i, ST_SetSRID(ST_MakePoint(i, 2), 4326), 'POINT(1 2)'"
        " FROM generate_series(1, 900) i;"
        "CREATE VIEW near AS SELECT * FROM p WHERE ST_DWithin(y, g::geography, 100) ORDER BY g <-> g;"
        "SELECT * FROM near"
    )
    if "btree_gist" in _names(run):
        run("CREATE INDEX ON p USING gist (g); CREATE INDEX ON p USING GIST (y);")
        run("INSERT INTO p SELECT * FROM p; SELECT * FROM p WHERE g && g")
    assert run.extensions.blurs("column", "geometry(4326)")


def test_what_reaches_others_is_stood_in_for_or_told(run: Runner) -> None:
    run("CREATE EXTENSION http; CREATE EXTENSION pg_net; CREATE EXTENSION pg_cron SCHEMA pg_catalog")
    assert run.one("SELECT status FROM http_get('https://example.org')") == 503
    run("SELECT net.http_post('https://example.org'); SELECT cron.unschedule(cron.schedule('x', 'y', 'z'))")
    if "dblink" in _names(run):
        run("CREATE EXTENSION dblink")
        assert any("dblink is the real one" in note for note in run.extensions.notes)


def test_a_wrapper_can_be_used_by_who_made_it(run: Runner) -> None:
    if "postgres_fdw" not in _names(run):
        pytest.skip("this PostgreSQL came without postgres_fdw")
    run("CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h')")
    run("CREATE FOREIGN TABLE f (id int) SERVER s")
    run("CREATE SCHEMA ext; ALTER EXTENSION postgres_fdw SET SCHEMA ext; DROP EXTENSION postgres_fdw CASCADE")


def test_what_a_block_asks_for_is_there(run: Runner) -> None:
    run(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'hypopg') THEN"
        " CREATE EXTENSION hypopg; END IF; END $$"
    )
    assert "hypopg" in run.extensions.missing or "hypopg" in _names(run)


def test_what_is_left_out_is_an_extension_too(run: Runner) -> None:
    run("CREATE EXTENSION no_such_thing VERSION '1.2'; COMMENT ON EXTENSION no_such_thing IS 'x'")
    assert run.one("SELECT extversion FROM pg_extension WHERE extname = 'no_such_thing'") == "1.2"
    (note,) = run.extensions.notes
    assert "left out" in note
    assert "SHADOW_DATABASE_URL" in note
    assert "SHADOW_DATABASE_URL" in run.extensions.advice("42883")
    run("DROP EXTENSION no_such_thing")


def test_a_setting_that_only_platforms_allow(run: Runner) -> None:
    run("ALTER ROLE authenticator SET pgrst.db_aggregates_enabled = 'true'")
    run("ALTER DATABASE postgres SET \"app.settings.key\" TO 'x'")
    assert len(run.extensions.notes) == 2


def test_no_file_gets_more_rights_by_an_extension(run: Runner) -> None:
    """Names in a file's own schemas are not looked up by what runs as the superuser."""
    run(
        "CREATE TABLE seen (who text);"
        "CREATE SCHEMA evil; CREATE FUNCTION evil.quoted(oid, oid) RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO public.seen VALUES (current_user); RETURN true; END $$;"
        "CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.quoted);"
        "CREATE OPERATOR evil.<> (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.quoted);"
        "SET search_path = evil, pg_catalog, public; CREATE EXTENSION hypopg;"
    )
    if "pageinspect" in _names(run):
        run("CREATE EXTENSION pageinspect")
    assert run.one("SELECT count(*) FROM public.seen WHERE who <> session_user") == 0


def test_no_file_gets_more_rights_by_the_schema_of_a_stand_in(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    available = Extensions._available
    monkeypatch.setattr(
        Extensions,
        "_available",
        lambda self, asked: None if asked.name == "postgis" else available(self, asked),
    )
    run("CREATE TABLE seen (who text); CREATE SCHEMA evil")
    for count in range(2, 5):
        run(
            f"CREATE FUNCTION evil.format({', '.join(['text'] * count)}) RETURNS text LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO public.seen VALUES (current_user); RETURN 'SELECT 1'; END $$"
        )
    run("CREATE EXTENSION postgis SCHEMA evil")
    assert run.one("SELECT count(*) FROM seen") == 0


def test_a_supabase_project_finds_what_it_takes_for_granted(shadow: Shadow) -> None:
    with shadow.connect() as session:
        session.execute("BEGIN")
        run = Runner(shadow, session)
        note = platform.stand_in_for_it(session, run.extensions)
        assert "not tried" in note
        assert run.extensions.notes == []
        session.execute(f"SET search_path = {platform.SEARCH_PATH}".encode())
        run(
            "CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), owner uuid NOT NULL"
            " REFERENCES auth.users ON DELETE CASCADE DEFAULT auth.uid());"
            "ALTER PUBLICATION supabase_realtime ADD TABLE notes;"
            "INSERT INTO storage.buckets (id, name, public) VALUES ('a', 'a', true);"
            "CREATE POLICY p ON storage.objects FOR SELECT TO authenticated"
            " USING ((storage.foldername(name))[1] = auth.uid()::text AND auth.jwt() IS NULL);"
            "CREATE POLICY q ON realtime.messages FOR SELECT TO authenticated USING (realtime.topic() = 'x');"
            "SELECT vault.create_secret('x', 'n'); SELECT * FROM vault.decrypted_secrets;"
            "SELECT extensions.digest('x', 'sha256'); SELECT graphql_public.graphql(query := 'x');"
            "CREATE FUNCTION hello() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS"
            " $$ BEGIN RETURN NEW; END $$;"
            "CREATE TRIGGER hello AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION hello();"
            "INSERT INTO auth.users (id, email, raw_user_meta_data) VALUES (gen_random_uuid(), 'a@b', '{}');"
            "SELECT factor_type FROM auth.mfa_factors; GRANT SELECT ON notes TO supabase_auth_admin;"
            "SET session_replication_role = replica"
            if shadow.version >= 15
            else "SELECT 1"
        )
        session.execute("ROLLBACK")


def test_what_must_be_loaded_first_is_stood_in_for(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Extensions, "_available", lambda *_: extensions._Available(False, True, False))
    elevated = Elevation.run

    def refuse(self: Elevation, session: Session, statements: Sequence[str], **more: str) -> None:
        if statements[0].startswith("CREATE EXTENSION"):
            raise psycopg.errors.ObjectNotInPrerequisiteState
        elevated(self, session, statements, **more)

    monkeypatch.setattr(Elevation, "run", refuse)
    run("CREATE EXTENSION hypopg")
    assert run.extensions.missing == {"hypopg"}
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        run("CREATE EXTENSION no_such_thing")
