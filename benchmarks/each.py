"""A program that scans one repository at a time, for many of them: two at a time, by xargs.

A shell beside each notes its exit code. Such a run counts only if each repository was scanned to the end.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import readings
from benchmarks.measure import Entrant, Output, Reading

if TYPE_CHECKING:
    from benchmarks.peers import Programs
    from benchmarks.readings import Amounts

_REPOSITORY, _REPORT = "{repository}", "{report}"
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program for one repository. `complaints` are what it logs where it could not scan all."""

    name: str
    command: tuple[str, ...]
    accepts: frozenset[int]
    amounts: Callable[[Output], Amounts]
    things: str
    complaints: tuple[str, ...]


def peers(programs: Programs) -> list[Peer]:
    """kingfisher and gitleaks, called as `benchmarks.history` calls them."""
    quiet = ("--no-validate", "--no-update-check", "--format", "json", "--output", _REPORT)
    git_mode = ("--no-banner", "--report-format", "json", "--report-path", _REPORT)
    return [
        Peer(
            name="kingfisher",
            command=(programs.kingfisher, "scan", _REPOSITORY, *quiet),
            accepts=frozenset((0, 200)),
            amounts=readings.kingfisher_amounts,
            things="blobs",
            complaints=("ERROR kingfisher",),
        ),
        Peer(
            name="gitleaks",
            command=(programs.gitleaks, "git", _REPOSITORY, *git_mode),
            accepts=frozenset((0, 1)),
            amounts=readings.gitleaks_amounts,
            things="commits",
            # It ends with exit code 1 after findings, after errors, and after both.
            complaints=(" ERR ", " FTL ", "partial scan"),
        ),
    ]


def entrant(peer: Peer, repositories: Sequence[Path]) -> Entrant:
    """The program over all of them, in this order."""
    place = repositories[0].parent
    results = place / f"results-{peer.name}"
    listed = place / f"list-{peer.name}"
    listed.write_text("".join(f"{one.name}\n" for one in repositories), encoding="utf-8")

    def prepare() -> None:
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir()

    def read(_: Output) -> Reading:
        told = [_told(peer, results / one.name) for one in repositories]
        findings, things, size = map(sum, zip(*told, strict=True))
        if not size:
            sys.exit(f"error: {peer.name} says that it read nothing")
        extent = f"{things:,} {peer.things}, {size / 1e6:,.1f} MB in {len(told)} repositories"
        return Reading(findings=findings, extent=extent)

    return Entrant(
        name=peer.name,
        command=("xargs", f"-P{_AT_ONCE}", "-n1", "sh", "-c", _script(peer, results.name), peer.name),
        directory=place,
        read=read,
        accepts=frozenset((0,)),
        stdin=listed,
        prepare=prepare,
    )


def _script(peer: Peer, results: str) -> str:
    """What the shell does with its first argument, the directory of a repository."""
    at = f'"{results}/$1'
    words = {_REPOSITORY: '"$1"', _REPORT: f'{at}.report"'}
    command = " ".join(words.get(word) or shlex.quote(word) for word in peer.command)
    return f'{command} >{at}.stdout" 2>{at}.stderr"; echo $? >{at}.code"'


def _told(peer: Peer, result: Path) -> Amounts:
    """What it says of one repository. Exits where it did not scan it."""
    code, report, stdout, stderr = (
        _text(result.with_name(f"{result.name}.{kind}")) for kind in ("code", "report", "stdout", "stderr")
    )
    complaint = next((one for one in peer.complaints if one in stdout + stderr), "")
    if not code.strip() or int(code) not in peer.accepts or complaint or not report:
        said = (stderr + stdout)[-800:]
        sys.exit(f"error: {peer.name} failed in {result.name} with exit code {code.strip()}: {said}")
    return peer.amounts(Output(stdout=stdout, stderr=stderr, report=report))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
