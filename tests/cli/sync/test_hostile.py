"""`secops sync-secrets` in a repository that somebody else wrote: nothing leaves at its word alone."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from secopskit.sync.write.journal import SyncNotebook
from support.syncs import SyncedShop

_DIGEST = re.compile(r"--allow-source\s+([0-9a-f]{32})")
_SINKS = {
    "repository": "repositories: [mallory/loot], sinks: [repository]",
    "organization": "sinks: ['organization:mallory']",
    "public variable": "repositories: [Mallory/loot], sinks: [repository], kind: variables",
}


def declare(shop: SyncedShop, body: str, *, more: str = "") -> None:
    """Declare INTERNAL_ADMIN_TOKEN of staging so, as a secret or as a variable."""
    kind = "variables" if body.endswith(", kind: variables") else "secrets"
    body = body.removesuffix(", kind: variables")
    if "source" not in body:
        body += ", source: {dotenv: .env.staging}"
    shop.declare(f"sync: {{{more}environments: {{staging: {{{body}, {kind}: [INTERNAL_ADMIN_TOKEN]}}}}}}\n")


def writes(shop: SyncedShop) -> list[str]:
    return [each.path for each in shop.github.log if each.method != "GET"]


@pytest.mark.parametrize("name", _SINKS)
def test_values_do_not_go_to_strangers(shop: SyncedShop, name: str) -> None:
    shop.github.world.repository("mallory/loot")
    declare(shop, _SINKS[name])
    looked = shop.run("--check")
    assert "mallory OWNS NO REMOTE" in " ".join(looked.out.split())
    refused = shop.run("--yes")
    assert refused.code == 5, refused.text
    assert "send values to mallory" in refused.err
    assert writes(shop) == []
    agreed = _DIGEST.search(refused.err)
    assert agreed
    assert shop.run("--yes", "--allow-source", agreed[1]).code == 0
    assert writes(shop)


def test_whom_the_user_names_is_no_stranger(shop: SyncedShop) -> None:
    shop.github.world.repository("partner/shop")
    declare(shop, "sinks: [repository]")
    done = shop.run("--yes", "--repo", "partner/shop")
    assert done.code == 0, done.text
    assert "OWNS NO REMOTE" not in done.text


def test_a_person_is_asked_about_strangers_once(shop: SyncedShop) -> None:
    shop.github.world.repository("mallory/loot")
    declare(shop, _SINKS["repository"])
    declined = shop.ask(answers={"Do you trust it?": "no"})
    assert declined.code == 5, declined.text
    assert writes(shop) == []
    assert shop.ask(answers={"Do you trust it?": "yes", "Write 1 secret": "yes"}).code == 0
    assert shop.run("--yes").code == 0


@pytest.mark.parametrize("place", ["../loot.json", "{outside}/loot.json", ".git/loot.json", ".GIT/loot.json"])
def test_a_record_stays_in_the_work_tree(shop: SyncedShop, tmp_path: Path, place: str) -> None:
    place = place.format(outside=tmp_path)
    declare(shop, "repositories: [acme/shop], sinks: [repository]", more=f"record: '{place}', ")
    before = sorted(tmp_path.rglob("loot*"))
    outcome = shop.run("--yes")
    assert (outcome.code, "sync.record" in outcome.err) == (2, True), outcome.text
    assert writes(shop) == []
    assert sorted(tmp_path.rglob("loot*")) == before == []


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "GH_TOKEN", "SECOPS_GITHUB_APP_KEY"])
def test_what_we_log_in_with_is_no_source(shop: SyncedShop, variable: str) -> None:
    source = f"source: {{environment: {variable}}}"
    declare(shop, f"repositories: [acme/shop], sinks: [repository], {source}, kind: variables")
    outcome = shop.run("--yes")
    assert outcome.code == 5, outcome.text
    assert variable in outcome.err
    assert shop.token not in outcome.text
    assert writes(shop) == []


@pytest.mark.parametrize(
    "place",
    ["../loot", "{outside}/loot", ".git/config", ".GIT/hooks/pre-commit", "linked", "inner/../../loot"],
)
def test_a_dotenv_sink_stays_in_the_work_tree(shop: SyncedShop, tmp_path: Path, place: str) -> None:
    loot = tmp_path / "loot"
    os.symlink(loot, shop.path / "linked")
    config = (shop.path / ".git/config").read_bytes()
    declare(shop, f"sinks: ['dotenv:{place.format(outside=tmp_path)}']")
    outcome = shop.run("--yes")
    assert outcome.code == 5, outcome.text
    assert not loot.exists()
    assert not (shop.path / ".GIT").exists()
    assert (shop.path / ".git/config").read_bytes() == config


@pytest.mark.parametrize("form", ["text", "json", "md", "github"])
def test_names_from_elsewhere_speak_to_no_terminal_and_no_log(shop: SyncedShop, form: str) -> None:
    evil = "x\x1b]0;owned\x07\u202e::warning::owned"
    (shop.path / ".secops.yaml").write_text(
        json.dumps(
            {
                "sync": {
                    "repositories": ["acme/shop"],
                    "environments": {
                        "staging": {
                            "source": {"dotenv": f"{evil}\n::error::owned|[a](b)"},
                            "sinks": ["environment"],
                            "secrets": {"A": {"key": f"k{evil}\r\n::error::owned"}},
                        }
                    },
                }
            }
        )
    )
    outcome = shop.run("--check", "--format", form)
    assert outcome.code not in (0, 70), outcome.text
    assert not re.search("[\x1b\x07\u202e\r]", outcome.text)
    assert not re.search(r"(?m)^::(error|warning)::owned", outcome.text)


def test_one_sync_at_a_time(shop: SyncedShop) -> None:
    notebook = SyncNotebook.of(str(shop.path / ".git/secops"))
    notebook.open()
    with notebook.held():
        outcome = shop.run("--yes")
    assert outcome.code == 5, outcome.text
    assert "another sync from this repository is running" in outcome.err
    assert "--wait" not in outcome.err
    assert writes(shop) == []
