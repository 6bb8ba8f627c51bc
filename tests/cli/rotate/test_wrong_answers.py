"""Vendors whose answers are none: whatever comes, it is said, and nobody takes it for a mistake of ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.echoing import echoing
from support.workshop import OPENED, ForkedWorkshop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no fork")
_REF = "a" * 20
_CLUSTER = "11111111-2222-3333-4444-555555555555"
PROVIDERS = {
    "supabase key": f"provider: supabase, project: {_REF}, api_url: '%s', patience: 0s",
    "supabase password": f"provider: supabase, what: database-password, project: {_REF}, api_url: '%s'",
    "spaces key": "provider: digitalocean, api_url: '%s', access_key: AAAABBBBCCCCDDDDEEEE",
    "database user": f"provider: digitalocean, what: database-user, cluster: {_CLUSTER}, user: a, "
    "api_url: '%s'",
    "odoo": "provider: odoo, url: '%s', database: a, login: b",
    "odoo by XML": "provider: odoo, url: '%s', database: a, login: b, protocol: xmlrpc",
}
BODIES = {
    "null": b"null",
    "a number": b"3",
    "a text": b'"x"',
    "a list": b"[]",
    "an object": b"{}",
    "nothing in a list": b'[null, 3, "x", {"id": 5, "name": null, "type": "secret", "api_key": 7}]',
    "no objects within": b'{"keys": [1, null], "user": 3, "key": [], "links": 5, "result": {"a": 1}}',
    "no list within": b'{"keys": {"a": 1}, "user": {"password": 5}, "links": {"pages": 7}, "error": 5}',
    "half a character": b'[{"id": "\\ud800", "name": "\\ud800", "type": "secret", "api_key": "\\ud800"}]',
    "too deep": b"[" * 200_000,
    "a number that is too long": b"[" + b"9" * 6000 + b"]",
    "a page": b"<html><body>Sign in</body></html>",
}


@pytest.fixture
def shop(tmp_path: Path) -> ForkedWorkshop:
    made = ForkedWorkshop(tmp_path / "shop")
    made.variables = dict.fromkeys(("SUPABASE_ACCESS_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"), "t" * 20)
    return made


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_that_is_none(shop: ForkedWorkshop, provider: str) -> None:
    before = shop.dotenv.read_bytes()
    for name, body in BODIES.items():
        if provider == "supabase password" and body.startswith(b"["):
            continue  # that is a list of poolers, and in the place of a message it does no harm
        with echoing(200, body=body) as host:
            declared = PROVIDERS[provider] % host.url
            (shop.path / ".secops.yaml").write_text(
                f"rotate: {{environments: {{live: {{API_TOKEN: {{{declared}}}}}}}}}\n"
                "sync: {environments: {live: {source: {dotenv: .env.production}, secrets: [API_TOKEN]}}}\n"
            )
            outcome = shop.rotate("apply", "API_TOKEN", *OPENED)
        assert outcome.code in (1, 2, 3, 4, 5), (name, outcome.text)
        assert host.asked, (name, outcome.text)
        assert shop.dotenv.read_bytes() == before
        if shop.notebook and "journal.json" in shop.notebook:
            shop.rotate("rollback", "--yes")
            for path in (shop.path / ".git/secops/rotate").iterdir():
                path.unlink()
