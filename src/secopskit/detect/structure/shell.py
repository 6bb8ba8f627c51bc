"""Shell scripts and start-up files, batch files and PowerShell: exported variables and options."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure import flags, sql
from secopskit.detect.structure.judge import judge
from secopskit.detect.structure.lines import assignments
from secopskit.detect.structure.setting import Setting, SettingPlace, Trust, place_for
from secopskit.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "shell-secret"
_VALUE: Final = rb"(?:\"((?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})'|([^\s\"';&|()<>`]{1,2000}))"
# Passed on to programs: `export X=…`, `setenv X …`, `set -x X …`, `docker run -e X=…`, `$env:X = …`.
_EXPORT: Final = re.compile(
    rb"(?m)(?:^|[ \t;&|(])(?:(?:export|declare -x|typeset -x|set|-e|--env|--build-arg|ENV)[ \t]{1,8}"
    rb"[\"']?([A-Za-z_]\w{0,120})=(?![ \t])"
    rb"|(?:setenv|set -g?x|set -xg|set -Ux)[ \t]{1,8}([A-Za-z_]\w{0,120})[ \t]{1,8}"
    rb"|\$(?:env|Env|ENV):([A-Za-z_]\w{0,120})[ \t]{0,8}=[ \t]{0,8})" + _VALUE
)
# `PGPASSWORD=… psql`: the variable of one command.
_PREFIX: Final = re.compile(
    rb"(?m)(?:^[ \t]{0,80}|[;&|(`][ \t]{0,8})([A-Za-z_]\w{0,120})=" + _VALUE + rb"[ \t]{1,8}(?=[a-z./$])"
)
_PLAIN: Final = re.compile(
    rb"(?m)^[ \t]{0,80}(?:local[ \t]{1,8}|readonly[ \t]{1,8}|declare[ \t]{1,8}(?:-\w[ \t]{1,8})?|\$)?"
    rb"([A-Za-z_]\w{0,120})[ \t]{0,4}=[ \t]{0,4}" + _VALUE
)
_START_UP: Final = re.compile(
    r"(?i)(?:^|/)\.?(?:bash_?rc|bash_profile|bash_login|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc"
    r"|envrc|exports|extra|secrets|config\.fish)$"
)


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a script. What it passes on counts more than what it keeps in a variable."""
    settings = place_for(blob.path, RULE, Trust.SETTINGS)
    exported = SettingPlace(rule=RULE, trust=Trust.DEPLOYED) if _START_UP.search(blob.path) else settings
    yield from judge(_found(_EXPORT, blob.data), exported)
    yield from judge(_found(_PREFIX, blob.data), settings)
    yield from judge(_found(_PLAIN, blob.data), SettingPlace(rule=RULE, trust=Trust.CODE))
    yield from judge(_documents(blob.data), settings)
    yield from judge(flags.in_text(blob.data, 0), settings)
    yield from sql.detect(blob)


def passed_on(script: bytes, offset: int) -> Iterator[Setting]:
    """What a script that stands at `offset` hands to programs: variables and options."""
    for pattern in (_EXPORT, _PREFIX):
        yield from _found(pattern, script, offset)
    yield from flags.in_text(script, offset)


def _found(pattern: re.Pattern[bytes], data: bytes, offset: int = 0) -> Iterator[Setting]:
    names = pattern.groups - 3
    for found in pattern.finditer(data):
        key = next(found[number] for number in range(1, names + 1) if found[number] is not None)
        group = next(number for number in range(names + 1, names + 4) if found[number] is not None)
        span = Span(offset + found.start(group), offset + found.end(group))
        yield Setting(key=key.decode(), value=found[group], span=span)


_HERE: Final = re.compile(rb"<<-?[ \t]{0,4}[\"']?([A-Za-z_]\w{0,40})[\"']?[^\n]{0,200}\n")
_MOST_HERE: Final = 200
_LONGEST_HERE: Final = 65536


def _documents(data: bytes) -> Iterator[Setting]:
    """Settings files that the script writes out of here-documents."""
    for found in islice(_HERE.finditer(data), _MOST_HERE):
        start = found.end()
        end = data.find(b"\n" + found[1], start - 1, start + _LONGEST_HERE)
        if end > start:
            yield from assignments(data[start:end], start)
