"""Procfiles: what the commands of processes look up and give, each with its process as scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, SettingKind, UseKind, VariableSetting, VariableUse
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob
from secopskit.formats.commands import shell
from secopskit.formats.servers import procfile
from secopskit.formats.stacks.interpolation import interpolations
from secopskit.lazy_regex import LazyRegex

_NAMED: Final = LazyRegex(r"(?:^|/)Procfile(?:\.[\w-]{1,40})?$")


def _wants(path: str) -> bool:
    return _NAMED.search(path) is not None


def _collect(blob: Blob) -> Iterator[Fact]:
    places = FilePlaces(blob.path, blob.data)
    for process in procfile.settings(blob.data):
        start = process.span.start
        given = {setting.key: setting for setting in shell.prefixed(process.value, start)}
        for name, setting in given.items():
            place = places.at(setting.span.start)
            yield VariableSetting(name, ConfigValue(setting.value), place, SettingKind.PROCFILE, process.key)
        for found in interpolations(process.value):
            if found.name not in given:
                yield VariableUse(
                    name=found.name,
                    place=places.at(start + found.span.start),
                    kind=UseKind.SHELL,
                    language="procfile",
                    default=None if found.default is None else ConfigValue(found.default),
                    required=found.required,
                    scope=process.key,
                )


COLLECTOR: Final = Collector("procfile", _wants, _collect)
