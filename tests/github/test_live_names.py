"""The names that GitHub has, as live facts: each list once, and what is refused counts as unknown."""

from __future__ import annotations

import pytest

from secopskit.audit.live.github import GitHubLook, look_at_github
from secopskit.github.errors import GitHubError
from support.github.connected import Connection
from support.github.server import ContractServer


@pytest.fixture
def github(github: ContractServer) -> ContractServer:
    """A GitHub with a name at each level."""
    repository = github.world.repository("acme/shop")
    repository.secrets["actions"].put("HERE", b"1")
    repository.variables.put("REGION", b"eu")
    github.world.environment("acme/shop", "production").secrets.put("MINE", b"1")
    github.world.organisation("acme").secrets["actions"].put("SHARED", b"1").visibility = "private"
    return github


def looked(github: ContractServer, permissions: dict[str, str] | None = None) -> GitHubLook:
    return look_at_github(
        Connection(github, token=github.token(permissions)).client, "acme/shop", ("production",)
    )


def test_names_by_place(github: ContractServer) -> None:
    look = looked(github)
    assert look.limits == look.refused == ()
    assert dict(look.names.places) == {"": {"HERE", "REGION", "SHARED"}, "production": {"MINE"}}
    assert look.names.has("mine", "Production")
    assert not look.names.has("MINE")
    assert {each.method for each in github.log} == {"GET"}


def test_what_is_refused_is_unknown(github: ContractServer) -> None:
    look = looked(github, {"secrets": "read", "actions_variables": "read"})
    assert any("environments" in each for each in look.refused)
    assert look.names.has("WHATEVER", "production")
    assert not look.names.has("WHATEVER")


def test_a_repository_that_is_not_there(github: ContractServer) -> None:
    with pytest.raises(GitHubError):
        look_at_github(Connection(github).client, "acme/none")
