"""Settings of `migrate`, and freeze windows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from secopskit.conduct.freeze import require_thaw
from secopskit.errors import ConfigError, RefusedError, UsageError
from secopskit.settings import migrate, scan
from secopskit.settings.freeze import parse_window
from secopskit.settings.migrate import OPTIONS, MigrateConfig, check_environment_name, load_migrate


def load(root: Path, text: str, environment: str = "", **environ: str) -> MigrateConfig:
    (root / ".secops.yaml").write_text(text)
    return load_migrate(root, environment, environ=environ)


def test_the_table_and_the_type_name_the_same_settings() -> None:
    assert sorted(MigrateConfig._fields) == sorted(option.name for option in OPTIONS)


def test_defaults(tmp_path: Path) -> None:
    found = load_migrate(tmp_path, environ={})
    assert found.dir == str(tmp_path / "migrations")
    assert (found.database_url_env, found.identity, found.lock_timeout) == ("DATABASE_URL", "", 2000)
    assert (found.countdown, found.freeze, found.freeze_timezone) == (30_000, (), UTC)
    assert not found.guard


def test_where_supabase_keeps_its_files(tmp_path: Path) -> None:
    (tmp_path / "supabase" / "migrations").mkdir(parents=True)
    assert load_migrate(tmp_path, environ={}).dir == str(tmp_path / "supabase/migrations")
    assert load(tmp_path, "migrate: {dir: db}").dir == str(tmp_path / "db")
    (tmp_path / "migrations").mkdir()
    assert load(tmp_path, "").dir == str(tmp_path / "migrations")


def test_environments_overrule_the_rest_and_variables_both(tmp_path: Path) -> None:
    text = """
migrate:
  lock_timeout: 1s
  statement_timeout: 5min
  environments:
    staging: {lock_timeout: 3s, database_url_env: STAGING_URL}
    production:
      freeze: ["Fri 16:00 - Mon 08:00", 22:00 - 06:00]
      freeze_timezone: Europe/Berlin
      identity: 7d1c1c9e-8a52-4f7b-9d5e-0f6a4f0f1c2d
    other:
"""
    assert load(tmp_path, text).lock_timeout == 1000
    staging = load(tmp_path, text, "staging", SECOPS_MIGRATE_STATEMENT_TIMEOUT="1h")
    assert (staging.lock_timeout, staging.statement_timeout, staging.database_url_env) == (
        3000,
        3_600_000,
        "STAGING_URL",
    )
    production = load(tmp_path, text, "production")
    assert [window.text for window in production.freeze] == ["Fri 16:00 - Mon 08:00", "22:00 - 06:00"]
    assert production.freeze_timezone == ZoneInfo("Europe/Berlin")
    assert load(tmp_path, text, "none-such").lock_timeout == 1000


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("lock_timeout: soon", "`migrate.lock_timeout`: must be: duration"),
        (
            "database_url_env: postgresql://x",
            "`migrate.database_url_env`: must be: name of an environment variable",
        ),
        ("freeze: [Friday]", "`migrate.freeze`: must be: list of windows"),
        ("freeze_timezone: Mars/Phobos", "`migrate.freeze_timezone`: must be: time zone"),
        ("identity: abc", "`migrate.identity`: must be: identity"),
        ("nothing: 1", "unknown key `migrate.nothing`"),
        ("environments: [a]", "`migrate.environments` must be a mapping"),
        ("environments: {a: [b]}", "`migrate.environments` must map names to settings"),
        ("environments: {A b: {}}", "`migrate.environments` must map names to settings"),
        ("environments: {a: {guard: maybe}}", "`migrate.environments.a.guard`: must be: true or false"),
        ("environments: {a: {gard: true}}", "unknown key `migrate.environments.a.gard`"),
        ("dir: ../elsewhere", "leads out of the repository"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"migrate:\n  {setting}\n")
    assert words in str(caught.value)
    assert caught.value.advice


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SECOPS_MIGRATE_LOCK_TIMOUT: there is no such setting") as caught:
        load_migrate(tmp_path, environ={"SECOPS_MIGRATE_LOCK_TIMOUT": "1s"})
    assert caught.value.advice == "Did you mean SECOPS_MIGRATE_LOCK_TIMEOUT?"


def test_a_scan_does_not_mind_the_section(tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text("migrate: {dir: db}\nscan: {jobs: 3}")
    assert scan.load(tmp_path, environ={}).scan.jobs == 3


def test_names_of_environments() -> None:
    assert check_environment_name("staging-2") == "staging-2"
    for name in ("Production", "a b", "", "-x", "x" * 64):
        with pytest.raises(UsageError):
            check_environment_name(name)
    assert migrate.is_production("production")
    assert not migrate.is_production("staging")


# --- freeze windows -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (
            "Fri 16:00 - Mon 08:00",
            "2026-01-02 16:00,2026-01-04 12:00,2026-01-05 07:59",
            "2026-01-02 15:59,2026-01-05 08:00",
        ),
        ("Friday - Sunday", "2026-01-02 00:00,2026-01-04 23:59", "2026-01-01 23:59,2026-01-05 00:00"),
        ("22:00 - 06:00", "2026-01-01 22:00,2026-01-01 05:59", "2026-01-01 06:00,2026-01-01 21:59"),
        ("Sun 00:00 - Sun 24:00", "2026-01-04 00:00,2026-01-04 23:59", "2026-01-05 00:00,2026-01-03 23:59"),
        ("2026-12-20 - 2027-01-04", "2026-12-20 00:00,2027-01-04 23:59", "2026-12-19 23:59,2027-01-05 00:00"),
        (
            "2026-12-20 18:00 - 2026-12-21 06:00",
            "2026-12-20 18:00,2026-12-21 05:59",
            "2026-12-20 17:59,2026-12-21 06:00",
        ),
    ],
)
def test_windows(window: str, inside: str, outside: str) -> None:
    parsed = parse_window(window)
    assert all(parsed.holds(datetime.fromisoformat(when)) for when in inside.split(","))
    assert not any(parsed.holds(datetime.fromisoformat(when)) for when in outside.split(","))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Friday",
        "Fri 16:00",
        "Fri 16:00 - 08:00",
        "Fri 25:00 - Mon 08:00",
        "Foo 1:00 - Bar 2:00",
        "22:00 - 22:00",
        " - ",
        "2026-12-20 - Mon",
        "2026-12-20 - 2026-12-19",
        "2026-13-01 - 2026-13-02",
        "Fri 16:61 - Mon 08:00",
    ],
)
def test_no_windows(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it has nothing to say
        parse_window(text)


def test_a_freeze_is_judged_by_its_own_clock() -> None:
    windows = (parse_window("Fri 16:00 - Mon 08:00"),)
    friday = datetime(2026, 7, 3, 14, 30, tzinfo=UTC)
    require_thaw(windows, friday, UTC)
    with pytest.raises(RefusedError, match=r"Fri 2026-07-03 16:30 \(Europe/Berlin\)") as caught:
        require_thaw(windows, friday, ZoneInfo("Europe/Berlin"))
    assert "--during-freeze" in caught.value.advice
