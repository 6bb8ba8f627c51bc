"""Units of systemd: the variables that `Environment=` gives to a program, and the values of credentials.

https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html. The value of `Environment` is a
list of assignments parted by blanks, each of which, or its value alone, may stand in quotes; a backslash at
its end goes on in the next line. That of `SetCredential` is `id:value`. A `Setting`'s path is the name of the
list or of the credential's directive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTS: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}((?:Default|Manager)?Environment)[ \t]{0,40}="
    rb"((?:[^\\\r\n]|\\(?:\r?\n|[^\r\n])){1,8000})"
)
_NAME: Final = rb"([A-Za-z_]\w{0,120})="
_DOUBLE: Final = rb"((?:[^\"\\\n]|\\.){1,2000})\""
_SINGLE: Final = rb"((?:[^'\\\n]|\\.){1,2000})'"
_VARIABLE: Final = LazyRegex(
    rb"(?<![^\s=])(?:\""
    + _NAME
    + _DOUBLE
    + rb"|'"
    + _NAME
    + _SINGLE
    + rb"|"
    + _NAME
    + rb"(?:\""
    + _DOUBLE
    + rb"|'"
    + _SINGLE
    + rb"|((?:[^\s\"'\\]|\\\S)(?:[^\s\\]|\\\S){0,2000})))"
)
_CREDENTIAL: Final = LazyRegex(
    rb"(?m)^[ \t]{0,40}(SetCredential)[ \t]{0,40}=[ \t]{0,40}([\w.-]{1,120}):([^\s\\][^\r\n]{0,2000})"
)
_QUOTED: Final = {2: '"', 4: "'", 6: '"', 7: "'", 8: ""}
_NAMES: Final = (1, 3, 5)


def settings(data: bytes) -> Iterator[Setting]:
    """The variables of a unit, then its credentials. `%%` is a percent sign."""
    for listed in _LISTS.finditer(data):
        path = (listed[1].decode(),)
        for found in _VARIABLE.finditer(data, *listed.span(2)):
            name = next(found[number] for number in _NAMES if found[number] is not None)
            group = next(number for number in _QUOTED if found[number] is not None)
            span = Span(*found.span(group))
            yield Setting(name.decode(), _plain(found[group]), span, path, _QUOTED[group])
    for found in _CREDENTIAL.finditer(data):
        value = found[3].rstrip()
        span = Span(found.start(3), found.start(3) + len(value))
        yield Setting(found[2].decode(), _plain(value), span, (found[1].decode(),))


def _plain(value: bytes) -> bytes:
    return value.replace(b"%%", b"%")
