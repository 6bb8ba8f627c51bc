"""Every setting of `secops migrate`, as `options` has those of a scan.

Not part of `options`, so that a hook does not wait for what it has no use for.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

from secopskit.settings.duration import parse_duration
from secopskit.settings.freeze import Window, parse_window
from secopskit.settings.options import FILE, FLAG, Option, Text, ValueKind

if TYPE_CHECKING:
    from datetime import tzinfo

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MAX_WINDOWS: Final = 200


def _word(value: Text) -> str:
    if isinstance(value, list):
        raise ValueError  # noqa: TRY004 - "not of this kind", as every parser says it
    return value.strip()


def _duration(value: Text) -> int:
    return parse_duration(_word(value))


def _variable(value: Text) -> str:
    name = _word(value)
    if not _VARIABLE.fullmatch(name):
        raise ValueError
    return name


def _uuid(value: Text) -> str:
    text = _word(value).lower()
    if text and not _UUID.fullmatch(text):
        raise ValueError
    return text


def _windows(value: Text) -> tuple[Window, ...]:
    items = value if isinstance(value, list) else re.split(r"[\n,]", value)
    if len(items) > _MAX_WINDOWS:
        raise ValueError
    return tuple(parse_window(item) for item in items if item.strip())


def _zone(value: Text) -> tzinfo:
    name = _word(value)
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # reads the system's files

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError from None


DURATION: Final = ValueKind("duration (500ms, 2s, 5min, 1h, 7d; 0: no limit)", _duration)
VARIABLE: Final = ValueKind("name of an environment variable", _variable)
UUID: Final = ValueKind("identity, as `secops migrate status` shows it", _uuid)
WINDOWS: Final = ValueKind("list of windows", _windows)
ZONE: Final = ValueKind("time zone (Europe/Berlin)", _zone)


def _option(name: str, kind: ValueKind, default: str, text: str) -> Option:
    return Option(name, kind, default, text, "migrate")


MIGRATE_OPTIONS: Final = (
    _option(
        "dir",
        FILE,
        "migrations",
        "The directory of the migrations, relative to this file and inside the repository. Where it is not "
        "there, `supabase/migrations` is taken.",
    ),
    _option(
        "database_url_env",
        VARIABLE,
        "DATABASE_URL",
        "The variable that holds the database's URL. Where it is not set, libpq's own `PG*` variables, "
        "service file and `.pgpass` say where the database is.",
    ),
    _option("identity", UUID, "", "The database's identity: any other is refused."),
    _option("lock_timeout", DURATION, "2s", "How long a statement may wait for a lock before it is retried."),
    _option("statement_timeout", DURATION, "0", "How long a statement may run."),
    _option("retry_for", DURATION, "1min", "How long a file that met a lock or a deadlock is tried again."),
    _option("lock_wait", DURATION, "10min", "How long to wait for another run of secops to end."),
    _option("single_transaction", FLAG, "false", "Apply all pending files in one transaction."),
    _option("allow_out_of_order", FLAG, "false", "Apply files older than the newest applied one, and gaps."),
    _option(
        "guard", FLAG, "false", "Guard this environment as production is guarded. `production` always is."
    ),
    _option("dry_run_max_age", DURATION, "24h", "How old the dry run of a guarded plan may be."),
    _option("countdown", DURATION, "30s", "The pause before a guarded plan is carried out in CI."),
    _option("freeze", WINDOWS, "", "Times without migrations, such as `Fri 16:00 - Mon 08:00`."),
    _option("freeze_timezone", ZONE, "UTC", "The time zone of `freeze`."),
    _option("require_clean_git", FLAG, "false", "Refuse to apply from a work tree with uncommitted changes."),
    _option("require_tag", FLAG, "false", "Refuse to apply files that are not those of a tagged commit."),
    _option(
        "shadow_url_env",
        VARIABLE,
        "SHADOW_DATABASE_URL",
        "The variable that may hold the URL of a server for dry runs; else one is started.",
    ),
)
