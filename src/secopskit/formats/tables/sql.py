"""SQL: the passwords given to roles, users and logins, each a `Setting` of form PASSWORD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_LITERAL: Final = rb"N?(?:'((?:[^'\n]|''){1,200})'|\"([^\"\n]{1,200})\")"
_STATEMENTS: Final = (
    prepared(
        rb"(?i)\b(?:CREATE|ALTER)[ \t\r\n]{1,8}(?:ROLE|USER|LOGIN|GROUP)[ \t\r\n][^;]{0,300}?"
        rb"\bPASSWORD[ \t\r\n]{0,8}=?[ \t\r\n]{0,8}" + _LITERAL
    ),
    prepared(
        rb"(?i)\bIDENTIFIED[ \t\r\n]{1,8}(?:WITH[ \t\r\n]{1,8}['\"]?\w{1,40}['\"]?[ \t\r\n]{1,8})?"
        rb"(?:BY|AS)[ \t\r\n]{1,8}(?:PASSWORD[ \t]{1,8})?" + _LITERAL
    ),
    prepared(
        rb"(?i)\bSET[ \t]{1,8}PASSWORD[ \t]{0,8}(?:FOR[ \t]{1,8}\S{1,120}[ \t]{0,8})?=[ \t]{0,8}"
        rb"(?:PASSWORD[ \t]{0,8}\([ \t]{0,8})?" + _LITERAL
    ),
)


def settings(data: bytes) -> Iterator[Setting]:
    """The passwords in SQL, or in a script that holds SQL. The key is always "PASSWORD"."""
    low = data.lower()  # most scripts hold no SQL at all
    if b"password" not in low and b"identified" not in low:
        return
    for pattern in _STATEMENTS:
        for found in pattern.finditer(data):
            group = 1 if found[1] is not None else 2
            yield Setting(
                key="PASSWORD",
                value=found[group].replace(b"''", b"'"),
                span=Span(*found.span(group)),
                quote="'" if group == 1 else '"',
                form=SettingForm.PASSWORD,
            )
