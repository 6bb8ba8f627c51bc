"""Findings of a report, found again: the report holds no value, so files and history are scanned for them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

from secopskit.conduct.tell import Tell
from secopskit.errors import UsageError
from secopskit.findings import Finding, ScanResult
from secopskit.named_tuple import NamedTuple
from secopskit.rotate.model import FindingNote, LostFinding
from secopskit.rotate.request import ReportedPlace
from secopskit.scan import refind
from secopskit.scan.choose import FilesRequest, HistoryRequest, scan_requested
from secopskit.scan.session import ScanSession
from secopskit.secret import SecretValue
from secopskit.state.smallfiles import StrPath, is_inside, read_small

_IN_URL = "password in the URL of "  # so begin the notes of `detect.judgement`
_REPORT_LIMIT = 256 * 1024 * 1024


class FoundValue(NamedTuple):
    """A finding with its value. `hint` is the key that the value stands behind, if that is known.

    `in_url` tells that it is the password in a URL.
    """

    note: FindingNote
    value: SecretValue
    hint: str = ""
    in_url: bool = False


class FoundValues(NamedTuple):
    """The findings that were found again, and those that were not."""

    found: tuple[FoundValue, ...] = ()
    lost: tuple[LostFinding, ...] = ()
    notes: tuple[str, ...] = ()


def read_reported(path: StrPath) -> tuple[ReportedPlace, ...]:
    """The findings of a JSON report. Raises ConfigError, UsageError for what is none or is empty."""
    reported = refind.read_report(path)
    if not reported:
        raise UsageError(f"{path}: reports no finding", advice="There is nothing to rotate.")
    document: Any = json.loads(read_small(path, limit=_REPORT_LIMIT))
    return tuple(
        ReportedPlace(
            names=one.names,
            id=str(finding.get("id", "")),
            rule_id=str(finding["rule_id"]),
            title=str(finding.get("title", "")),
            path=str(finding["locations"][0]["path"]) if finding["locations"] else "",
            line=int(finding["locations"][0]["line"]) if finding["locations"] else 0,
        )
        for one, finding in zip(reported, document["findings"], strict=True)
    )


def find_values(session: ScanSession, reported: Iterable[ReportedPlace], tell: Tell) -> FoundValues:
    """The values of reported findings: from the files they stand in, else from the history.

    Raises SecopsError where a scan cannot be made.
    """
    missing, notes, limits = list(reported), dict[str, None](), tuple[str, ...]()
    found = dict[str, FoundValue]()
    for request in _requests(session, missing):
        if not missing:
            break
        tell.phase("finding the values of the report again")
        with tell.progress() as progress:
            result = scan_requested(session, request, progress=progress)
        limits = result.limits
        missing = [one for one in missing if not _take(result, one, found, notes)]
    notes |= dict.fromkeys(limits if missing else ())
    lost = tuple(LostFinding(one.id, one.rule_id, one.title, _place(one)) for one in missing)
    return FoundValues(tuple(found.values()), lost, tuple(notes))


def _requests(
    session: ScanSession, reported: Iterable[ReportedPlace]
) -> Iterable[FilesRequest | HistoryRequest]:
    paths = {os.path.join(session.root, one.path): None for one in reported if one.path}
    there = tuple(path for path in paths if os.path.isfile(path) and is_inside(path, session.root))
    if there:
        # A second name keeps the list from being taken for the tree as git sees it: ignored files count.
        yield FilesRequest(there if len(there) > 1 else there * 2)
    if session.repository:
        yield HistoryRequest()


def _take(
    result: ScanResult, one: ReportedPlace, found: dict[str, FoundValue], notes: dict[str, None]
) -> bool:
    again = refind.refind(result, [refind.ReportedFinding(names=one.names)])
    for finding in again.findings:
        if finding.secret is None:
            notes[f"{finding.title} ({_place(one)}) is about a place, not a value: nothing to rotate."] = None
        else:
            found.setdefault(finding.id, _found(finding, one))
    return bool(again.findings)


def _found(finding: Finding, one: ReportedPlace) -> FoundValue:
    assert finding.secret is not None  # noqa: S101 - the caller has looked
    in_url = finding.note.startswith(_IN_URL)
    _, _, hint = finding.note.partition(_IN_URL if in_url else "key ")
    note = FindingNote(finding.id, finding.rule_id, finding.title, finding.fingerprint.text, _place(one))
    return FoundValue(note, finding.secret, hint.split(" ", 1)[0].strip(",;:"), in_url)


def _place(one: ReportedPlace) -> str:
    return f"{one.path}:{one.line}" if one.path else "history"
