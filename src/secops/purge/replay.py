"""The other end of `filter_repo`: tells git-filter-repo, in a process of its own, what to commit.

The texts that go through the pipe are clean already: no value ever reaches that process.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from secops.errors import GitError
from secops.git import Repository
from secops.purge.committext import Text

_SCRIPT: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "filter_repo.py")
_BRANCH: Final = b"refs/secops/rewritten"
_BATCHES: Final = 3
_ORDER: Final = re.compile(rb"tree (?:parent )*author committer (?:encoding )?")
_PERSON: Final = re.compile(rb"[^<>\n\0 ](?:[^<>\n\0]*[^<>\n\0 ])? <[^<>\n\0]*> \d{1,10} [+-]\d{4}")
_ENCODING: Final = re.compile(rb"[!-~]+")


def can_carry(text: Text) -> bool:
    """Whether a commit comes out of git-filter-repo and git fast-import as it is in `text`.

    They have no place for further headers, and none for an author whom git would not make today.
    """
    if text.message is None or not _ORDER.fullmatch(b"".join(b"%s " % header.key for header in text.headers)):
        return False
    parents = [header.value for header in text.headers if header.key == b"parent"]
    encoding = text.first(b"encoding")
    return (
        len(set(parents)) == len(parents)
        and all(_PERSON.fullmatch(text.first(key)) for key in (b"author", b"committer"))
        and (not encoding or _ENCODING.fullmatch(encoding) is not None)
    )


def command(text: Text, mark: int, old: str, marks: Mapping[bytes, int]) -> bytes:
    """One commit as git-filter-repo reads it: its whole tree, as the one "file" `tree`.

    `marks` has the numbers of the commits that went before; other parents are named by their id.
    """
    parents = [header.value for header in text.headers if header.key == b"parent"]
    encoding, message = text.first(b"encoding"), text.message or b""
    return b"".join(
        (
            b"" if parents else b"reset %s\n\n" % _BRANCH,
            b"commit %s\nmark :%d\noriginal-oid %s\n" % (_BRANCH, mark, old.encode()),
            b"author %s\ncommitter %s\n" % (text.first(b"author"), text.first(b"committer")),
            b"encoding %s\n" % encoding if encoding else b"",
            b"data %d\n%s\n" % (len(message), message),
            *(
                b"%s %s\n"
                % (b"merge" if number else b"from", b":%d" % marks[parent] if parent in marks else parent)
                for number, parent in enumerate(parents)
            ),
            b"M 040000 %s tree\n\n" % text.tree.encode(),
        )
    )


class Replay:
    """git-filter-repo at work in `stage`. It is fed beside everything else that we do.

    Used as a context; leaving it early ends the process.
    """

    def __init__(self, stage: Repository) -> None:
        self._batches: queue.Queue[bytes | None] = queue.Queue(_BATCHES)
        self._results = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._process = subprocess.Popen(
            (sys.executable, "-P", _SCRIPT),
            cwd=stage.root,
            env=dict(stage.environ),
            stdin=subprocess.PIPE,
            stdout=self._results,
            stderr=self._complaints,
            start_new_session=True,
        )
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._feeder.start()

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            with suppress(OSError):  # it has ended by itself
                self._kill()
        self._process.wait()
        self._close()
        for file in (self._results, self._complaints):
            file.close()

    def send(self, batch: bytes) -> None:
        """Give it some more `command`s. Waits where it cannot keep up."""
        self._batches.put(batch)

    def finish(self) -> dict[str, str]:
        """Wait until everything is written; old ids to new ones. Raises GitError."""
        self._close()
        if self._process.wait() != 0:
            raise self._failed()
        self._results.seek(0)
        return dict(line.split(" ") for line in self._results.read().decode().splitlines())

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
        if self._feeder.is_alive():
            self._batches.put(None)
            self._feeder.join()

    def _kill(self) -> None:
        if hasattr(os, "killpg"):
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()

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
