"""The environment: what variables say of the surroundings, and what programs of ours inherit of them.

The one place that reads `os.environ`, but for the settings `SECOPS_<SECTION>_*`, which the modules of
the sections read, and for the place of the user's state (`secopskit.state.user_secret`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from secopskit.secret import SecretValue

_MAX_URL: Final = 8192


class FrameworkPush(NamedTuple):
    """What the pre-commit framework tells a pre-push hook; all empty outside of one.

    Without `from_ref` and `to_ref`, all of `branch` is new to the remote.
    """

    from_ref: str = ""
    to_ref: str = ""
    branch: str = ""
    remote: str = ""
    remote_branch: str = ""


class Environment(NamedTuple):
    """What the surroundings ask for. `cache_directory` is None where the user has no home."""

    cache_directory: str | None
    no_color: bool
    force_color: bool
    ci: bool
    dumb_terminal: bool
    push: FrameworkPush = FrameworkPush()


class CiContext(NamedTuple):
    """Where we run. `summary` is the file of GitHub's step summary, if there is one."""

    commit: str
    summary: str


def read_environment(environ: Mapping[str, str] = os.environ) -> Environment:
    """What the surroundings ask for."""
    return Environment(
        cache_directory=_cache_directory(environ),
        no_color=_no_color(environ),
        force_color=environ.get("FORCE_COLOR", "") not in ("", "0"),
        ci=environ.get("CI", "").lower() not in ("", "0", "false"),
        dumb_terminal=_dumb_terminal(environ),
        push=FrameworkPush(
            from_ref=environ.get("PRE_COMMIT_FROM_REF", ""),
            to_ref=environ.get("PRE_COMMIT_TO_REF", ""),
            branch=environ.get("PRE_COMMIT_LOCAL_BRANCH", ""),
            remote=environ.get("PRE_COMMIT_REMOTE_NAME", ""),
            remote_branch=environ.get("PRE_COMMIT_REMOTE_BRANCH", ""),
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


def is_plain(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the terminal's own variables ask for text without colours."""
    return _no_color(environ) or _dumb_terminal(environ)


def _no_color(environ: Mapping[str, str]) -> bool:
    return bool(environ.get("NO_COLOR"))  # https://no-color.org: any value but an empty one


def _dumb_terminal(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM") == "dumb"


def read_ci_context(environ: Mapping[str, str] = os.environ) -> CiContext:
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


# --- single variables -------------------------------------------------------------------------


def database_url(variable: str, environ: Mapping[str, str] = os.environ) -> SecretValue | None:
    """What the variable holds; None if it is not set or empty. Raises ConfigError if it is no URL."""
    value = environ.get(variable, "").strip()
    if len(value) > _MAX_URL or "\0" in value:
        raise ConfigError(f"{variable}: is not a database's URL", advice="It is far too long.")
    return _secret(value)


def take_variable(name: str, environ: MutableMapping[str, str] = os.environ) -> SecretValue | None:
    """What the variable holds, which is then no longer set: no process that we start will have it.

    Of our own environment, the copy that the kernel shows to others of the same user goes as well.
    """
    value = _secret(environ.pop(name, "").strip())
    if environ is os.environ:
        from secopskit.settings.initial_environment import wipe_variable  # ctypes: for those who ask only

        wipe_variable(name)
    return value


def _secret(value: str) -> SecretValue | None:
    from secopskit.secret import SecretValue  # the terminal's variables are asked for before anything else

    return SecretValue(value.encode("utf-8", "surrogateescape")) if value else None


def has_runner_log(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether what we print goes to a CI runner that obeys commands in it."""
    return any(environ.get(name) for name in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"))


def exact_variable(name: str) -> SecretValue | None:
    """What the variable of our own environment holds, every byte; None if it is not set or empty."""
    from secopskit.secret import SecretValue

    value = os.environ.get(name, "")
    # What is no text came in as surrogates, and goes out as the bytes that it was.
    return SecretValue(os.fsencode(value) if os.name == "posix" else value.encode()) if value else None


def has_libpq_variables(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether libpq's own variables say where the database is."""
    return any(environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"))


def variable(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """What the variable holds; empty where it is not set."""
    return environ.get(name, "")


def variables(*names: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Those of the variables that are set."""
    return {name: environ[name] for name in names if name in environ}


def inherited(environ: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """All variables, for who chooses among them what a program that we start may see."""
    return environ


def use_temporary_directory(path: str, environ: MutableMapping[str, str] = os.environ) -> None:
    """Have what this process starts put its temporary files there."""
    environ.update(dict.fromkeys(("TMPDIR", "TMP", "TEMP"), path))


def program_directories(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The directories of `PATH`. A relative one would let the place we stand in choose a program."""
    return [entry for entry in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(entry)]
