"""Audits for tests: a work tree from texts, an inventory in words, and a GitHub that only lists."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from secopskit.github.client import GitHubAnswer
from secopskit.github.errors import GitHubError, GitHubNotFoundError
from secopskit.sync.audit.model import (
    DEPENDABOT,
    ORGANISATION,
    REPOSITORY,
    AuditFinding,
    AuditInventory,
    AuditReport,
    Level,
    LevelKind,
    Shelf,
)
from secopskit.sync.audit.run import audit

_LEVELS = {"repository": REPOSITORY, "organisation": ORGANISATION, "dependabot": DEPENDABOT}


def tree(root: Path, files: Mapping[str, str]) -> str:
    """Write files below `root`. A name without a slash is a workflow's."""
    for name, text in files.items():
        path = root / (name if "/" in name else f".github/workflows/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return str(root)


def inventory(*shelves: str, environments: str = "", live: bool = True) -> AuditInventory:
    """What exists: `repository: A B`, `repository vars: C`, `production: D`; `?` for what is not known.

    Levels that are not named hold nothing. `environments` says why they cannot be listed.
    """
    names: dict[Shelf, frozenset[str]] = {
        Shelf(level, variables): frozenset() for level in _LEVELS.values() for variables in (False, True)
    }
    unlisted: dict[Shelf, str] = {}
    for text in shelves:
        where, _, held = text.partition(":")
        word, *rest = where.split()
        level = _LEVELS.get(word) or Level(LevelKind.ENVIRONMENT, word)
        shelf = Shelf(level, rest == ["vars"])
        names.setdefault(Shelf(level, not shelf.variables), frozenset())
        if held.strip() == "?":
            names.pop(shelf, None)
            unlisted[shelf] = "HTTP 403"
        else:
            names[shelf] = frozenset(held.split())
    return AuditInventory(
        source="github.com/acme/shop",
        live=live,
        names=names,
        unlisted=unlisted,
        environments_unlisted=environments,
    )


def audited(root: Path, files: Mapping[str, str], *shelves: str, environments: str = "") -> AuditReport:
    """The audit of these files against what `inventory` says exists."""
    given = inventory(*shelves, environments=environments)
    return audit(tree(root, files), lambda _: given)


def told(report: AuditReport) -> list[str]:
    """Each finding in a line: `error missing secrets.X a.yml:3`."""
    return [line(finding) for finding in report.findings]


def line(finding: AuditFinding) -> str:
    """A finding in a line."""
    places = [f"{place.path.rpartition('/')[2]}:{place.line}" for place in finding.places]
    return " ".join([finding.severity.value, finding.kind.value, finding.subject, *places])


@dataclass(slots=True)
class ListingGitHub:
    """A GitHub whose lists are given by path; `refused` are statuses by path. Everything else is 404."""

    lists: Mapping[str, list[str]] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    host: str = "github.com"

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Nothing."""
        raise GitHubNotFoundError(path, status=404)

    def listed(self, path: str, key: str = "", query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """The items, as a generator: errors come when it is read."""
        self.asked.append(path)
        if status := self.refused.get(path):
            raise GitHubError("no", status=status, advice="Ask for more.")
        if path not in self.lists:
            raise GitHubNotFoundError("no", status=404, advice="It is not there.")
        for name in self.lists[path]:
            yield {"name": name, "created_at": "2026-01-01T00:00:00Z"}

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> GitHubAnswer:
        """Never: an audit changes nothing."""
        raise AssertionError(f"{method} {path}")
