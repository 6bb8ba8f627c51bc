"""The configuration file: `.secops.yaml`, a section for each group of commands.

A section is a module of this package, called as it is, with its table of settings `OPTIONS`, and a
name in `SECTIONS`.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.settings.options import FILE_NAME, SEE, Option, advice_for, shown
from secopskit.state.repeated_keys import RepeatedKey, repeated_key
from secopskit.state.smallfiles import StrPath, read_small

SECTIONS: Final = ("scan", "migrate", "sync", "rotate", "audit", "init")
_FILE_LIMIT: Final = 64 * 1024


def options_of(section: str) -> tuple[Option, ...]:
    """The table of a section's settings; each is loaded when it is asked for."""
    options: tuple[Option, ...] = import_module(f"secopskit.settings.{section}").OPTIONS
    return options


def read_sections(root: str, file: StrPath | None) -> tuple[str | None, dict[str, dict[object, object]]]:
    """The configuration file that holds for `root`, if any, and its sections. Raises ConfigError."""
    # A link that leads nowhere is a mistake to report, not a file that is not there.
    own = os.path.join(root, FILE_NAME)
    if file:
        name, data = os.fspath(file), read_small(file, limit=_FILE_LIMIT)
    elif os.path.lexists(own):
        name, data = own, read_small(own, limit=_FILE_LIMIT, within=root)
    else:
        return None, {}
    document = _yaml(name, data)
    if document in ("", None):
        return name, {}
    if not isinstance(document, dict):
        raise ConfigError(f"{name}: must be a mapping of the sections {', '.join(SECTIONS)}", advice=SEE)
    for key, section in document.items():
        if key not in SECTIONS:
            raise ConfigError(f"{name}: unknown key `{shown(key)}`", advice=advice_for(key, SECTIONS))
        if section != "" and not isinstance(section, dict):
            raise ConfigError(f"{name}: `{key}` must be a mapping of settings", advice=SEE)
    return name, {key: section or {} for key, section in document.items()}


def _yaml(file: str, data: bytes) -> Any:
    import yaml  # only who has a file pays for it

    try:
        # BaseLoader makes texts, lists and mappings of texts, and nothing else: it resolves no tag.
        loader = yaml.BaseLoader(data)
        if (node := loader.get_single_node()) is None:
            return None
        if twice := repeated_key(node):
            raise _twice(file, twice)
        return loader.construct_document(node)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ConfigError(f"{file}: not valid YAML{where}", advice=SEE) from None


def _twice(file: str, key: RepeatedKey) -> ConfigError:
    return ConfigError(
        f"{file}: `{shown(key.name)}` stands there twice (lines {key.first} and {key.line})",
        advice="Only the last would count: put into one place what stands below both.",
    )
