"""Runs programs of a server: as a user that PostgreSQL accepts, and not longer than we live.

PostgreSQL refuses to run as root: then it runs as `nobody` or, where `nobody` may not reach the
programs, as another user of a user namespace; no user is created and no permission outside a
directory of our own changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from secopskit.errors import SecopsError
from secopskit.state.private import create

_PROGRAM_SECONDS: Final = 60.0
_LONGEST_PATH: Final = 70  # bytes; a socket in a directory in it must stay below 104
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
# A shell stands between us and the server. Its guard waits for the end of a pipe of ours, which
# comes when we close it and also when we are killed; then the server is stopped (PostgreSQL by
# QUIT, at once; others know TERM) and the directory removed. Where the server ends by itself the
# directory stays: its log tells us why.
_GUARD: Final = """
directory=$1; shift
exec 3<&0
"$@" </dev/null >"$directory/log" 2>&1 3<&- &
server=$!
( read -r _ <&3; : >"$directory/stopped"; kill -QUIT "$server"; kill -TERM "$server" ) &
guard=$!
wait "$server"
code=$?
kill "$guard" 2>/dev/null
[ ! -e "$directory/stopped" ] || rm -rf -- "$directory"
exit $code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """How a program is run: `prefix` before its command, as `user` (uid, gid) where we are root."""

    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None

    @classmethod
    def choose(cls, program: str) -> Launcher:
        """The first way to run `program` (a path; it must know `--version`). Raises SecopsError."""
        if os.geteuid() != 0:
            return cls()
        for way in _ways_for_root():
            try:
                if way.run([program, "--version"], cwd=Path("/"))[0] == 0:
                    return way
            except (OSError, subprocess.TimeoutExpired):
                continue
        raise SecopsError(
            "PostgreSQL does not run as root, and here it can run as nobody else",
            advice="Run as an ordinary user, or name a server of your own in SHADOW_DATABASE_URL.",
        )

    def run(self, command: list[str], *, cwd: Path) -> tuple[int, str]:
        """A program's exit code and what it complained of. Raises OSError, subprocess.TimeoutExpired."""
        with self._popen(command, cwd, stderr=subprocess.PIPE) as process:
            try:
                _, complaint = process.communicate(timeout=_PROGRAM_SECONDS)
            except BaseException:
                process.kill()
                raise
        return process.returncode, complaint.decode("utf-8", "replace")

    def guard(self, command: list[str], directory: Path) -> subprocess.Popen[bytes]:
        """Start a server, its log in `directory`; closing the process's stdin ends both."""
        return self._popen(["/bin/sh", "-c", _GUARD, "sh", str(directory), *command], directory)

    def _popen(
        self, command: list[str], cwd: Path, stderr: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a program, away from our terminal's signals and without our environment."""
        account: dict[str, Any] = {}
        if self.user:
            account = {"user": self.user[0], "group": self.user[1], "extra_groups": []}
        return subprocess.Popen(
            [*self.prefix, *command],
            cwd=cwd,
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            umask=0o077,
            **account,
        )

    def make_directory(self) -> Path:
        """A new directory, 0700, that belongs to whom the server runs as and can be reached by it."""
        for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - the directory in it is made by mkdtemp
            if not self._suits(parent):
                continue
            directory = Path(tempfile.mkdtemp(prefix="secops-pg-", dir=parent))
            if self.user:
                os.chown(directory, *self.user)
            return directory
        raise SecopsError("no directory for a PostgreSQL server", advice="Set TMPDIR to a short path.")

    def _suits(self, parent: str) -> bool:
        if len(os.fsencode(parent)) > _LONGEST_PATH or not os.access(parent, os.W_OK | os.X_OK):
            return False
        above = [Path(parent).resolve(), *Path(parent).resolve().parents]
        return not self.user or all(path.stat().st_mode & 0o001 for path in above)

    def write(self, path: Path, text: str) -> None:
        """Write a file that only the server's user can read."""
        with os.fdopen(create(path), "w", encoding="utf-8") as file:
            if self.user:
                os.fchown(file.fileno(), *self.user)
            file.write(text)


def _ways_for_root() -> Iterator[Launcher]:
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        pass
    else:
        yield Launcher(user=(nobody.pw_uid, nobody.pw_gid))
    if unshare := shutil.which("unshare", path=_ENVIRONMENT["PATH"]):
        yield Launcher(prefix=(unshare, "--user", "--map-user=1000", "--map-group=1000"))
