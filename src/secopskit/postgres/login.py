"""One attempt to log in, at an address that was chosen before: whether the server admits this user.

Nothing is asked but who that is and what it may do. The password is proven by SCRAM and never sent: whoever
is at the other end does not learn it, with or without TLS.
"""

from __future__ import annotations

from typing import Final

import psycopg

from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

_REFUSED: Final = "password authentication failed"
# The server looks for the database when it has admitted the user.
_ADMITTED: Final = ("does not exist", "permission denied for database", "is not currently accepting")
_DATABASE: Final = "database "
_NO_SCRAM: Final = "authentication method requirement"
_RIGHTS: Final = ("superuser", "createrole", "createdb")
_WHO: Final = (
    "SELECT session_user::text, rolsuper, rolcreaterole, rolcreatedb FROM pg_catalog.pg_roles "
    "WHERE rolname OPERATOR(pg_catalog.=) session_user"
)


class LoginOutcome(NamedTuple):
    """What became of a login. `admitted` is None where nobody knows; `words` say why, without a value."""

    admitted: bool | None
    words: str
    account: str = ""
    rights: tuple[str, ...] = ()


class LoginAttempt(NamedTuple):
    """Who wants to log in, and where. `address` is that of `host`, which its certificate names."""

    host: str
    address: str
    port: int
    user: str
    password: SecretValue
    database: str


def try_login(attempt: LoginAttempt, *, timeout_s: int = 10) -> LoginOutcome:
    """Log in once, ask who that is, and leave."""
    try:
        link = psycopg.connect(
            host=attempt.host,
            hostaddr=attempt.address,
            port=attempt.port,
            user=attempt.user,
            password=attempt.password.reveal().decode("utf-8", "surrogateescape"),
            dbname=attempt.database or attempt.user,
            sslmode="prefer",
            sslcertmode="disable",
            gssencmode="disable",
            require_auth="scram-sha-256",
            target_session_attrs="any",
            connect_timeout=timeout_s,
            application_name="secops verify",
            autocommit=True,
        )
    except (psycopg.Error, ValueError) as error:
        return _refusal(str(error))
    with link:
        return _who(link)


def _refusal(text: str) -> LoginOutcome:
    """What an error means. Nothing of its text is repeated: it quotes what it was given."""
    if _REFUSED in text:
        return LoginOutcome(admitted=False, words="the password is refused")
    if _DATABASE in text and any(words in text for words in _ADMITTED):
        return LoginOutcome(admitted=True, words="admitted, though not to this database")
    if _NO_SCRAM in text or "auth method" in text:
        return LoginOutcome(admitted=None, words="the server does not ask for a password by SCRAM")
    return LoginOutcome(admitted=None, words="no connection, or an answer that says neither")


def _who(link: psycopg.Connection[tuple[object, ...]]) -> LoginOutcome:
    if not link.pgconn.used_password:
        return LoginOutcome(admitted=None, words="the server asks for no password")
    try:
        row = link.execute(_WHO).fetchone()
    except psycopg.Error:
        row = None
    if row is None:
        return LoginOutcome(admitted=True, words="admitted")
    rights = tuple(name for name, has in zip(_RIGHTS, row[1:], strict=True) if has)
    return LoginOutcome(admitted=True, words="admitted", account=str(row[0]), rights=rights)
