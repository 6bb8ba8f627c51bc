"""Robot Framework: variables and what keywords are given, in cells that two blanks or a tab part.

`${PASSWORD}    value`, `&{LOGIN}    user=ada    password=value`, and the words that type a password into a
page: `Input Password    id:password    value`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_GAP: Final = rb"(?:[ ]{2,80}|[ ]{0,80}\t[ \t]{0,80})"
_CELL: Final = rb"[^\s](?:[^\t\r\n ]|[ ](?! )){0,1000}"
_VARIABLE: Final = prepared(
    rb"(?m)^[$]\{([\w -]{1,80})\}[ ]?=?" + _GAP + rb"([^\s#$@&%](?:[^\t\r\n ]|[ ](?! )){0,1000})"
)
_NAMED: Final = prepared(rb"(?m)(?<=[ \t])([A-Za-z_]\w{0,80})=([^\s$@&%][^\s]{0,1000})")
_TYPED: Final = prepared(
    rb"(?im)^[ \t]{1,80}(?:Input[ ]Password|(?:Input[ ]Text|Type[ ]Text|Fill[ ]Text)(?=[^\r\n]{0,200}passw))"
    + _GAP
    + _CELL
    + _GAP
    + rb"([^\s$@&%#](?:[^\t\r\n ]|[ ](?! )){0,400})"
)


def settings(data: bytes) -> Iterator[Setting]:
    """The variables, the named arguments, and what is typed into fields of passwords."""
    for pattern in (_VARIABLE, _NAMED):
        for found in pattern.finditer(data):
            key = found[1].decode().replace(" ", "_")
            yield Setting(key, found[2], Span(*found.span(2)))
    for found in _TYPED.finditer(data):
        yield Setting("password", found[1], Span(*found.span(1)), form=SettingForm.PASSWORD)
