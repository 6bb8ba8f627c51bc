"""Processes that end with us: killed as we may be, nothing that we started works on.

On Linux each child holds the reading end of a pipe whose writing end is ours alone. The kernel is
told to send a signal to the child (or to its process group, and so to what it has started itself)
when the last writer is gone; who dies by SIGKILL closes its files like anybody else. That costs five
system calls a child, no process beside it, and leaves vfork at work, which a `preexec_fn` would
not; nor does it depend on the thread that started the child, as PR_SET_PDEATHSIG does. In the instant
between a child's start and that, and elsewhere, a child ends when it next writes to a pipe of ours, or
reads from one.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

_GRACE: Final = 1.0  # seconds, for git to remove its lock files


class Child(subprocess.Popen[bytes]):
    """A child process, in a process group of its own, that gets SIGTERM when we are gone.

    `detached`: it has a session of its own and nothing of that: it works to its end.
    `foreground`: it stays in our process group, and so may ask on the terminal.
    """

    def __init__(  # noqa: PLR0913 - those of `subprocess.Popen`
        self,
        words: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        stdin: IO[bytes] | int,
        stdout: IO[bytes] | int,
        stderr: IO[bytes] | int,
        detached: bool = False,
        foreground: bool = False,
    ) -> None:
        self._lifeline: int | None = None
        self._leads = os.name == "posix" and not foreground
        theirs = None if detached else self._make_lifeline()
        try:
            super().__init__(
                words,
                cwd=cwd,
                env=dict(env),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                bufsize=-1 if stdin == subprocess.PIPE else 0,
                start_new_session=detached,
                process_group=0 if self._leads and not detached else None,
                pass_fds=() if theirs is None else (theirs,),
            )
            if theirs is not None:
                signal_when_closed(theirs, -self.pid if self._leads else self.pid, signal.SIGTERM)
        finally:
            if theirs is not None:
                os.close(theirs)

    def wait(self, timeout: float | None = None) -> int:
        """See `subprocess.Popen.wait`."""
        code = super().wait(timeout)
        self._let_go()
        return code

    def end(self) -> None:
        """End it and what it has started: politely, so that git tidies up, then by force."""
        if self.poll() is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            self.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
            self.wait()

    def __del__(self) -> None:
        self._let_go()
        super().__del__()

    def _make_lifeline(self) -> int | None:
        """The end of the pipe that the child gets; None where the system has no such thing."""
        if not ENDED_BY_SIGNAL:
            return None
        theirs, self._lifeline = os.pipe()
        return theirs

    def _let_go(self) -> None:
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            if self._leads:
                os.killpg(self.pid, number)
            else:
                self.send_signal(number)


def signal_when_closed(reader: int, pid: int, number: int) -> None:
    """Have the kernel send a signal to `pid` (a group if negative) when a pipe's last writer is gone.

    `reader` is the pipe's other end; that holds as long as anybody has it open. Linux only.
    """
    import fcntl

    fcntl.fcntl(reader, fcntl.F_SETOWN, pid)
    fcntl.fcntl(reader, fcntl.F_SETSIG, number)
    fcntl.fcntl(reader, fcntl.F_SETFL, fcntl.fcntl(reader, fcntl.F_GETFL) | os.O_ASYNC)


def _signals_on_close() -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    return hasattr(fcntl, "F_SETSIG")


ENDED_BY_SIGNAL: Final = _signals_on_close()
"""Whether `signal_when_closed` works here."""
