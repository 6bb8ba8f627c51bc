"""`secops scan --verify`: who issued what was found is asked, behind a proxy, and says whether it works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import forked
from support.cli import Outcome
from support.issuers import Issuers, issuers
from support.loopback import Asked, Reply, document
from support.repos import Repo
from support.values import alnum, github_token, slack_token

_HOSTS = (
    "api.github.com",
    "slack.com",
    "gitlab.com",
    "api.own.example",
    "api.telegram.org",
    "sts.amazonaws.com",
)


class World:
    """A repository with tokens, and issuers that know some of them."""

    def __init__(self, path: Path) -> None:
        self.works, self.dead, self.bot = github_token(), github_token(), slack_token()
        self.pat = "glpat-" + alnum(20)
        self.telegram = "7654321098:AAH" + alnum(31) + "k"
        self.key_id, self.key = "AKIA" + alnum(16).upper().replace("0", "A"), alnum(39) + "/"
        self.redirects = ""
        self.repo = Repo.create(path)
        self.repo.commit(
            {
                "a.py": f"token = '{self.dead}'\n",
                "b.py": f"token = '{self.works}'\n",
                "c.py": f"slack = '{self.bot}'\ngitlab = '{self.pat}'\n",
                "d.py": f"bot = '{self.telegram}'\n",
                "g.py": f"AWS_ACCESS_KEY_ID = '{self.key_id}'\nAWS_SECRET_ACCESS_KEY = '{self.key}'\n",
                "e.yml": f"password: '{alnum(20)}'\n",
                "f.py": "u = 'postgres://admin:" + alnum(18) + "@10.1.2.3/app'\n",
            },
            "tokens",
        )

    @property
    def values(self) -> tuple[str, ...]:
        return (self.works, self.dead, self.bot, self.pat, self.telegram, self.key)

    def answer(self, host: str, asked: Asked) -> Reply:
        if self.redirects:
            return Reply(status=302, headers={"Location": self.redirects})
        plays = {
            "api.github.com": self._github,
            "slack.com": self._slack,
            "sts.amazonaws.com": self._sts,
            "api.telegram.org": self._telegram,
        }
        return plays[host](asked) if host in plays else Reply(status=401)

    def _github(self, asked: Asked) -> Reply:
        sent = asked.headers["authorization"]
        if sent != f"Bearer {self.works}":
            return document({"message": f"Bad credentials {sent}"}, 401)
        said = {"login": "acme-bot", "echo": sent, "name": self.works}
        return document(said, 200, X_OAuth_Scopes="repo, workflow")

    def _slack(self, asked: Asked) -> Reply:
        assert (asked.method, asked.path, asked.body) == ("POST", "/api/auth.test", b"")
        return document({"ok": False, "error": "token_revoked"})

    def _sts(self, asked: Asked) -> Reply:
        assert f"Credential={self.key_id}/" in asked.headers["authorization"]
        return Reply(body=b"<Arn>arn:aws:iam::123456789012:user/ada</Arn>")

    def _telegram(self, _: Asked) -> Reply:
        return document({"ok": True, "result": {"username": f"bot {self.telegram}"}})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("live") / "repo")


@pytest.fixture(scope="module")
def played(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuers]:
    with issuers(tmp_path_factory.mktemp("tls"), world.answer, *_HOSTS) as those:
        yield those


def scan(world: World, played: Issuers, *more: str, **env: str) -> Outcome:
    return forked.secops("scan", *more, cwd=world.repo.path, env={**played.environment, **env})


def by_path(outcome: Outcome) -> dict[str, dict[str, Any]]:
    found = json.loads(outcome.out)["findings"]
    return {f"{one['locations'][0]['path']}:{one['locations'][0]['line']}": one for one in found}


def test_each_finding_has_what_its_issuer_says(world: World, played: Issuers) -> None:
    outcome = scan(world, played, "--verify", "-f", "json")
    assert outcome.code == 1
    found = by_path(outcome)
    states = {path: one["verification"]["state"] for path, one in found.items()}
    assert states == {
        "b.py:1": "active", "d.py:1": "active", "g.py:2": "active", "a.py:1": "inactive",
        "c.py:1": "inactive", "g.py:1": "unasked",
        "c.py:2": "unknown", "e.yml:1": "unasked", "f.py:1": "unknown",
    }  # fmt: skip
    works = found["b.py:1"]["verification"]
    assert (works["account"], works["scopes"]) == ("acme-bot", ["repo", "workflow"])
    assert works["checked_at"].endswith("Z")
    assert works["detail"] == "GET /user at api.github.com: HTTP 200"
    assert found["a.py:1"]["severity"] == "high"
    assert found["g.py:2"]["verification"]["account"] == "arn:aws:iam::123456789012:user/ada"
    assert set(list(found)[:3]) == {"b.py:1", "d.py:1", "g.py:2"}
    assert list(found)[-2:] == ["a.py:1", "c.py:1"]
    assert "GitLab server of your own" in found["c.py:2"]["verification"]["detail"]
    assert "private network" in found["f.py:1"]["verification"]["detail"]
    assert (
        "secops: --verify sends 6 values to those who issued them: api.github.com (2), "
        "api.telegram.org (1), gitlab.com (1), slack.com (1), sts.amazonaws.com (1)"
    ) in outcome.err


def test_people_read_it_and_no_text_or_proxy_holds_a_value(world: World, played: Issuers) -> None:
    outcome = scan(world, played, "--verify", "-vv")
    words = " ".join(outcome.out.split())
    assert "active: works as acme-bot (repo, workflow)" in words
    assert "3 active, 2 inactive, 2 unknown, 2 cannot be asked" in words
    shown = outcome.text + "".join(played.connected)
    assert [value[:8] for value in world.values if value[8:-4] in shown] == []


def test_without_the_option_nobody_is_asked(world: World, played: Issuers) -> None:
    before = len(played.connected)
    assert scan(world, played, "-q", SECOPS_SCAN_VERIFY="true").code == 2  # there is no such variable
    outcome = scan(world, played, "-f", "json")
    assert len(played.connected) == before
    assert all("verification" not in one for one in json.loads(outcome.out)["findings"])


@pytest.mark.parametrize("mode", [("--history", "--no-cache"), ("--staged",)], ids=["history", "staged"])
def test_history_and_index_are_asked_about(world: World, played: Issuers, mode: tuple[str, ...]) -> None:
    there = (world.repo.path / "b.py").read_text()
    world.repo.git("rm", "-q", "b.py")
    world.repo.commit({}, "what HEAD holds is nothing new")
    world.repo.stage({"s.py": f"token = '{world.works}'\n"})
    found = json.loads(scan(world, played, "--verify", *mode, "-f", "json").out)["findings"]
    world.repo.git("rm", "-q", "--cached", "s.py")
    (world.repo.path / "s.py").unlink()
    world.repo.commit({"b.py": there})
    accounts = {one["verification"]["account"] for one in found}
    assert "acme-bot" in accounts
    assert ("arn:aws:iam::123456789012:user/ada" in accounts) is ("--history" in mode)


def test_only_what_works(world: World, played: Issuers) -> None:
    outcome = scan(world, played, "--verify", "--only", "active", "-f", "json")
    document_ = json.loads(outcome.out)
    assert {one["verification"]["state"] for one in document_["findings"]} == {"active"}
    assert {one["by"] for one in document_["suppressed"]} == {"presence"}


def test_a_redirect_carries_no_value_away(world: World, played: Issuers) -> None:
    before = len(played.asked)
    world.redirects = "https://api.own.example/steal"
    found = by_path(scan(world, played, "--verify", "-f", "json"))
    world.redirects = ""
    assert "api.own.example" not in {host for host, _ in played.asked[before:]}
    assert {one["verification"]["state"] for one in found.values()} == {"unknown", "unasked"}


def test_an_authority_that_nobody_trusts_gets_nothing(world: World, played: Issuers) -> None:
    before = len(played.asked)
    found = by_path(
        scan(
            world,
            played,
            "--verify",
            "-f",
            "json",
            REQUESTS_CA_BUNDLE="",
            SSL_CERT_FILE="",
            CURL_CA_BUNDLE="",
        )
    )
    assert len(played.asked) == before
    assert found["b.py:1"]["verification"]["detail"] == "the certificate of api.github.com is not trusted"


def test_a_number_of_values_is_the_most(world: World, played: Issuers) -> None:
    found = by_path(scan(world, played, "--verify", "--verify-limit", "1", "-f", "json"))
    details = [one["verification"]["detail"] for one in found.values()]
    assert sum("--verify-limit" in detail for detail in details) == 5


def test_a_rule_of_the_repository_sends_nothing_anywhere(
    world: World, played: Issuers, tmp_path: Path
) -> None:
    (tmp_path / "own.yml").write_text(
        "vendor: Own\ninquiries:\n  me:\n    source: https://own.example/\n"
        "    request: GET https://api.own.example/me\n    headers: {X-Key: '{value}'}\n    active: [200]\n"
        "    inactive: [401]\nrules:\n  - id: own-key\n    title: Own\n    severity: high\n"
        "    confidence: high\n"
        "    remediation: Revoke it.\n    pattern: 'ownkey_[a-z0-9]{24}'\n    verify: me\n"
    )
    (tmp_path / ".secops.yaml").write_text("scan: {extra_rules: [own.yml], verify: true}\n")
    (tmp_path / "a.txt").write_text("ownkey_" + alnum(24).lower())
    environment = {**played.environment, "SECOPS_SCAN_ENGINE": "re"}  # spares the compiler
    refused = forked.secops("scan", ".", cwd=tmp_path, env=environment)
    assert refused.code == 2  # no setting of a repository switches it on
    (tmp_path / ".secops.yaml").write_text("scan: {extra_rules: [own.yml]}\n")
    before = len(played.asked)
    first = forked.secops("scan", "--verify", "-f", "json", cwd=tmp_path, env=environment)
    assert "--verify-host api.own.example" in first.out
    assert len(played.asked) == before
    admitted = ("--verify", "--verify-host", "API.own.example", "-f", "json")
    second = forked.secops("scan", *admitted, cwd=tmp_path, env=environment)
    assert [host for host, _ in played.asked[before:]] == ["api.own.example"]
    assert json.loads(second.out)["findings"][0]["verification"]["state"] == "inactive"


@pytest.mark.parametrize(
    "arguments", [("--only", "active"), ("--verify-host", "a.example"), ("--verify-limit", "3")], ids=" ".join
)
def test_its_options_belong_to_it(world: World, arguments: tuple[str, ...]) -> None:
    outcome = forked.secops("scan", *arguments, cwd=world.repo.path)
    assert outcome.code == 2
    assert "--verify" in outcome.err


def test_standard_input_is_asked_about_too(world: World, played: Issuers) -> None:
    outcome = forked.secops(
        *("scan", "--verify", "-f", "json", "-"),
        stdin=f"t = '{world.works}'\n".encode(),
        env=played.environment,
        cwd=world.repo.path,
    )
    assert json.loads(outcome.out)["findings"][0]["verification"]["state"] == "active"
