"""The example of the documents from the leak to the end, as its user goes through it.

Behind it stand servers that keep to the contracts of GitHub, Supabase, DigitalOcean and Odoo, and a real
PostgreSQL; see support.example_shop.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from secopskit.provider.odoo.pbkdf2 import opens
from secopskit.secret import SecretValue
from support import postgres
from support.cli import Outcome
from support.example_shop import DATABASES, ENVIRONMENTS, ExampleShop, example_shop
from support.vendors.digitalocean import DigitalOcean

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("unmeasured"),
    pytest.mark.skipif(os.name == "nt", reason="no terminal that a test can answer on"),
]
PUBLIC = "NEXT_PUBLIC_SUPABASE_URL"
ALLOWED_CALLS = {"common.version", "common.authenticate", "object.execute_kw"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[ExampleShop]:
    servers = postgres.Servers()
    server = servers.of(postgres.need_version(max(postgres.versions(), default=None)))
    try:
        with example_shop(tmp_path, server) as made:
            yield made
    finally:
        servers.stop()


class Walk:
    """The commands of the example, one after the other, and all that they showed."""

    def __init__(self, shop: ExampleShop) -> None:
        self.shop = shop
        self.seen: list[str] = []
        self.brought: dict[str, str] = {}

    def secops(self, *arguments: str, code: int) -> Outcome:
        outcome = self.shop.secops(*arguments)
        self.seen.append(outcome.text)
        assert outcome.code == code, outcome.text
        return outcome

    def by_hand(self, environment: str) -> None:
        """A person rotates the token of DigitalOcean: makes one, pastes it, deletes the old one."""

        def make() -> str:
            self.brought[environment] = token = DigitalOcean().token
            self.shop.digitalocean.tokens.add(token)
            return token

        def delete() -> str:
            self.shop.digitalocean.tokens.discard(self.shop.old[environment]["DO_ACCESS_TOKEN"])
            return "y"

        name = f"{environment}/DO_ACCESS_TOKEN"
        outcome = self.shop.ask(
            "rotate", "apply", name, "--yes", "-vv",
            answers={"Begin?": "y", f"New token for {name}": make, "Is the old token deleted?": delete},
        )  # fmt: skip
        self.seen.append(outcome.text)
        assert outcome.code == 0, outcome.text
        assert f"{name}: done" in outcome.text


def test_from_the_leak_to_the_proof(shop: ExampleShop) -> None:
    untouched = shop.odoos_own_sessions()
    walk = Walk(shop)
    walk.secops("sync-secrets", "--yes", "-vv", code=0)  # as it was before anybody knew of the leak
    for environment in ENVIRONMENTS:
        check_published(shop, environment)

    report = shop.place / "report.json"
    walk.secops("scan", "-vv", "--format", "json", "-o", str(report), code=1)
    check_found(json.loads(report.read_text()))

    plan = walk.secops("rotate", "plan", "--from-findings", str(report), code=1)
    assert "Plan: 10 credentials to be rotated" in plan.out
    assert "Will break, edit by hand" not in plan.out, "everything that reads them is changed for its user"
    assert "git rm --cached .env.production .env.staging odoo.conf" in " ".join(plan.out.split())
    assert ".secops.published" not in plan.out

    # Nobody is here: what needs a person is left, all else is done, and both are said.
    applied = walk.secops("rotate", "apply", "--yes", "--accept-outage", "all", "-vv", code=5)
    assert "8 of 10 credentials rotated" in applied.out
    assert "still stands in" not in applied.out
    for environment in ENVIRONMENTS:
        assert f"{environment}/DO_ACCESS_TOKEN: a person has to rotate it, and nobody is here" in applied.err
        walk.by_hand(environment)
    check_rotated(shop)
    check_odoo(shop)

    walk.secops("sync-secrets", code=0)
    walk.secops("sync-secrets", "--yes", "-vv", code=0)
    walk.secops("sync-secrets", "--check", code=0)
    walk.secops("sync-secrets", "audit", "--strict", code=0)
    walk.secops("sync-secrets", "audit", "--offline", "--strict", code=0)
    for environment in ENVIRONMENTS:
        check_published(shop, environment)

    shop.repo.git("rm", "-q", "--cached", ".env.production", ".env.staging", "odoo.conf")
    shop.repo.git("add", ".secops.published")
    shop.repo.commit({}, "No values")
    purged = walk.secops("purge-history", "--apply", "--yes", "--no-backup", "-vv", code=0)
    assert purged.out.count("rotated       yes") == 10, "what was rotated needs no --rotated"
    files = ("--path", ".env.production", "--path", ".env.staging")
    walk.secops("purge-history", *files, "--apply", "--yes", "--no-backup", code=0)
    proof = walk.secops("purge-history", "--verify", code=0)
    assert "it finds nothing that a purge could take out" in proof.out
    check_rotated(shop)
    walk.secops("sync-secrets", "--check", code=0)

    check_nothing_shows(shop, walk)
    assert shop.odoos_own_sessions() == untouched


def check_found(report: dict[str, object]) -> None:
    """Each of the leaked credentials is in the report."""
    text = json.dumps(report)
    for rule in ("supabase-secret-key", "digitalocean-pat", "odoo-admin-password"):
        assert rule in text
    for name in (*DATABASES.values(), "INTERNAL_ADMIN_TOKEN", "ODOO_ADMIN_PASSWORD"):
        assert name in text


def check_published(shop: ExampleShop, environment: str) -> None:
    """What GitHub has is what the dotenv file has, byte for byte, and nothing else is there."""
    values = {name: value.encode() for name, value in shop.values(environment).items()}
    there = shop.at_github(environment)
    assert there.variables.values == {PUBLIC: values.pop(PUBLIC)}
    assert there.secrets.values == {name: one for name, one in values.items() if not name.startswith("ODOO_")}
    assert there.puts == 0, "an environment that exists is never written"
    assert there.rules == {"wait_timer": 5}


def check_rotated(shop: ExampleShop) -> None:
    """Each old value is dead where it was used, and each new one works."""
    for environment in ENVIRONMENTS:
        old, new = shop.old[environment], shop.values(environment)
        assert [name for name in old if old[name] == new[name]] == [PUBLIC]
        assert shop.admits(new[DATABASES[environment]])
        assert not shop.admits(old[DATABASES[environment]])
        living = shop.supabase[environment].living()
        assert new["SUPABASE_SERVICE_ROLE_KEY"] in living
        assert old["SUPABASE_SERVICE_ROLE_KEY"] not in living
        assert new["DO_ACCESS_TOKEN"] in shop.digitalocean.tokens
        assert old["DO_ACCESS_TOKEN"] not in shop.digitalocean.tokens
        assert len(base64.b64decode(new["INTERNAL_ADMIN_TOKEN"], validate=True)) == 32
        text = (shop.path / f".env.{environment}").read_text()
        assert list(shop.values(environment)) == list(old)
        assert text.count("\n") == len(old), "edited in place"
        assert (shop.path / f".env.{environment}").stat().st_mode & 0o777 == 0o600


def check_odoo(shop: ExampleShop) -> None:
    """The user's password is another one, and the configuration takes the new master password alone."""
    new, old = shop.values("production"), shop.old["production"]
    assert shop.odoo.users["admin"].password == new["ODOO_ADMIN_PASSWORD"]
    assert set(shop.odoo.calls) <= ALLOWED_CALLS
    head, comment, line, last = (shop.path / "odoo.conf").read_text().splitlines()
    assert (head, comment, last) == ("[options]", "; the shop's", "db_name = shop")
    stored = line.removeprefix("admin_passwd = ")
    assert opens(stored, SecretValue(new["ODOO_MASTER_PASSWORD"].encode()))
    assert not opens(stored, SecretValue(old["ODOO_MASTER_PASSWORD"].encode()))
    assert not [path.name for path in shop.path.iterdir() if "secops-old" in path.name]


