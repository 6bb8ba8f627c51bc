"""The renames of a history, as far as git recognises them: the names that files had before and after."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from typing import IO, Final

from secopskit.git.process import failed
from secopskit.git.repository import Repository
from secopskit.purge.find.paths import changes_at, nul_fields, upwards

# So many files that a commit brings are compared with as many that it takes away, if it is not plain which
# was which: git's own measure, whatever a repository configures.
_MOST_COMPARED: Final = 1000
# A file with a longer row of names is looked for in all commits at once, and not name by name.
_MOST_WALKS: Final = 16
_COMPARE: Final = ("diff-tree", "--stdin", "-r", "-m", "-M", "--diff-filter=R", "--raw", "--no-abbrev", "-z")
_NOT_ALL: Final = b"rename detection was skipped"
_COMPLAINTS: Final = 1 << 16


class FileRenames:
    """The renames in the commits that bring or take away something at the paths asked for so far.

    `unsure` tells that one of them brings and takes away so many files that git did not compare them all.
    """

    def __init__(self, repository: Repository) -> None:
        self.unsure = False
        self._repository = repository
        self._asked: set[str] = set()
        self._compared: set[str] = set()
        self._walks = 0
        self._others: dict[str, dict[str, None]] = {}

    def other_names(self, paths: Iterable[str]) -> list[str]:
        """The names that what is at `paths` or below had before and after, one leading to the next.

        Raises GitError.
        """
        asked = list(dict.fromkeys(paths))
        known = set(asked)
        found = dict[str, None]()
        while asked:
            self._learn([path for path in asked if self._asked.isdisjoint(upwards(path))])
            nearby = dict.fromkeys(other for path in asked for other in self._others.get(path, ()))
            asked = [path for path in nearby if path not in known]
            known.update(asked)
            found |= dict.fromkeys(asked)
        return list(found)

    def _learn(self, paths: Sequence[str]) -> None:
        if not paths or self._walks > _MOST_WALKS:  # then all is known
            return
        self._asked.update(paths)
        self._walks += 1
        if self._walks > _MOST_WALKS:
            commits = self._repository.run("rev-list", "--all").decode().split()
        else:
            changes = changes_at(self._repository, paths, "--all", "--diff-filter=AD")
            commits = list(dict.fromkeys(change.commit for change in changes))
        self._compare([commit for commit in commits if commit not in self._compared])

    def _compare(self, commits: Sequence[str]) -> None:
        self._compared.update(commits)
        words = (*_COMPARE, f"-l{_MOST_COMPARED}")
        with (
            tempfile.TemporaryFile() as asked,
            tempfile.TemporaryFile() as told,
            tempfile.TemporaryFile() as complaints,
        ):
            asked.writelines(f"{commit}\n".encode() for commit in commits)
            asked.seek(0)
            with self._repository.start(*words, stdin=asked, stdout=told, stderr=complaints) as process:
                code = process.wait()
            complaints.seek(0)
            complaint = complaints.read(_COMPLAINTS)
            if code:
                raise failed(words, complaint, code)
            self.unsure |= _NOT_ALL in complaint
            told.seek(0)
            self._note(told)

    def _note(self, told: IO[bytes]) -> None:
        fields = nul_fields(told)
        for field in fields:
            if field.startswith(b":"):
                old, new = os.fsdecode(next(fields)), os.fsdecode(next(fields))
                for name, other in ((old, new), (new, old)):
                    for place in upwards(name):
                        self._others.setdefault(place, {})[other] = None
