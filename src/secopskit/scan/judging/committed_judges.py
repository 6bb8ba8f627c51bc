"""The judges of a commit: what says there what is not reported, so that a change does not judge itself.

Settings, baselines, ignore files and further rule files are laid out as they stand in the commit, in a
directory of ours, and read from there as they would be in a work tree.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from secopskit.errors import ConfigError, UsageError
from secopskit.git.objects.lasting import read_each
from secopskit.git.repository import Repository
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.judging.accepted import CommittedFindings
from secopskit.scan.judging.judges import JUDGES
from secopskit.scan.judging.sieve import Sieve

_LIMIT: Final = 16 * 1024 * 1024
_FILES: Final = ("100644", "100755")


class CommittedJudges:
    """The judging files of the commit that `revision` names. Raises UsageError if it names none.

    They are in `directory` for as long as this object lives.
    """

    def __init__(self, repository: Repository, revision: str) -> None:
        self._repository = repository
        self._revision = revision
        self.commit = _commit(repository, revision)
        self._place = tempfile.TemporaryDirectory(prefix="secops-judges-")
        self.directory = os.path.realpath(self._place.name)
        self.bring(JUDGES)

    def bring(self, paths: Iterable[str]) -> None:
        """Lay out those of `paths`, relative to the top, that the commit has. Raises ConfigError.

        A link is refused: it could lead to what the change brings.
        """
        for path in paths:
            found = self._entry(path)
            if found is None:
                continue
            mode, oid = found
            if mode not in _FILES:
                raise ConfigError(
                    f"{self._revision}:{path}: is not a regular file", advice="Commit a regular file there."
                )
            (content,) = read_each(self._repository, [oid], limit=_LIMIT)
            if content.data is None:
                raise ConfigError(
                    f"{self._revision}:{path}: cannot be read, or is larger than {_LIMIT} bytes",
                    advice="Fetch it, or make it smaller.",
                )
            copy = Path(self.directory, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content.data)

    def _entry(self, path: str) -> tuple[str, str] | None:
        """Mode and object id of what the commit has at `path`."""
        listing = self._repository.run("ls-tree", "-z", "--full-tree", self.commit, "--", path)
        for line in listing.split(b"\0"):
            head, _, name = line.partition(b"\t")
            if name == os.fsencode(path):
                mode, _, oid = head.decode().split(" ")
                return mode, oid
        return None

    def bring_named(self, names: Iterable[str]) -> None:
        """Lay out the files that the settings name, which read them from `directory`. Raises ConfigError."""
        paths = (os.path.relpath(name, self.directory).replace(os.sep, "/") for name in names)
        self.bring(path for path in paths if not path.startswith("../"))

    def instead_of(self, path: Path | None) -> Path | None:
        """The file to read for one that the user names: of the commit, if it is one of the work tree."""
        if path is None or self._repository.work_tree is None:
            return path
        relative = os.path.relpath(os.path.realpath(path), os.path.realpath(self._repository.work_tree))
        if relative.startswith(".."):
            return path
        self.bring([relative.replace(os.sep, "/")])
        return Path(self.directory, relative)

    def before(self, sieve: Sieve, detectors: Callable[[], Detectors], limit: int) -> Sieve:
        """`sieve`, where comments and ignore files count only for what the commit has accepted."""
        return CommittedFindings(self._repository, self.commit, detectors, limit).before(sieve)

    @contextmanager
    def naming(self) -> Iterator[None]:
        """What is wrong with a file is told of the commit's, not of our copy of it."""
        try:
            yield
        except ConfigError as error:
            told = str(error).replace(f"{self.directory}{os.sep}", f"{self._revision}:")
            raise ConfigError(told, advice=error.advice) from None


def _commit(repository: Repository, revision: str) -> str:
    words = ("rev-parse", "-q", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if not revision or not repository.succeeds(*words):
        raise UsageError(
            f"--suppressions-from {revision}: git knows no such commit",
            advice="Fetch the target branch, and name it as git does here, as in origin/main.",
        )
    return repository.run(*words).decode().strip()
