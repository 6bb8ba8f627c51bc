"""A log as git tells it, taken in: odd paths, logs that break off, and which events count."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from re import Match

import pytest

from secopskit.errors import GitError
from secopskit.git.history.events import Events, LogNotes, Refs, Wanted, read_events
from secopskit.git.history.log import told_in
from secopskit.progress import NO_PROGRESS, Progress

ONE, TWO, THREE, NONE = (b"%040x" % n for n in (1, 2, 3, 0))
EVERYTHING = Wanted({}, lambda _path: 1, 1)
NO_REFS = Refs((), {}, {})


def commit(number: int, *changes: bytes, parents: bytes = b"") -> bytes:
    """A commit, and its changes with what stands before them."""
    oid = b"%040d" % (number + 10)
    return b"\x01%b\0%b\0A U Thor\x002026-01-02T03:04:05+01:00\x001767319445\0%b" % (
        oid,
        parents,
        b"".join(changes),
    )


def change(old: bytes, new: bytes, path: bytes, status: bytes = b"M") -> bytes:
    return b":100644 100644 %b %b %b\0%b\0" % (old, new, status, path)


class Told:
    """A log whose text is this."""

    progress: Progress = NO_PROGRESS

    def __init__(self, text: bytes, *, whole: bool = True) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - a test's
        self._file.write(text)
        self._file.flush()
        self._whole = whole

    def wait(self) -> bool:
        return self._whole

    def commits(self) -> Iterator[Match[bytes]]:
        return told_in(self._file, whole=self._whole)

    def close(self) -> None:
        self._file.close()


def read(
    text: bytes, wanted: Wanted = EVERYTHING, noted: LogNotes | None = None, *, whole: bool = True
) -> Events:
    events, log = Events(), Told(text, whole=whole)
    try:
        read_events(log, NO_REFS, wanted, events, noted or LogNotes())
    finally:
        log.close()
    return events


ODD_PATHS = (b"\x01" + b"1" * 40, b":100644 100644 x", b"a\nb", b"\n", b" ", b"caf\xe9", b"\n:odd")


@pytest.mark.parametrize("path", ODD_PATHS)
def test_whatever_a_path_looks_like_it_is_one(path: bytes) -> None:
    text = commit(1, b"\n", change(NONE, ONE, path, b"A"), change(TWO, NONE, b"b", b"D")) + commit(2)
    added = set[bytes]()
    events = read(text, noted=LogNotes(added=added))
    assert events.told == 2
    assert added == {path}
    assert [
        (event.path.encode("utf-8", "surrogateescape"), event.brings)
        for event in events.by_blob[ONE.decode()]
    ] == [(path, True)]


def test_a_merge_has_as_many_old_blobs_as_parents() -> None:
    merged = b"::100644 100644 100644 %b %b %b MM\0a\0" % (ONE, TWO, THREE)
    events = read(commit(1, b"\0", merged, parents=b"a b") + commit(2, b"\0", parents=b"a b") + commit(3))
    assert events.told == 3
    assert {oid: [event.brings for event in found] for oid, found in events.by_blob.items()} == {
        ONE.decode(): [False],
        TWO.decode(): [False],
        THREE.decode(): [True],
    }


def test_a_log_that_breaks_off_tells_what_is_whole() -> None:
    text = commit(1, b"\n", change(ONE, TWO, b"a")) + commit(
        2, b"\n", change(TWO, THREE, b"b"), change(ONE, TWO, b"c")
    )
    last = 0
    for end in range(len(text)):
        told = read(text[:end], whole=False).told
        assert last <= told <= 2
        last = told
        with suppress(GitError):  # where it ends in the midst of something
            assert read(text[:end]).told == told
    assert last == 2


@pytest.mark.parametrize(
    "text", [b"fatal: bad\n", commit(1) + b"warning: odd\0" + commit(2), commit(1) + b"\0\0" + commit(2)]
)
def test_what_is_no_log_is_an_error(text: bytes) -> None:
    with pytest.raises(GitError, match="not understood"):
        read(text)


@pytest.mark.parametrize(
    "words",
    [b":100644 %b %b M" % (ONE, TWO), b":100644 100644 %b M" % ONE, b"::100644 100644 %b %b M" % (ONE, TWO)],
)
def test_a_change_of_another_form_is_an_error(words: bytes) -> None:
    with pytest.raises(GitError, match="not understood"):
        read(commit(1, b"\n", words + b"\0a\0"))


def test_an_event_counts_where_blob_and_path_have_a_bit_in_common() -> None:
    text = commit(1, b"\n", change(ONE, TWO, b"a"), change(TWO, THREE, b"b"), change(NONE, ONE, b"c", b"A"))
    wanted = Wanted({ONE: 0b01, TWO: 0b10}, {b"a": 0b10, b"b": 0b01, b"c": 0b101}.__getitem__, others=0b100)
    found = read(text, wanted).by_blob
    assert {oid: [(event.path, event.brings) for event in events] for oid, events in found.items()} == {
        TWO.decode(): [("a", True)],
        ONE.decode(): [("c", True)],
    }


def test_what_is_noted_does_not_depend_on_what_is_wanted() -> None:
    submodule = b":160000 160000 %b %b M\0s\0" % (ONE, TWO)
    text = commit(1, b"\n", change(ONE, TWO, b"a"), submodule)
    unnamed, reached = {ONE, THREE}, bytearray()
    with tempfile.TemporaryFile() as brought:
        events = read(text, Wanted({}, lambda _path: 0), LogNotes(brought, None, reached, unnamed))
        brought.seek(0)
        assert brought.read() == TWO + b"\n"
    assert events.by_blob == {}
    assert unnamed == {THREE}
    assert bytes(reached).hex() == "11".zfill(40)
