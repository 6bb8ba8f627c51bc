"""Terraform: texts that are secrets by the argument or the block they stand in, whatever their names.

The content of a secret of AWS, Google or GitHub (`secret_string`, `secret_data`, `plaintext_value`), the
value of a parameter or variable that is encrypted or masked, and the default of a `sensitive` variable. Each
is a `Setting` of form PASSWORD.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.formats.stacks.terraform_blocks import blocks
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is an expression or a document of its own is read elsewhere.
_TEXT: Final = rb"[ \t]{0,80}=[ \t]{0,80}\"((?![{\[$]|\\\")(?:[^\"\\\n]|\\.){1,2000})\"[ \t]{0,8}\r?$"
_CONTENT: Final = LazyRegex(rb"(?m)^[ \t]{1,80}(secret_string|secret_data|plaintext_value)" + _TEXT)
_HOLDER: Final = LazyRegex(
    rb"(?m)^[ \t]{0,20}resource[ \t]{1,8}\"(?:aws_ssm_parameter|tfe_variable"
    rb"|gitlab_(?:project|group|instance)_variable|(azurerm_key_vault_secret|doppler_secret))\""
    rb"[ \t]{1,8}\"([\w-]{1,120})\"[ \t]{0,8}\{"
)
_VALUE: Final = LazyRegex(rb"(?m)^[ \t]{1,80}(value|insecure_value)" + _TEXT)
_CLOSED: Final = LazyRegex(
    rb"(?m)^[ \t]{1,80}(?:type[ \t]{0,80}=[ \t]{0,80}\"SecureString\""
    rb"|(?:sensitive|masked)[ \t]{0,80}=[ \t]{0,80}true)"
)
_DEFAULT: Final = LazyRegex(rb"(?m)^[ \t]{1,80}(default)" + _TEXT)
# What such blocks hold beside secrets, to have it in one place.
_BESIDE: Final = LazyRegex(
    r"(?i)(?:^|[_./-]|(?<=[a-z]))(?:user(?:name)?|login|name|host(?:name)?|url|uri|endpoint|addr(?:ess)?"
    r"|ip|cidr|port|id|arn|email|region|zone|domain|account|bucket|version|path|file|type|env(?:ironment)?)s?$"
)
_LONGEST: Final = 4000


def settings(data: bytes) -> Iterator[Setting]:
    """The contents of secrets, the values of what is closed, and the defaults of sensitive variables."""
    for found in _CONTENT.finditer(data):
        yield _setting(found[1].decode(), found)
    for holder in _HOLDER.finditer(data):
        end = data.find(b"\n}", holder.end(), holder.end() + _LONGEST)
        body = Span(holder.end(), max(end + 1, holder.end()))
        if holder[1] or _CLOSED.search(data, *body):
            yield from _in_block(_VALUE, holder[2].decode(), data, body)
    for block in blocks(data):
        if _CLOSED.search(data, *block.body):
            yield from _in_block(_DEFAULT, block.name, data, block.body)


def _in_block(pattern: LazyRegex[bytes], name: str, data: bytes, body: Span) -> Iterator[Setting]:
    if not _BESIDE.search(name) and (found := pattern.search(data, *body)):
        yield _setting(name, found)


def _setting(key: str, found: re.Match[bytes]) -> Setting:
    return Setting(key, found[2], Span(*found.span(2)), quote='"', form=SettingForm.PASSWORD)
