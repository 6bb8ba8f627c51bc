"""A program that scans one repository at a time, for many of them: two at a time, by xargs.

A shell beside each notes its exit code. Such a run counts only if each repository was scanned to the end,
and what is planted in it was found.
"""

from __future__ import annotations

import shlex
import shutil
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import readings
from benchmarks.canaries import findings
from benchmarks.completeness import GITLEAKS, KINGFISHER, Terms, refuse, shortcoming
from benchmarks.measure import Entrant, Reading
from benchmarks.process import Output, text
from benchmarks.seeds import PLANTED

if TYPE_CHECKING:
    from benchmarks.peers import Programs
    from benchmarks.readings import Amounts

_REPOSITORY, _REPORT = "{repository}", "{report}"
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program for one repository; `terms` are those of a run that has finished one."""

    name: str
    command: tuple[str, ...]
    terms: Terms
    amounts: Callable[[Output], Amounts]
    things: str


def peers(programs: Programs) -> list[Peer]:
    """kingfisher and gitleaks, called as `benchmarks.history` calls them."""
    quiet = ("--no-validate", "--no-update-check", "--format", "json", "--output", _REPORT)
    git_mode = ("--no-banner", "--report-format", "json", "--report-path", _REPORT)
    return [
        Peer(
            name="kingfisher",
            command=(programs.kingfisher, "scan", _REPOSITORY, *quiet),
            terms=KINGFISHER,
            amounts=readings.kingfisher_amounts,
            things="blobs",
        ),
        Peer(
            name="gitleaks",
            command=(programs.gitleaks, "git", _REPOSITORY, *git_mode),
            terms=GITLEAKS,
            amounts=readings.gitleaks_amounts,
            things="commits",
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
            refuse(peer.name, "it says that it read nothing")
        extent = f"{things:,} {peer.things}, {size / 1e6:,.1f} MB in {len(told)} repositories"
        return Reading(findings=findings, extent=extent)

    return Entrant(
        name=peer.name,
        command=("xargs", f"-P{_AT_ONCE}", "-n1", "sh", "-c", _script(peer, results.name), peer.name),
        directory=place,
        read=read,
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
        text(result.with_name(f"{result.name}.{kind}")) for kind in ("code", "report", "stdout", "stderr")
    )
    output = Output(stdout=stdout, stderr=stderr, report=report)
    number = int(code) if code.strip() else -signal.SIGKILL  # a shell that was killed has noted nothing
    if reason := shortcoming(peer.terms, number, output) or _missed(report):
        refuse(f"{peer.name} in {result.name}", reason, output)
    return peer.amounts(output)


def _missed(report: str) -> str:
    """`histories` has planted one secret in each repository."""
    return "" if PLANTED in findings(report) else f"it has not found what was planted in {PLANTED}"
