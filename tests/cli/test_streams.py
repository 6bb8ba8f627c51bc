"""Standard streams without a buffer lose nothing, and closed ones are no bug."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from secopskit.cli.terminal.streams import settle_streams
from secopskit.errors import ExitCode
from support.values import github_token

SECOPS = (sys.executable, "-m", "secopskit")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")


class Narrow(io.RawIOBase):
    """Takes a few bytes of what it is given, as a pipe or a disk that is nearly full does."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)[:7]  # type: ignore[call-overload]  # a buffer, as the interface says
        self.taken += part
        return len(part)


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_what_one_write_leaves_over_is_written(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow, text = Narrow(), "größer als ein Pufferspeicher\n" * 900
    as_python_makes_it = io.TextIOWrapper(narrow, encoding="utf-8", write_through=True)  # type: ignore[type-var]
    with monkeypatch.context() as patch:
        patch.setattr(sys, {"stdout": "stderr", "stderr": "stdout"}[name], io.StringIO())
        patch.setattr(sys, name, as_python_makes_it)
        settle_streams()
        getattr(sys, name).write(text)
    assert narrow.taken.decode() == text


def run(command: str, directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a command, in which `secops` stands for the program."""
    words = command.replace("secops", " ".join(SECOPS))
    environment = {**os.environ, **variables}
    return subprocess.run(
        ("sh", "-c", words),
        cwd=directory,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
def test_a_reader_that_leaves_early_is_seen(unbuffered: str, tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"{number}.txt").write_text(f"token {github_token()}\n")
    command = "{ secops scan -q -f json . ; echo $? >&2; } | head -c 10"
    done = run(command, tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert done.stderr.splitlines()[-1] == f"{ExitCode.OPERATION:d}"


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("secops scan . -f json >&-", ExitCode.OPERATION, "standard output is closed"),
        ("secops scan --stdin <&-", ExitCode.USAGE, "standard input is closed"),
        ("secops scan . >/dev/full", ExitCode.OPERATION, "standard output: No space left on device"),
        ("secops scan . -q -o report >&-", ExitCode.FINDINGS, "the report is in report"),
        ("secops scan . 2>&-", ExitCode.FINDINGS, ""),
        ("git init -q . && git add . && secops hook run >&-", ExitCode.FINDINGS, ""),
        ("git init -q . && git add . && secops hook run 2>&-", ExitCode.FINDINGS, ""),
        ("secops rules list >&-", ExitCode.OK, ""),
        ("secops scan --stdin-name a.py .", ExitCode.USAGE, "--stdin-name names standard input"),
    ],
)
def test_closed_and_full_streams(command: str, code: ExitCode, told: str, tmp_path: Path) -> None:
    if "/dev/full" in command and not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "a.txt").write_text(f"token {github_token()}\n")
    done = run(command, tmp_path)
    assert done.returncode == code
    assert told in done.stderr
