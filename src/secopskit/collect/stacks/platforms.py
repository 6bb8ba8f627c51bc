"""Manifests of hosting platforms: what they give to programs, and what they ask for.

Heroku, Render, Vercel, DigitalOcean, App Engine, ECS; Fly, Netlify and Cloudflare (TOML); Docker's bake
files, whose variables come from the environment. What app.json explains is told as a manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import (
    Fact,
    SettingKind,
    UseKind,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob
from secopskit.formats.stacks.platform_manifests import platform_variables
from secopskit.formats.stacks.terraform_blocks import declared
from secopskit.formats.trees import toml
from secopskit.lazy_regex import LazyRegex

_TREE: Final = LazyRegex(
    r"(?:^|/)(?:app\.json|render\.ya?ml|vercel\.json|now\.json|\.do/[\w.-]{1,60}\.ya?ml|app\.ya?ml|"
    r"[\w-]{0,40}task-?def(?:inition)?[\w.-]{0,40}\.json)$"
)
_TOML: Final = LazyRegex(r"(?:^|/)(?:fly[\w.-]{0,40}|netlify|wrangler)\.toml$")
_BAKE: Final = LazyRegex(r"(?:^|/)docker-bake[\w.-]{0,40}\.hcl$")
_TABLE: Final = LazyRegex(r"(?:[\w.\"-]{1,120}\.)?(?:env|environment|vars|args)")
_NAME: Final = LazyRegex(r"[A-Za-z_][A-Za-z0-9_]{0,120}")


def _wants(path: str) -> bool:
    return any(pattern.search(path) is not None for pattern in (_TREE, _TOML, _BAKE))


def _collect(blob: Blob) -> Iterator[Fact]:
    places = FilePlaces(blob.path, blob.data)
    if _BAKE.search(blob.path):
        for variable in declared(blob.data):
            default = None if variable.default is None else ConfigValue(variable.default)
            place = places.at(variable.start)
            yield VariableUse(variable.name, place, UseKind.CONFIG, "bake", default)
    elif _TOML.search(blob.path):
        for setting in toml.settings(blob.data):
            table = ".".join(setting.path)
            if _TABLE.fullmatch(table) and _NAME.fullmatch(setting.key):
                place = places.at(setting.span.start)
                yield VariableSetting(
                    setting.key, ConfigValue(setting.value), place, SettingKind.PLATFORM, table
                )
    else:
        yield from _of_tree(blob, places)


def _of_tree(blob: Blob, places: FilePlaces) -> Iterator[Fact]:
    for variable in platform_variables(blob.data):
        if _NAME.fullmatch(variable.name) is None:
            continue
        place = places.at(variable.start)
        value = None if variable.value is None else ConfigValue(variable.value)
        yield VariableSetting(variable.name, value, place, SettingKind.PLATFORM, variable.component)


COLLECTOR: Final = Collector("platforms", _wants, _collect)
