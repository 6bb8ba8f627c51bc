"""The example in examples/shop: it can be read, its workflows are sound, and all parts of it agree."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from secopskit.formats.exact.dotenv_exact import read_exact
from secopskit.provider import PROVIDERS, parse_settings
from secopskit.settings.rotate import RotateConfig, load_rotate
from secopskit.settings.sync import SyncConfig, load_sync
from support.cli import ROOT, run, secops
from support.workflow_linters import actionlint, zizmor

SHOP = ROOT / "examples" / "shop"
WORKFLOWS = sorted((SHOP / ".github" / "workflows").glob("*.yml"))
# What the two deployments read; of the secrets each environment has its own.
SHARED = {"SUPABASE_SERVICE_ROLE_KEY", "INTERNAL_ADMIN_TOKEN", "DO_ACCESS_TOKEN"}
ODOO = {"ODOO_ADMIN_PASSWORD", "ODOO_MASTER_PASSWORD"}


@pytest.fixture(scope="module")
def sync() -> SyncConfig:
    return load_sync(SHOP, environ={})


@pytest.fixture(scope="module")
def rotate() -> RotateConfig:
    return load_rotate(SHOP, environ={})


def names(config: SyncConfig, environment: str, *, variable: bool) -> set[str]:
    (found,) = (one for one in config.environments if one.name == environment)
    return {value.name for value in found.values if value.variable == variable}


def test_each_environment_declares_what_its_deployment_reads(sync: SyncConfig) -> None:
    assert names(sync, "staging", variable=False) == {"STAGING_DATABASE_URL", *SHARED}
    assert names(sync, "production", variable=False) == {"PROD_DATABASE_URL", *SHARED, *ODOO}
    for environment in ("staging", "production"):
        assert names(sync, environment, variable=True) == {"NEXT_PUBLIC_SUPABASE_URL"}


def test_whatever_is_secret_can_be_rotated(sync: SyncConfig, rotate: RotateConfig) -> None:
    declared = {
        (one.name, value.name) for one in sync.environments for value in one.values if not value.variable
    }
    assert {(one.environment, one.name) for one in rotate.credentials} == declared


def test_the_settings_of_each_provider_are_accepted(rotate: RotateConfig) -> None:
    for one in rotate.credentials:
        if one.provider not in PROVIDERS:
            pytest.skip(f"there is no provider {one.provider} here")
        assert parse_settings(one.provider, one.settings, source=one.place)


def test_the_template_has_each_name_and_no_value(sync: SyncConfig) -> None:
    entries = read_exact((SHOP / ".env.example").read_bytes(), ".env.example").entries
    assert {entry.key for entry in entries} == {
        value.key for one in sync.environments for value in one.values
    }
    assert [entry.key for entry in entries if len(entry.value)] == []


def test_the_dotenv_files_are_ignored_by_git(sync: SyncConfig) -> None:
    sources = {value.origin.arguments[0] for one in sync.environments for value in one.values if value.origin}
    assert sources == {".env.staging", ".env.production"}
    asked = run("git", "check-ignore", *sorted(sources), "odoo.conf", ".env.example", cwd=SHOP)
    if asked.code == 128:
        pytest.skip("not a git checkout")
    assert asked.out.split() == [".env.production", ".env.staging", "odoo.conf"]


def test_the_workflows_are_sound() -> None:
    assert len(WORKFLOWS) == 3
    assert zizmor(*WORKFLOWS) == []
    assert actionlint(*WORKFLOWS) == []


def test_workflows_and_declaration_agree() -> None:
    audited = secops("sync-secrets", "audit", "--offline", "--strict", "examples/shop", cwd=ROOT)
    assert audited.code == 0, audited.text
    assert "3 workflows of the work tree: 10 references to 6 names" in audited.out
    assert "6 names looked up: each is declared where the jobs see it." in audited.out


@pytest.mark.skipif(os.name == "nt", reason="a shell as POSIX has it")
def test_what_the_readme_says_is_run_as_it_stands(tmp_path: Path) -> None:
    text = (SHOP / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    shim = tmp_path / "bin" / "secops"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m secopskit "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    env = {"HOME": str(tmp_path), "PATH": f"{shim.parent}:{os.environ['PATH']}"}
    done = run("bash", "-euc", block, cwd=ROOT, env=env)
    assert done.code == 0, done.text
    assert "each is declared where the jobs see it" in done.out
    made = run("git", "status", "--short", "--untracked-files=all", cwd=tmp_path / "shop").out
    assert ".secops.yaml" in made
    assert ".env.staging" not in made
    assert (tmp_path / "shop" / ".env.production").is_file()
