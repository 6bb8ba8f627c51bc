"""Settings of `secops migrate`: defaults, `.secops.yaml`, the section of the environment, variables.

Like `config`, of which it is the second half, it is the only reader of what it reads: variables.
What can be set stands in `options_migrate`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from secopskit.errors import ConfigError, UsageError
from secopskit.secret import SecretValue
from secopskit.settings.migrate_options import MIGRATE_OPTIONS
from secopskit.settings.scan import defaults, parse_section, parse_variables, read_sections
from secopskit.state.smallfiles import StrPath, is_inside

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from datetime import tzinfo

    from secopskit.settings.freeze import Window

PRODUCTION: Final = ("production", "prod")
SUPABASE_DIRECTORY: Final = "supabase/migrations"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_MAX_URL: Final = 8192


class MigrateConfig(NamedTuple):
    """How to migrate; one field per row of `MIGRATE_OPTIONS`. Durations in ms, `dir` is absolute."""

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


class CiContext(NamedTuple):
    """Where we run. `summary` is the file of GitHub's step summary, if there is one."""

    commit: str
    summary: str


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
    values = defaults(MIGRATE_OPTIONS)
    given = _from_file(name, sections.get("migrate", {}), environment) if name else {}
    base = os.path.dirname(name) if name and "dir" in given else root
    variables = parse_variables(MIGRATE_OPTIONS, environ)
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


def database_url(variable: str, environ: Mapping[str, str] = os.environ) -> SecretValue | None:
    """What the variable holds; None if it is not set or empty. Raises ConfigError if it is no URL."""
    value = environ.get(variable, "").strip()
    if len(value) > _MAX_URL or "\0" in value:
        raise ConfigError(f"{variable}: is not a database's URL", advice="It is far too long.")
    return SecretValue(value.encode("utf-8", "surrogateescape")) if value else None


def take_variable(name: str, environ: MutableMapping[str, str] = os.environ) -> SecretValue | None:
    """What the variable holds, which is then no longer set: no process that we start will have it."""
    value = environ.pop(name, "").strip()
    return SecretValue(value.encode("utf-8", "surrogateescape")) if value else None


def has_libpq_variables(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether libpq's own variables say where the database is."""
    return any(environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"))


def read_surroundings(environ: Mapping[str, str] = os.environ) -> CiContext:
    """What CI tells of itself."""
    return CiContext(
        commit=environ.get("GITHUB_SHA") or environ.get("CI_COMMIT_SHA") or "",
        summary=environ.get("GITHUB_STEP_SUMMARY", ""),
    )


def read_actor(environ: Mapping[str, str] = os.environ) -> str:
    """Who runs us, for the history: the user of the CI service, or of this machine."""
    if name := environ.get("GITHUB_ACTOR") or environ.get("GITLAB_USER_LOGIN"):
        return name
    import getpass  # only a run that changes something asks
    import platform

    try:
        return f"{getpass.getuser()}@{platform.node()}"
    except (KeyError, OSError):  # a user id without a name
        return platform.node()


def _from_file(file: str, section: Mapping[object, object], environment: str) -> dict[str, Any]:
    """What the file says for all environments, then for this one. Every environment is checked."""
    general = {key: value for key, value in section.items() if key != "environments"}
    values = parse_section(general, MIGRATE_OPTIONS, source=f"{file}: `migrate.")
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
        own = parse_section(settings or {}, MIGRATE_OPTIONS, source=f"{source}.")
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
