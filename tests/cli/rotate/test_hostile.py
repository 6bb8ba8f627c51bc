"""`secops rotate` in a repository that somebody else wrote: no value and no token goes where it says."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import IncompleteError
from secopskit.git.repository import Repository
from secopskit.rotate.keep.journal import RotationNotebook
from support.workshop import CONFIG as SHOP
from support.workshop import OPENED, ForkedWorkshop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no fork")
CONFIG = """
rotate:
  environments:
    production:
      API_TOKEN: {%s}
sync:
  environments:
    production:
      source: {dotenv: .env.production}
      secrets: [API_TOKEN]
"""
_REF = "a" * 20
_EVIL = "https://vendor.example"
REACHING = {
    "the management API": f"provider: supabase, project: {_REF}, api_url: '{_EVIL}'",
    "the place of a trial": f"provider: supabase, project: {_REF}, project_url: '{_EVIL}'",
    "any variable": f"provider: supabase, project: {_REF}, token_env: AWS_SECRET_ACCESS_KEY",
    "a database": f"provider: supabase, project: {_REF}, what: database-password, "
    "direct_url: 'postgresql://a@vendor.example/b'",
    "a database behind this one": f"provider: supabase, project: {_REF}, what: database-password, "
    "direct_url: 'postgresql://a@127.0.0.1/b?host=vendor.example'",
    "an API": f"provider: digitalocean, api_url: '{_EVIL}'",
    "a store": f"provider: digitalocean, spaces_url: '{_EVIL}'",
    "a check": f"provider: manual, rule: github-pat, check_url: '{_EVIL}'",
    "an Odoo": f"provider: odoo, url: '{_EVIL}', database: a, login: b",
    "a file": "provider: odoo, what: master-password, config: /etc/odoo/odoo.conf",
    "a server": "provider: postgres, mode: one-role, user: a, url: 'host=vendor.example user=a dbname=b'",
    "a pooler": "provider: postgres, mode: one-role, user: a, "
    "url: 'postgresql://127.0.0.1/b', pooler_url: 'postgresql://vendor.example/b'",
    "a profile": "provider: aws, profile: root",
    "a user": "provider: aws, user: root",
    "a repository": "provider: github, repository: acme/crown-jewels",
}


@pytest.fixture
def shop(tmp_path: Path) -> ForkedWorkshop:
    return ForkedWorkshop(tmp_path / "shop")


@pytest.mark.parametrize("name", REACHING)
def test_nothing_is_sent_at_the_word_of_a_repository(shop: ForkedWorkshop, name: str) -> None:
    (shop.path / ".secops.yaml").write_text(CONFIG % REACHING[name])
    before = shop.dotenv.read_bytes()
    for arguments in (("plan",), ("apply", "API_TOKEN", *OPENED)):
        outcome = shop.rotate(*arguments)
        assert outcome.code == 1, outcome.text
        assert "would use" in outcome.out, outcome.text
        assert "--allow-source" in outcome.out
    assert shop.dotenv.read_bytes() == before


def test_what_is_agreed_to_beforehand_is_used(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(CONFIG % REACHING["a user"])
    digest = re.search(r"--allow-source\s+([0-9a-f]{32})", shop.rotate("plan").out)
    assert digest
    outcome = shop.rotate("plan", "--allow-source", digest[1])
    assert "would use" not in outcome.out
    (shop.path / ".secops.yaml").write_text(CONFIG % "provider: aws, user: other")
    assert "would use" in shop.rotate("plan", "--allow-source", digest[1]).out


def test_a_bug_tells_no_value_of_another_exception(shop: ForkedWorkshop) -> None:
    shop.fault = "support.rotating.install_with_bugs"
    outcome = shop.rotate("apply", "-vv", "API_TOKEN", *OPENED)
    assert outcome.code == 70, outcome.text
    assert shop.token not in outcome.text


def notebook_of(shop: ForkedWorkshop) -> RotationNotebook:
    repository = Repository.open(str(shop.path))
    assert repository
    return RotationNotebook.of(repository)


def damaged(document: Any) -> Iterator[Any]:
    """The document with each of its parts replaced by what does not belong there."""
    for wrong in (None, 5, "x", [], {}, [None], {"x": None}):
        yield wrong
    parts: list[Any] = list(document) if isinstance(document, dict) else []
    parts = list(range(len(document))) if isinstance(document, list) else parts
    for part in parts:
        for wrong in damaged(document[part]):
            changed = copy.copy(document)
            changed[part] = wrong
            yield changed


def test_no_part_of_a_journal_is_believed_to_be_what_it_was(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(SHOP.replace("account:", "busy: 'true', account:"))
    assert shop.rotate("apply", "API_TOKEN", *OPENED).code == 4
    notebook = notebook_of(shop)
    file = shop.path / ".git/secops/rotate/journal.json"
    read = 0
    for document in damaged(json.loads(file.read_text())):
        file.write_text(json.dumps(document))
        try:
            assert notebook.read() is not None
        except IncompleteError:
            read += 1
    assert read > 20


def test_one_that_is_at_work_is_not_said_to_have_stopped(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(SHOP.replace("account:", "busy: 'true', account:"))
    assert shop.rotate("apply", "API_TOKEN", *OPENED).code == 4
    notebook = notebook_of(shop)
    with notebook.held():
        outcome = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert outcome.code == 5, outcome.text
    assert "is running" in outcome.err
    assert "--wait" not in outcome.err


@pytest.mark.parametrize("kind", ["directory", "pipe", "unclosed"])
def test_nothing_is_made_that_its_source_could_not_take(shop: ForkedWorkshop, kind: str) -> None:
    (shop.path / ".secops.yaml").write_text(CONFIG % "provider: random")
    shop.dotenv.unlink()
    match kind:
        case "directory":
            shop.dotenv.mkdir()
        case "pipe":
            os.mkfifo(shop.dotenv)
        case _:
            shop.dotenv.write_text("API_TOKEN='x\n")
    outcome = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert outcome.code == 1, outcome.text
    assert ".env.production" in outcome.out
    assert shop.kept == []
