"""The detectors of one scan, applied to one blob after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cached_property, lru_cache, partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Final

from secopskit.detect.engine import Hit
from secopskit.detect.interface import Detector
from secopskit.detect.ruleset import Ruleset, open_ruleset
from secopskit.detect.structure import DETECTORS, HINTS, MAX_SIZE, FormatDetector, row_for, rows_for_path
from secopskit.detect.witness import placed, present
from secopskit.findings import Blob, Match, Skipped, SkipReason, Span
from secopskit.formats import bounds
from secopskit.named_tuple import NamedTuple
from secopskit.rules.model import RuleKind
from secopskit.scan.content.near_signs import around, near, stretched, without_encoded
from secopskit.scan.content.occurrence import Occurrence, occurrences
from secopskit.secret import plain_digest

if TYPE_CHECKING:
    from secopskit.detect.pattern import PatternDetector

_BY_NAME: Final = tuple(detector for detector in DETECTORS if detector.by_name)
ANY_SIGN: Final = -1
_RULE_FOR_NAMES: Final = 1 << len(HINTS)  # a kind of sign that is no hint
ALL_SIGNS: Final = 2 * _RULE_FOR_NAMES - 1
"""The bits of all kinds of signs."""
_MAX_CLEAN: Final = 100_000
_COMPRESSED: Final = ("gz", "bz2", "xz")


class DetectorOptions(NamedTuple):
    """What to detect with. Plain values: a worker process makes its own detectors from them.

    `cache` is a directory of ours for compiled rules. `plugins` names detect-secrets plugins. `archives`
    is the size in bytes up to which archives are opened, 0: none is.
    """

    engine: str = "auto"
    cache: str | None = None
    extra_rules: tuple[str, ...] = ()
    decode_depth: int = 2
    plugins: tuple[str, ...] = ()
    archives: int = 0


_kept_open: Final[dict[DetectorOptions, Ruleset]] = {}


def keep_open(options: DetectorOptions) -> None:
    """Load the rules of `options` for as long as this process and its copies live. Raises ConfigError.

    For one that scans many places: a rule file that changes meanwhile is not read again.
    """
    _kept_open[options] = Detectors.open(options).ruleset


class Detectors:
    """The pattern detector, the structured ones, and what else was asked for."""

    def __init__(self, ruleset: Ruleset, options: DetectorOptions) -> None:
        self.ruleset = ruleset
        self.options = options
        self._clean: set[str] = set()
        self._archives = options.archives
        self.plugins: Sequence[Detector] = _plugins(options.plugins)
        # A history asks about the same few thousand names over and over.
        self.kinds_for = lru_cache(maxsize=1 << 16)(self._kinds_for)
        self.wants_always = lru_cache(maxsize=1 << 16)(self._wants_always)

    @cached_property
    def pattern(self) -> PatternDetector:
        """The pattern detector."""
        from secopskit.detect.pattern import PatternDetector  # where nothing is new, nothing is looked at

        return PatternDetector(self.ruleset, decode_depth=self.options.decode_depth)

    @classmethod
    def open(
        cls,
        options: DetectorOptions,
        notice: Callable[[str], None] = lambda _: None,
        *,
        later: bool = False,
    ) -> Detectors:
        """Detectors made ready; `notice` is told when that takes seconds. Raises ConfigError.

        With `later`, the first scan waits for a part of it; see `open_ruleset`.
        """
        ruleset = _kept_open.get(options) or open_ruleset(
            engine=options.engine,
            cache=options.cache,
            extra=options.extra_rules,
            hints=HINTS,
            notice=notice,
            later=later,
        )
        return cls(ruleset, options)

    def wants(self, path: str, signs: int = ANY_SIGN) -> bool:
        """Whether a detector or a rule looks at a file, or what is compressed in it, because of its name.

        `signs` are the kinds of signs that stand in it, see `signs_among`.
        """
        return bool(self.kinds_for(path) & signs)

    def _kinds_for(self, path: str) -> int:
        """The kinds of signs for which a file of that name is looked at."""
        stem, dot, suffix = path.rpartition(".")
        path = stem if dot and suffix in _COMPRESSED else path
        if any(plugin.wants(path) for plugin in self.plugins):
            return ANY_SIGN
        kinds = _RULE_FOR_NAMES if self.pattern.has_rule_for(path) else 0
        for row in rows_for_path(path):
            if row.wants(path):
                kinds |= row.sign_kinds
        return kinds

    def signs_among(self, numbers: Set[int], kinds: int = 0) -> int:
        """The kinds of signs among the prefilter's: those of formats, and of rules for certain files alone.

        `kinds` are those of formats that are known to be there as well. What is encoded may be of such a
        rule. A file without any of them is not looked at for its name.
        """
        anchors, by_path = self.ruleset.anchors, self.ruleset.numbers_with_path
        kinds = (kinds | anchors.signs(numbers)) & self._asked_for
        if not by_path.isdisjoint(numbers) or (
            kinds and not numbers.isdisjoint((anchors.encoded, anchors.percent))
        ):
            kinds |= _RULE_FOR_NAMES
        return kinds

    @cached_property
    def _asked_for(self) -> int:
        """The kinds of signs for which files are looked at; for others alone, none is."""
        return reduce(or_, (detector.sign_kinds for detector in DETECTORS))

    def _wants_always(self, path: str) -> bool:
        """Whether a file's name alone is reason to look, whatever it holds."""
        return any(detector.wants(path) for detector in (*_BY_NAME, *self.plugins))

    def examine(
        self, blob: Blob, hits: list[Hit] | None = None, unread: set[SkipReason] | None = None
    ) -> Iterator[Occurrence]:
        """All occurrences in `blob`. Files are parsed only where there is a sign of a setting.

        `hits` are the prefilter's in it, if they are known. To `unread` is added why it was not parsed, or
        not to its end. In a part of a text, only rules' patterns are looked for. A member of an archive is
        judged by its own name, and an archive itself not at all: see `look_into`.
        """
        if blob.member:
            inner = blob._replace(path=blob.member, member="")
            return (found.at(blob.path) for found in self.examine(inner, unread=unread))
        if blob.binary:
            from secopskit.detect.keystore import KeystoreDetector  # few files are any

            return occurrences(blob, KeystoreDetector().detect(blob), self.ruleset)
        pattern = self.pattern  # before the first scan, which may wait for the engine: it imports much
        hits = self.ruleset.prefilter.scan(blob.data) if hits is None else hits
        matches = list(pattern.confirm(blob, hits))
        if blob.part:
            own = [one for one in matches if blob.part.start <= one.span.start < blob.part.end]
            return occurrences(blob, own, self.ruleset)
        bounds.forget()
        first = self.ruleset.anchors.hint
        signs = [(number, end) for number, end in hits if number >= first]
        kinds = self.ruleset.anchors.signs(number for number, _ in signs)
        for detector in rows_for_path(blob.path):
            if (detector.sign_kinds & kinds or detector.by_name) and detector.wants(blob.path):
                parsed = self._parsed(detector, blob, signs)
                matches += parsed if detector.is_format else self._untold(parsed, matches)
                if unread is not None and detector.is_format and len(blob.data) > detector.largest:
                    unread.add(SkipReason.IN_PARTS)
        if unread is not None and bounds.stopped():
            unread.add(SkipReason.TOO_COMPLEX)
        for plugin in self.plugins:
            if plugin.wants(blob.path):
                matches += plugin.detect(blob)
        return occurrences(blob, matches, self.ruleset)

    def look_into(self, blob: Blob, hits: list[Hit] | None = None) -> tuple[list[Occurrence], list[Skipped]]:
        """All occurrences in `blob`, or in the members of an archive; and what was passed over in it.

        `hits` are the prefilter's in a text, if they are known.
        """
        unread = set[SkipReason]()
        if not blob.binary:
            return list(self.examine(blob, hits, unread)), _told(blob, unread)
        from secopskit.sources.binaries import archive_bounds, contents

        found, skipped = list[Occurrence](), list[Skipped]()
        for item in contents(blob, archive_bounds(self._archives)):
            if isinstance(item, Skipped):
                skipped.append(item)
            else:
                unread.clear()
                found += self.examine(item, unread=unread)
                skipped += _told(item, unread)
        return found, skipped

    def _untold(self, found: list[Match], known: list[Match]) -> list[Match]:
        """Those of `found` whose values no detector of the file's own format tells, which knows more."""
        if not found:
            return found
        told = {one.span for one in known if self.ruleset.by_id(one.rule_id).kind is RuleKind.STRUCTURE}
        return [one for one in found if one.span not in told]

    def _parsed(self, detector: FormatDetector, blob: Blob, signs: list[Hit]) -> list[Match]:
        """What `detector` finds; in scripts, and in texts of no format of its own, near its signs alone.

        A shell script is one whatever its name.
        """
        detector = row_for(detector, blob.data)
        if not detector.is_format:
            return self._read_in_parts(detector, blob, signs)
        if not self.ruleset.prefilter.exhaustive or present():
            return list(detector.detect(blob))
        if not detector.by_line:
            return list(detector.detect(blob, self._ends(detector, signs)))
        if detector.in_parts:
            return self._read_in_parts(detector, blob, signs) if len(blob.data) <= MAX_SIZE else []
        lines = around(blob.data, self._ends(detector, signs))
        return self._unless_clean(detector, blob.path, lines, partial(detector.detect, blob))

    def _unless_clean(
        self, detector: FormatDetector, path: str, lines: bytes, find: Callable[[], Iterator[Match]]
    ) -> list[Match]:
        """All that `find` tells, which is not asked if another version had nothing in the same `lines`."""
        key = detector.name + plain_digest(path.encode("utf-8", "surrogateescape") + lines, 16)
        if key in self._clean and not present():
            return []
        matches = list(find())
        if not matches and not bounds.stopped() and len(self._clean) < _MAX_CLEAN:
            self._clean.add(key)
        return matches

    def _ends(self, detector: FormatDetector, signs: list[Hit]) -> list[int]:
        """Where the signs that `detector` goes by end, ascending."""
        kinds, first = detector.sign_kinds, self.ruleset.anchors.hint
        return [end for number, end in signs if kinds >> (number - first) & 1]

    def _read_in_parts(self, detector: FormatDetector, blob: Blob, signs: list[Hit]) -> list[Match]:
        """What `detector` finds near its signs; a part that all versions of a file share is read once."""
        exhaustive, first = self.ruleset.prefilter.exhaustive, self.ruleset.anchors.hint
        ends = self._ends(detector, signs) if exhaustive else list(detector.sign_ends(blob.data))
        far = not exhaustive or any(detector.far_kinds >> (number - first) & 1 for number, _ in signs)
        parts: Iterable[Span] = near(blob.data, ends)
        if detector.in_parts:
            parts = stretched(list(parts), detector.wholes(blob.data, far=far))
        found = list[Match]()
        for start, end in without_encoded(blob.data, parts):
            lines = blob.data[start:end]
            find = partial(_shifted, detector, blob, lines, start)
            found += self._unless_clean(detector, blob.path, lines, find)
        return found

    def settle(self, blob: Blob, matches: Iterable[Match]) -> Iterator[Occurrence]:
        """The occurrences that `matches` in `blob` come down to."""
        return occurrences(blob, matches, self.ruleset)


def _told(blob: Blob, unread: Set[SkipReason]) -> list[Skipped]:
    """What is said of a file that was only searched, or not parsed to its end."""
    return [Skipped(path=blob.path, reason=reason) for reason in SkipReason if reason in unread][:1]


def _plugins(names: tuple[str, ...]) -> tuple[Detector, ...]:
    if not names:
        return ()
    from secopskit.detect.yelp.detector import YelpDetector  # slow to import, and seldom wanted

    return (YelpDetector(names),)


def _shifted(detector: FormatDetector, blob: Blob, lines: bytes, offset: int) -> Iterator[Match]:
    """The matches in `lines`, a part of a blob that begins at `offset`, as they stand in the blob."""

    def shift(span: Span) -> Span:
        return Span(span.start + offset, span.end + offset)

    with placed(shift):
        for match in detector.detect(blob._replace(data=lines)):
            yield match._replace(span=shift(match.span))
