"""Options of command lines: `--requirepass X`, `mysql -pX`, `curl --user a:X`, `-passin pass:X`.

In a text, which may be anything, the options are read by which programs take passwords, keys and
tokens; in a command given word by word, every option with a value. Each is a `Setting` of form
OPTION or PASSWORD_OPTION whose key is the option.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.formats.yaml_tree import Scalar, within

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


def in_text(text: bytes, offset: int, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The options in a command line, or in a script of them, that stands at `offset`; keys with dashes."""
    if _any(text, _WORDS):
        for found in _LONG.finditer(text):
            yield _setting(found, f"--{found[1].decode()}", SettingForm.OPTION, offset, path, first=2)
    for pattern, words, name in _KNOWN:
        if _any(text, words):
            for found in pattern.finditer(text):
                yield _setting(found, name, SettingForm.PASSWORD_OPTION, offset, path, first=1)


def _any(text: bytes, words: Sequence[bytes]) -> bool:
    """Whether one of `words` stands in `text`: far cheaper than the expression behind it."""
    return any(word in text for word in words)


def _setting(
    found: re.Match[bytes], name: str, form: SettingForm, offset: int, path: tuple[str, ...], *, first: int
) -> Setting:
    group = next(number for number in range(first, len(found.groups()) + 1) if found[number] is not None)
    span = Span(offset + found.start(group), offset + found.end(group))
    return Setting(key=name, value=found[group], span=span, path=path, form=form)


def in_words(words: Sequence[Scalar], path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The options in a command given word by word; keys without dashes."""
    program = words[0].value.rpartition(b"/")[2] if words else b""
    for index, word in enumerate(words):
        found = _ITEM.fullmatch(word.value)
        following = words[index + 1] if index + 1 < len(words) else None
        if not found:
            continue
        name = found[1].decode()
        form = SettingForm.PASSWORD_OPTION if name == "a" and b"cli" in program else SettingForm.OPTION
        if found[2] is not None:
            yield Setting(name, found[2], within(word, found.start(2), found[2]), path, form=form)
        elif following and not following.value.startswith(b"-"):  # else it is the next option
            yield Setting(name, following.value, Span(following.start, following.end), path, form=form)
    for word in words:
        if b" " in word.value.strip():  # `sh -c "..."`
            for setting in in_text(word.value, 0, path):
                yield setting._replace(span=within(word, setting.span.start, setting.value))
    if program.startswith((b"mysql", b"mariadb")):
        yield from _attached(words, path)


def _attached(words: Sequence[Scalar], path: tuple[str, ...]) -> Iterator[Setting]:
    for word in words[1:]:
        text = word.value
        if text.startswith(b"-p") and len(text) > 2 and not text.startswith((b"-port", b"-prot")):
            yield Setting("-p", text[2:], within(word, 2, text[2:]), path, form=SettingForm.PASSWORD_OPTION)
