"""Children of ours that run git: they get so much memory and no more, and do not keep us waiting for nothing.

A repository can name a file that never answers (a named pipe that nobody writes) or one without an end.
So each child may have a part of the machine's memory, and one that keeps us waiting is looked at: if
neither it nor anything that it has started has had the processor or a disk for a while, it is ended,
and what keeps it is named. How long it works is its own affair, as long as it works.

The bound of the memory counts what a process allocates (RLIMIT_DATA of Linux), not the packs that git maps.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import RawIOBase
from typing import IO, Any, Final

from secopskit.errors import GitError
from secopskit.git.child import Child
from secopskit.progress import BEAT, still_at_work

_LOOK: Final = 1.0
_QUICK: Final = 2.0
PATIENCE: Final = 60.0
"""Seconds of idleness after which a child is given up, where nothing tells what keeps it."""
_PATIENCE_WITH_OTHERS: Final = 1800.0  # for a child that may ask its user, or another machine
_LEAST_MEMORY: Final = 2 << 30
_CGROUP: Final = "/sys/fs/cgroup/memory.max"
_CAUSE: Final = (
    "The repository's configuration may be the cause, or a special file (a named pipe, a device) among "
    "its files: `git config --list --show-origin` tells what it names."
)


class GitChild(Child):
    """A child with bounds: `foreground` ones, which may ask the user, are waited for much longer.

    Waiting for it raises GitError where it does nothing any more; then it has been ended.
    """

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: str,
        env: Mapping[str, str],
        name: str,
        foreground: bool = False,
        **others: Any,
    ) -> None:
        """`name` is the command's, for messages; the rest is that of `Child`."""
        super().__init__(words, cwd=cwd, env=env, foreground=foreground, **others)
        self.name = name
        self._patience = _PATIENCE_WITH_OTHERS if foreground else PATIENCE
        self._place = (cwd, env)
        _bound_memory(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """See `subprocess.Popen.wait`; raises GitError as well."""
        if self.returncode is None and not self._over(timeout):
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return super().wait()

    def all_output(self, stdin: bytes) -> tuple[bytes, bytes]:
        """What it prints and complains of, to its end. Raises GitError."""
        watch, given = Watch(self), stdin or None
        while True:
            try:
                return self.communicate(given, timeout=BEAT)
            except subprocess.TimeoutExpired:
                given = None
                watch.look()

    def give_up(self, waited: float) -> GitError | None:
        """The error for a child that has been idle so long, which is ended then; None to go on waiting."""
        # Who may ask its user is not suspected so soon.
        if waited < (self._patience if self._patience == _PATIENCE_WITH_OTHERS else _QUICK):
            return None
        from secopskit.git.special_files import special_files  # hardly ever needed

        found = special_files(*self._place)
        if not found and waited < self._patience:
            return None
        self.end()
        advice = f"It waits for {found[0]}, it seems: remove it." if found else _CAUSE
        return GitError(f"git {self.name}: did nothing for {waited:.0f} s, and was ended", advice=advice)

    def out_of_memory(self) -> GitError:
        """The error for a child that has run out of memory."""
        from secopskit.git.special_files import special_files

        found = special_files(*self._place)
        advice = f"Is {found[0]} the cause? Remove it." if found else _CAUSE
        return GitError(
            f"git {self.name}: needs more memory than the {memory_bound() >> 20} MiB it may have",
            advice=advice,
        )

    def _over(self, timeout: float | None) -> bool:
        """Wait for its end, without reaping it; False where it has not come in time."""
        end = None if timeout is None else time.monotonic() + timeout
        watch = Watch(self)
        with _EndOf(self) as ended:
            while True:
                left = BEAT if end is None else min(end - time.monotonic(), BEAT)
                if ended.within(max(left, 0.0)):
                    return True
                if end is None:
                    watch.look()
                elif time.monotonic() >= end:
                    return False


class Watch:
    """A watch over a child that keeps us waiting: to be asked again and again, from when the wait began."""

    def __init__(self, child: GitChild) -> None:
        self._child = child
        self._next = time.monotonic() + _LOOK
        self._since = self._next - _LOOK
        self._done: object = None

    def look(self) -> None:
        """Costs little; now and then it looks. Raises GitError for a child that does nothing."""
        still_at_work()
        now = time.monotonic()
        if now < self._next:
            return
        # Who asks does so once a beat: a longer gap was ours.
        late, self._next = now > self._next + BEAT + 2 * _LOOK, now + _LOOK
        done = _work_of(self._child.pid)
        if done is None or done != self._done or late:  # it works; or it was us who stood still
            self._done, self._since = done, now
        elif error := self._child.give_up(now - self._since):
            raise error


class PatientPipe(RawIOBase):
    """The output of a child, read as it comes; a read raises GitError where nothing is to be expected."""

    def __init__(self, child: GitChild, pipe: IO[bytes]) -> None:
        self._child = child
        self._pipe = pipe
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll:
            self._poll.register(pipe, select.POLLIN)

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def fileno(self) -> int:
        """See `io.RawIOBase`."""
        return self._pipe.fileno()

    def read(self, size: int = -1, /) -> bytes:
        """See `io.RawIOBase`."""
        if size < 0:
            return self.readall()
        self._await()
        return self._pipe.read(size)

    def readinto(self, buffer: Any, /) -> int:
        """See `io.RawIOBase`."""
        self._await()
        count: int = self._pipe.readinto(buffer)  # type: ignore[attr-defined]  # raw files have it
        return count

    def close(self) -> None:
        """See `io.RawIOBase`."""
        self._pipe.close()
        super().close()

    def _await(self) -> None:
        still_at_work()
        if self._poll is None or self._poll.poll(BEAT * 1000):
            return
        watch = Watch(self._child)
        while not self._poll.poll(BEAT * 1000):
            watch.look()


class _EndOf:
    """Waits for the end of a process: by a descriptor for it where the system has that (Linux)."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._file: int | None = None
        if hasattr(os, "pidfd_open"):
            with suppress(OSError):
                self._file = os.pidfd_open(child.pid)

    def __enter__(self) -> _EndOf:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            os.close(self._file)

    def within(self, seconds: float) -> bool:
        if self._file is not None:
            poll = select.poll()
            poll.register(self._file, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        with suppress(subprocess.TimeoutExpired):
            subprocess.Popen.wait(self._child, seconds)
        return self._child.returncode is not None


def memory_bound() -> int:
    """The bytes that a child may allocate: half of what there is, and never too little to work."""
    if not _memory:
        _memory.append(max(_LEAST_MEMORY, _there() // 2))
    return _memory[0]


_memory: list[int] = []


def _there() -> int:
    """The memory of this machine, or of the container that we are in; 0 where nothing tells."""
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0
    with suppress(OSError, ValueError), open(_CGROUP, "rb") as file:
        whole = min(whole, int(file.read(32)))
    return whole


def _bound_memory(pid: int) -> None:
    """Where the system can bound a process that is not ourselves; at once, before it has read anything."""
    if sys.platform != "linux":
        return
    import resource

    with suppress(OSError, ValueError):
        resource.prlimit(pid, resource.RLIMIT_DATA, (memory_bound(), memory_bound()))


def _work_of(pid: int) -> object:
    """The work that a process and its descendants have done so far; None while one of them is at it.

    Compared with an earlier answer, it tells whether they have done anything since.
    """
    if sys.platform != "linux":
        return _work_by_ps(pid)
    parents, states = dict[int, int](), dict[int, str]()
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
                states[int(name)], parents[int(name)] = fields[0].decode(), int(fields[1])
    return _summed({one: states[one] for one in _family(pid, parents)}, _nanoseconds)


def _work_by_ps(pid: int) -> object:
    try:
        told = subprocess.run(
            ("ps", "-A", "-o", "pid=,ppid=,stat=,time="), capture_output=True, timeout=_LOOK, check=False
        ).stdout.split(b"\n")
    except (OSError, subprocess.SubprocessError):
        return None
    rows = {int(words[0]): words for line in told if len(words := line.split()) == 4}
    family = _family(pid, {one: int(words[1]) for one, words in rows.items()})
    states = {one: rows[one][2].decode() for one in family if one in rows}
    return _summed(states, lambda one: rows[one][3])


def _summed(states: Mapping[int, str], used: Any) -> object:
    # Runnable, or waiting for a disk: it cannot help being slow.
    if any(state.startswith(("R", "D", "U")) for state in states.values()):
        return None
    return tuple((one, used(one)) for one in sorted(states))


def _nanoseconds(pid: int) -> float:
    """What a process has had of the processor: its clock, as clock_getcpuclockid(3) has it."""
    try:
        return time.clock_gettime_ns(~pid << 3 | 2)
    except OSError:
        return -1


def _family(pid: int, parents: Mapping[int, int]) -> list[int]:
    found = [pid] if pid in parents else []
    for one in found:
        found += (child for child, parent in parents.items() if parent == one)
    return found
