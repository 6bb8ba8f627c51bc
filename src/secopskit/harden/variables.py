"""The variables that a project uses, as its template tells them: who uses each, and what holds without.

Left out are the names that live in scripts, builds, tests and pipelines alone, and those that
somebody else sets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from secopskit.collect.ambient_names import is_set_elsewhere
from secopskit.collect.facts import FileRole, ProjectFacts, SettingKind, UseKind, VariableUse
from secopskit.detect.name.keys import sensitive_key
from secopskit.named_tuple import NamedTuple

_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{1,99}")
_KINDS: Final = frozenset({UseKind.CODE, UseKind.COMPOSE, UseKind.CONFIG})
_GIVEN: Final = frozenset({SettingKind.COMPOSE, SettingKind.DOCKERFILE_ENV, SettingKind.KUBERNETES})


class UsedVariable(NamedTuple):
    """A variable: who uses it (services, components), in which files, and what counts without it.

    `default` is shown only where nobody keeps it secret, and else empty; `optional` tells that there is one.
    `given` are files that set it for those who use it.
    """

    name: str
    users: tuple[str, ...]
    files: tuple[str, ...]
    required: bool = False
    optional: bool = False
    default: str = ""
    given: tuple[str, ...] = ()


def to_be_filled_in(name: str) -> bool:
    """Whether a person who sets the project up may have to give this variable a value."""
    return _NAME.fullmatch(name) is not None and not is_set_elsewhere(name)


def lookups(facts: ProjectFacts) -> tuple[VariableUse, ...]:
    """The lookups that count, in the order of their names and places."""
    found = (
        use
        for use in facts.uses
        if use.role is FileRole.PRODUCT
        and (use.kind in _KINDS or (use.kind is UseKind.SHELL and use.required))
        and to_be_filled_in(use.name)
    )
    return tuple(sorted(found, key=lambda use: (use.name, use.place, use.scope)))


def used_variables(
    facts: ProjectFacts, uses: Iterable[VariableUse], more: Mapping[str, Iterable[str]], home: str = ""
) -> tuple[UsedVariable, ...]:
    """The variables of these lookups, and names that dotenv files set: `more` maps them to the files.

    What is told of them is what files below `home` say.
    """
    by_name = defaultdict[str, list[VariableUse]](list)
    for use in uses:
        by_name[use.name].append(use)
    given = defaultdict[str, set[str]](set)
    for setting in facts.settings:
        if setting.kind in _GIVEN and not setting.commented and setting.value is not None:
            given[setting.name].add(setting.place.path)
    for stack in facts.stacks:
        for service in stack.services:
            for setting in service.environment:
                if setting.value is not None and not any(
                    reference.name == setting.name for reference in setting.value.references
                ):
                    given[setting.name].add(setting.place.path)
    components = _components(facts)
    below = {
        name: {path for path in paths if nearest(path, (home,)) is not None} for name, paths in given.items()
    }
    names = sorted({*by_name, *filter(to_be_filled_in, more)})
    return tuple(
        _variable(name, by_name[name], sorted(more.get(name, ())), below.get(name, set()), components)
        for name in names
    )


def _variable(
    name: str, uses: list[VariableUse], more: list[str], given: set[str], components: Mapping[str, str]
) -> UsedVariable:
    defaults = {use.default for use in uses if use.default is not None and len(use.default)}
    shown = {default.shown for default in defaults}
    return UsedVariable(
        name=name,
        users=tuple(sorted({_user(use, components) for use in uses} - {""})),
        files=tuple(dict.fromkeys([*(use.place.path for use in uses), *more])),
        required=any(use.required for use in uses),
        optional=any(use.default is not None for use in uses) and not any(use.required for use in uses),
        # `False` under the name of a secret stands for "there is none".
        default=next(iter(shown)) if len(shown) == 1 and sensitive_key(name) is None else "",
        given=tuple(sorted(given)),
    )


def _user(use: VariableUse, components: Mapping[str, str]) -> str:
    """The service in which it is looked up, else the component whose directory is the nearest above."""
    if use.kind is UseKind.COMPOSE:
        return use.scope
    return components[home] if (home := nearest(use.place.path, components)) is not None else ""


def nearest(path: str, directories: Iterable[str]) -> str | None:
    """The deepest of `directories` in which the file stands; the top is the empty one."""
    above = [each for each in directories if not each or path.startswith(each + "/")]
    return max(above, key=len, default=None)


def _components(facts: ProjectFacts) -> dict[str, str]:
    """The name of each directory with a program: that of the one service built there, else its own."""
    found = {directory_of(manifest.path): "" for manifest in facts.manifests}
    services = defaultdict[str, set[str]](set)
    for stack in facts.stacks:
        for service in stack.services:
            if service.build is not None and service.build.context is not None:
                services[service.build.context.strip("/").removeprefix("./").rstrip(".")].add(service.name)
    for directory in found:
        names = services.get(directory, set())
        found[directory] = next(iter(names)) if len(names) == 1 else directory.rpartition("/")[2]
    return found


def directory_of(path: str) -> str:
    """The directory of a file, empty for the top."""
    return path.rpartition("/")[0]
