"""The other end of `filter_repo`: tells git-filter-repo, in a process of its own, what to commit.

The texts that go through the pipe are clean already: no value ever reaches that process.
"""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from secopskit.errors import GitError
from secopskit.git.bounded import GitChild
from secopskit.git.repository import Repository
from secopskit.progress import BEAT, still_at_work

_SCRIPT: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "filter_repo.py")
_BRANCH: Final = b"refs/secops/rewritten"
_BATCHES: Final = 3
# These commits are packed again when the purge is over.
_CONFIG: Final = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "pack.compression",
    "GIT_CONFIG_VALUE_0": "1",
}
_PERSON: Final = rb"[^<>\n\0 ](?:[^<>\n\0]*[^<>\n\0 ])? <[^<>\n\0]*> \d{1,10} [+-]\d{4}\n"
_PLAIN: Final = re.compile(
    rb"tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)"
    rb"(author " + _PERSON + rb"committer " + _PERSON + rb"(?:encoding [!-~]+\n)?)\n(.*)",
    re.DOTALL,
)


def command(raw: bytes, mark: int, marks: Mapping[bytes, int]) -> bytes | None:
    """A commit as git-filter-repo reads it: its whole tree, as the one "file" `tree`.

    None where it would not come out of git-filter-repo and git fast-import as it went in: they have no
    place for further headers, and none for an author whom git would not make today. `marks` has
    the numbers of the commits that went before; other parents are named by their id.
    """
    plain = _PLAIN.fullmatch(raw)
    if plain is None:
        return None
    tree, head, people, message = plain.groups()
    parents = head.split()[1::2]
    if len(set(parents)) != len(parents):
        return None
    names = [b":%d" % marks[parent] if parent in marks else parent for parent in parents]
    return b"".join(
        (
            b"" if parents else b"reset %s\n\n" % _BRANCH,
            b"commit %s\nmark :%d\n%s" % (_BRANCH, mark, people),
            b"data %d\n%s\n" % (len(message), message),
            *(b"%s %s\n" % (b"merge" if number else b"from", name) for number, name in enumerate(names)),
            b"M 040000 %s tree\n\n" % tree,
        )
    )


@contextmanager
def replaying(stage: Repository, commits: Collection[str]) -> Iterator[Replay | None]:
    """A `Replay` for some commits, while the block lasts; None for none, or if it cannot write them."""
    if commits and stage.object_format == "sha1":
        with Replay(stage) as replay:
            yield replay
    else:
        yield None


class Replay:
    """git-filter-repo at work in `stage`. It is fed beside everything else that we do.

    Used as a context; leaving it early ends the process. This one may be copied until the first `send`.
    """

    def __init__(self, stage: Repository) -> None:
        self._batches: queue.Queue[bytes | None] = queue.Queue(_BATCHES)
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._process = GitChild(
            (sys.executable, "-P", _SCRIPT),
            cwd=stage.root,
            env={**stage.environ, **_CONFIG},
            name="filter-repo",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
        )
        self._feeder = threading.Thread(target=self._feed, daemon=True)

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.end()
        self._close()
        self._complaints.close()

    def send(self, batch: bytes) -> None:
        """Give it some more `command`s. Waits where it cannot keep up."""
        self._put(batch)

    def finish(self) -> None:
        """Wait until everything is written. Raises GitError."""
        self._close()
        if self._process.wait() != 0:
            raise self._failed()

    def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe  # noqa: S101 - PIPE above
        broken = False
        while (batch := self._batches.get()) is not None:
            try:
                if not broken:
                    pipe.write(batch)
            except OSError:  # it has ended; why, its exit code will tell
                broken = True
        with suppress(OSError):
            pipe.close()

    def _close(self) -> None:
        if self._feeder.ident is None or self._feeder.is_alive():
            self._put(None)
        while self._feeder.is_alive():
            self._feeder.join(BEAT)
            still_at_work()

    def _put(self, batch: bytes | None) -> None:
        if self._feeder.ident is None:
            self._feeder.start()
        while True:
            still_at_work()
            with suppress(queue.Full):
                self._batches.put(batch, timeout=BEAT)
                return

    def _failed(self) -> GitError:
        self._complaints.seek(0)
        lines = self._complaints.read(4096).decode("utf-8", "replace").strip().splitlines() or [
            "it ended early"
        ]
        if any("No module named" in line for line in lines):
            return GitError(
                "git-filter-repo is not installed beside secops",
                advice="pip install 'git-filter-repo>=2.47,<2.48'",
            )
        return GitError(
            f"git-filter-repo failed: {lines[-1].removeprefix('fatal: ')}",
            advice="Nothing has been changed. Is the disk full, or the repository damaged (`git fsck`)?",
        )
