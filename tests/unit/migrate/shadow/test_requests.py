"""What a statement asks of extensions: read from its text, as PostgreSQL's grammar has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.migrate.shadow.index_options import without_options
from secopskit.migrate.shadow.requests import (
    ExtensionRequest,
    changes,
    creates,
    creates_within,
    sets_custom,
)


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("create extension dblink", ExtensionRequest("dblink")),
        ("CREATE EXTENSION IF NOT EXISTS PG_Trgm", ExtensionRequest("pg_trgm", unless_there=True)),
        ('create extension "uuid-ossp" schema ext', ExtensionRequest("uuid-ossp", "ext")),
        (
            '/* /* b */ */ create -- c\n extension if not exists "A""b" schema "S x" version \'1.0\' cascade',
            ExtensionRequest('A"b', "S x", "1.0", unless_there=True, cascade=True),
        ),
        ("create extension schema schema version", ExtensionRequest("schema", "version")),
        ('create extension hstore version "1.8"', ExtensionRequest("hstore", "", "1.8")),
        ("create table extension (id int)", None),
        ("create extension", None),
        ("alter extension hstore update", None),
    ],
)
def test_a_create(text: str, request_: ExtensionRequest | None) -> None:
    assert creates(text) == request_


@given(
    st.builds(
        ExtensionRequest,
        st.text('aZé_ "-', min_size=1, max_size=9),
        st.text('aZ_ "', max_size=9),
        st.text("09.a", max_size=5),
        st.booleans(),
        st.booleans(),
    )
)
def test_what_is_written_is_read_again(request_: ExtensionRequest) -> None:
    assert creates(request_.statement()) == request_


def test_a_block_that_creates() -> None:
    text = (
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector') THEN"
        " CREATE EXTENSION vector WITH SCHEMA ext; END IF; create extension if not exists x; END $$"
    )
    assert creates_within(text) == (
        ExtensionRequest("vector", "ext"),
        ExtensionRequest("x", unless_there=True),
    )
    assert creates_within(text.replace("pg_extension", "pg_available_extensions")) == ()
    assert creates_within("CREATE EXTENSION vector") == ()


def test_an_alter() -> None:
    assert changes("alter extension pg_net update to '0.8'") == ("pg_net", True)
    assert changes('ALTER EXTENSION "uuid-ossp" SET SCHEMA ext') == ("uuid-ossp", False)
    assert changes("comment on extension x is 'y'") is None


@pytest.mark.parametrize(
    ("text", "custom"),
    [
        ("ALTER ROLE authenticator SET pgrst.db_schemas = 'public'", True),
        ('alter database postgres set "app.settings.key" to 1', True),
        ("alter role x in database y set app.z = 1", True),
        ("alter role x set search_path = a, b", False),
        ("alter role x with login", False),
        ("alter table x set schema y", False),
        ("alter database x set", False),
    ],
)
def test_a_setting_of_somebody_else(text: str, custom: bool) -> None:
    assert sets_custom(text) is custom


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        (
            "create index on t using hnsw (v vector_l2_ops) with (m = 16, ef = 64) where id > 1",
            "create index on t using hnsw (v vector_l2_ops)  where id > 1",
        ),
        (
            "CREATE INDEX CONCURRENTLY i ON t USING ivfflat ((a || ')')) WITH (lists=100)",
            "CREATE INDEX CONCURRENTLY i ON t USING ivfflat ((a || ')')) ",
        ),
        ("create index on t /* with (x) */ using gin (a) with (fastupdate = off)", None),
        ("create index with_ on t using hnsw (a)", None),
        ("create table t (a int) with (fillfactor = 10)", None),
        ("insert into index select 'using hnsw (a) with (b)'", None),
    ],
)
def test_options_of_an_index(text: str, bare: str | None) -> None:
    assert without_options(text, ("hnsw", "ivfflat")) == (text if bare is None else bare)
