"""Where errors end: exit codes, messages, and no value of an unforeseen exception."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click
import pytest

from secopskit import errors
from secopskit.cli.boundary import run
from secopskit.cli.group import COMMANDS
from secopskit.cli.lazy import LazyCommand
from secopskit.cli.options import Settings, global_options, settings_of
from secopskit.errors import ExitCode
from secopskit.report.text import visible

CANARY = "cAnArY" + "7f3b9d2e"
Body = Callable[[], object]


@pytest.fixture
def boom(monkeypatch: pytest.MonkeyPatch) -> Callable[[Body], None]:
    """Makes `secops boom` run a given function."""
    module = ModuleType("secops_test_boom")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "boom", LazyCommand(f"{module.__name__}:boom", "Test."))

    def install(body: Body) -> None:
        @click.command()
        @global_options
        def command() -> object:
            return body()

        module.__dict__["boom"] = command

    return install


def raiser(error: BaseException) -> Body:
    def body() -> None:
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (
            errors.UsageError("no such revision", advice="Name another."),
            2,
            "error: no such revision\nhint: Name another.\n",
        ),
        (errors.ConfigError("bad file"), 2, "error: bad file\n"),
        (errors.GitError("git failed"), 3, "error: git failed\n"),
        (errors.IncompleteError("half-way"), 4, "error: half-way\n"),
        (errors.RefusedError("not safe"), 5, "error: not safe\n"),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "error: No space left on device\n"),
        (
            PermissionError(errno.EACCES, "Permission denied", "a/file"),
            3,
            "error: a/file: Permission denied\n",
        ),
        (MemoryError(), 3, "error: out of memory\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (click.Abort(), 130, "error: interrupted\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 3, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_each_error_has_its_code_and_message(
    boom: Callable[[Body], None],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    says: str,
) -> None:
    boom(raiser(error))
    assert run(["boom"]) == code
    assert capsys.readouterr() == ("", says)


@pytest.mark.parametrize("flags", [[], ["-v"], ["-vv"], ["-vvv"]])
def test_an_unforeseen_error_shows_no_value(
    boom: Callable[[Body], None], capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    def body() -> None:
        secret = CANARY
        try:
            raise ValueError(secret)
        except ValueError as cause:
            cause.add_note(CANARY)
            raise RuntimeError(f"cannot parse {secret}") from cause

    boom(body)
    assert run([*flags, "boom"]) == ExitCode.BUG
    out, err = capsys.readouterr()
    assert CANARY not in out + err
    assert "this is a bug in secops (RuntimeError)" in err
    assert ("builtins.ValueError" in err) == (len(flags) == 1 and flags[0].count("v") >= 2)


def test_places_are_shown_only_when_asked_for(
    boom: Callable[[Body], None], capsys: pytest.CaptureFixture[str]
) -> None:
    boom(raiser(errors.GitError("git failed")))
    run(["boom", "-vv"])
    assert "test_boundary.py:" in capsys.readouterr().err
    run(["boom", "-v"])
    assert "test_boundary.py:" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["--no-such-option"],
        ["boom", "--nope"],
        ["boom", "extra"],
        ["--color", "red", "boom"],
    ],
)
def test_a_wrong_command_line_is_a_usage_error(
    boom: Callable[[Body], None], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    boom(lambda: None)
    assert run(arguments) == ExitCode.USAGE
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert "hint: see 'secops" in err


def test_a_mistyped_command_is_recognised(capsys: pytest.CaptureFixture[str]) -> None:
    run(["rulse"])
    assert "did you mean 'rules'?" in capsys.readouterr().err


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (ExitCode.FINDINGS, 1), (1, 1)])
def test_a_command_returns_its_exit_code(boom: Callable[[Body], None], result: object, code: int) -> None:
    boom(lambda: result)
    assert run(["boom"]) == code


def test_messages_cannot_steer_a_terminal_or_a_log(
    boom: Callable[[Body], None], capsys: pytest.CaptureFixture[str]
) -> None:
    boom(raiser(errors.GitError("bad \x1b]0;title\x07 \n::error::x \udcff \u202e")))
    run(["boom"])
    assert capsys.readouterr().err == "error: bad \\x1b]0;title\\x07 \\n::error::x \\xff \\u202e\n"


def test_plain_text_is_left_as_it_is() -> None:
    assert visible("straße/файл 'x' …") == "straße/файл 'x' …"


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        (["boom"], {}, False),
        (["--color", "always", "boom"], {}, True),
        (["boom", "--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "auto", "boom"], {"NO_COLOR": "1"}, False),
        (["--color", "always", "boom", "--color", "never"], {}, False),
    ],
)
def test_colour(
    boom: Callable[[Body], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    environment: dict[str, str],
    coloured: bool,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    boom(raiser(errors.GitError("git failed")))
    run(arguments)
    assert ("\x1b[" in capsys.readouterr().err) == coloured


def test_global_options_work_on_both_sides_of_the_command(boom: Callable[[Body], None]) -> None:
    seen: list[Settings] = []
    boom(lambda: seen.append(settings_of(click.get_current_context())))
    run(["-q", "-v", "boom", "-v"])
    assert (seen[0].quiet, seen[0].verbosity) == (True, 2)


def secops(*arguments: str, stdout: int, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-P", "-m", "secopskit", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, env=environment, cwd=cwd, check=False
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_no_success() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = secops("--help", stdout=full)
    finally:
        os.close(full)
    assert done.returncode == ExitCode.OPERATION
    assert done.stderr == b"error: No space left on device\n"


@pytest.mark.skipif(os.name != "posix", reason="a pipe without a reader")
def test_a_reader_that_has_gone_is_no_news() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = secops("--help", stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (ExitCode.OPERATION, b"")


def test_undecodable_text_can_be_printed(
    boom: Callable[[Body], None], capsys: pytest.CaptureFixture[str]
) -> None:
    boom(lambda: click.echo("caf\udce9"))
    assert run(["boom"]) == 0
    assert capsys.readouterr().out == "caf\\udce9\n"


def test_the_working_directory_lends_no_module(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('hijacked')")
    command = [sys.executable, "-m", "secopskit", "--version"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a pipe without a reader")
def test_what_waits_for_a_reader_of_errors_who_has_gone_is_dropped(
    boom: Callable[[Body], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`secops … 2>&1 | head`: what is still waiting at the end would make the interpreter end with 120."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        monkeypatch.setattr(sys, "stderr", gone)
        boom(lambda: print("on its way", end="", file=gone))
        assert run(["boom"]) == 0
        gone.flush()


@pytest.mark.parametrize("words", [(), ("hook",), ("rules",), ("rotate",)])
def test_a_group_that_is_called_with_nothing_shows_its_help(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run([*words, "--help"]) == 0
    wanted = capsys.readouterr().out
    assert run(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == wanted
