"""A repository with leaks and a remote, for tests of the command that purges them."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

from support.cli import COMMAND, Outcome, environment
from support.forked import secops
from support.repos import Repo
from support.values import alnum, github_token


class Leak:
    """A work tree `app` with a remote `server.git`; a token in a file and a message, a weak password.

    `values` is a file of the token alone, outside of the repository.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.token = github_token()
        self.server = Repo.create(place / "server.git", "--bare")
        self.repo = Repo.create(place / "app")
        self.repo.git("remote", "add", "origin", str(self.server.path))
        self.clean = self.repo.commit({"README": "read me\n"}, "begin")
        self.first = self.repo.commit({"app.py": f'TOKEN = "{self.token}"\n'}, "add app")
        self.repo.commit({"app.py": "TOKEN = env('TOKEN')\n"}, f"no more {self.token}")
        self.repo.git("tag", "-a", "v1", "-m", "one")
        self.repo.git("branch", "old", self.clean)
        self.repo.git("push", "-q", "origin", "main", "old", "v1")
        self.values = place / "values.txt"
        self.values.write_text(self.token + "\n")
        self.values.chmod(0o600)

    def purge(self, *arguments: str, stdin: bytes = b"") -> Outcome:
        """Run `secops purge-history` in the repository."""
        return secops("purge-history", *arguments, cwd=self.repo.path, stdin=stdin)

    @property
    def unattended(self) -> tuple[str, ...]:
        """The command that purges the token and asks nothing."""
        return ("purge-history", "--secret-file", str(self.values), "--rotated", "--apply", "--yes")

    def apply(self, *arguments: str) -> Outcome:
        """Purge the token, unattended."""
        return secops(*self.unattended, *arguments, cwd=self.repo.path)

    def state(self, repo: Repo | None = None) -> str:
        """All refs, and what HEAD is."""
        repo = repo or self.repo
        return repo.git("for-each-ref") + repo.git("symbolic-ref", "HEAD")

    def places_with(self, value: str) -> list[str]:
        """Where the value stands: objects, and files of the work tree and the git directory."""
        asked = self.repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
        found = [oid for oid in asked.split() if value in self.repo.git("cat-file", "-p", oid)]
        files = (path for path in self.repo.path.rglob("*") if path.is_file())
        found += (str(path) for path in files if value.encode() in path.read_bytes())
        return found


class Terminal:
    """secops as somebody at a terminal meets it."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=environment(TERM="xterm", COLUMNS="100"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.text = ""

    def answer(self, question: str, line: str, *, within: float = 30) -> None:
        """Wait until `question` is on the screen, then type `line`."""
        self._until(question, within)
        os.write(self._ours, line.encode() + b"\n")

    def kill_at(self, sign: str, *, within: float = 60) -> None:
        """End it as `kill -9` does when `sign` is on the screen."""
        self._until(sign, within)
        self._process.kill()
        self._process.wait(within)
        os.close(self._ours)

    def close(self, *, within: float = 60) -> int:
        """Wait for the end; the exit code."""
        self._until(None, within)
        os.close(self._ours)
        return self._process.wait(within)

    def _until(self, sign: str | None, within: float) -> None:
        end, seen = time.monotonic() + within, len(self.text)
        while sign is None or sign not in self.text[seen:]:
            assert time.monotonic() < end, f"no {sign!r} in {self.text!r}"
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    piece = os.read(self._ours, 4096)
                except OSError:  # the other end is closed
                    piece = b""
                if not piece:
                    assert sign is None, f"no {sign!r} in {self.text!r}"
                    return
                self.text += piece.decode("utf-8", "replace")


def weak_password(leak: Leak) -> None:
    """A password that is an ordinary word, and a text in which the word stands."""
    leak.repo.commit({".env": "POSTGRES_PASSWORD=postgres\n", "notes.txt": "we use postgres\n"}, "more")


def branch_named_after(leak: Leak, value: str | None = None) -> str:
    """A branch with a value in its name, pushed; the value."""
    value = value or alnum(20)
    leak.repo.git("branch", f"fix-{value}")
    leak.repo.git("push", "-q", "origin", f"fix-{value}")
    return value
