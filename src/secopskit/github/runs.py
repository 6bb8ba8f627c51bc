"""Workflow runs that have not ended: they may still use values that they were given when they were queued."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.github.stores.interface import read_time, repository_path
from secopskit.named_tuple import NamedTuple

# In the order in which a run goes through them: one that moves on while we ask is met again.
# The API takes one a request: https://docs.github.com/en/rest/actions/workflow-runs
ACTIVE: Final = ("requested", "pending", "waiting", "queued", "in_progress")
# The newest of a status that it tells, however many there are; the same page says so.
_MOST_TOLD: Final = 1000


class WorkflowRun(NamedTuple):
    """A run. `name` is its workflow's, `url` the page to look at it; texts come from the repository."""

    id: int
    name: str
    status: str
    branch: str
    event: str
    url: str
    created_at: datetime | None


def active_runs(client: GitHubClient, repository: str) -> tuple[WorkflowRun, ...]:
    """The runs of a repository that have not ended, the oldest first. Five requests.

    Raises GitHubError, also where GitHub may know of more than it tells.
    """
    path = f"{repository_path(repository)}/actions/runs"
    found: dict[int, WorkflowRun] = {}
    for status in ACTIVE:
        told = [_run(item, status) for item in client.listed(path, "workflow_runs", {"status": status})]
        if len(told) >= _MOST_TOLD:
            raise GitHubError(
                f"GET {path}: of runs that are {status}, GitHub tells the newest {_MOST_TOLD:,} alone"
            )
        found |= {run.id: run for run in told}
    return tuple(found[number] for number in sorted(found))


def _run(item: dict[str, Any], status: str) -> WorkflowRun:
    return WorkflowRun(
        id=int(item["id"]),
        name=str(item.get("name") or item.get("path") or ""),
        status=str(item.get("status") or status),
        branch=str(item.get("head_branch") or ""),
        event=str(item.get("event") or ""),
        url=str(item.get("html_url") or ""),
        created_at=read_time(item.get("created_at")),
    )
