"""Connection strings: read as drivers read them, and every byte but the login stays."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from psycopg import conninfo

from secopskit.provider.postgres.dsn import libpq_text, read_dsn
from secopskit.secret import SecretValue
from support.values import alnum

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
WORD = alnum(20)
ROLES = st.text(string.ascii_letters + "_- é'\\@/", min_size=1, max_size=12)


def secret(text: str) -> SecretValue:
    return SecretValue(text.encode())


def read(text: str) -> tuple[str, str, str, str]:
    dsn = read_dsn(secret(text))
    assert dsn is not None
    return dsn.role, dsn.password.reveal().decode(), dsn.host, dsn.database


@given(ROLES, WORDS, ROLES, WORDS)
@example("a", "@/:%?#", "b", "'\\ ")
def test_a_url_gets_another_login_and_nothing_else(role: str, word: str, other: str, new: str) -> None:
    head, tail = "postgresql://", "@h.internal:5433/shop?sslmode=require&application_name=a%20b"
    dsn = read_dsn(secret(f"{head}{quote(role, safe='')}:{quote(word, safe='')}{tail}"))
    assert dsn is not None
    assert (dsn.role, dsn.password) == (role, secret(word))
    changed = dsn.with_login(other, secret(new)).reveal().decode()
    assert changed.startswith(head)
    assert changed.endswith(tail)
    assert changed.count("@") == changed.count("?") == 1
    assert conninfo.conninfo_to_dict(changed) == {
        "user": other,
        "password": new,
        "host": "h.internal",
        "port": "5433",
        "dbname": "shop",
        "sslmode": "require",
        "application_name": "a b",
    }


@given(ROLES, WORDS, ROLES, WORDS)
@example("a", "it's", "b", "\\'")
def test_a_keyword_text_gets_another_login_and_nothing_else(
    role: str, word: str, other: str, new: str
) -> None:
    text = conninfo.make_conninfo("", host="h", user=role, dbname="my shop", password=word)
    dsn = read_dsn(secret(text))
    assert dsn is not None
    assert (dsn.role, dsn.password, dsn.host, dsn.database) == (role, secret(word), "h", "my shop")
    changed = conninfo.conninfo_to_dict(dsn.with_login(other, secret(new)).reveal().decode())
    assert changed == {"host": "h", "user": other, "dbname": "my shop", "password": new}


@given(st.binary(min_size=1, max_size=60))
def test_anything_at_all_is_read_or_is_no_connection_string(value: bytes) -> None:
    dsn = read_dsn(SecretValue(value))
    assert dsn is None or dsn.with_login(dsn.role, dsn.password)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+asyncpg://shop:w%40rd@db/store",
        "postgres://shop:w%40rd@db:5432/store",
        "postgis://shop:w%40rd@db/store#part",
        "jdbc:postgresql://db/store?user=shop&password=w%40rd",
        "postgresql:///store?host=db&user=shop&password=w%40rd&sslmode=disable",
        "  host = db user=shop dbname=store  password = 'w@rd' ",
        "postgresql://shop:w%40rd@db/store\n",
    ],
)
def test_the_ways_to_write_one(text: str) -> None:
    assert read(text) == ("shop", "w@rd", "db", "store")
    dsn = read_dsn(secret(text))
    assert dsn is not None
    changed = dsn.with_login("shop_b", secret("n&w")).reveal().decode()
    assert read(changed) == ("shop_b", "n&w", "db", "store")
    assert len(changed.strip()) - len(text.strip()) in range(-2, 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "password",
        "https://user:word@host/path",
        "mysql://user:word@host/db",
        "postgresql://user@host/db",
        "postgresql://:word@host/db",
        "postgresql://user:@host/db",
        "postgresql://host/db",
        "user=a host=b",
        "user=a password='b",
        "DB_PASSWORD=b",
        "postgresql://user:word@host/db and more",
    ],
)
def test_what_is_no_login(text: str) -> None:
    assert read_dsn(secret(text)) is None


def test_the_reference_of_a_project_stays_behind_the_role_at_its_pooler() -> None:
    text = f"postgresql://shop_a.abcdefgh:{WORD}@aws-0-eu-west-1.pooler.supabase.com:6543/x?pgbouncer=true"
    dsn = read_dsn(secret(text))
    assert dsn is not None
    assert dsn.role == "shop_a"
    changed = dsn.with_login("shop_b", secret("n")).reveal().decode()
    assert changed == text.replace("shop_a", "shop_b").replace(WORD, "n")
    assert read(f"postgresql://a.b:{WORD}@elsewhere/x")[0] == "a.b"


def test_libpq_is_given_what_it_knows() -> None:
    given_text = secret(f"jdbc:postgresql+x://u:{WORD}@h/d?schema=public&sslmode=require&pgbouncer=true")
    assert libpq_text(given_text, {"sslmode"}) == secret(f"postgresql://u:{WORD}@h/d?sslmode=require")
    for ssl, mode in (("true", "verify-full"), ("require", "require"), ("disable", "disable")):
        asked = secret(f"postgresql+asyncpg://u:{WORD}@h/d?ssl={ssl}&x=1")
        assert libpq_text(asked, {"sslmode"}) == secret(f"postgresql://u:{WORD}@h/d?sslmode={mode}")
    assert libpq_text(secret("host=h"), set()) == secret("host=h")


def test_it_prints_no_password() -> None:
    word = "Sw0rd" + "fish"
    assert word not in repr(read_dsn(secret(f"postgresql://u:{word}@h/d")))
