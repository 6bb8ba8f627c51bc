"""What one process does with a slice of objects: prefilter part by part, confirm blob by blob."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from secopskit.detect.barren import BarrenHits
from secopskit.detect.engine import Hit
from secopskit.errors import GitError
from secopskit.findings import Blob, Match, Skipped, SkipReason
from secopskit.git.objects.bulk import Batch, BulkReader, Entry
from secopskit.git.objects.object_id import object_id
from secopskit.git.repository import Repository
from secopskit.progress import still_at_work
from secopskit.scan.content.detectors import ANY_SIGN, Detectors
from secopskit.scan.content.occurrence import Occurrence
from secopskit.scan.history.reading.crossing import Called, SliceResult
from secopskit.scan.history.reading.packed import PackedHistory
from secopskit.sources.content import BINARY_HEAD, SCRIPT_MARK, as_blob

if TYPE_CHECKING:
    from secopskit.git.packs.portions import Portion
    from secopskit.git.packs.walk import FoundObject

_PART: Final = 4 * 1024 * 1024
MESSAGE_KINDS: Final = ("commit", "tag")
TEXT_KINDS: Final = ("blob", *MESSAGE_KINDS)
IDENTITY: Final = "<author or committer>"


class Worker:
    """The detectors and the repository of one process.

    `loose` are the ids of objects with a file of their own, whose content is held against its id: git does
    so when it takes in a pack, but not when it reads. With `packed`, portions of it can be scanned, those of
    objects that are `called` something by that.
    """

    def __init__(
        self,
        repository: Repository,
        detectors: Detectors,
        loose: frozenset[str] = frozenset(),
        packed: PackedHistory | None = None,
        called: Called | None = None,
    ) -> None:
        self._reader = BulkReader(repository)
        self._packed = packed
        self._called = called or Called({}, {})
        self._format = repository.object_format
        self._loose = loose
        self._detectors = detectors
        ruleset = self._detectors.ruleset
        self._hint = ruleset.anchors.hint
        self._rules = ruleset.anchors.rules
        self._by_path = ruleset.numbers_by_path
        self._prefilter = ruleset.prefilter

    def scan(self, oids: Sequence[str]) -> SliceResult:
        """Every object of `oids`, judged without its name."""
        result = SliceResult()
        for batch in self._reader.each(_asked(oids)):
            # A git that lives on for the next slice spares some 2 % of the time, and the scan then takes
            # three quarters more memory (benchmarks/RESULTS.md).
            self._reader.close()
            with batch.data:
                for part in batch.parts(_PART):
                    size = sum(part.ends) - sum(part.starts)
                    result.blobs += len(part.starts)
                    result.bytes += size
                    result.weight += still_at_work(size)
                    self._scan_part(part, result)
                result.skipped += self._unread(batch, oids)
        return result

    def scan_portions(self, portions: Sequence[Portion]) -> SliceResult:
        """The objects of portions of the packs, judged without their names.

        Raises GitError where the packs are not those that were shared out.
        """
        reader = self._history().reader(self._detectors.ruleset.anchors.widest)
        result, told = SliceResult(), 0
        for chunk in chain.from_iterable(map(reader.chunks, portions)):
            result.weight += still_at_work(reader.weight - told)
            told = reader.weight
            for one in chunk.objects:
                if one.kind in TEXT_KINDS:
                    result.blobs += 1
                    result.bytes += one.size
                    if not one.searched:
                        self._scan_binary(one.oid, one.content, result)
            for each in chunk.settle(self._prefilter.scan(chunk.data)):
                self._confirm_found(each, result)
        result.weight += still_at_work(reader.weight - told)
        large = (one.oid for one in reader.large if one.kind in TEXT_KINDS)
        result.skipped += [(oid, SkipReason.TOO_LARGE) for oid in large]
        result.doubtful += [doubt.oid for doubt in reader.doubtful]
        return result

    def scan_named_portions(self, portions: Sequence[Portion]) -> SliceResult:
        """The blobs of portions of the packs, judged by their names. Raises GitError, as `scan_portions`.

        What is too large to be rebuilt is doubtful here, too.
        """
        from secopskit.git.packs.reader import unpacked

        result, reader, known = SliceResult(), self._history().contents(), self._called.hits
        for chunk in chain.from_iterable(map(reader.chunks, portions)):
            for one in chunk.objects:
                hits = unpacked(known[one.oid]) if one.oid in known else None
                result.looked += still_at_work(1)
                self._look_by_name(one.oid, one.content, self._called.names[one.oid], hits, result)
            chunk.close()
        result.doubtful += [doubt.oid for doubt in reader.doubtful]
        result.doubtful += [large.oid for large in reader.large]
        return result

    def _history(self) -> PackedHistory:
        if self._packed is None:
            raise GitError("the packs have changed", advice="Is another git packing? Try again.")
        return self._packed

    def _look_by_name(
        self, oid: str, data: bytes, paths: Iterable[str], hits: list[Hit] | None, result: SliceResult
    ) -> None:
        """Judge content by each of its names; `hits` are the prefilter's in it, if it is plain text."""
        for path in paths:
            blob = as_blob(path, data, oid, binaries=True)
            if isinstance(blob, Blob):
                found, skipped = self._detectors.look_into(blob, hits)
                self._add(result, found, data)
                if not blob.binary:  # of others, the first look has told
                    result.skipped += [(oid, one.reason) for one in skipped]

    def scan_named(self, pairs: Sequence[tuple[str, str]]) -> SliceResult:
        """The blobs of `pairs` (object id, path), judged with their names alone in view."""
        paths: dict[str, list[str]] = {}
        for oid, path in pairs:
            paths.setdefault(oid, []).append(path)
        result = SliceResult()
        for batch in self._reader.each(_asked(paths)):
            with batch.data:
                for entry in batch.entries():
                    result.looked += still_at_work(1)
                    data = bytes(batch.data[entry.start : entry.end])
                    self._look_by_name(entry.oid, data, paths[entry.oid], None, result)
                result.skipped += self._unread(batch, paths)
        return result

    def close(self) -> None:
        """End the git process behind it."""
        self._reader.close()

    def _unread(self, batch: Batch, asked: Iterable[str]) -> list[tuple[str, SkipReason]]:
        """The objects of a batch that git could not read, or whose content is not that of their id."""
        unread = [*batch.missing, *batch.damaged]
        if not self._loose.isdisjoint(asked):
            found = [entry for entry in batch.entries() if entry.oid in self._loose]
            unread += [entry.oid for entry in found if not self._is_sound(entry, batch)]
        return [(oid, SkipReason.UNREADABLE) for oid in unread]

    def _is_sound(self, entry: Entry, batch: Batch) -> bool:
        data = bytes(batch.data[entry.start : entry.end])
        return object_id(self._format, entry.kind, data).hex() == entry.oid

    def _scan_part(self, part: Batch, result: SliceResult) -> None:
        binary = _binary_entries(part)
        for entry in binary:
            self._scan_binary(entry.oid, bytes(part.data[entry.start : entry.end]), result)
        foreign = {entry.oid for entry in binary}
        for entry, hits in _by_entry(part, self._prefilter.scan(part.data)):
            if entry.oid not in foreign:
                self._note_signs(entry.oid, entry.kind, hits, result)
                self._confirm(entry.oid, entry.kind, hits, partial(_content, part, entry), result)

    def _scan_binary(self, oid: str, data: bytes, result: SliceResult) -> None:
        blob = as_blob("", data, oid, binaries=True)
        if isinstance(blob, Skipped):
            result.skipped.append((oid, blob.reason))
        elif blob.binary:
            self._open(blob, oid, result)
        else:
            result.named.append((oid, ANY_SIGN))
            self._add(result, self._detectors.settle(blob, self._detectors.pattern.detect(blob)), data)

    def _open(self, blob: Blob, oid: str, result: SliceResult) -> None:
        """Look into an archive, or at a keystore. Some are judged by their own name, too."""
        from secopskit.formats.archives.member_paths import NAMELESS
        from secopskit.sources.binaries import is_judged_by_name  # most histories have none

        found, skipped = self._detectors.look_into(blob._replace(path=NAMELESS))
        self._add(result, found, blob.data)
        if is_judged_by_name(blob.data):
            result.named.append((oid, ANY_SIGN))
        unopened = [(oid, one.path, one.detail) for one in skipped if one.reason is SkipReason.ARCHIVE]
        result.unopened += unopened
        if skipped:
            parsed = {one.reason for one in skipped} - {SkipReason.IN_PARTS, SkipReason.TOO_COMPLEX}
            whole = SkipReason.BINARY if parsed else skipped[0].reason
            result.skipped.append((oid, SkipReason.ARCHIVE if unopened else whole))

    def _confirm_found(self, found: FoundObject, result: SliceResult) -> None:
        """What was found in an object of a pack. What comes to nothing is not asked of its next versions."""
        from secopskit.git.packs.reader import FARTHEST

        one, hits, has_matches = found.read, found.hits(self._hint), False
        is_named = self._note_signs(one.oid, one.kind, hits, result, found.kinds(self._hint))
        if hits:  # most have signs of settings alone, or what came to nothing in an earlier version
            barren, content = BarrenHits(FARTHEST), partial(_itself, one.content)
            has_matches = self._confirm(one.oid, one.kind, hits, content, result, barren)
            found.spend(barren.hits)
        if is_named:
            least, also = (0, frozenset[int]()) if has_matches else (self._rules, self._by_path)
            result.hits.append((one.oid, found.chosen(least, also)))

    def _note_signs(self, oid: str, kind: str, hits: list[Hit], result: SliceResult, kinds: int = 0) -> bool:
        """Whether an object with these hits, and signs of formats of these `kinds`, needs a look by name."""
        signs = 0 if kind in MESSAGE_KINDS else self._detectors.signs_among({n for n, _ in hits}, kinds)
        if signs:
            result.named.append((oid, signs))
        return bool(signs)

    def _confirm(
        self,
        oid: str,
        kind: str,
        hits: list[Hit],
        content: Callable[[], bytes],
        result: SliceResult,
        barren: BarrenHits | None = None,
    ) -> bool:
        """Take in what rules find in an object, whatever it is called; whether they find anything."""
        hits = [hit for hit in hits if hit[0] < self._hint]
        if not hits:
            return False
        blob = Blob(path="", data=content(), oid=oid)
        matches: list[Match] = list(self._detectors.pattern.confirm(blob, hits, barren))
        if matches:
            found = self._detectors.settle(blob, matches)
            self._add(result, _by_whom(blob.data, found) if kind == "commit" else found, blob.data)
        return bool(matches)

    def _add(self, result: SliceResult, found: Iterable[Occurrence], content: bytes) -> None:
        """Add what was found in an object of that `content`."""
        result.occurrences += [one.held_against(content).to_wire() for one in found]


