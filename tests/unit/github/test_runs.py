"""Runs that have not ended: all of them, or an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from secopskit.github.client import GitHubAnswer
from secopskit.github.errors import GitHubError
from secopskit.github.runs import active_runs


class CountingGitHub:
    """A GitHub with so many runs of each status; it tells no more than a thousand of one."""

    host = "github.com"

    def __init__(self, **runs: int) -> None:
        self._runs = runs

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        raise AssertionError(path)

    def listed(self, path: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        status = (query or {})["status"]
        first = len(status) * 10_000
        for number in range(min(self._runs.get(status, 0), 1000)):
            yield {"id": first + number, "status": status}

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> GitHubAnswer:
        raise AssertionError(f"{method} {path}")


@pytest.mark.parametrize("status", ["requested", "queued", "in_progress"])
@pytest.mark.parametrize("count", [1000, 1001])
def test_where_github_may_tell_a_part_alone_nothing_is_said_to_be_all(status: str, count: int) -> None:
    client = CountingGitHub(**{status: count})
    with pytest.raises(GitHubError, match=f"runs that are {status}, GitHub tells the newest 1,000 alone"):
        active_runs(client, "acme/shop")


def test_all_runs_of_every_status_are_told() -> None:
    found = active_runs(CountingGitHub(queued=999, in_progress=999), "acme/shop")
    assert len(found) == 1998
    assert [run.id for run in found] == sorted(run.id for run in found)
