"""Judges what a measured test run (`SECOPS_TEST_COVERAGE=yes scripts/test`) has executed of our code.

coverage.py measures each process that the run starts: pytest's workers, secops as a command, forks.
What was killed has told nothing. When all of them have ended, their records are put together, the
share of lines and branches is held against the floor (`fail_under` in pyproject.toml), and no module
may be untested. The verdict stands before pytest's own summary, and makes the run fail.
"""

from __future__ import annotations

import ast
import io
import os
import platform
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from coverage import Coverage

ROOT = Path(__file__).parents[2]
_VERDICT = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Judge at the end, if this is the process that started the others of a measured run."""
    if os.environ.get("SECOPS_TEST_COVERAGE") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Judge(), "secops-coverage")


class Judge:
    """The part of a plugin that is there in a measured run only."""

    # After pytest-xdist's, which waits for its workers.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Put the records together and judge them."""
        measured = combined()
        total = measured.report(file=io.StringIO())
        verdict = [f"{total:.2f} % of lines and branches; `.venv/bin/coverage html` shows them"]
        if is_whole(session.config) and (faults := [*below_floor(measured, total), *untested(measured)]):
            verdict += faults
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.stash[_VERDICT] = "\n".join(verdict)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print what was found."""
        terminalreporter.section("coverage")
        terminalreporter.write_line(config.stash.get(_VERDICT, "not measured"))


def is_whole(config: pytest.Config) -> bool:
    """Whether the floor holds for this run: all tests, on the platform where it was measured."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    chosen = config.option.keyword or config.option.markexpr or config.option.lf
    return bool(everything and not chosen and (sys.platform, platform.machine()) == ("linux", "x86_64"))


def combined() -> Coverage:
    """What all processes have recorded."""
    from coverage import Coverage

    if ours := Coverage.current():
        ours.stop()
        ours.save()
    whole = Coverage(config_file=str(ROOT / "pyproject.toml"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a killed process left half-written
        whole.combine([str(ROOT / ".coverage")])
    # What nobody imported counts, too. By `source` in the configuration each process would add all files.
    whole.get_data().touch_files([str(path) for path in sorted((ROOT / "src").rglob("*.py"))])
    whole.save()
    for left in (ROOT / ".coverage").glob("data.*"):
        left.unlink(missing_ok=True)
    return whole


def below_floor(measured: Coverage, total: float) -> Iterator[str]:
    """A fault, if less was executed than the floor asks for."""
    floor = float(str(measured.get_option("report:fail_under")))
    if total < floor:
        yield (
            f"FAILED: the floor is {floor} % (fail_under in pyproject.toml). Were tests skipped for want "
            "of a browser, PostgreSQL or PgBouncer?"
        )


def untested(measured: Coverage) -> Iterator[str]:
    """A fault for each module in which not one line of a function was executed: it was imported at most."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        _, statements, _, missing, _ = measured.analysis2(str(path))
        executed = set(statements) - set(missing)
        bodies = lines_of_functions(path) & set(statements)
        if statements and not executed & (bodies or executed):
            yield f"FAILED: {path.relative_to(ROOT)} is untested: no line of its functions was executed"


def lines_of_functions(path: Path) -> set[int]:
    """The lines in the bodies of a module's functions and methods."""
    tree = ast.parse(path.read_bytes())
    return {
        line
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in function.body
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
