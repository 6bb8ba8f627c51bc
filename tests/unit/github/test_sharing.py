from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from secopskit.errors import RefusedError
from secopskit.github.client import GitHubAnswer
from secopskit.github.errors import GitHubError
from secopskit.github.stores.sharing import Sharing

PATH = "/orgs/acme/actions/secrets"


class Organisation:
    """An organisation with secrets of these visibilities, which counts how often it is asked for them."""

    host = "github.example.com"

    def __init__(self, **visibilities: str) -> None:
        self.visibilities: dict[str, Any] = dict(visibilities)
        self.asked: list[str] = []

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        self.asked.append(path)
        if path.startswith("/repos/"):
            return {"id": len(path)}
        return {"total_count": 2, "repositories": [{"id": 7}, {"id": 8}]}

    def listed(self, path: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        self.asked.append(path)
        for name, visibility in self.visibilities.items():
            yield {"name": name, "visibility": visibility, "updated_at": "2026-01-02T03:04:05Z"}

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> GitHubAnswer:
        raise AssertionError(method)


def test_a_list_is_believed_for_a_moment_only() -> None:
    there, clock = Organisation(A="all"), [0.0]
    sharing = Sharing(there, PATH, "secrets", now=lambda: clock[0])
    assert sharing.body("A") == {"visibility": "all"}
    there.visibilities["A"] = "private"
    clock[0] = 5.0
    assert sharing.body("A") == {"visibility": "all"}
    clock[0] = 25.0
    assert sharing.body("A") == {"visibility": "private"}
    assert there.asked == [PATH, PATH]


def test_selected_repositories_are_read_each_time() -> None:
    there = Organisation(A="selected")
    sharing = Sharing(there, PATH, "secrets")
    for _ in range(2):
        assert sharing.body("A") == {"visibility": "selected", "selected_repository_ids": [7, 8]}
    assert there.asked == [PATH, *[f"{PATH}/A/repositories"] * 2]


def test_ids_of_declared_repositories_are_read_once() -> None:
    there = Organisation()
    sharing = Sharing(there, PATH, "secrets", visibility="selected", repositories=("acme/a", "acme/bc"))
    for name in ("A", "B"):
        assert sharing.body(name) == {"visibility": "selected", "selected_repository_ids": [13, 14]}
    assert there.asked == [PATH, "/repos/acme/a", "/repos/acme/bc"]


@pytest.mark.parametrize("visibility", ["", None, "everybody"])
def test_what_github_does_not_say_is_not_decided_by_us(visibility: Any) -> None:
    there = Organisation()
    there.visibilities["A"] = visibility
    with pytest.raises(RefusedError, match="does not say who may use A"):
        Sharing(there, PATH, "secrets").body("A")


@pytest.mark.parametrize("document", [None, [], {"total_count": 3}, {"repositories": [{}], "total_count": 1}])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(
    document: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Organisation(A="selected")
    monkeypatch.setattr(there, "get", lambda *_: document)
    with pytest.raises((RefusedError, GitHubError)):
        Sharing(there, PATH, "secrets").body("A")
