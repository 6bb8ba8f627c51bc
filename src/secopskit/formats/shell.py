"""Shell scripts and start-up files, batch files and PowerShell: variables, options, here-documents."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats import command_options
from secopskit.formats.lines import assignments
from secopskit.formats.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUE: Final = rb"(?:\"((?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})'|([^\s\"';&|()<>`]{1,2000}))"
_QUOTES: Final = ('"', "'", "")
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
_HERE: Final = re.compile(rb"<<-?[ \t]{0,4}[\"']?([A-Za-z_]\w{0,40})[\"']?[^\n]{0,200}\n")
_MOST_HERE: Final = 200
_LONGEST_HERE: Final = 65536


def exported(data: bytes, offset: int = 0, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The variables that a script, which stands at `offset`, passes on to all programs it runs."""
    return _found(_EXPORT, data, offset, path)


def prefixed(data: bytes, offset: int = 0, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The variables of one command each: `PGPASSWORD=… psql`."""
    return _found(_PREFIX, data, offset, path)


def kept(data: bytes) -> Iterator[Setting]:
    """The variables that a script assigns, whether or not it passes them on."""
    return _found(_PLAIN, data, 0, ())


def passed_on(script: bytes, offset: int, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """What a script that stands at `offset` hands to programs: variables and options."""
    yield from exported(script, offset, path)
    yield from prefixed(script, offset, path)
    yield from command_options.in_text(script, offset, path)


def documents(data: bytes) -> Iterator[Setting]:
    """The settings of files that the script writes out of here-documents."""
    for found in islice(_HERE.finditer(data), _MOST_HERE):
        start = found.end()
        end = data.find(b"\n" + found[1], start - 1, start + _LONGEST_HERE)
        if end > start:
            yield from assignments(data[start:end], start)


def _found(pattern: re.Pattern[bytes], data: bytes, offset: int, path: tuple[str, ...]) -> Iterator[Setting]:
    names = pattern.groups - 3
    for found in pattern.finditer(data):
        key = next(found[number] for number in range(1, names + 1) if found[number] is not None)
        group = next(number for number in range(names + 1, names + 4) if found[number] is not None)
        span = Span(offset + found.start(group), offset + found.end(group))
        yield Setting(key.decode(), found[group], span, path, _QUOTES[group - names - 1])
