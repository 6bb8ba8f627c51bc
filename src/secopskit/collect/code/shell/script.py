"""Shell scripts: what they take from the environment, and what they give to it.

A name that a script assigns is its own: a lookup of it counts only where it shows that the environment
may have it (`X=${X:-default}`, `${X:?}`, a test for emptiness before the first assignment). Names of small
letters are taken for a script's own, too. Scripts that run within each other are looked at by
`secopskit.collect.assemble.scripts`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.ambient_names import is_set_for_scripts
from secopskit.collect.code.reading import distinct
from secopskit.collect.code.shell.expanded import expanded
from secopskit.collect.code.shell.handed_on import handed_on
from secopskit.collect.code.shell.usage_text import explained
from secopskit.collect.facts import (
    DocumentedName,
    DynamicLookup,
    FactPlace,
    SettingKind,
    UseKind,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

_SUFFIXES: Final = (
    ".sh",
    ".bash",
    ".ksh",
    ".zsh",
    ".envsh",
    ".bats",
    ".sh.j2",
    ".sh.jinja",
    ".sh.tpl",
    ".sh.tmpl",
)
_NAMES: Final = LazyRegex(r"(?i)(?:^|/)(?:[\w.-]{0,40}entry-?point|[\w-]{1,40}|start|run)$")
_SHEBANG: Final = LazyRegex(rb"#![ \t]{0,8}/[^\n]{0,80}\b(?:ba|da|k|z|a)?sh\b")
_MOST: Final = 5000

_ASSIGNED: Final = LazyRegex(
    rb"(?m)(?:^|[\s;&|(`{])(?:(?:export|local|declare|typeset|readonly)(?:[ \t]{1,8}-\w{1,8}){0,4}"
    rb"[ \t]{1,8})?"
    rb"([A-Za-z_]\w{0,120})(\[[^\]\n]{0,200}\])?\+?=(?!=)"
)
_DECLARED: Final = LazyRegex(
    rb"(?m)(?:^|[\s;&|(])(?:(?:for|select|printf[ \t]{1,8}-v)[ \t]{1,8}([A-Za-z_]\w{0,120})|"
    rb"(?:local|declare|typeset|read|mapfile|readarray|getopts)[ \t]{1,8}([^;&|<>\n()]{1,400}))"
)
# A prompt in quotes may hold what ends a command elsewhere; one in single quotes is blank by now.
_ASKED: Final = LazyRegex(
    rb"(?m)(?:^|[\s;&|(])read(?:[ \t]{1,300}(?:-\w{1,8}|\"(?:[^\"\\\n]|\\.){0,300}\"|\$\w{1,80}|"
    rb"\d{1,8}(?:\.\d{1,8})?)){1,12}[ \t]{1,300}([A-Za-z_]\w{0,120}(?:[ \t]{1,8}[A-Za-z_]\w{0,120}){0,20})"
)
_WORD: Final = LazyRegex(rb"(?<![\w$\"'/.-])[A-Za-z_]\w{0,120}(?![\w/.-])")
_DECLARED_NAME: Final = LazyRegex(rb"(?:^|[ \t])([A-Za-z_]\w{0,120})(?=[ \t=\r]|$)")
_ARITHMETIC: Final = LazyRegex(
    rb"\(\([ \t]{0,8}([A-Za-z_]\w{0,80})[ \t]{0,4}(?:[+*/-]?=(?!=)|\+\+|--)|\blet[ \t]{1,8}"
    rb"\"?([A-Za-z_]\w{0,80})"
)
_USED: Final = LazyRegex(
    rb"(?<![\\$])\$(?:\{\#?([A-Z_][A-Z0-9_]{0,120})(:?[-=?+]|[}%#/:^,@\[])|([A-Z_][A-Z0-9_]{0,120})(?!\w))"
)
_TESTED: Final = LazyRegex(rb"(?:-[nzv][ \t]{1,8}\"?|\[\[?[ \t]{1,8}\"?!?)$")
_SELF: Final = LazyRegex(rb"(?:(?<![\w])([A-Za-z_]\w{0,120})=[ \t]{0,2}[\"']?|:[ \t]{1,8}[\"']?)$")
_FILE_ENV: Final = LazyRegex(
    rb"(?m)(?:^|[\s;&|])(?:file_env|_?docker_file_env|env_file|secret_env|load_secret|"
    rb"file_or_env)[ \t]{1,8}['\"]?([A-Z][A-Z0-9_]{1,120})['\"]?(?:[ \t]{1,8}['\"]?([^\s'\"]{0,200}))?"
)
_INDIRECT: Final = LazyRegex(rb"(?<!\\)\$\{!([A-Za-z_]\w{0,80})(?:([@*])\}|\}|:?[-=?+])")
_LISTED: Final = LazyRegex(
    rb"(?<![\w./-])(?:env|printenv|compgen[ \t]{1,4}-[evA]|export[ \t]{1,4}-p)\b[^\n]{0,80}"
    rb"?\^\(?([A-Z][A-Z0-9_]{0,60}_)"
)
_PRINTED: Final = LazyRegex(rb"(?<![\w./-])printenv[ \t]{1,8}[\"']?([A-Z][A-Z0-9_]{1,120})\b")
_ENVSUBST: Final = LazyRegex(rb"envsubst[ \t]{1,8}(?:-\w[ \t]{1,8})?'([^'\n]{1,2000})'")
_VARIABLE: Final = LazyRegex(rb"\$\{?([A-Z_][A-Z0-9_]{0,120})")
_EXPORTED: Final = LazyRegex(
    rb"(?m)(?:^|[\s;&|(])(?:export|declare[ \t]{1,8}-\w{0,4}x\w{0,4})[ \t]{1,8}([^;&|\n]{1,400})"
)
_LOCAL: Final = LazyRegex(rb"(?:^|[\s;&|({])(?:local|declare)[ \t][^\n;]{0,80}$")
_COMMAND: Final = LazyRegex(rb"(?:[ \t]{1,8}\w{1,80}=[^\s;&|]{0,200}){0,20}[ \t]{1,8}[a-z./$\"]")
_VALUE: Final = LazyRegex(rb"\"((?:[^\"\\\n]|\\.){0,2000})\"|'([^'\n]{0,2000})'|([^\s;&|()<>`]{0,2000})")


def wants(path: str) -> bool:
    """Whether it may be a shell script: by its suffix, or it has none."""
    name = path.rpartition("/")[2]
    if name.endswith(_SUFFIXES):
        return True
    return ("." not in name or "entry" in name) and bool(_NAMES.search(name))


def collect(blob: Blob) -> Iterator[Fact]:
    """The variables that the script looks up, then those it assigns."""
    if not blob.path.lower().endswith(_SUFFIXES) and not _SHEBANG.match(blob.data):
        return
    script = _Script(blob)
    yield from islice(distinct(script.uses()), _MOST)
    yield from islice(distinct(script.dynamic()), _MOST)
    yield from islice(script.settings(), _MOST)
    yield from script.explained()


class _Script:
    """One script, without its comments and the texts that it does not expand.

    A name with the scope `script` is assigned, and not passed on to programs.
    """

    def __init__(self, blob: Blob) -> None:
        self._path = blob.path
        self._data = blob.data
        self._code = expanded(blob.data)
        self._breaks = [found.start() for found in re.finditer(rb"\n", blob.data)]
        self._written = list(islice(_ASSIGNED.finditer(self._code), _MOST))
        self._assigned = self._assignments()

    def _assignments(self) -> dict[bytes, int]:
        """The names that the script gives values to, and where it does so first."""
        result = dict[bytes, int]()
        for found in self._written:
            result.setdefault(found[1], found.start(1))
        for found in _DECLARED.finditer(self._code):
            for word in _DECLARED_NAME.finditer(found[1] or found[2]):
                result.setdefault(word[1], found.start())
        for found in _ASKED.finditer(self._code):
            for name in found[1].split():
                result.setdefault(name, found.start())
        for found in _ARITHMETIC.finditer(self._code):
            result.setdefault(found[1] or found[2], found.start())
        return result

    def uses(self) -> Iterator[VariableUse]:
        """The lookups of what the environment gives."""
        for found in _USED.finditer(self._code):
            name = found[1] or found[3]
            if name.strip(b"_") and not is_set_for_scripts(name.decode()) and self._counts(found, name):
                yield self._use(found, name)
        for found in _FILE_ENV.finditer(self._data):
            if self._code[found.start(1) - 2 : found.start(1)].strip(b" \t'\"") == b"()":
                continue
            default = ConfigValue(found[2]) if found[2] else None
            yield self._made(found[1], found.start(1), default)
            yield self._made(found[1] + b"_FILE", found.start(1), None)
        for found in _PRINTED.finditer(self._code):
            if found[1] not in self._assigned and not is_set_for_scripts(found[1].decode()):
                yield self._made(found[1], found.start(), None)
        for found in _ENVSUBST.finditer(self._data):
            for each in _VARIABLE.finditer(found[1]):
                if each[1] not in self._assigned and not is_set_for_scripts(each[1].decode()):
                    yield self._made(each[1], found.start(1) + each.start(), None)

    def dynamic(self) -> Iterator[DynamicLookup]:
        """`${!name}`, `${!PREFIX_@}`, and what searches a list: `env | grep ^PREFIX_`."""
        for found in _INDIRECT.finditer(self._code):
            prefix = found[1] if found[2] else b""
            yield DynamicLookup("shell", self._place(found.start()), prefix.decode())
        for found in _LISTED.finditer(self._data):
            if self._code[found.start()] == self._data[found.start()]:
                yield DynamicLookup("shell", self._place(found.start()), found[1].decode())

    def _counts(self, found: re.Match[bytes], name: bytes) -> bool:
        """Whether the environment has its say: the script sets no such name, or only an empty one."""
        first = self._assigned.get(name)
        sign = found[2] or b""
        if first is None:
            return True
        before = self._code[max(0, found.start() - 140) : found.start()]
        if sign[-1:] in (b"-", b"=", b"?") and found[1]:
            own = _SELF.search(before)
            return found.start() <= first + len(name) + 4 or bool(own and own[1] in (None, name))
        return found.start() < first and bool(_TESTED.search(before) or sign in (b"+", b":+"))

    def _use(self, found: re.Match[bytes], name: bytes) -> VariableUse:
        sign = found[2] or b""
        default = None
        if sign[-1:] in (b"-", b"="):
            default = self._default(found.end())
        elif sign[-1:] == b"+":
            default = ConfigValue(b"")
        return self._made(name, found.start(), default, required=sign[-1:] == b"?")

    def _default(self, at: int) -> ConfigValue:
        """The text up to the brace that closes; empty where something else is expanded in it."""
        end = self._code.find(b"}", at, at + 400)
        value = self._data[at:end] if end >= 0 else b""
        return ConfigValue(b"" if b"$" in value or b"`" in value else value.strip(b"\"'"))

    def _made(
        self, name: bytes, offset: int, default: ConfigValue | None, *, required: bool = False
    ) -> VariableUse:
        return VariableUse(
            name=name.decode(),
            place=self._place(offset),
            kind=UseKind.SHELL,
            language="shell",
            default=default,
            required=required,
        )

    def settings(self) -> Iterator[VariableSetting]:
        """What is assigned, each name where it is first; the scope is `script` if it is not exported."""
        exported = {word[0] for found in _EXPORTED.finditer(self._code) for word in _WORD.finditer(found[1])}
        seen = set[bytes]()
        for found in self._written:
            name, at = found[1], found.end()
            if name in seen or _LOCAL.search(self._code, max(0, found.start(1) - 80), found.start(1)):
                continue
            seen.add(name)
            value = _VALUE.match(self._data, at)
            text = next((text for text in value.groups() if text is not None), b"") if value else b""
            is_computed = b"`" in text or b"$(" in text or self._data.startswith(b"$(", at)
            is_prefix = value is not None and _COMMAND.match(self._code, value.end()) is not None
            is_sent = found[2] is None and (name in exported or is_prefix)
            yield VariableSetting(
                name=name.decode(),
                value=ConfigValue(b"" if is_computed else text),
                place=self._place(found.start(1)),
                kind=SettingKind.SHELL,
                scope="" if is_sent else "script",
            )

        for name, offset in handed_on(self._data, self._code):
            if name not in seen:
                seen.add(name)
                yield VariableSetting(
                    name.decode(), ConfigValue(b""), self._place(offset), SettingKind.SHELL, scope="file"
                )

    def explained(self) -> Iterator[DocumentedName]:
        """What its help says of the names that stand in its code, too."""
        for name, offset in dict(reversed(list(explained(self._data)))).items():
            if self._code.count(name) > 1:
                yield DocumentedName(name.decode(), self._place(offset))

    def _place(self, offset: int) -> FactPlace:
        return FactPlace(self._path, bisect_left(self._breaks, offset) + 1)


COLLECTOR: Final = Collector("shell", wants, collect)
