"""Files of logins: .netrc, .pgpass, .curlrc, .git-credentials, chap-secrets, htpasswd, shadow, keys and kin.

Each login is a `Setting` with the key "password" (of the form PASSWORD) or, where the file keeps
hashes, "password hash"; the one of a Rails master key is "key".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETRC: Final = prepared(
    rb"(?:machine[ \t\r\n]{1,20}\S{1,200}|default)"
    rb"(?:[ \t\r\n]{1,20}(?:login|account)[ \t\r\n]{1,20}\S{1,200}){0,2}"
    rb"[ \t\r\n]{1,20}password[ \t\r\n]{1,20}(?:\"([^\"\n]{1,300})\"|(\S{1,300}))"
)
_FIELD: Final = rb"(?:[^:\\\r\n]|\\.){1,200}"
_PGPASS: Final = prepared(
    rb"(?m)^(?![ \t]{0,8}#)(?:" + _FIELD + rb":){4}((?:[^\\\r\n]|\\.){1,300}?)[ \t]{0,8}\r?$"
)
# The password ends at the last @ of the line, and may hold @ itself.
_GIT: Final = prepared(
    rb"(?m)^[a-z][a-z0-9+.-]{1,20}://[^:\s/]{0,200}:(\S{1,300})@"
    rb"[\w.-]{1,200}(?::\d{1,5})?(?:/\S{0,200})?[ \t]{0,8}\r?$"
)
_CURLRC: Final = prepared(
    rb"(?m)^[ \t]{0,8}(?:-{0,2}(?:proxy-)?user|-u)[ \t]{0,8}[=: \t][ \t]{0,8}[\"']?"
    rb"[^\s:\"']{1,120}:([^\s\"']{1,300})"
)
_WORD: Final = rb"(?:\"[^\"\n]{0,200}\"|[^\s\"#]{1,200})"
_VALUE: Final = rb"(?:\"([^\"\n]{1,300})\"|([^\s\"]{1,300}))"
_PEER: Final = prepared(rb"(?m)^[ \t]{0,8}" + _WORD + rb"[ \t]{1,40}" + _WORD + rb"[ \t]{1,40}" + _VALUE)
_RELAY: Final = prepared(rb"(?m)^[ \t]{0,8}[^\s#]{1,200}[ \t]{1,40}[^\s:#]{1,120}:(\S{1,300})[ \t]{0,8}\r?$")
_POOL_USER: Final = prepared(
    rb"(?m)^\"[^\"\n]{1,120}\"[ \t]{1,8}\"(?!md5[0-9a-f]{32}\"|SCRAM-)([^\"\n]{1,300})\""
)
_ACCESS: Final = prepared(rb"(?m)^[ \t]{0,8}user[ \t]{1,8}\S{1,120}[^\n]{0,2000}")
_GIVEN: Final = prepared(rb"(?<=[ \t])>(\S{1,300})")
_MAILBOX: Final = prepared(rb"(?m)^[^#\n]{0,300}?\bpass(?:word)?[ \t]{1,8}(?:is[ \t]{1,8})?" + _VALUE)
_TUNNEL: Final = prepared(
    rb"(?m)^[ \t]{0,8}(?:[^\s#:][^#\n]{0,300}?[ \t])?:[ \t]{1,20}(?:(?:PSK|EAP|XAUTH|NTLM|PIN)"
    rb"|(?:RSA|ECDSA|PKCS8|P12)[ \t]{1,20}[^\s{\"]{1,200})[ \t]{1,20}" + _VALUE
)
_HASH: Final = (
    rb"(\$(?:apr1|[0-9][a-z]?|2[abxy]|y|gy|7|sha1|argon2(?:id|i|d))\$[^\s:\"']{8,300}"
    rb"|\{S?SHA(?:256|512)?\}[A-Za-z0-9+/=]{16,200}|[./A-Za-z0-9]{13}(?=\r?$))"
)
_HTPASSWD: Final = prepared(rb"(?m)^[^\s:#][^\s:]{0,200}:" + _HASH)
_SHADOW: Final = prepared(
    rb"(?m)^[a-z_][\w.-]{0,60}:!{0,2}(\$(?:[0-9][a-z]?|2[abxy]|y|gy|7)\$[^\s:\"']{8,300}):"
)
_MASTER: Final = prepared(rb"\s{0,20}([0-9a-f]{32})\s{0,20}")


def netrc(data: bytes) -> Iterator[Setting]:
    """The passwords of machines in a .netrc file."""
    for found in _NETRC.finditer(data):
        yield _perhaps_quoted(found)


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


def secrets_of_peers(data: bytes) -> Iterator[Setting]:
    """The passwords of a point-to-point daemon's peers: client, server, secret (chap-secrets)."""
    for found in _PEER.finditer(data):
        yield _perhaps_quoted(found)


def relays(data: bytes) -> Iterator[Setting]:
    """The passwords for mail relays in a table of Postfix: `[smtp.acme.io]:587 user:password`."""
    for found in _RELAY.finditer(data):
        yield _login(found[1], found.span(1))


def pool_users(data: bytes) -> Iterator[Setting]:
    """The passwords of PgBouncer's users, those that it keeps in plain text."""
    for found in _POOL_USER.finditer(data):
        yield _login(found[1], found.span(1), quote='"')


def access_list(data: bytes) -> Iterator[Setting]:
    """The passwords of users in an access list of Redis: `user app on >password`."""
    for user in _ACCESS.finditer(data):
        for found in _GIVEN.finditer(data, *user.span()):
            yield _login(found[1], found.span(1))


def ends_of_tunnels(data: bytes) -> Iterator[Setting]:
    """The secrets of a tunnel's ends, and passphrases of keys, in an ipsec.secrets of strongSwan."""
    for found in _TUNNEL.finditer(data):
        yield _perhaps_quoted(found)


def mailboxes(data: bytes) -> Iterator[Setting]:
    """The passwords of mailboxes in a .fetchmailrc file."""
    for found in _MAILBOX.finditer(data):
        yield _perhaps_quoted(found)


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


def _perhaps_quoted(found: re.Match[bytes]) -> Setting:
    """The password that is group 1, where it stands in quotes, or group 2."""
    group = 1 if found[1] is not None else 2
    return _login(found[group], found.span(group), quote='"' if group == 1 else "")


def _kept(key: str, found: re.Match[bytes]) -> Setting:
    return Setting(key=key, value=found[1], span=Span(*found.span(1)))
