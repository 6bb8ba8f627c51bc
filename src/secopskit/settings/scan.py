"""Settings: `.secops.yaml`, then `SECOPS_*` variables. The only reader of the environment.

What can be set stands in `secopskit.settings.options`; here it is read, checked and given types.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from secopskit.errors import ConfigError
from secopskit.settings.options import OPTIONS, Engine, Option, Switch, as_text, variable_prefix
from secopskit.state.smallfiles import StrPath, is_inside, read_small

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from secopskit.findings import Severity

__all__ = [
    "Config",
    "Engine",
    "Environment",
    "FrameworkPush",
    "ScanConfig",
    "Switch",
    "load",
    "read_environment",
]

FILE_NAME: Final = ".secops.yaml"
SECTIONS: Final = ("scan", "migrate")
_FILE_LIMIT: Final = 64 * 1024
_SEE: Final = "See docs/configuration.md."


class ScanConfig(NamedTuple):
    """How to scan; one field per row of `OPTIONS`. Paths are absolute and checked."""

    exclude_paths: tuple[str, ...]
    disable_rules: tuple[str, ...]
    extra_rules: tuple[str, ...]
    min_severity: Severity
    max_file_size: int
    baseline: str
    detect_secrets: Switch
    entropy: bool
    decode_depth: int
    engine: Engine
    jobs: int
    cache: bool


class FrameworkPush(NamedTuple):
    """What the pre-commit framework tells a pre-push hook; all empty outside of one.

    Without `from_ref` and `to_ref`, all of `branch` is new to the remote.
    """

    from_ref: str = ""
    to_ref: str = ""
    branch: str = ""
    remote: str = ""


class Environment(NamedTuple):
    """What the surroundings ask for. `cache_directory` is None where the user has no home."""

    cache_directory: str | None
    no_color: bool
    force_color: bool
    ci: bool
    dumb_terminal: bool
    push: FrameworkPush = FrameworkPush()


class Config(NamedTuple):
    """All settings of one run. `file` is the one that was read, if any."""

    scan: ScanConfig
    environment: Environment
    file: str | None = None


# --- reading ----------------------------------------------------------------------------------


def load(root: StrPath, *, file: StrPath | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The settings for scanning `root`: defaults, then the file, then the environment.

    `file` is the one that the user named; else `.secops.yaml` in `root` is read if it exists.
    Raises ConfigError, naming file (or variable), key and what was expected.
    """
    root = os.fspath(root)
    file, sections = read_sections(root, file)
    values = defaults(OPTIONS)
    if file:
        given = parse_section(sections.get("scan", {}), OPTIONS, source=f"{file}: `scan.")
        values |= _resolved(given, base=os.path.dirname(file), root=root, source=file)
    values |= _resolved(parse_variables(OPTIONS, environ), base=root, root=root, source="the environment")
    values["baseline"] = os.path.join(root, values["baseline"])
    return Config(scan=ScanConfig(**values), environment=read_environment(environ), file=file)


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
        raise ConfigError(f"{name}: must be a mapping of the sections {', '.join(SECTIONS)}", advice=_SEE)
    for key, section in document.items():
        if key not in SECTIONS:
            raise ConfigError(f"{name}: unknown key `{_shown(key)}`", advice=_advice(key, SECTIONS))
        if section and not isinstance(section, dict):
            raise ConfigError(f"{name}: `{key}` must be a mapping of settings", advice=_SEE)
    return name, {key: section or {} for key, section in document.items()}


def defaults(options: Iterable[Option]) -> dict[str, Any]:
    """The value of each option where nobody says otherwise."""
    return {option.name: _parsed(option, option.default, "built-in") for option in options}


def parse_section(
    section: Mapping[object, object], options: Iterable[Option], *, source: str
) -> dict[str, Any]:
    """The values that `section` gives; `source` begins the name of a setting in messages."""
    known = {option.name: option for option in options}
    values: dict[str, Any] = {}
    for key, value in section.items():
        if not isinstance(key, str) or key not in known:
            place, _, prefix = source.rpartition("`")
            raise ConfigError(f"{place}unknown key `{prefix}{_shown(key)}`", advice=_advice(key, known))
        values[key] = _parsed(known[key], value, f"{source}{key}`")
    return values


