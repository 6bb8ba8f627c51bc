"""Runs a command on a terminal of its own, and answers what it asks."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from support import forked
from support.cli import Outcome, environment


def on_terminal(
    command: list[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    answers: Mapping[str, str | Callable[[], str]],
    timeout: float = 120,
) -> Outcome:
    """How it ended, and all that the terminal showed.

    `answers` maps questions to what is typed; a function is asked when the question is there.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment(**env), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    return _converse(ours, process, answers, timeout)


def secops_on_terminal(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    answers: Mapping[str, str | Callable[[], str]],
    timeout: float = 120,
) -> Outcome:
    """As `on_terminal`: secops, in a fork."""
    ours, theirs = pty.openpty()
    fork = forked.start(*arguments, cwd=cwd, env=env, files=(os.ttyname(theirs),) * 3)
    os.close(theirs)
    return _converse(ours, fork, answers, timeout)


class _Process(Protocol):
    def kill(self) -> None: ...

    def wait(self) -> int: ...


def _converse(
    ours: int, process: _Process, answers: Mapping[str, str | Callable[[], str]], timeout: float
) -> Outcome:
    watchdog = threading.Timer(timeout, process.kill)
    watchdog.start()
    seen, answered = b"", 0
    with suppress(OSError):  # the other end is closed
        while data := os.read(ours, 4096):
            seen += data
            for question, answer in answers.items():
                if question.encode() in seen[answered:]:
                    answered = len(seen)
                    typed = answer() if callable(answer) else answer
                    os.write(ours, typed.encode() + b"\n")
    os.close(ours)
    code = process.wait()
    watchdog.cancel()
    return Outcome(code, seen.decode("utf-8", "replace").replace("\r\n", "\n"), "")
