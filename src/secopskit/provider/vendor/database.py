"""Trying a database login: whether it is admitted, refused, or nobody can say."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final

from secopskit.errors import SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

# A pooler whose circuit breaker is open says something else: it has not looked at the password.
_REFUSED: Final = re.compile(
    r"password authentication failed|invalid password|wrong password|SCRAM", re.IGNORECASE
)


class LoginAnswer(Enum):
    """What a server said to a login."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class LoginTrial(NamedTuple):
    """A login that was tried. `reason` is the server's, or what stood in the way."""

    answer: LoginAnswer
    reason: str = ""


TryLogin = Callable[[SecretValue], LoginTrial]
"""Tries a URL of PostgreSQL, once."""


def try_login(url: SecretValue) -> LoginTrial:
    """Log in once, and out again. Only a refusal of the password counts as one."""
    try:
        from secopskit.postgres.connect import ConnectionSettings, connect
    except ImportError:
        return LoginTrial(LoginAnswer.UNREACHABLE, "psycopg is not installed (extra `migrate`)")
    settings = ConnectionSettings(conninfo=url, origin="the database's URL", application_name="secops rotate")
    try:
        connect(settings).close()
    except SecopsError as error:
        refused = _REFUSED.search(str(error))
        return LoginTrial(LoginAnswer.REFUSED if refused else LoginAnswer.UNREACHABLE, str(error))
    return LoginTrial(LoginAnswer.ADMITTED)