def check_nothing_shows(shop: ExampleShop, walk: Walk) -> None:
    """No value, old or new, where it does not belong: on a terminal, in arguments, in files that stay."""
    secret = {
        value
        for environment in ENVIRONMENTS
        for values in (shop.old[environment], shop.values(environment))
        for name, value in values.items()
        if name != PUBLIC
    }
    secret |= {value.partition("@")[0].rpartition(":")[2] for value in secret if "://" in value}
    # The tokens that a user has set are inherited by what is started, as by any program; arguments are ours.
    forms = {form for value in secret for form in (value, value.encode().hex(), _base64(value))}
    started = [json.loads(line) for line in shop.children.read_text().splitlines()]
    assert len(started) > 20
    texts = {"terminal": "".join(walk.seen), "children": shop.children.read_text()}
    tokens = (shop.token, shop.supabase["staging"].token)
    shown = texts["terminal"] + "".join(arguments for arguments, _ in started)
    assert not any(token in shown for token in tokens)
    left = [*shop.temporary.rglob("*"), *(shop.path / ".git").rglob("*"), *shop.path.iterdir()]
    own = {".env.staging", ".env.production"}
    texts |= {
        str(path): path.read_bytes().decode("latin-1")
        for path in left
        if path.is_file() and path.name not in own
    }
    assert any("/secops/" in place for place in texts)
    assert [(place, form[:6]) for place, text in texts.items() for form in forms if form in text] == []
    notebook = shop.path / ".git" / "secops" / "rotate"
    assert sorted(path.name for path in notebook.iterdir()) == ["last.json", "lock"]


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode().rstrip("=")[:-1]
