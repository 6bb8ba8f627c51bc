"""Options of command lines: `--requirepass X`, `mysql -pX`, `curl --user a:X`, `-passin pass:X`.

In a text, which may be anything, the options are read by which programs take passwords, keys and
tokens; in a command given word by word, every option with a value. Each is a `Setting` of form
OPTION or PASSWORD_OPTION whose key is the option.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.commands import programs
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from secopskit.formats.trees.yaml_tree import Scalar

_LONG: Final = prepared(
    (
        # What `configure` is asked to build with is no value: `--with-eap_pwd   build with …`.
        r"(?<![\w-])--?(?!with(?:out)?-[\w.-]{1,60}[\s\\`^])((?:[A-Za-z][\w.-]{0,40})?(?:pass(?:word|wd|phrase)?|pwd|secret|token|key))"
        rf"(?:=|{programs.BREAK})"
        r"(?![\"']?(?:(?:pass|env|file|fd):|stdin\b))"  # of openssl: where the password is
        rf"{programs.VALUE}"
    ).encode()
)
_WORDS: Final = (b"pass", b"pwd", b"secret", b"token", b"-key", b"Pass", b"Secret", b"Token", b"Key")
_ITEM: Final = prepared(rb"--?([A-Za-z][\w.-]{0,60})(?:=(.{1,400}))?")


def in_text(text: bytes, offset: int, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The options in a command line, or in a script of them, that stands at `offset`; keys with dashes."""
    if any(word in text for word in _WORDS):  # far cheaper than the expression
        for found in _LONG.finditer(text):
            yield _long(found, offset, path)
    yield from programs.settings(text, offset, path)


def _long(found: re.Match[bytes], offset: int, path: tuple[str, ...]) -> Setting:
    group = next(number for number in (2, 3, 4) if found[number] is not None)
    span = Span(offset + found.start(group), offset + found.end(group))
    return Setting(f"--{found[1].decode()}", found[group], span, path, form=SettingForm.OPTION)


def in_words(words: Sequence[Scalar], path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The options in a command given word by word; keys without dashes."""
    from secopskit.formats.trees.yaml_tree import within  # loads yaml, of which scripts know nothing

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
    from secopskit.formats.trees.yaml_tree import within

    for word in words[1:]:
        text = word.value
        if text.startswith(b"-p") and len(text) > 2 and not text.startswith((b"-port", b"-prot")):
            yield Setting("-p", text[2:], within(word, 2, text[2:]), path, form=SettingForm.PASSWORD_OPTION)
