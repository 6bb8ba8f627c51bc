"""The audit before a GitHub: what it asks, what the permissions of a token leave unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.github.errors import GitHubError
from secopskit.sync.audit.exists import existing
from secopskit.sync.audit.model import AuditReport
from secopskit.sync.audit.run import audit
from support.audits import told, tree
from support.github import faults
from support.github.connected import Connection
from support.github.server import ContractServer

FILES = {
    "a.yml": """
    on: push
    jobs:
      one:
        environment: Production
        steps:
          - run: ${{ secrets.MINE }} ${{ secrets.SHARED }} ${{ secrets.HERE }} ${{ vars.REGION }}
      two:
        steps: [{run: "${{ secrets.MINE }}"}]
    """,
    ".github/dependabot.yml": "version: 2\nregistries: {a: {token: '${{ secrets.NPM }}'}}\n",
}
PERMISSIONS = {
    "secrets": "read",
    "actions_variables": "read",
    "environments": "read",
    "actions": "read",
    "dependabot_secrets": "read",
}


@pytest.fixture
def github(github: ContractServer) -> ContractServer:
    """A GitHub that has all that the workflows look up, but for `two`."""
    repository = github.world.repository("acme/shop")
    repository.secrets["actions"].put("HERE", b"1")
    repository.secrets["dependabot"].put("NPM", b"1")
    repository.variables.put("REGION", b"eu")
    github.world.environment("acme/shop", "production").secrets.put("MINE", b"1")
    shared = github.world.organisation("acme").secrets["actions"].put("SHARED", b"1")
    shared.visibility = "private"
    other = github.world.organisation("acme").secrets["actions"].put("NOT_OURS", b"1")
    other.visibility, other.selected = "selected", set()
    return github


def audited(github: ContractServer, root: Path, permissions: dict[str, str] | None = None) -> AuditReport:
    client = Connection(github, token=github.token(permissions)).client
    return audit(tree(root, FILES), lambda named: existing(client, "acme/shop", named))


def test_what_is_there_and_what_is_not(github: ContractServer, tmp_path: Path) -> None:
    report = audited(github, tmp_path)
    assert told(report) == ["error misplaced secrets.MINE a.yml:8"]
    assert report.inventory.unlisted == {}


def test_it_lists_each_level_once_and_changes_nothing(github: ContractServer, tmp_path: Path) -> None:
    audited(github, tmp_path)
    assert {each.method for each in github.log} == {"GET"}
    paths = [each.path for each in github.log]
    assert len(paths) == len(set(paths)) == 8


def test_a_token_that_may_see_all_that_is_needed(github: ContractServer, tmp_path: Path) -> None:
    assert told(audited(github, tmp_path, PERMISSIONS)) == ["error misplaced secrets.MINE a.yml:8"]


def test_what_a_token_may_not_see_is_unknown(github: ContractServer, tmp_path: Path) -> None:
    report = audited(github, tmp_path, {"secrets": "read", "actions_variables": "read"})
    assert told(report) == [
        "error missing secrets.MINE a.yml:8",  # whatever environments have: the job names none
        "warning unknown environments",
        "warning unknown secrets of Dependabot",
        "warning unknown secrets.MINE a.yml:6",
    ]
    assert report.inventory.environments_unlisted.startswith("HTTP 403")


def test_a_fault_of_the_server_is_survived(github: ContractServer, tmp_path: Path) -> None:
    github.faults.add(faults.failing(502), path="/actions/variables$")
    assert told(audited(github, tmp_path)) == ["error misplaced secrets.MINE a.yml:8"]


def test_a_repository_that_is_not_there(github: ContractServer, tmp_path: Path) -> None:
    client = Connection(github).client
    with pytest.raises(GitHubError) as caught:
        audit(tree(tmp_path, FILES), lambda named: existing(client, "acme/none", named))
    assert caught.value.status == 404
