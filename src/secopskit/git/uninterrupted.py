"""Runs a few commands to their end, whatever becomes of the process that asks for them.

A swap of refs and work trees must not stop half-way because somebody pressed Ctrl-C or killed us.
So it is done by a child in a session of its own, which gets the whole list before it begins and
inherits the lock: as long as it works, nobody else takes the repository for idle. The child runs
this very file and nothing else of ours, hence only the standard library is imported at its top.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

Step = dict[str, Any]


def command(words: Sequence[str], environ: Mapping[str, str], *, cwd: str, stdin: str = "") -> Step:
    """A step that runs a program and wants exit code 0. `stdin` is text by `os.fsdecode`."""
    return {"run": list(words), "environ": dict(environ), "cwd": cwd, "stdin": stdin}


def move(old: str, new: str) -> Step:
    """A step that renames a file over another."""
    return {"move": [old, new]}


def remove(path: str) -> Step:
    """A step that removes a file, if it is there."""
    return {"remove": path}


def run_to_end(groups: Sequence[Sequence[Step]], *, hold: int) -> list[str]:
    """Do the groups of steps, and tell of each what went wrong (empty if nothing did).

    A step that fails ends its group; the first group failing ends everything. `hold` is a
    descriptor that the child keeps open. Raises OSError if there is no child to be had.
    """
    import tempfile  # slow to import, and the child does without

    if not any(groups):
        return [""] * len(groups)
    with tempfile.TemporaryFile() as job:
        job.write(json.dumps(groups).encode())
        job.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", os.path.abspath(__file__)],
            stdin=job,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=os.sep,
            start_new_session=True,
            pass_fds=(hold,) if os.name == "posix" else (),
        )
    answer = _patiently(child)
    try:
        told: list[str] = json.loads(answer)
    except ValueError:
        return ["the helper process died"] * len(groups)
    return told


def _patiently(child: subprocess.Popen[bytes]) -> bytes:
    """What the child says at its end. An interruption is kept until then: the child goes on anyway."""
    from secopskit.progress import BEAT, still_at_work  # nothing that the child needs

    interruption: KeyboardInterrupt | None = None
    while True:
        try:
            still_at_work()
            answer, _ = child.communicate(timeout=BEAT)
        except subprocess.TimeoutExpired:
            continue
        except KeyboardInterrupt as stop:
            interruption = stop
            continue
        if interruption is not None:
            raise interruption
        return answer


def _group(steps: Sequence[Step]) -> str:
    for step in steps:
        try:
            complaint = _do(step)
        except OSError as error:
            complaint = error.strerror or "failed"
        if complaint:
            return complaint
    return ""


def _do(step: Step) -> str:
    if "run" in step:
        done = subprocess.run(
            step["run"],
            env=step["environ"],
            cwd=step["cwd"],
            input=os.fsencode(step["stdin"]),
            capture_output=True,
            close_fds=False,  # git, too, holds the lock: this process may be killed before it
            check=False,
        )
        return os.fsdecode(done.stderr).strip() or "failed" if done.returncode else ""
    if "move" in step:
        os.replace(*step["move"])
    elif "remove" in step:
        with suppress(FileNotFoundError):
            os.unlink(step["remove"])
    return ""


def _main() -> None:
    groups = json.load(sys.stdin.buffer)
    told: list[str] = []
    for group in groups:
        told.append("not reached" if told and told[0] else _group(group))
    with suppress(OSError):  # nobody is left to be told
        sys.stdout.buffer.write(json.dumps(told).encode())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
