"""Settings of programs in trees: Spring's application.yml, .NET's appsettings.json.

A setting's name is its path as the framework writes it: `spring.datasource.url`, `ConnectionStrings:Main`.
The scope is the profile of Spring to which a document belongs, where it names one.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import FactPlace, SettingKind, VariableSetting
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.findings import Skipped, SkipReason
from secopskit.formats.setting import numbered
from secopskit.formats.trees.yaml_file import settings
from secopskit.formats.trees.yaml_tree import documents
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob
    from secopskit.formats.setting import Setting

_SPRING: Final = LazyRegex(r"(?:^|/)(?:application|bootstrap)(?:[-.][\w-]{1,40})?\.ya?ml$")
_DOTNET: Final = LazyRegex(r"(?i)(?:^|/)appsettings(?:\.[\w-]{1,40}){0,2}\.json$")
_PROFILES: Final = frozenset({"spring.config.activate.on-profile", "spring.profiles"})
_MOST: Final = 5000
_COMMENT: Final = LazyRegex(rb"\"(?:[^\"\\\n]++|\\.)*+\"|//[^\n]*+|/\*(?>(?:[^*]++|\*(?!/))*)\*/")
# Maven puts a value there, and until then it is no YAML:
# https://docs.spring.io/spring-boot/how-to/properties-and-configuration.html
# What takes its place is as long: places are told by offsets.
_UNFILTERED: Final = LazyRegex(
    rb"(?m)(^[^#\n]{1,200}?[:-][ \t]{1,80})@([\w.-]{1,200})@(?=[ \t]{0,80}(?:#.{0,999})?\r?$)"
)


def wants(path: str) -> bool:
    """Whether it is such a file, by its name."""
    return _is_spring(path) or _is_dotnet(path)


def _is_spring(path: str) -> bool:
    return path.endswith((".yml", ".yaml")) and _SPRING.search(path) is not None


def _is_dotnet(path: str) -> bool:
    return path.endswith(".json") and _DOTNET.search(path) is not None


def collect(blob: Blob) -> Iterator[Fact]:
    """The settings of each document; those of .NET may have comments."""
    if _is_dotnet(blob.path):
        sign, data = ":", _COMMENT.sub(_blank, blob.data)
    else:
        sign, data = ".", _UNFILTERED.sub(rb"\1<\2>", blob.data)
    roots = documents(data)
    if roots is None:
        yield Skipped(blob.path, SkipReason.TOO_COMPLEX, "no settings that can be read")
    found = (_of_document(blob, list(islice(settings(root), _MOST)), sign) for root in roots or ())
    yield from islice((each for one in found for each in one), _MOST)


def _blank(found: re.Match[bytes]) -> bytes:
    """What stands for a comment: as many bytes and lines. A text stays."""
    return found[0] if found[0].startswith(b'"') else re.sub(rb"[^\n]", b" ", found[0])


def _of_document(blob: Blob, found: list[Setting], sign: str) -> Iterator[VariableSetting]:
    named = {sign.join((*each.path, each.key)): each for each in found}
    profile = next((named[name].value for name in sorted(_PROFILES & named.keys())), b"")
    scope = profile.decode("utf-8", "replace")[:80]
    for line, setting in numbered(blob.data, found):
        yield VariableSetting(
            name=sign.join((*setting.path, setting.key)),
            value=ConfigValue(setting.value),
            place=FactPlace(blob.path, line),
            kind=SettingKind.INI,
            scope=scope,
        )


COLLECTOR: Final = Collector("trees", wants, collect)
