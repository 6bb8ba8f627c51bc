"""Passwords given on command lines: `--requirepass X`, `mysql -pX`, `-passin pass:X`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.setting import Setting
from secopskit.detect.value.filters import KeyKind, sensitive_key
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_VALUE: Final = rb"(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|([^\s\"';&|)\\-][^\s\"';&|)\\]{0,199}))"
_BREAK: Final = rb"(?:[ \t]{1,8}|[ \t]{0,8}\\\r?\n[ \t]{0,40})"
_LONG: Final = re.compile(
    rb"(?<![\w-])--?((?:[A-Za-z][\w.-]{0,40})?(?:pass(?:word|wd|phrase)?|pwd|secret|token|key))(?:=|"
    + _BREAK
    + rb")"
    + _VALUE
)
# The short flags of programs that are known to take a password there.
_SHORT: Final = re.compile(
    rb"(?<![\w./-])(?:"
    rb"(?:redis-cli|valkey-cli|keydb-cli)\b[^\n|;&]{0,120}?[ \t]-a[ \t]{1,4}"
    rb"|(?:mysql|mysqladmin|mysqldump|mysqlcheck|mariadb|mariadb-admin|mariadb-dump)\b"
    rb"[^\n|;&]{0,120}?[ \t]-p(?=[^\s-])"
    rb"|(?:mongo|mongosh|mongodump|mongorestore|sqlcmd|ldapsearch|ldapadd|ldapmodify|docker login|sshpass)\b"
    rb"[^\n|;&]{0,120}?[ \t]-(?:p|P|w)[ \t]{0,4}(?=[^\s-])"
    rb")" + _VALUE
)
_PASSIN: Final = re.compile(rb"-pass(?:in|out|word)?[ \t]{1,4}[\"']?pass:([^\s\"']{1,200})")
_CURL: Final = re.compile(
    rb"(?<![\w-])curl\b[^\n|]{0,300}?[ \t](?:-u|--user)[ \t=]{1,4}[\"']?[^\s:\"'$]{1,80}:([^\s\"']{1,200})"
)
_SECURE: Final = re.compile(
    rb"(?i:ConvertTo-SecureString)[ \t]{1,8}(?:-String[ \t]{1,8})?"
    rb"(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})')[^\n]{0,80}(?i:-AsPlainText)"
)
_SECURE_AFTER: Final = re.compile(
    rb"(?i:ConvertTo-SecureString)[^\n\"']{0,80}(?i:-AsPlainText)[^\n\"']{0,40}(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})')"
)
_WORDS: Final = (b"pass", b"pwd", b"secret", b"token", b"-key", b"Pass", b"Secret", b"Token", b"Key")
_PROGRAMS: Final = (b"-cli", b"mysql", b"mariadb", b"mongo", b"sqlcmd", b"ldap", b"docker login", b"sshpass")
# Each with words of which one must stand in the text.
_KNOWN: Final = (
    (_SHORT, _PROGRAMS, "-p"),
    (_PASSIN, (b"-pass",), "-passin"),
    (_CURL, (b"curl",), "curl --user"),
    (_SECURE, (b"ecure",), "SecureString"),
    (_SECURE_AFTER, (b"ecure",), "SecureString"),
)
_ITEM: Final = re.compile(rb"--?([A-Za-z][\w.-]{0,60})(?:=(.{1,400}))?")


def in_text(text: bytes, offset: int) -> Iterator[Setting]:
    """The flags in a command line, or in a script of them, that stands at `offset`."""
    if _any(text, _WORDS):
        for found in _LONG.finditer(text):
            name = found[1].decode()
            if kind := sensitive_key(name):
                yield _setting(found, f"--{name}", kind, offset, first=2)
    for pattern, words, name in _KNOWN:
        if _any(text, words):
            for found in pattern.finditer(text):
                yield _setting(found, name, KeyKind.PASSWORD, offset, first=1)


def _any(text: bytes, words: Sequence[bytes]) -> bool:
    """Whether one of `words` stands in `text`: far cheaper than the expression behind it."""
    return any(word in text for word in words)


def _setting(found: re.Match[bytes], name: str, kind: KeyKind, offset: int, *, first: int) -> Setting:
    group = next(number for number in range(first, len(found.groups()) + 1) if found[number] is not None)
    span = Span(offset + found.start(group), offset + found.end(group))
    return Setting(key=name, value=found[group], span=span, kind=kind, note=f"option {name}")


def in_words(words: Sequence[tuple[bytes, int]]) -> Iterator[Setting]:
    """The flags in a command given word by word; each word with its offset."""
    program = words[0][0].rpartition(b"/")[2] if words else b""
    for index, (word, offset) in enumerate(words):
        found = _ITEM.fullmatch(word)
        following = words[index + 1] if index + 1 < len(words) else None
        if not found or (found[2] is None and following is None):
            continue
        name = found[1].decode()
        value, start = (
            (found[2], offset + found.start(2)) if found[2] is not None else (following or (b"", 0))
        )
        if found[2] is None and value.startswith(b"-"):  # the next option
            continue
        redis = name == "a" and b"cli" in program
        if redis or sensitive_key(name):
            kind = KeyKind.PASSWORD if redis else None
            yield Setting(
                key=name, value=value, span=Span(start, start + len(value)), kind=kind, note=f"option {name}"
            )
    for word, offset in words:
        if b" " in word.strip():  # `sh -c "..."`
            yield from in_text(word, offset)
    if program.startswith((b"mysql", b"mariadb")):
        yield from _attached(words)


def _attached(words: Sequence[tuple[bytes, int]]) -> Iterator[Setting]:
    for word, offset in words[1:]:
        if word.startswith(b"-p") and len(word) > 2 and not word.startswith((b"-port", b"-prot")):
            span = Span(offset + 2, offset + len(word))
            yield Setting(key="-p", value=word[2:], span=span, kind=KeyKind.PASSWORD, note="option -p")
