"""Shell scripts and start-up files, batch and make files, PowerShell: variables, options, here-documents.

A line may be one that a shell has shown or kept: behind a prompt, the signs of `set -x`, a time, or as an
entry of a history.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.commands import options
from secopskit.formats.lines import assignments
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_VALUE: Final = rb"(?:\"((?:[^\"\\\n]|\\.){1,2000})\"|'([^'\n]{1,2000})'|([^\s\"';&|()<>`]{1,2000}))"
_QUOTES: Final = ('"', "'", "")
# What stands before a command where a shell shows it or keeps it.
_TIME: Final = rb"\[?\d{4}-\d\d-\d\d[T ][\d:.,]{5,18}(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]{1,4}"
_PROMPT: Final = (
    rb"(?:" + _TIME + rb")?(?:[$#%>!][ \t]{0,4}|\+{1,4}[ \t]|##\[command\]|Run[ \t]|-[ \t]cmd:[ \t]"
    rb"|:[ \t]\d{9,11}:\d{1,7};|PS[ \t][^>\n]{0,100}>[ \t]?|[A-Z]:\\[^>\n]{0,100}>[ \t]?"
    rb"|[\w.-]{1,40}@[\w.-]{1,60}[: ]"
    rb"[^\n$#]{0,80}[$#][ \t])?"
)
_BEFORE: Final = (
    rb"(?:^[ \t]{0,80}(?:-[ \t])?"
    + _PROMPT
    + rb"|[;&|(`\"'][ \t]{0,8}|\b(?:env|sudo|exec|then|do|else|time|nohup)[ \t]{1,8})"
)
# An assignment, also in the ways of Make, apart from `!=`, which runs a command.
_MAKE: Final = rb"[ \t]{0,8}(?:[?+]|:{1,3})?="
# Passed on to programs: `export X=…`, `setenv X …`, `set -x X …`, `docker run -e X=…`, `$env:X = …`.
_EXPORT: Final = prepared(
    rb"(?m)(?:^|[ \t;&|(!>\]])(?:(?:export|declare -x|typeset -x|set|SET|Set|-e|--env|--build-arg|ENV)"
    rb"[ \t]{1,8}"
    rb"[\"']?([A-Za-z_]\w{0,120})=(?![ \t])"
    rb"|export[ \t]{1,8}([A-Za-z_]\w{0,120})" + _MAKE + rb"[ \t]{0,8}"
    rb"|(?:setenv|set -g?x|set -xg|set -Ux)[ \t]{1,8}([A-Za-z_]\w{0,120})[ \t]{1,8}"
    rb"|\$(?:env|Env|ENV):([A-Za-z_]\w{0,120})[ \t]{0,8}=[ \t]{0,8})" + _VALUE
)
# `PGPASSWORD=… psql`: the variable of one command.
_PREFIX: Final = prepared(
    rb"(?m)" + _BEFORE + rb"(?:[A-Za-z_]\w{0,60}=[^\s\"';&|]{0,100}[ \t]{1,8}){0,4}"
    rb"([A-Za-z_]\w{0,120})=" + _VALUE + rb"[ \t]{1,8}(?=[a-z./$])"
)
_PLAIN: Final = prepared(
    rb"(?m)^[ \t]{0,80}"
    + _PROMPT
    + rb"(?:(?:local|readonly|declare|typeset|override)[ \t]{1,8}(?:-\w{1,3}[ \t]{1,8})?"
    rb"|(?:\[[\w.]{1,40}\][ \t]{0,4})?\$(?:(?:script|global|local|private):)?)?"
    rb"([A-Za-z_]\w{0,120})" + _MAKE + rb"[ \t]{0,4}" + _VALUE
)
# `set "X=…"` of batch files, `export "X=…"`: the quotes are around name and value.
_QUOTED: Final = prepared(
    rb"(?m)(?:^|[ \t;&|(@])(?:export|set|SET|Set|-e|--env)[ \t]{1,8}"
    rb"(?:[\"]([A-Za-z_]\w{0,120})=([^\"\n]{1,2000})[\"]"
    rb"|[']([A-Za-z_]\w{0,120})=([^'\n]{1,2000})['])"
)
# What a variable is if nobody sets it: `: "${DB_PASSWORD:=…}"`, `--password "${DB_PASSWORD:-…}"`.
_DEFAULT: Final = prepared(rb"\$\{([A-Za-z_]\w{0,120}):?[-=]([^{}\s\"'`$]{1,300})\}")
_HERE: Final = prepared(rb"<<-?[ \t]{0,4}[\"']?([A-Za-z_]\w{0,40})[\"']?[^\n]{0,200}\n")
_MOST_HERE: Final = 200
_LONGEST_HERE: Final = 65536


def exported(data: bytes, offset: int = 0, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The variables that a script, which stands at `offset`, passes on to all programs it runs."""
    yield from _found(_EXPORT, data, offset, path)
    for found in _QUOTED.finditer(data):
        name = 1 if found[1] is not None else 3
        span = Span(offset + found.start(name + 1), offset + found.end(name + 1))
        yield Setting(found[name].decode(), found[name + 1], span, path, '"' if name == 1 else "'")


def prefixed(data: bytes, offset: int = 0, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """The variables of one command each: `PGPASSWORD=… psql`."""
    return _found(_PREFIX, data, offset, path)


def kept(data: bytes) -> Iterator[Setting]:
    """The variables that a script assigns, whether or not it passes them on."""
    return _found(_PLAIN, data, 0, ())


def defaults(data: bytes) -> Iterator[Setting]:
    """What a script takes variables for that are not set."""
    for found in _DEFAULT.finditer(data):
        span = Span(*found.span(2))
        yield Setting(found[1].decode(), found[2], span, form=SettingForm.DEFAULT)


def passed_on(script: bytes, offset: int, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """What a script that stands at `offset` hands to programs: variables and options."""
    yield from exported(script, offset, path)
    yield from prefixed(script, offset, path)
    yield from options.in_text(script, offset, path)


def documents(data: bytes) -> Iterator[Setting]:
    """The settings of files that the script writes out of here-documents."""
    for _, start, end in _here(data):
        yield from assignments(data[start:end], start)


def document_spans(data: bytes) -> Iterator[Span]:
    """The here-documents, each with the line that opens it and the one that ends it."""
    for sign, _, end in _here(data):
        stop = data.find(b"\n", end + 1)
        yield Span(data.rfind(b"\n", 0, sign) + 1, stop if stop >= 0 else len(data))


def _here(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each here-document is announced, where it begins and where it ends."""
    for found in islice(_HERE.finditer(data), _MOST_HERE):
        start = found.end()
        end = data.find(b"\n" + found[1], start - 1, start + _LONGEST_HERE)
        if end > start:
            yield found.start(), start, end


def _found(pattern: re.Pattern[bytes], data: bytes, offset: int, path: tuple[str, ...]) -> Iterator[Setting]:
    names = pattern.groups - 3
    for found in pattern.finditer(data):
        key = next(found[number] for number in range(1, names + 1) if found[number] is not None)
        group = next(number for number in range(names + 1, names + 4) if found[number] is not None)
        span = Span(offset + found.start(group), offset + found.end(group))
        yield Setting(key.decode(), found[group], span, path, _QUOTES[group - names - 1])
