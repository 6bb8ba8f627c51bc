"""URLs with a password: it is found as clients find it, and nothing else changes."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.provider.vendor.logins import login_url, password_in
from support.values import alnum
from support.vendors.rotation import value

_WORDS = st.text(min_size=1, max_size=30)
_TAILS = st.sampled_from(["", "/", "/db", "/db?sslmode=require&x=a@b", "?a=b:c@d", "#f@g", "/db\n"])
_HOSTS = st.sampled_from(["h", "db.example.com:5432", "[::1]:5432", "[fe80::1]", "a:1,b:2"])


@given(user=_WORDS, old=_WORDS, new=_WORDS, host=_HOSTS, tail=_TAILS)
def test_only_the_password_changes(user: str, old: str, new: str, host: str, tail: str) -> None:
    def url(password: str) -> str:
        return f"postgresql+psycopg://{quote(user, safe='')}:{quote(password, safe='')}@{host}{tail}"

    found = login_url(value(url(old)))
    assert found is not None
    assert found.password == value(old)
    assert found.user == user
    changed = found.with_password(value(new))
    assert changed == value(url(new))
    assert password_in(changed) == value(new)
    assert unquote(urlsplit(url(new).partition("\n")[0]).password or "") == new


def test_an_at_sign_that_is_not_encoded_belongs_to_the_password() -> None:
    password = f"{alnum(4)}@{alnum(4)}"
    found = login_url(value(f"postgres://u:{password}@host/db"))
    assert found is not None
    assert (found.password, found.hosts) == (value(password), ("host",))


@pytest.mark.parametrize(
    "text", ["", "word", "postgres://host/db", "postgres://u@host/db", "postgres://u:a b@host", "u:p@host"]
)
def test_what_is_no_url_with_a_password(text: str) -> None:
    assert login_url(value(text)) is None
    assert password_in(value(text)) == value(text)
