"""What of a purged secret still stands in the work tree, which no proof of the history looks at."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from secopskit.findings import Finding, ScanResult, Skipped
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.incident.looking import mask_of
from secopskit.incident.model import IncidentRow
from secopskit.incident.walk.request import StepLeft
from secopskit.report.text import count, visible
from secopskit.scan.choose import FilesRequest, scan_requested
from secopskit.scan.session import ScanSession

_OUT: Final = "Delete the file or take the value out of it, then: secops remediate"
_UNSEEN: Final = "Look into it, and delete it or move it out of the work tree, then: secops remediate"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTreeLook:
    """What a look has found; `check` says what was looked at, and what was not."""

    left: tuple[StepLeft, ...] = ()
    check: str = ""


def look_at_work_tree(session: ScanSession, rows: Sequence[IncidentRow]) -> WorkTreeLook:
    """Look into the files that the next commit may take along, and into those that the secrets leaked from.

    Of these, one that cannot be read is left as well. Raises SecopsError.
    """
    if session.repository is None or not session.repository.work_tree:
        return WorkTreeLook()
    leaked = _leaked(session.root, rows)
    requests = [FilesRequest((session.root,)), *([FilesRequest(leaked)] if leaked else [])]
    results = [scan_requested(session, request) for request in requests]
    mask = mask_of(_found(results))
    sought = {row.secret.fingerprint for row in rows}
    by_path = dict[str, dict[str, None]]()
    for finding in _found(results):
        for place in finding.locations if finding.fingerprint.text in sought else ():
            by_path.setdefault(mask(place.path), {})[finding.id] = None
    there = [
        StepLeft("verify", f"still in {path} of the work tree: {', '.join(names)}", _OUT)
        for path, names in sorted(by_path.items())
    ]
    passed = dict.fromkeys(skip for result in results for skip in result.skipped if skip.heeded)
    own, others = _divided(passed, {os.path.relpath(path, session.root) for path in leaked})
    unseen = [
        StepLeft(
            "verify", f"nobody has looked into {mask(one.path)}, where it leaked from: {_why(one)}", _UNSEEN
        )
        for one in own
    ]
    return WorkTreeLook(left=(*there, *unseen), check=_check(others, results))


def _leaked(root: str, rows: Iterable[IncidentRow]) -> tuple[str, ...]:
    """The files there are at the paths that the secrets leaked from; of a member, the archive."""
    names = {name for row in rows for path in row.secret.paths for name in (path, *outer_paths(path))}
    there = (os.path.join(root, name) for name in sorted(names))
    return tuple(path for path in there if os.path.isfile(path))


def _found(results: Iterable[ScanResult]) -> list[Finding]:
    """What was found, reported or not."""
    return [
        finding
        for result in results
        for finding in (*result.findings, *(one.finding for one in result.suppressed))
    ]


def _divided(skipped: Iterable[Skipped], leaked: set[str]) -> tuple[list[Skipped], list[Skipped]]:
    """Those that are among the `leaked` files, or in one of them; and the others."""
    own, others = list[Skipped](), list[Skipped]()
    for one in skipped:
        mine = not leaked.isdisjoint((one.path, *outer_paths(one.path)))
        (own if mine else others).append(one)
    return own, others


def _why(skip: Skipped) -> str:
    return skip.reason.value + (f" ({visible(skip.detail)})" if skip.detail else "")


def _check(skipped: Iterable[Skipped], results: Iterable[ScanResult]) -> str:
    """What was looked at, in words."""
    reasons = Counter(one.reason.value for one in skipped)
    parts = [
        *(f"{count(number, 'file')} ({reason})" for reason, number in reasons.items()),
        *_limits(results),
    ]
    unread = f"; not read: {', '.join(parts)}" if parts else ""
    return f"a scan of the work tree: it finds none of them in its files{unread}"


def _limits(results: Iterable[ScanResult]) -> Iterator[str]:
    yield from dict.fromkeys(visible(limit) for result in results for limit in result.limits)
