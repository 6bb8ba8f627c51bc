"""Variables that look like settings and set nothing are told of; those of others are not."""

from __future__ import annotations

import re

import pytest

from secopskit.settings.stray_variables import _OTHERS, _OWN, stray_variables
from support.cli import ROOT


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SECOPS_ENGINE", "SECOPS_SCAN_ENGINE"),
        ("SECOPS_MIN_SEVERITY", "SECOPS_SCAN_MIN_SEVERITY"),
        ("SECOPS_SCAM_JOBS", "SECOPS_SCAN_JOBS"),
        ("SECOPS_LOCK_TIMEOUT", "SECOPS_MIGRATE_LOCK_TIMEOUT"),
        ("SECOPS_MIGRATION_LOCK_TIMEOUT", "SECOPS_MIGRATE_LOCK_TIMEOUT"),
    ],
)
def test_what_looks_like_a_setting_is_named_with_what_was_meant(name: str, meant: str) -> None:
    assert stray_variables({name: "x"}) == [f"{name} sets nothing: did you mean {meant}?"]


def test_the_variables_of_the_guide_are_known() -> None:
    guide = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(SECOPS_[A-Z_]+)`", guide, re.MULTILINE))
    assert {"SECOPS_CACHE_DIR", "SECOPS_STATE_DIR"} <= named
    assert named - {name for name in named if name.startswith(_OWN)} <= _OTHERS


@pytest.mark.parametrize(
    "name",
    [
        "SECOPS_CACHE_DIR",
        "SECOPS_STATE_DIR",
        "SECOPS_GITHUB_APP_KEY",
        "SECOPS_SCAN_ENGINE",
        "SECOPS_TEST_KILLS",
        "SECOPS_OTHER",
        "HOME",
    ],
)
def test_all_else_is_nobodys_mistake(name: str) -> None:
    assert stray_variables({name: "x"}) == []
