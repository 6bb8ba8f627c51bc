"""What each program says about its own run: the number of findings, and how much it read."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from typing import Final

from benchmarks.measure import Output, Reading

_GO_BYTES: Final = re.compile(r"scanned ~(\d+) bytes")
_GO_COMMITS: Final = re.compile(r"(\d+) commits scanned")
_KINGFISHER: Final = re.compile(r'"blobs_scanned":(\d+),"bytes_scanned":(\d+)')


def secops(output: Output) -> Reading:
    report = json.loads(output.report)
    stats = report["stats"]
    extent = _extent(stats["blobs"], stats["bytes"])
    if stats["cached_objects"]:
        extent += f", {stats['cached_objects']:,} objects known from the cache"
    return Reading(findings=len(report["findings"]), extent=f"{extent}, {len(report['skipped']):,} skipped")


def kingfisher(output: Output) -> Reading:
    found = _KINGFISHER.search(output.stdout + output.report)
    extent = _extent(int(found[1]), int(found[2])) if found else ""
    return Reading(findings=len(json.loads(output.report)["findings"]), extent=extent)


def betterleaks(output: Output) -> Reading:
    return Reading(findings=len(json.loads(output.report)["findings"]), extent=_go_extent(output))


def gitleaks(output: Output) -> Reading:
    return Reading(findings=len(json.loads(output.report)), extent=_go_extent(output))


def named(path: str) -> Callable[[Output], Reading]:
    """A reader for hooks, which print for people: how many lines name `path`."""

    def read(output: Output) -> Reading:
        lines = (output.stdout + output.stderr).splitlines()
        return Reading(findings=sum(path in line for line in lines))

    return read


def _go_extent(output: Output) -> str:
    size = _GO_BYTES.search(output.stderr)
    commits = _GO_COMMITS.search(output.stderr)
    parts = [f"{int(commits[1]):,} commits"] if commits else []
    return ", ".join([*parts, f"{int(size[1]) / 1e6:,.1f} MB"] if size else parts)


def _extent(blobs: int, size: int) -> str:
    if not size:
        sys.exit("error: a program says that it read nothing")
    return f"{blobs:,} blobs, {size / 1e6:,.1f} MB"
