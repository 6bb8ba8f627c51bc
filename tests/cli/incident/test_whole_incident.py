"""The original case from the leaked `.env.production` to "closed", walked by one command.

Behind it stand servers that keep to the contracts of GitHub, Supabase, DigitalOcean and Odoo, and a real
PostgreSQL; see support.example_shop.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from support import postgres
from support.cli import ROOT
from support.example_shop import DATABASES, ENVIRONMENTS, ExampleShop, example_shop
from support.repos import Repo
from support.vendors.digitalocean import DigitalOcean

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="no terminal that a test can answer on"),
]
PUBLIC = "NEXT_PUBLIC_SUPABASE_URL"
SCHEMA = ROOT / "docs/schema/incident-v1.schema.json"
SYNCED = "all have its successor"
WALK = ("--yes", "--accept-outage", "all", "--push", "--no-backup")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ExampleShop]:
    servers = postgres.Servers()
    server = servers.of(postgres.need_version(max(postgres.versions(), default=None)))
    try:
        with example_shop(tmp_path, server) as made:
            yield made
    finally:
        servers.stop()


def test_from_the_leak_to_closed(shop: ExampleShop, tmp_path: Path) -> None:
    remote = Repo.create(tmp_path / "server.git", "--bare")
    shop.repo.git("remote", "add", "server", f"file://{remote.path}")
    shop.repo.git("config", "user.name", "Ada")
    shop.repo.git("config", "user.email", "ada@example.org")
    shop.repo.git("push", "-q", "server", "main")
    seen = [shop.secops("sync-secrets", "--yes").text]  # as it was before anybody knew of the leak
    closed = shop.secops("status", "--check")
    assert closed.code == 1, closed.text
    seen.append(closed.text)

    leaked = [shop.old[environment]["DO_ACCESS_TOKEN"] for environment in ENVIRONMENTS]

    def make() -> str:
        token = DigitalOcean().token
        shop.digitalocean.tokens.add(token)
        return token

    def delete() -> str:
        shop.digitalocean.tokens.difference_update(leaked)
        return "y"

    answers: dict[str, str | Callable[[], str]] = {
        "Begin?": "y",
        "New token for": make,
        "Is the old token deleted?": delete,
    }
    walked = shop.ask("remediate", *WALK, "--report", "../incident.md", answers=answers)
    seen.append(walked.text)
    assert walked.code == 0, walked.text
    gate = shop.secops("status", "--check", "-f", "json")
    assert gate.code == 0
    document = json.loads(gate.out)
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    assert document["counts"] == {"closed": 10}  # that two dotenv files are committed is no secret more
    assert {one["sinks"] for one in document["secrets"] if one["kind"] == "value"} == {SYNCED}
    check_dead(shop)

    old = {value for values in shop.old.values() for name, value in values.items() if name != PUBLIC}
    public = [values[PUBLIC] for values in shop.old.values()]
    new = {value for name in ENVIRONMENTS for value in shop.values(name).values()} - set(public)
    for repo in (shop.repo, remote):
        everything = repo.git("log", "-p", "--all", "--reflog")
        assert [value[:6] for value in old | new if value in everything] == []
    assert not (set(shop.repo.git("ls-files").split()) & {".env.production", ".env.staging", "odoo.conf"})
    report = (shop.path.parent / "incident.md").read_text()
    state = [path for path in (shop.path / ".git/secops").rglob("*") if path.is_file()]
    seen += [gate.text, report, *(path.read_text("latin-1") for path in state)]
    assert [value[:6] for value in old | new for text in seen if value in text] == []


def check_dead(shop: ExampleShop) -> None:
    """What leaked opens nothing any more, and what took its place does, here and at GitHub."""
    for environment in ENVIRONMENTS:
        old, new = shop.old[environment], shop.values(environment)
        assert [name for name in old if old[name] == new[name]] == [PUBLIC]
        assert shop.admits(new[DATABASES[environment]])
        assert not shop.admits(old[DATABASES[environment]])
        living = shop.supabase[environment].living()
        assert new["SUPABASE_SERVICE_ROLE_KEY"] in living
        assert old["SUPABASE_SERVICE_ROLE_KEY"] not in living
        published = shop.at_github(environment).secrets.values
        assert {name: value.decode() for name, value in published.items()} == {
            name: new[name] for name in published
        }
        assert len(published) == 4
