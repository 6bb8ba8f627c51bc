"""The section `migrate`: how to migrate. Defaults, then `.secops.yaml`, first its settings for all
environments, then those of the one that is migrated, then `SECOPS_MIGRATE_*` variables.
"""

from __future__ import annotations

import os
import re
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import ConfigError, UsageError
from secopskit.named_tuple import NamedTuple
from secopskit.settings.duration import DURATION_SHAPE, parse_duration
from secopskit.settings.file import read_sections
from secopskit.settings.freeze import Window, parse_window
from secopskit.settings.options import (
    FILE,
    FLAG,
    Option,
    Text,
    ValueKind,
    defaults,
    one_text,
    parse_section,
    parse_variables,
)
from secopskit.settings.shapes import listed, matching
from secopskit.state.smallfiles import StrPath, is_inside

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

PRODUCTION: Final = ("production", "prod")
SUPABASE_DIRECTORY: Final = "supabase/migrations"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


_VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_UUID_TEXT: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_WINDOWS: Final = 200


def _duration(value: Text) -> int:
    return parse_duration(one_text(value))


def _variable(value: Text) -> str:
    name = one_text(value)
    if not _VARIABLE_NAME.fullmatch(name):
        raise ValueError
    return name


def _uuid(value: Text) -> str:
    text = one_text(value).lower()
    if text and not _UUID_TEXT.fullmatch(text):
        raise ValueError
    return text


def _windows(value: Text) -> tuple[Window, ...]:
    items = value if isinstance(value, list) else re.split(r"[\n,]", value)
    if len(items) > _MAX_WINDOWS:
        raise ValueError
    return tuple(parse_window(item) for item in items if item.strip())


def _zone(value: Text) -> tzinfo:
    name = one_text(value)
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # reads the system's files

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError from None


