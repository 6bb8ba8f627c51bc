"""INI and its relatives: odoo.conf, .cfg, .conf, .ini, .properties, .my.cnf, .boto, AWS credentials.

A `Setting`'s path is its section: ("options",), or () before the first one.
"""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.lines import assignments, headers, wrapped
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

# `requirepass foo`, `password "foo"`: a name and a value with only a blank between them.
_DIRECTIVE: Final = prepared(
    rb"(?m)^[ \t]{0,40}([A-Za-z][\w.-]{0,50})"
    rb"[ \t]{1,20}(?:\"([^\"\n]{1,400})\"|'([^'\n]{1,400})'|([^\s\"'=:#;{(<][^\s;{]{0,400}));?[ \t]{0,20}$"
)
# A host, and what is set for it on the same line.
_HOST: Final = prepared(rb"(?m)^[ \t]{0,8}[\w.:\[\]-]{1,200}(?=[ \t]{1,200}[A-Za-z_]\w{0,60}=)")
_VARIABLE: Final = prepared(
    rb"[ \t]{1,200}([A-Za-z_]\w{0,60})=(?:\"([^\"\n]{1,400})\"|'([^'\n]{1,400})'|([^\s\"']\S{0,400}))"
)
_PASSED: Final = prepared(rb"([A-Za-z_]\w{0,80})=(\S{1,1000})")
_LONGEST_LINE: Final = 4000
_QUOTES: Final = ("", "", '"', "'", "")


def settings(data: bytes) -> Iterator[Setting]:
    """The `name = value` and `name: value` lines, then the values on a line of their own.

    A line that sets a variable (`env = NAME=value`, as uWSGI has it) is told under the name of that.
    """
    for one in assignments(data, sections=headers(data)):
        found = _PASSED.fullmatch(one.value) if one.key == "env" else None
        if found:
            end = one.span.end - len(found[2])
            one = one._replace(  # noqa: PLW2901 - the same setting, by its true name
                key=found[1].decode(), value=found[2], span=Span(end, one.span.end)
            )
        yield one
    yield from wrapped(data)


def inventory(data: bytes) -> Iterator[Setting]:
    """The variables of hosts in an inventory of Ansible: `db01 ansible_host=db ansible_password=foo`."""
    for line in _HOST.finditer(data):
        end = data.find(b"\n", line.end())
        end = min(end if end >= 0 else len(data), line.end() + _LONGEST_LINE)
        for found in _VARIABLE.finditer(data, line.end(), end):
            group = next(number for number in (2, 3, 4) if found[number] is not None)
            span = Span(*found.span(group))
            yield Setting(key=found[1].decode(), value=found[group], span=span, quote=_QUOTES[group])


def directives(data: bytes) -> Iterator[Setting]:
    """The lines of a name and one value, as redis.conf and nginx have them: `requirepass foo`."""
    for found in _DIRECTIVE.finditer(data):
        group = next(number for number in (2, 3, 4) if found[number] is not None)
        span = Span(*found.span(group))
        yield Setting(key=found[1].decode(), value=found[group], span=span, quote=_QUOTES[group])


def outline(data: bytes) -> object:
    """How many settings each section has, as Python's parser reads the file; None if it cannot."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(data.decode())
    except (ValueError, configparser.Error):  # a decoding error is a ValueError
        return None
    return tuple(len(parser[section]) for section in parser.sections())
