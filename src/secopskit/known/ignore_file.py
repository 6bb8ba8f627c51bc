"""Ignore files of gitleaks and betterleaks: `.gitleaksignore` and `.betterleaksignore`."""

from __future__ import annotations

import os
import re
from typing import Final, Self

from secopskit.findings import Finding, Location
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.known.allow_comments import Allowance
from secopskit.named_tuple import NamedTuple
from secopskit.state.smallfiles import StrPath, read_small

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_ENTRIES: Final = 100_000
_ENTRY: Final = re.compile(
    r"(?:(?P<commit>[0-9a-f]{40}|[0-9a-f]{64}):)?(?P<path>.+):[^:]*:(?P<line>\d{1,9})", re.DOTALL
)


class IgnoreFile(NamedTuple):
    """A `.gitleaksignore` or `.betterleaksignore`: findings to leave out, by fingerprint.

    A fingerprint is `file:rule:line`, or `commit:file:rule:line` for history. Those tools'
    rules are named differently from ours, so the rule is ignored: what counts is the file,
    the line and, where one is given, the commit.
    """

    name: str
    places: frozenset[tuple[str, str, int]]

    @classmethod
    def load(cls, path: StrPath, *, within: StrPath | None = None) -> Self:
        """The file at `path`. Raises ConfigError if it is too large or leads out of `within`."""
        return cls.parse(read_small(path, limit=MAX_BYTES, within=within), name=os.path.basename(path))

    @classmethod
    def parse(cls, data: bytes, *, name: str = ".gitleaksignore") -> Self:
        """The entries of a file; `#` starts a comment, and a line that is no entry says nothing."""
        places: set[tuple[str, str, int]] = set()
        for line in data.split(b"\n")[:MAX_ENTRIES]:
            text = line.strip().decode("utf-8", "surrogateescape")
            if not text.startswith("#") and (found := _ENTRY.fullmatch(text)):
                places.add((found["commit"] or "", found["path"].removeprefix("./"), int(found["line"])))
        return cls(name=name, places=frozenset(places))

    def of_one_commit(self) -> Self:
        """The entries that name a commit."""
        return self._replace(places=frozenset(place for place in self.places if place[0]))

    def of_any_commit(self) -> Self:
        """The entries that name none: they hold for whatever stands in that line."""
        return self._replace(places=frozenset(place for place in self.places if not place[0]))

    def find(self, path: str, line: int, *, commit: str = "") -> Allowance | None:
        """The entry for this place, if there is one. An entry with a commit holds for that commit only."""
        if ("", path, line) in self.places or (commit and (commit, path, line) in self.places):
            return Allowance(who=self.name)
        return None

    def covers(self, finding: Finding, location: Location) -> str | None:
        """The file's name, if it lets `finding` stand at `location`, as the sieve asks for it.

        An entry with the path of an archive holds for that line of any of its members.
        """
        commit = location.provenance.commit if location.provenance else ""
        found = (
            self.find(path, location.line, commit=commit)
            for path in (location.path, *outer_paths(location.path))
        )
        return next((allowance.who for allowance in found if allowance), None)
