"""What a scan came to, for the next scan of a repository in which nothing has changed.

It is kept apart from what a scan of new objects needs to know, which is far more. Findings are kept as
their places in the objects, see `places`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from secopskit.findings import Provenance, Skipped, SkipReason
from secopskit.git.repository import Repository
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.memory.places import Recall, place_of
from secopskit.scan.history.objects.objectfiles import ObjectFiles
from secopskit.scan.run import UnsievedScan

_FORMAT: Final = 1


def state_of(repository: Repository, files: ObjectFiles, refs: str) -> str:
    """Changes when any file of objects does, any ref (of which `refs` is a digest), or what a clone lacks."""
    digest = hashlib.blake2b(digest_size=16)
    kind = f"{refs} {repository.shallow} {repository.partial}"
    for word in (kind, *sorted(files.packs), "", *sorted(files.loose), "", *sorted(files.irregular)):
        digest.update(word.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def written(scan: UnsievedScan, state: str) -> bytes:
    """A scan as text to keep."""
    provenances, refs = dict[tuple[Any, ...] | None, int](), dict[tuple[str, ...], int]()
    rows = list[tuple[Any, ...]]()
    for occurrence, told in scan.located:
        row = (refs.setdefault(told.refs, len(refs)), *told._replace(refs=())) if told else None
        rows.append((provenances.setdefault(row, len(provenances)), *place_of(occurrence)))
    kept = {
        "format": _FORMAT,
        "state": state,
        "blobs": scan.blobs,
        "bytes": scan.bytes,
        "limits": list(scan.limits),
        "skipped": [(one.path, one.reason.name, one.detail) for one in scan.skipped],
        "refs": _numbered(refs),
        "provenances": list(provenances),
        "located": rows,
    }
    return json.dumps(kept).encode()


def names_in(scan: UnsievedScan) -> set[str]:
    """All in a scan that somebody else has named or worded: files, authors, refs, notes."""
    names = {one.path for one in scan.skipped} | {one.detail for one in scan.skipped} | set(scan.limits)
    for occurrence, told in scan.located:
        names.update((occurrence.path, occurrence.note))
        names.update((told.author, *told.refs) if told else ())
    return names


def _numbered(tuples: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Tuples of few different words, each word once."""
    numbers: dict[str, int] = {}
    lists = [[numbers.setdefault(word, len(numbers)) for word in one] for one in tuples]
    return {"names": list(numbers), "lists": lists}


def read_back(text: bytes, state: str, recall: Recall) -> UnsievedScan | None:
    """What `written` has made of a scan of the same state; None where it was another, or an object has gone.

    Raises GitError.
    """
    kept = json.loads(text)
    if kept.get("format") != _FORMAT or kept["state"] != state:
        return None
    rows = kept["located"]
    occurrences = recall.occurrences([tuple(row[1:]) for row in rows])
    if occurrences is None:
        return None
    told = _provenances(kept)
    return UnsievedScan(
        located=[(one, told[row[0]]) for one, row in zip(occurrences, rows, strict=True)],
        skipped=[Skipped(path, SkipReason[reason], detail) for path, reason, detail in kept["skipped"]],
        limits=kept["limits"],
        blobs=kept["blobs"],
        bytes=kept["bytes"],
        cached_objects=kept["blobs"] - _objects(occurrences),
    )


def _provenances(kept: dict[str, Any]) -> list[Provenance | None]:
    names = kept["refs"]["names"]
    lists = [tuple(names[number] for number in one) for one in kept["refs"]["lists"]]
    return [Provenance(*row[1:])._replace(refs=lists[row[0]]) if row else None for row in kept["provenances"]]


def _objects(occurrences: Iterable[Occurrence]) -> int:
    return len({one.oid for one in occurrences})
