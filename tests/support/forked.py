"""Runs secops many times for the price of one start: in forks of a process that has it imported.

What a fork does is what a process of its own does, but for the interpreter's start and the imports.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from support.cli import Outcome, environment

_PARENT = """
import importlib, io, json, os, sys
import git
import secopskit.cli.boundary, secopskit.scan.session
import secopskit.cli.scan, secopskit.cli.hook.commands, secopskit.cli.hook.commit_check, secopskit.scan.hook
import secopskit.report.terminal.console, secopskit.report.json, secopskit.sources.staged
import secopskit.settings.stray_variables
from secopskit.cli.purge import command, push, recover, run, verify
from secopskit.purge.swap import apply, rollback
import secopskit.purge.values.spelling, secopskit.scan.history.run
import secopskit.cli.incident.show, secopskit.cli.incident.status, secopskit.cli.incident.surroundings
import secopskit.cli.incident.remediate, secopskit.cli.rotate.surroundings
import secopskit.incident.walk.walk, secopskit.incident.tell.gather_facts, secopskit.incident.tell.story

# What the imports executed is saved here, once: each fork would save it again, for a fifth of a second.
measured = sys.modules["coverage"].Coverage.current() if "coverage" in sys.modules else None
if measured:
    measured.save()

def child(job):
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["env"])
    for number, name in enumerate(("in", "out", "err")):
        os.dup2(os.open(job[name], os.O_RDONLY if name == "in" else os.O_WRONLY | os.O_CREAT), number)
    sys.stdin = io.TextIOWrapper(open(0, "rb"))
    sys.stdout, sys.stderr = (io.TextIOWrapper(open(n, "wb"), encoding="utf-8") for n in (1, 2))
    for name, value in job["patches"].items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    code = secopskit.cli.boundary.run(job["arguments"])
    sys.stdout.flush(), sys.stderr.flush()
    return code

for line in sys.stdin:
    pid = os.fork()
    if not pid:
        code = 70
        try:
            code = child(json.loads(line))
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


@cache
def _parent() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process


def secops(
    *arguments: str | os.PathLike[str],
    cwd: Path,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    patches: Mapping[str, Any] | None = None,
) -> Outcome:
    """As `support.cli.secops`. `patches` are values for names in modules of ours, in this run alone."""
    if not hasattr(os, "fork"):
        from support import cli

        return cli.secops(*arguments, cwd=cwd, stdin=stdin, env=env)
    process = _parent()
    assert process.stdin is not None
    assert process.stdout is not None
    with tempfile.TemporaryDirectory() as place:
        files = {name: Path(place, name) for name in ("in", "out", "err")}
        files["in"].write_bytes(stdin)
        job = {
            "arguments": [os.fspath(argument) for argument in arguments],
            "cwd": str(cwd),
            "env": environment(**(env or {})),
            "patches": dict(patches or {}),
            **{name: str(path) for name, path in files.items()},
        }
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        out, err = (files[name].read_bytes().decode("utf-8", "surrogateescape") for name in ("out", "err"))
        return Outcome(code, out, err)
