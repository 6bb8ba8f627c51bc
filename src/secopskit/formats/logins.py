"""Files of logins: .netrc, .pgpass, .curlrc, .git-credentials, htpasswd, shadow, keys.

Each login is a `Setting` with the key "password" (of the form PASSWORD) or, where the file keeps
hashes, "password hash"; the one of a Rails master key is "key".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETRC: Final = re.compile(
    rb"(?:machine[ \t\r\n]{1,20}\S{1,200}|default)"
    rb"(?:[ \t\r\n]{1,20}(?:login|account)[ \t\r\n]{1,20}\S{1,200}){0,2}"
    rb"[ \t\r\n]{1,20}password[ \t\r\n]{1,20}(?:\"([^\"\n]{1,300})\"|(\S{1,300}))"
)
_FIELD: Final = rb"(?:[^:\\\r\n]|\\.){1,200}"
_PGPASS: Final = re.compile(
    rb"(?m)^(?![ \t]{0,8}#)(?:" + _FIELD + rb":){4}((?:[^\\\r\n]|\\.){1,300}?)[ \t]{0,8}\r?$"
)
# The password ends at the last @ of the line, and may hold @ itself.
_GIT: Final = re.compile(
    rb"(?m)^[a-z][a-z0-9+.-]{1,20}://[^:\s/]{0,200}:(\S{1,300})@"
    rb"[\w.-]{1,200}(?::\d{1,5})?(?:/\S{0,200})?[ \t]{0,8}\r?$"
)
_CURLRC: Final = re.compile(
    rb"(?m)^[ \t]{0,8}(?:-{0,2}(?:proxy-)?user|-u)[ \t]{0,8}[=: \t][ \t]{0,8}[\"']?"
    rb"[^\s:\"']{1,120}:([^\s\"']{1,300})"
)
_HASH: Final = (
    rb"(\$(?:apr1|[0-9][a-z]?|2[abxy]|y|gy|7|sha1|argon2(?:id|i|d))\$[^\s:\"']{8,300}"
    rb"|\{S?SHA(?:256|512)?\}[A-Za-z0-9+/=]{16,200}|[./A-Za-z0-9]{13}(?=\r?$))"
)
_HTPASSWD: Final = re.compile(rb"(?m)^[^\s:#][^\s:]{0,200}:" + _HASH)
_SHADOW: Final = re.compile(
    rb"(?m)^[a-z_][\w.-]{0,60}:!{0,2}(\$(?:[0-9][a-z]?|2[abxy]|y|gy|7)\$[^\s:\"']{8,300}):"
)
_MASTER: Final = re.compile(rb"\s{0,20}([0-9a-f]{32})\s{0,20}")


def netrc(data: bytes) -> Iterator[Setting]:
    """The passwords of machines in a .netrc file."""
    for found in _NETRC.finditer(data):
        group = 1 if found[1] is not None else 2
        yield _login(found[group], found.span(group), quote='"' if group == 1 else "")


def pgpass(data: bytes) -> Iterator[Setting]:
    """The passwords of connections in PostgreSQL's .pgpass file."""
    for found in _PGPASS.finditer(data):
        yield _login(re.sub(rb"\\(.)", rb"\1", found[1]), found.span(1))


def curlrc(data: bytes) -> Iterator[Setting]:
    """The passwords in a configuration file of curl."""
    for found in _CURLRC.finditer(data):
        yield _login(found[1], found.span(1))


def git_credentials(data: bytes) -> Iterator[Setting]:
    """The passwords of remotes in git's store of credentials."""
    for found in _GIT.finditer(data):
        yield _login(found[1], found.span(1))


def htpasswd(data: bytes) -> Iterator[Setting]:
    """The password hashes of users in a web server's htpasswd file."""
    for found in _HTPASSWD.finditer(data):
        yield _kept("password hash", found)


def shadow(data: bytes) -> Iterator[Setting]:
    """The password hashes of accounts in /etc/shadow."""
    for found in _SHADOW.finditer(data):
        yield _kept("password hash", found)


def master_key(data: bytes) -> Iterator[Setting]:
    """The key that is the whole file, as in Rails' master.key."""
    if found := _MASTER.fullmatch(data):
        yield _kept("key", found)


def _login(value: bytes, span: tuple[int, int], quote: str = "") -> Setting:
    return Setting(key="password", value=value, span=Span(*span), quote=quote, form=SettingForm.PASSWORD)


def _kept(key: str, found: re.Match[bytes]) -> Setting:
    return Setting(key=key, value=found[1], span=Span(*found.span(1)))