def parse_variables(options: Sequence[Option], environ: Mapping[str, str]) -> dict[str, Any]:
    """The values that variables of the options' section give. Raises ConfigError for an unknown one."""
    prefix = variable_prefix(options[0].section)
    known = {option.variable: option for option in options}
    given = {name: value for name, value in environ.items() if name.startswith(prefix)}
    for name in given:
        if name not in known:
            raise ConfigError(f"{name}: there is no such setting", advice=_advice(name, known))
    return {known[name].name: _parsed(known[name], value, name) for name, value in given.items()}


def _parsed(option: Option, value: object, source: str) -> Any:
    try:
        return option.kind.parse(as_text(value))
    except (ValueError, KeyError):
        raise ConfigError(f"{source}: must be: {option.kind.text}", advice=_SEE) from None


def _shown(key: object) -> str:
    """A key as a message may repeat it: short, and nothing in it speaks to the terminal."""
    return str(key)[:60].encode("unicode_escape").decode("ascii")


def _yaml(file: str, data: bytes) -> Any:
    import yaml  # only who has a file pays for it

    try:
        # BaseLoader makes texts, lists and mappings of texts, and nothing else.
        return yaml.load(data, Loader=yaml.BaseLoader)  # noqa: S506 - safer than SafeLoader: it resolves no tag
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ConfigError(f"{file}: not valid YAML{where}", advice=_SEE) from None


def _advice(name: object, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # only on the way out

    near = get_close_matches(str(name), list(known), n=1)
    return f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."


def _resolved(values: dict[str, Any], *, base: str, root: str, source: str) -> dict[str, Any]:
    """`values` with file names made absolute. None may lead out of the repository.

    A configuration that the user keeps elsewhere may also name files beside itself.
    """
    places = [root] if is_inside(base, root) else [root, base]
    for key in ("extra_rules", "baseline"):
        if key not in values:
            continue
        names = values[key] if key == "extra_rules" else (values[key],)
        paths = tuple(os.path.join(base, name) for name in names)
        if not all(any(is_inside(path, place) for place in places) for path in paths):
            raise ConfigError(
                f"{source}: `scan.{key}` leads out of the repository", advice="Keep the file inside it."
            )
        values[key] = paths if key == "extra_rules" else paths[0]
    return values


# --- the surroundings -------------------------------------------------------------------------


def read_environment(environ: Mapping[str, str] = os.environ) -> Environment:
    """What the surroundings ask for."""
    return Environment(
        cache_directory=_cache_directory(environ),
        no_color=bool(environ.get("NO_COLOR")),  # https://no-color.org: any value but an empty one
        force_color=environ.get("FORCE_COLOR", "") not in ("", "0"),
        ci=environ.get("CI", "").lower() not in ("", "0", "false"),
        dumb_terminal=environ.get("TERM") == "dumb",
        push=FrameworkPush(
            from_ref=environ.get("PRE_COMMIT_FROM_REF", ""),
            to_ref=environ.get("PRE_COMMIT_TO_REF", ""),
            branch=environ.get("PRE_COMMIT_LOCAL_BRANCH", ""),
            remote=environ.get("PRE_COMMIT_REMOTE_NAME", ""),
        ),
    )


def _cache_directory(environ: Mapping[str, str]) -> str | None:
    """The user's cache directory for secops; nothing relative is believed."""
    places: list[tuple[str, str]] = [("SECOPS_CACHE_DIR", ""), ("XDG_CACHE_HOME", "secops")]
    if sys.platform == "win32":
        places.append(("LOCALAPPDATA", "secops/Cache"))
    for variable, name in places:
        if os.path.isabs(place := environ.get(variable, "")):
            return os.path.join(place, name).rstrip(os.sep)
    home = environ.get("HOME") or os.path.expanduser("~")
    if not os.path.isabs(home):
        return None
    return os.path.join(home, "Library/Caches/secops" if sys.platform == "darwin" else ".cache/secops")
