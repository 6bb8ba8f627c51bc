"""What differs between git hosts after a purge: read-only refs, force pushes, who deletes what is left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A kind of git host. `own` are the beginnings of refs that only the host can change."""

    name: str
    signs: tuple[str, ...]
    request: str
    own: tuple[str, ...]
    protected: str
    cleanup: str


_SUPPORT: Final = (
    "Only its support can delete cached views, refs of its own, and old objects: send the ticket."
)
_HOSTS: Final = (
    Host(
        name="GitHub",
        signs=("github",),
        request="pull request",
        own=("refs/pull/",),
        protected="Settings > Rules or Branches: let yourself force-push for the moment, and undo it after.",
        cleanup=_SUPPORT,
    ),
    Host(
        name="GitLab",
        signs=("gitlab",),
        request="merge request",
        own=("refs/merge-requests/", "refs/keep-around/", "refs/pipelines/", "refs/environments/"),
        protected="Settings > Repository > Protected branches: allow to force push for the moment.",
        cleanup="An owner can do it: Settings > Repository > Repository maintenance, with the file "
        "commit-map; afterwards run housekeeping (Settings > General > Advanced).",
    ),
    Host(
        name="Bitbucket",
        signs=("bitbucket",),
        request="pull request",
        own=("refs/pull-requests/",),
        protected="Repository settings > Branch restrictions: allow rewriting history for the moment.",
        cleanup=_SUPPORT,
    ),
    Host(
        name="Gitea or Forgejo",
        signs=("gitea", "forgejo", "codeberg"),
        request="pull request",
        own=("refs/pull/",),
        protected="Settings > Branches: lift the protection for the moment, and put it back after.",
        cleanup="The administrator can do it: delete the refs refs/pull/* concerned, then collect garbage.",
    ),
)
OTHER: Final = Host(
    name="the host",
    signs=(),
    request="pull request",
    own=("refs/pull/", "refs/pull-requests/", "refs/merge-requests/", "refs/changes/"),
    protected="If the host protects the branch: let yourself force-push for the moment, and undo it after.",
    cleanup="Ask its administrator to delete the refs of its own that reach old commits, then to collect "
    "garbage (git gc --prune=now) and to clear caches.",
)
_ADDRESS: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?([^:/\s]+)(?::\d+)?[:/](.*)", re.IGNORECASE
)


def host_of(url: str) -> Host:
    """The kind of host behind a remote's URL, judged by its name."""
    name = address(url)[0].lower()
    return next((host for host in _HOSTS if any(sign in name for sign in host.signs)), OTHER)


def address(url: str) -> tuple[str, str]:
    """A URL's host and the path of the repository on it, without user and password.

    The host is empty for a repository on this machine.
    """
    found = None if url.startswith(("/", ".", "file:")) else _ADDRESS.fullmatch(url)
    if not found:
        return "", ""
    return found[1], found[2].split("?")[0].strip("/").removesuffix(".git")


def number_of(ref: str) -> str:
    """The number of the pull or merge request that a ref of the host's own belongs to, or nothing."""
    found = re.match(r"refs/(?:pull|pull-requests|merge-requests)/(\d+)/", ref)
    return found[1] if found else ""
