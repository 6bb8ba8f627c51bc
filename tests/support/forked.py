"""Runs secops many times for the price of one start: in forks of a process that has it imported.

What a fork does is what a process of its own does, but for the interpreter's start and the imports. What
a fork has imported, the process that forks imports, too: the next one finds it there.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.cli import SOURCE, Outcome, environment

_PARENT = """
import importlib, io, json, os, sys
import secopskit.__main__
import secopskit.cli.boundary, secopskit.scan.session
import secopskit.cli.scan, secopskit.cli.hook.commands, secopskit.cli.hook.commit_check, secopskit.scan.hook

# What the imports executed is saved here, once: each fork would save it again.
measured = sys.modules["coverage"].Coverage.current() if "coverage" in sys.modules else None
if measured:
    measured.save()

def open_streams(files):
    modes = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_TRUNC] * 2)
    for number, (name, mode) in enumerate(zip(files, modes)):
        os.dup2(os.open(name, mode | os.O_NOCTTY), number)
    sys.stdin = io.TextIOWrapper(open(0, "rb"), encoding="utf-8", errors="surrogateescape")
    for name, number, errors in (("stdout", 1, "surrogateescape"), ("stderr", 2, "backslashreplace")):
        lines = number == 2 or os.isatty(number)
        stream = io.TextIOWrapper(open(number, "wb"), encoding="utf-8", errors=errors, line_buffering=lines)
        setattr(sys, name, stream)

def child(job, begun):
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    if job["session"]:
        os.setsid()
    open_streams(job["files"])
    os.close(begun)
    sys.path += job["paths"]
    if job["prepare"]:
        module, _, function = job["prepare"][0].rpartition(".")
        getattr(importlib.import_module(module), function)(*job["prepare"][1:])
    for name, value in job["patches"].items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    sys.argv = ["secops", *job["arguments"]]
    try:
        secopskit.__main__.main()
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush(), sys.stderr.flush()
    if job["imported"]:
        with open(job["imported"], "w") as file:
            json.dump([name for name in sys.modules if name not in known], file)
    return code

def learn(job):
    try:
        with open(job["imported"]) as file:
            names = json.load(file)
    except (FileNotFoundError, ValueError):  # it was killed, also while it wrote; or nobody wants to know
        return
    for name in names:
        if name.partition(".")[0] not in ("support", "__main__", "__mp_main__"):
            try:
                importlib.import_module(name)
            except ImportError:
                pass
    if names and measured:
        measured.save()

for line in sys.stdin:
    job, known = json.loads(line), set(sys.modules)
    waiting, begun = os.pipe()
    pid = os.fork()
    if not pid:
        code = 70
        try:
            code = child(job, begun)
        finally:
            os._exit(code)
    os.close(begun)
    os.read(waiting, 1)  # until it has its streams
    os.close(waiting)
    print(pid, flush=True)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(code, flush=True)
    learn(job)
"""


# Those that wait for a job, by how they are measured: this is decided when they start.
_idle: dict[str, list[subprocess.Popen[str]]] = {}


def _parent(measured: str) -> subprocess.Popen[str]:
    """One that forks, for the time of a job. There are more than one only where runs overlap."""
    if _idle.get(measured):
        return _idle[measured].pop()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _PARENT],
        env=environment(COVERAGE_PROCESS_CONFIG=measured),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process


@dataclass(slots=True)
class Fork:
    """A fork that runs secops. Whoever starts it must wait for its end."""

    pid: int
    parent: subprocess.Popen[str]
    measured: str
    code: int | None = None

    def kill(self) -> None:
        """End it as `kill -9` does; it may have ended."""
        if self.code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        assert self.parent.stdout is not None
        return self.code is None and not select.select([self.parent.stdout], [], [], 0)[0]

    def wait(self) -> int:
        """Its exit code, when it has ended; negative is the signal that ended it."""
        if self.code is None:
            assert self.parent.stdout is not None
            self.code = int(self.parent.stdout.readline())
            _idle.setdefault(self.measured, []).append(self.parent)
        return self.code


def start(
    *arguments: str | os.PathLike[str],
    cwd: Path,
    files: tuple[str, str, str] = (os.devnull, os.devnull, os.devnull),
    imported: str = "",
    env: Mapping[str, str] | None = None,
    patches: Mapping[str, Any] | None = None,
    prepare: tuple[str, ...] = (),
    session: bool = False,
) -> Fork:
    """Begin a run, and do not wait for its end. `files` are what it reads and writes: in, out, err.

    `patches` are values for names in modules of ours, in this run alone. `prepare` is a function that it
    calls first, and the arguments of it. `session`: it leads a process group of its own.
    """
    variables = environment(**(env or {}))
    measured = variables.get("COVERAGE_PROCESS_CONFIG", "")
    process = _parent(measured)
    assert process.stdin is not None
    assert process.stdout is not None
    job = {
        "arguments": [os.fspath(argument) for argument in arguments],
        "cwd": str(cwd),
        "env": variables,
        "files": files,
        "imported": imported,
        "paths": [str(SOURCE.parent / "tests")],
        "patches": dict(patches or {}),
        "prepare": prepare,
        "session": session,
    }
    process.stdin.write(json.dumps(job) + "\n")
    process.stdin.flush()
    return Fork(int(process.stdout.readline()), process, measured)


def secops(
    *arguments: str | os.PathLike[str],
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    patches: Mapping[str, Any] | None = None,
    prepare: tuple[str, ...] = (),
) -> Outcome:
    """As `support.cli.secops`. For `patches` and `prepare`, see `start`."""
    if not hasattr(os, "fork"):
        from support import cli

        return cli.secops(*arguments, cwd=cwd, stdin=stdin, env=env)
    with tempfile.TemporaryDirectory() as place:
        files = (f"{place}/in", f"{place}/out", f"{place}/err")
        Path(files[0]).write_bytes(stdin)
        fork = start(
            *arguments,
            cwd=cwd,
            files=files,
            imported=f"{place}/imported",
            env=env,
            patches=patches,
            prepare=prepare,
        )
        code = fork.wait()
        out, err = (Path(name).read_bytes().decode("utf-8", "surrogateescape") for name in files[1:])
        return Outcome(code, out, err)