_DURATION: Final = ValueKind("duration (500ms, 2s, 5min, 1h, 7d; 0: no limit)", _duration, DURATION_SHAPE)
_VARIABLE: Final = ValueKind(
    "name of an environment variable", _variable, matching(_VARIABLE_NAME.pattern, bare=True)
)
_UUID: Final = ValueKind(
    "identity, as `secops migrate status` shows it",
    _uuid,
    matching(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", empty=True),
)
_WINDOWS: Final = ValueKind("list of windows", _windows, listed())
_ZONE: Final = ValueKind("time zone (Europe/Berlin)", _zone)


def _option(name: str, kind: ValueKind, default: str, text: str) -> Option:
    return Option(name, kind, default, text, "migrate")


OPTIONS: Final = (
    _option(
        "dir",
        FILE,
        "migrations",
        "The directory of the migrations, relative to this file and inside the repository. Where it is not "
        "there, `supabase/migrations` is taken.",
    ),
    _option(
        "database_url_env",
        _VARIABLE,
        "DATABASE_URL",
        "The variable that holds the database's URL. Where it is not set, libpq's own `PG*` variables, "
        "service file and `.pgpass` say where the database is.",
    ),
    _option("identity", _UUID, "", "The database's identity: any other is refused."),
    _option(
        "lock_timeout", _DURATION, "2s", "How long a statement may wait for a lock before it is retried."
    ),
    _option("statement_timeout", _DURATION, "0", "How long a statement may run."),
    _option("retry_for", _DURATION, "1min", "How long a file that met a lock or a deadlock is tried again."),
    _option("lock_wait", _DURATION, "10min", "How long to wait for another run of secops to end."),
    _option("single_transaction", FLAG, "false", "Apply all pending files in one transaction."),
    _option("allow_out_of_order", FLAG, "false", "Apply files older than the newest applied one, and gaps."),
    _option(
        "guard", FLAG, "false", "Guard this environment as production is guarded. `production` always is."
    ),
    _option("dry_run_max_age", _DURATION, "24h", "How old the dry run of a guarded plan may be."),
    _option("countdown", _DURATION, "30s", "The pause before a guarded plan is carried out in CI."),
    _option("freeze", _WINDOWS, "", "Times without migrations, such as `Fri 16:00 - Mon 08:00`."),
    _option("freeze_timezone", _ZONE, "UTC", "The time zone of `freeze`."),
    _option("require_clean_git", FLAG, "false", "Refuse to apply from a work tree with uncommitted changes."),
    _option("require_tag", FLAG, "false", "Refuse to apply files that are not those of a tagged commit."),
    _option(
        "shadow_url_env",
        _VARIABLE,
        "SHADOW_DATABASE_URL",
        "The variable that may hold the URL of a server for dry runs; else one is started.",
    ),
)


class MigrateConfig(NamedTuple):
    """How to migrate; one field per row of `OPTIONS`. Durations in ms, `dir` is absolute."""

    dir: str
    database_url_env: str
    identity: str
    lock_timeout: int
    statement_timeout: int
    retry_for: int
    lock_wait: int
    single_transaction: bool
    allow_out_of_order: bool
    guard: bool
    dry_run_max_age: int
    countdown: int
    freeze: tuple[Window, ...]
    freeze_timezone: tzinfo
    require_clean_git: bool
    require_tag: bool
    shadow_url_env: str


def load_migrate(
    root: StrPath,
    environment: str = "",
    *,
    file: StrPath | None = None,
    environ: Mapping[str, str] = os.environ,
) -> MigrateConfig:
    """The settings for `environment` (empty: for none in particular). Raises ConfigError."""
    root = os.fspath(root)
    name, sections = read_sections(root, file)
    values = defaults(OPTIONS)
    given = _from_file(name, sections.get("migrate", {}), environment) if name else {}
    base = os.path.dirname(name) if name and "dir" in given else root
    variables = parse_variables(OPTIONS, environ)
    if "dir" in variables:
        base = root
    values |= given | variables
    values["dir"] = _directory(root, base, values["dir"], named="dir" in given or "dir" in variables)
    return MigrateConfig(**values)


def check_environment_name(name: str) -> str:
    """`name`, if an environment may be called so. Raises UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:60]!r} is no name of an environment",
            advice="Use lower-case letters, digits, - and _, such as staging or production.",
        )
    return name


def is_production(environment: str) -> bool:
    """Whether the guard cannot be left out in this environment."""
    return environment in PRODUCTION


def _from_file(file: str, section: Mapping[object, object], environment: str) -> dict[str, Any]:
    """What the file says for all environments, then for this one. Every environment is checked."""
    general = {key: value for key, value in section.items() if key != "environments"}
    values = parse_section(general, OPTIONS, source=f"{file}: `migrate.")
    environments = section.get("environments") or {}
    if not isinstance(environments, dict):
        raise ConfigError(
            f"{file}: `migrate.environments` must be a mapping of names", advice="See docs/configuration.md."
        )
    for name, settings in environments.items():
        source = f"{file}: `migrate.environments.{str(name)[:60]}"
        if (
            not isinstance(name, str)
            or not _NAME.fullmatch(name)
            or (settings and not isinstance(settings, dict))
        ):
            raise ConfigError(
                f"{file}: `migrate.environments` must map names to settings",
                advice="See docs/configuration.md.",
            )
        own = parse_section(settings or {}, OPTIONS, source=f"{source}.")
        if name == environment:
            values |= own
    return values


def _directory(root: str, base: str, given: str, *, named: bool) -> str:
    """The absolute directory. One that is named may not lead out of the repository."""
    path = os.path.join(base, given)
    if named and not is_inside(path, root) and not is_inside(path, base):
        raise ConfigError("`migrate.dir` leads out of the repository", advice="Keep the directory inside it.")
    supabase = os.path.join(root, SUPABASE_DIRECTORY)
    return supabase if not named and not os.path.isdir(path) and os.path.isdir(supabase) else path
