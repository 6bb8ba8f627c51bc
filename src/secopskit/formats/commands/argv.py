"""Commands given word by word in code and in settings: `["mysql", "-p…"]`, `Command("curl", "-u", "a:…")`.

The words are read as the line that a shell would be given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.commands import options
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.formats.setting import Setting

_PROGRAMS: Final = (
    rb"(?:mysql|mariadb)(?:-?[a-z]{1,8})?|mongo(?:sh|dump|restore|export|import)?|sqlcmd|ldap[a-z]{3,8}|docker|podman"
    rb"|buildah|skopeo|nerdctl|helm|crane|oras|az|oc|cf|ibmcloud|twine|poetry|cqlsh|cypher-shell|snowsql|sshpass"
    rb"|mosquitto_(?:pub|sub)|bcp|isql|tsql|zip|unzip|ipmitool|plink|pscp|psftp|redis-(?:cli|server)|valkey-cli|keydb-cli"
    rb"|7z[arz]?|rar|unrar|openssl|curl|wget|htpasswd|smbclient|rpcclient|vault|rabbitmqctl|sqlplus|nmcli|lftp|https?|net"
    rb"|pg_(?:dump|restore)|psql|restic|borg|gpg|keytool|kubectl"
)
_QUOTED: Final = LazyRegex(rb"([\"'])(?:[\w./-]{0,60}/)?(?:" + _PROGRAMS + rb")(?:\.exe)?\1[ \t]{0,4}(?=,)")
_NEXT: Final = LazyRegex(
    rb"\s{0,80},\s{0,80}(?:\[\s{0,40})?"
    rb"(?:\"([^\"\\\n]{1,300})\"|'([^'\\\n]{1,300})'|[\w.$&()]{1,60}(?=[ \t]{0,4}[,\])]))"
)
_ITEM: Final = LazyRegex(
    rb"(?m)^[ \t]{0,60}-[ \t]{1,4}[\"']?((?:" + _PROGRAMS + rb")(?:\.exe)?)[\"']?[ \t]{0,8}\r?$"
)
_NEXT_ITEM: Final = LazyRegex(
    rb"\r?\n[ \t]{0,60}-[ \t]{1,4}"
    rb"(?:\"([^\"\\\n]{1,300})\"|'([^'\n]{1,300})'|([^\s\"'#&*!|>{\[][^\s#]{0,300}))[ \t]{0,8}(?=\r?$|\r?\n)"
)
_MOST: Final = 40  # words
_PLAIN: Final = LazyRegex(rb"[^\s\"'`;&|()<>\\]{1,300}")


def settings(data: bytes) -> Iterator[Setting]:
    """What the commands in `data` that are given word by word hand to well-known programs."""
    for first, following in ((_QUOTED, _NEXT), (_ITEM, _NEXT_ITEM)):
        for found in first.finditer(data):
            yield from _read(data, found.end(), following, found[0].strip(b"\"' \t\r-"))


def _read(data: bytes, at: int, following: LazyRegex[bytes], program: bytes) -> Iterator[Setting]:
    """The options among the words behind `program`, which end where something else stands."""
    line, places = program, list[tuple[int, Span]]()
    for _ in range(_MOST):
        found = following.match(data, at)
        if not found:
            break
        at = found.end()
        group = next((number for number, text in enumerate(found.groups(), 1) if text is not None), 0)
        word = found[group] if group else b"$x"
        quote = b"" if _PLAIN.fullmatch(word) or not group else b"'" if b"'" not in word else b'"'
        line += b" " + quote
        if group:
            places.append((len(line), Span(*found.span(group))))
        line += word + quote
    if places:
        yield from _placed(line, places)


def _placed(line: bytes, places: list[tuple[int, Span]]) -> Iterator[Setting]:
    """The options of a command line, as they stand where its words do."""
    for setting in options.in_text(line, 0):
        for start, (begin, end) in places:
            offset = setting.span.start - start
            if offset >= 0 and setting.span.end - start <= end - begin:
                yield setting._replace(span=Span(begin + offset, begin + offset + len(setting.value)))
                break
