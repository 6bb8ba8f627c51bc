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

from support import postgres
from support.example_shop import DATABASES, ENVIRONMENTS, ExampleShop, example_shop
from support.repos import Repo
from support.vendors.digitalocean import DigitalOcean

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="no terminal that a test can answer on"),
]
PUBLIC = "NEXT_PUBLIC_SUPABASE_URL"


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
    gate = shop.secops("status", "--check")
    assert gate.code == 1, gate.text

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
    walked = shop.ask(
        "remediate", "--yes", "--accept-outage", "all", "--push", "--no-backup", answers=answers
    )
    print(walked.text)
    assert walked.code == 0, walked.text
