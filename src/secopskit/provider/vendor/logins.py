"""Database URLs in which a password changes: all else in them stays as it stands."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

# The authority ends at the first of these; within it the password ends at the last @.
_URL: Final = re.compile(
    rb"(?P<head>[A-Za-z][A-Za-z0-9+.-]*://(?P<user>[^:@/?#\s]*):)(?P<password>[^/?#\s]*)"
    rb"(?P<tail>@(?P<hosts>[^@/?#\s]+)(?:[/?#].*)?)",
    re.DOTALL,
)
_PORT: Final = re.compile(r":\d*$")


class LoginUrl(NamedTuple):
    """A URL with a password. `password` is decoded; `user` too; `hosts` are without ports."""

    head: bytes
    user: str
    password: SecretValue
    hosts: tuple[str, ...]
    tail: bytes

    def with_password(self, password: SecretValue) -> SecretValue:
        """The URL with another password, percent-encoded."""
        return SecretValue(self.head + quote(password.reveal(), safe="").encode() + self.tail)


def login_url(value: SecretValue) -> LoginUrl | None:
    """What `value` is, if it is a URL with a password."""
    found = _URL.fullmatch(value.reveal())
    if found is None:
        return None
    hosts = [_PORT.sub("", host) for host in found["hosts"].decode("latin-1").split(",")]
    return LoginUrl(
        found["head"],
        unquote_to_bytes(found["user"]).decode("utf-8", "replace"),
        SecretValue(unquote_to_bytes(found["password"])),
        tuple(host.strip("[]").lower() for host in hosts),
        found["tail"],
    )


def password_in(value: SecretValue) -> SecretValue:
    """The password of a URL; the value itself where it is none."""
    url = login_url(value)
    return url.password if url else value
