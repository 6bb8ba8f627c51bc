"""Dotenv files: every variable, and the file itself as a finding whose severity follows its content.

The grammar is the union of what python-dotenv, docker, compose, dotenv and direnv read: `export`,
blanks around `=`, both kinds of quotes, escapes and line breaks in double quotes, comments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.judge import WEAK_RULE, judge
from secopskit.detect.structure.setting import Setting, SettingPlace, Trust, place_for
from secopskit.findings import Confidence, Match, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob

RULE: Final = "dotenv-secret"
FILE_RULE: Final = "dotenv-file"
_LINE: Final = re.compile(
    rb"(?m)^[ \t]{0,80}(?:export[ \t]{1,8})?([A-Za-z_][\w.-]{0,120})[ \t]{0,40}(?:=|:[ \t])[ \t]{0,40}"
    rb"(?:\"((?:[^\"\\]|\\.){0,8192})\"|'([^']{0,8192})'|`([^`]{0,8192})`|([^\r\n]{0,8192}))"
)
_COMMENTED: Final = re.compile(
    rb"(?m)^[ \t]{0,8}#[# \t]{0,4}(?:export[ \t]{1,8})?([A-Z_][A-Z0-9_]{2,120})=[\"']?([^\s\"'#]{6,2000})"
)
_COMMENT: Final = re.compile(rb"(?:^|[ \t])#.{0,8192}$")
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
# Formats that only their issuer gives out: a hit is real whatever the name of the variable.
_ISSUED: Final = re.compile(
    rb"(?:gh[pousr]_|github_pat_|glpat-|sk_live_|rk_live_|sk-(?:proj|ant|svcacct)-|xox[abprs]-|AKIA|ASIA|AIza|SG\.|npm_"
    rb"|shp(?:at|ca|pa|ss)_|dop_v1_|hf_|pypi-|sb_secret_|dckr_pat_|-----BEGIN [A-Z ]{0,20}PRIVATE KEY)"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a dotenv file, and the file itself unless it is a template."""
    place = place_for(blob.path, RULE, Trust.DEPLOYED)
    matches = list(judge(settings(blob.data), place))
    # In a comment only what is clearly real counts: the rest explains the format.
    matches += judge(_commented(blob.data), SettingPlace(rule=RULE, trust=Trust.TEMPLATE))
    yield from matches
    if place.trust is not Trust.TEMPLATE and blob.data.strip() and _LINE.search(blob.data):
        yield _file(blob.data, matches)


def _file(data: bytes, matches: list[Match]) -> Match:
    first = next((found for found in _LINE.finditer(data)), None)
    span = Span(first.start(1), first.end(1)) if first else Span(0, 0)
    severity, note = Severity.LOW, "settings only"
    if matches:
        severity, note = Severity.HIGH, "holds weak passwords or likely secrets"
    if any(m.confidence is Confidence.HIGH and m.rule_id != WEAK_RULE for m in matches) or _ISSUED.search(
        data
    ):
        severity, note = Severity.CRITICAL, "holds real secrets"
    return Match(rule_id=FILE_RULE, span=span, secret=None, severity=severity, note=note)


def settings(data: bytes) -> Iterator[Setting]:
    """The variables of a dotenv file."""
    for found in _LINE.finditer(data):
        group = next(number for number in (2, 3, 4, 5) if found[number] is not None)
        value = found[group]
        length = len(value)
        if group == 5:
            value = _COMMENT.sub(b"", value).rstrip()
            length = len(value)
        elif group == 2 and b"\\" in value:
            value = _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), value)
        start = found.start(group)
        yield Setting(key=found[1].decode(), value=value, span=Span(start, start + length))


def _commented(data: bytes) -> Iterator[Setting]:
    for found in _COMMENTED.finditer(data):
        note = f"key {found[1].decode()[:60]}, commented out"
        yield Setting(key=found[1].decode(), value=found[2], span=Span(*found.span(2)), note=note)
