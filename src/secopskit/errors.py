"""What can go wrong, as types: each knows its exit code and what the user should do next.

A message never holds a secret value: it names places, sizes and rules only.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of every command; `docs/exit-codes.md` is checked against this table."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    OPERATION = 3
    INCOMPLETE = 4
    REFUSED = 5
    BUG = 70
    INTERRUPTED = 130


EXIT_CODE_MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "clean: nothing found, nothing left to do",
    ExitCode.FINDINGS: "findings, drift or pending work",
    ExitCode.USAGE: "usage or configuration error: the command or a file it reads is wrong",
    ExitCode.OPERATION: "operational error: git, the network or a database failed",
    ExitCode.INCOMPLETE: "stopped half-way: a journal can resume",
    ExitCode.REFUSED: "refused for safety",
    ExitCode.BUG: "a bug in secops",
    ExitCode.INTERRUPTED: "interrupted",
}


class SecopsError(Exception):
    """Base of every error a user can meet. `advice` says what to do next."""

    exit_code: ExitCode = ExitCode.OPERATION

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class UsageError(SecopsError):
    """The command line contradicts itself or names something that is not there."""

    exit_code = ExitCode.USAGE


class ConfigError(SecopsError):
    """A configuration, rule or baseline file is wrong."""

    exit_code = ExitCode.USAGE


class GitError(SecopsError):
    """git is missing, too old, or a git command failed."""


class RefusedError(SecopsError):
    """Going on would be unsafe; the message names the danger."""

    exit_code = ExitCode.REFUSED


class IncompleteError(SecopsError):
    """Stopped half-way; a journal can resume."""

    exit_code = ExitCode.INCOMPLETE
