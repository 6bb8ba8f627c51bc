"""Files that hold logins and nothing else: .netrc, .pgpass, .git-credentials, htpasswd, shadow, keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.setting import Setting, SettingPlace, Trust
from secopskit.detect.value.filters import KeyKind
from secopskit.findings import Match, Span
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob

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
_HASH: Final = (
    rb"(\$(?:apr1|[0-9][a-z]?|2[abxy]|y|gy|7|sha1|argon2(?:id|i|d))\$[^\s:\"']{8,300}"
    rb"|\{S?SHA(?:256|512)?\}[A-Za-z0-9+/=]{16,200}|[./A-Za-z0-9]{13}(?=\r?$))"
)
_HTPASSWD: Final = re.compile(rb"(?m)^[^\s:#][^\s:]{0,200}:" + _HASH)
_SHADOW: Final = re.compile(
    rb"(?m)^[a-z_][\w.-]{0,60}:!{0,2}(\$(?:[0-9][a-z]?|2[abxy]|y|gy|7)\$[^\s:\"']{8,300}):"
)
_MASTER: Final = re.compile(rb"\s{0,20}([0-9a-f]{32})\s{0,20}")


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a login file, by the file's name."""
    name = blob.path.rpartition("/")[2].lower()
    if "netrc" in name:
        yield from judge(_netrc(blob.data), SettingPlace(rule="netrc-password", trust=Trust.DEPLOYED))
    elif "pgpass" in name:
        yield from judge(_pgpass(blob.data), SettingPlace(rule="pgpass-password", trust=Trust.DEPLOYED))
    elif "git-credentials" in name:
        yield from judge(_git(blob.data), SettingPlace(rule="git-credentials-password", trust=Trust.DEPLOYED))
    elif name.endswith(".key"):
        yield from _hashes(_MASTER, blob.data, "rails-master-key", "the whole file")
    elif "htpasswd" in name:
        yield from _hashes(_HTPASSWD, blob.data, "htpasswd-hash", "password hash of a user")
    else:
        yield from _hashes(_SHADOW, blob.data, "shadow-hash", "password hash of an account")


def _netrc(data: bytes) -> Iterator[Setting]:
    for found in _NETRC.finditer(data):
        group = 1 if found[1] is not None else 2
        yield _login(found[group], Span(*found.span(group)), "password of a machine")


def _pgpass(data: bytes) -> Iterator[Setting]:
    for found in _PGPASS.finditer(data):
        value = re.sub(rb"\\(.)", rb"\1", found[1])
        yield _login(value, Span(*found.span(1)), "password of a connection")


def _git(data: bytes) -> Iterator[Setting]:
    for found in _GIT.finditer(data):
        yield _login(found[1], Span(*found.span(1)), "password of a remote")


def _login(value: bytes, span: Span, note: str) -> Setting:
    return Setting(key="password", value=value, span=span, kind=KeyKind.PASSWORD, note=note)


def _hashes(pattern: re.Pattern[bytes], data: bytes, rule: str, note: str) -> Iterator[Match]:
    matches = [pattern.fullmatch(data)] if pattern is _MASTER else pattern.finditer(data)
    for found in matches:
        if found:
            yield Match(rule_id=rule, span=Span(*found.span(1)), secret=SecretValue(found[1]), note=note)
