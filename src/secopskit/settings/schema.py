"""The configuration file as JSON Schema, for editors: made from the tables of settings.

What stands below `environments` has no table of its own and is described here as its readers take it. The
schema never refuses what they take. `docs/schema/config-v1.schema.json` is this, written down.
"""

from __future__ import annotations

from typing import Any, Final

from secopskit.settings.declaration import REPOSITORIES
from secopskit.settings.file import SECTIONS, options_of
from secopskit.settings.options import Option
from secopskit.settings.shapes import SCALAR, listed, matching, words

Node = dict[str, Any]

ID: Final = "urn:secops:schema:config:1"
_ENVIRONMENT: Final = "^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
_MIGRATED: Final = "^[a-z0-9][a-z0-9_-]{0,62}$"
_DECLARED: Final = "^(?![Gg][Ii][Tt][Hh][Uu][Bb]_)[A-Za-z_][A-Za-z0-9_]{0,254}$"
_KIND: Final = "[a-z][a-z-]{0,40}"
_PROVIDER: Final = "[a-z][a-z0-9-]{0,40}"


def config_schema() -> Node:
    """The whole schema (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "Configuration of secops (.secops.yaml)",
        "description": "docs/configuration.md tells what each setting does.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {name: _section(name) for name in SECTIONS},
    }


def _section(name: str) -> Node:
    properties = {option.name: _setting(option) for option in options_of(name)}
    below = {"migrate": _migrated, "sync": _synced, "rotate": _rotated}.get(name)
    if below:
        properties["environments"] = below(dict(properties))
    return {"description": f"Settings of `{name}`.", **_mapping(properties)}


def _setting(option: Option) -> Node:
    default = f" Default: {option.default}." if option.default else ""
    return {"description": f"{option.help} Value: {option.kind.text}.{default}", **option.kind.shape}


def _mapping(properties: Node) -> Node:
    return {"type": ["object", "null"], "additionalProperties": False, "properties": properties}


def _named(pattern: str, node: Node, description: str) -> Node:
    """A mapping from names to `node`."""
    return {
        "description": description,
        "type": ["object", "null"],
        "additionalProperties": False,
        "patternProperties": {pattern: node},
    }


def _migrated(settings: Node) -> Node:
    return _named(_MIGRATED, _mapping(settings), "What an environment has otherwise; `--env` chooses it.")


def _synced(_settings: Node) -> Node:
    general = {
        "source": {"description": "Where values come from: {dotenv: .env}.", **_source()},
        "sinks": {"description": "Where values go: [environment].", **listed()},
        "repositories": {"description": "Their repositories, as owner/name.", **REPOSITORIES.shape},
        "visibility": {
            "description": "Who sees it in an organisation.",
            **words(("private", "all", "selected")),
        },
    }
    own = _mapping({**general, "key": {"description": "Its name in the source.", **SCALAR}})
    names = {
        "anyOf": [
            *listed(matching(_DECLARED.strip("^$"), bare=True))["anyOf"],
            _named(_DECLARED, own, "With settings."),
        ]
    }
    declared = {
        "secrets": {"description": "Secrets that the environment needs.", **names},
        "variables": {"description": "Variables that the environment needs.", **names},
    }
    return _named(_ENVIRONMENT, _mapping({**general, **declared}), "What each environment needs.")


def _source() -> Node:
    kind = {"type": "string", "pattern": f"^{_KIND}$"}
    with_arguments = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "patternProperties": {f"^{_KIND}$": listed()},
    }
    return {"anyOf": [kind, with_arguments]}


def _rotated(_settings: Node) -> Node:
    credential = {
        "type": "object",
        "required": ["provider"],
        "properties": {"provider": {"description": "Who rotates it.", **matching(_PROVIDER)}},
        "additionalProperties": listed(),
    }
    named = _named(_DECLARED, credential, "Credentials of the environment.")
    return _named(_ENVIRONMENT, named, "Which provider rotates which credential.")