def _itself(content: bytes) -> bytes:
    return content


def _content(part: Batch, entry: Entry) -> bytes:
    return bytes(part.data[entry.start : entry.end])


def _binary_entries(part: Batch) -> list[Entry]:
    """The blobs with a NUL near their beginning, and scripts with one. Most parts have not a single one."""
    if not part.has_nul(0, len(part.data)):
        return []
    places = zip(part.starts, part.ends, strict=True)
    binary = (n for n, (start, end) in enumerate(places) if part.has_nul(start, _head_end(part, start, end)))
    return [part.entry(number) for number in binary]


def _head_end(part: Batch, start: int, end: int) -> int:
    """Where the bytes end by which content is told to be no text: of a script, all of them."""
    return end if bytes(part.data[start : start + 2]) == SCRIPT_MARK else min(start + BINARY_HEAD, end)


def _by_entry(part: Batch, hits: Iterable[Hit]) -> Iterator[tuple[Entry, list[Hit]]]:
    """The hits of each object, with offsets inside it. Hits come ordered by their offset."""
    current: Entry | None = None
    own: list[Hit] = []
    for number, end in hits:
        if current is None or end > current.end:
            if current and own:
                yield current, own
            current, own = part.entry_at(end - 1, end), []
        if current is not None and end > current.start:
            own.append((number, end - current.start))
    if current and own:
        yield current, own


def _by_whom(commit: bytes, found: Iterable[Occurrence]) -> Iterator[Occurrence]:
    """Occurrences in a commit; those before its message stand in what is said of its author."""
    head = commit[: commit.find(b"\n\n") + 1].count(b"\n")
    for one in found:
        yield one.at(IDENTITY) if one.line <= head else one


def _asked(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()
