"""What each program says about its own run: the number of findings, and how much it read."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks.measure import Reading

if TYPE_CHECKING:
    from benchmarks.process import Output

_GO_BYTES: Final = re.compile(r"scanned ~(\d+) bytes")
_GO_COMMITS: Final = re.compile(r"(\d+) commits scanned")
_KINGFISHER: Final = re.compile(r'"blobs_scanned":(\d+),"bytes_scanned":(\d+)')


class Amounts(NamedTuple):
    """What a program says of one run: findings, blobs or commits, and bytes that it read."""

    findings: int
    things: int
    bytes: int


def secops(output: Output) -> Reading:
    report = json.loads(output.report)
    stats = report["stats"]
    extent = _extent(stats["blobs"], stats["bytes"])
    if stats["cached_objects"]:
        extent += f", {stats['cached_objects']:,} objects known from the cache"
    return Reading(
        findings=len(report["findings"]),
        extent=f"{extent}, {len(report['skipped']):,} skipped",
        blobs=stats["blobs"],
    )


def kingfisher(output: Output) -> Reading:
    findings, blobs, size = kingfisher_amounts(output)
    return Reading(findings=findings, extent=_extent(blobs, size), blobs=blobs)


def kingfisher_amounts(output: Output) -> Amounts:
    """As numbers; blobs and bytes are 0 where it does not say."""
    found = _KINGFISHER.search(output.stdout + output.report)
    blobs, size = (int(found[1]), int(found[2])) if found else (0, 0)
    return Amounts(len(json.loads(output.report)["findings"]), blobs, size)


def betterleaks(output: Output) -> Reading:
    return Reading(findings=len(json.loads(output.report)["findings"]), extent=_go_extent(output))


def gitleaks(output: Output) -> Reading:
    return Reading(findings=len(json.loads(output.report)), extent=_go_extent(output))


def gitleaks_amounts(output: Output) -> Amounts:
    """As numbers; commits and bytes are 0 where it does not say."""
    size, commits = _GO_BYTES.search(output.stderr), _GO_COMMITS.search(output.stderr)
    return Amounts(
        len(json.loads(output.report)), int(commits[1]) if commits else 0, int(size[1]) if size else 0
    )


def named(path: str) -> Callable[[Output], Reading]:
    """A reader for hooks, which print for people: how many lines name `path`, and what they say of bytes."""

    def read(output: Output) -> Reading:
        lines = (output.stdout + output.stderr).splitlines()
        return Reading(findings=sum(path in line for line in lines), extent=_go_extent(output))

    return read


def _go_extent(output: Output) -> str:
    size = _GO_BYTES.search(output.stderr)
    commits = _GO_COMMITS.search(output.stderr)
    parts = [f"{int(commits[1]):,} commits"] if commits and int(commits[1]) else []
    return ", ".join([*parts, _amount(int(size[1]))] if size else parts)


def _extent(blobs: int, size: int) -> str:
    if not size:
        sys.exit("error: a program says that it read nothing")
    return f"{blobs:,} blobs, {_amount(size)}"


def _amount(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size:,} bytes"
