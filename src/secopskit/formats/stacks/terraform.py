"""Terraform: variable files, and the defaults and arguments written into configurations.

The default of a declared variable has the variable's name as key and the form DEFAULT.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.formats.stacks.terraform_blocks import blocks
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT: Final = rb"\"((?:[^\"\\\n]|\\.){1,2000})\""
_PAIR: Final = prepared(
    rb"(?m)(?:^[ \t]{0,80}|[{,][ \t]{0,20})\"?([A-Za-z_][\w.-]{0,120})\"?[ \t]{0,200}[=:][ \t]{0,200}" + _TEXT
)
# `key = <<-EOT`, one line, and the end.
_HEREDOC: Final = prepared(
    rb"(?m)^[ \t]{0,80}\"?([A-Za-z_][\w.-]{0,120})\"?[ \t]{0,200}=[ \t]{0,200}<<-?(\w{1,40})[ \t]{0,8}\r?\n"
    rb"[ \t]{0,80}(\S[^\r\n]{0,2000})\r?\n[ \t]{0,80}\2\b"
)
_NAMED: Final = prepared(
    rb"\b(?:name|key)[ \t]{0,40}[=:][ \t]{0,40}\"([^\"\\\n]{1,120})\"[ \t]{0,8},?\s{0,200}"
    rb"(?:type[ \t]{0,40}[=:][ \t]{0,40}[\w\"]{1,40}[ \t]{0,8},?\s{0,200})?value[ \t]{0,40}[=:][ \t]{0,40}"
    + _TEXT
)
_DEFAULT: Final = prepared(rb"\bdefault[ \t]{0,200}=[ \t]{0,200}" + _TEXT)


def settings(data: bytes) -> Iterator[Setting]:
    """The arguments with a text as value, `name = "a"` with `value = "b"`, then the defaults of variables."""
    for pattern in (_PAIR, _NAMED):
        for found in pattern.finditer(data):
            yield _setting(found[1].decode("utf-8", "replace"), found, 2)
    for found in _HEREDOC.finditer(data):
        yield _setting(found[1].decode(), found, 3)._replace(quote="")
    for block in blocks(data):
        if default := _DEFAULT.search(data, *block.body):
            yield _setting(block.name, default, 1)._replace(form=SettingForm.DEFAULT)


def _setting(key: str, found: re.Match[bytes], group: int) -> Setting:
    return Setting(key=key, value=found[group], span=Span(*found.span(group)), quote='"')
