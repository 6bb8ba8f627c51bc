"""Secrets in names: of files and directories, branches and tags. A name is published with what it names.

What is found is told at a place in angle brackets that says what kind of name it is, with the value taken
out of it: a report shows such a place, and no value.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from secopskit.findings import Blob, Confidence

if TYPE_CHECKING:
    from secopskit.scan.content.detectors import Detectors
    from secopskit.scan.content.occurrence import Occurrence

PATH_NAME: Final = "path name"
REF_NAMES: Final = (
    ("refs/heads/", "branch name"),
    ("refs/remotes/", "branch name"),
    ("refs/tags/", "tag name"),
    ("", "ref name"),
)
_VALUE: Final = "[secret]"


def found_in_names(detectors: Detectors, names: Iterable[str], kind: str) -> Iterator[tuple[str, Occurrence]]:
    """The secrets in `names`, which are all of one kind; each name is judged as a line of its own.

    A name holds the value; the path of its occurrence does not. For a directory, the name is its own, with a
    slash at its end.
    """
    told = set[tuple[str, int]]()
    lines = [os.fsencode(name).replace(b"\n", b" ") for name in names]
    blob = Blob(path="", data=b"\n".join(lines))
    for found in detectors.settle(blob, detectors.pattern.detect(blob)):
        if found.secret is None or found.confidence is Confidence.LOW:
            continue
        line = lines[found.line - 1]
        if kind == PATH_NAME and (slash := line.find(b"/", found.end_column - 1)) >= 0:
            line = line[: slash + 1]  # it is the directory's name, whatever lies in it
        shown = line[: found.column - 1] + _VALUE.encode() + line[found.end_column - 1 :]
        place = f"<{kind}> {os.fsdecode(shown)}"
        if (place, hash(found.secret)) in told:
            continue
        told.add((place, hash(found.secret)))
        occurrence = found._replace(path=place, line=1, end_line=1, allowed=None, note=f"in a {kind}")
        yield os.fsdecode(line), occurrence


def without_kind(place: str) -> str:
    """The path in a place in a path's name, by which settings may exclude it; any other place as it is."""
    return place.removeprefix(f"<{PATH_NAME}> ")


def found_in_refs(detectors: Detectors, refs: Iterable[str]) -> Iterator[tuple[str, Occurrence]]:
    """The secrets in the names of refs."""
    by_kind: dict[str, list[str]] = {}
    for ref in refs:
        kind = next(kind for start, kind in REF_NAMES if ref.startswith(start))
        by_kind.setdefault(kind, []).append(ref)
    for kind, names in by_kind.items():
        yield from found_in_names(detectors, names, kind)
