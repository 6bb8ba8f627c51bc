"""Our baseline: a committed JSON file of findings that the team has looked at and accepted.

An entry names a rule, a path and a slow, salted digest of the secret, so the file confirms no
guess of a weak password at any useful rate, and a *changed* password in a baselined file is
a new finding. The date is always handed in.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

from secopskit.errors import ConfigError
from secopskit.formats.archives.member_paths import outer_paths
from secopskit.known.baseline_format import VERSION, BaselineEntry, dump_document, parse_document
from secopskit.named_tuple import NamedTuple
from secopskit.redaction import NameRedaction
from secopskit.secret import REDACTED
from secopskit.state.private import replace_file
from secopskit.state.smallfiles import StrPath, read_small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from secopskit.findings import Finding, Location
    from secopskit.secret import SecretValue

__all__ = ["VERSION", "Baseline", "BaselineEntry", "new_salt"]

MAX_BYTES: Final = 16 * 1024 * 1024
SALT_BYTES: Final = 16
# A digest costs tens of milliseconds. A repository that hides thousands of different secrets
# where its baseline makes us look must not make us look for hours.
_FREE_DIGESTS: Final = 2_000
_DIGESTS_PER_ENTRY: Final = 4


def new_salt() -> bytes:
    """A fresh salt: one per baseline file, kept for the life of the file."""
    return os.urandom(SALT_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The accepted findings of a repository, ordered by path, rule and digest."""

    salt: bytes
    entries: tuple[BaselineEntry, ...] = ()
    _places: Mapping[tuple[str, str], list[BaselineEntry]] = field(init=False, repr=False, compare=False)
    _masked: Mapping[str, list[BaselineEntry]] = field(init=False, repr=False, compare=False)
    _digests: dict[SecretValue, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        ordered = tuple(
            sorted({entry.key: entry for entry in self.entries}.values(), key=lambda entry: entry.order)
        )
        places: dict[tuple[str, str], list[BaselineEntry]] = defaultdict(list)
        masked: dict[str, list[BaselineEntry]] = defaultdict(list)
        for entry in ordered:
            places[entry.rule_id, entry.path].append(entry)
            if REDACTED in entry.path:
                masked[entry.rule_id].append(entry)
        object.__setattr__(self, "_masked", masked)
        object.__setattr__(self, "entries", ordered)
        object.__setattr__(self, "_places", places)

    @classmethod
    def load(cls, path: StrPath, *, within: StrPath | None = None) -> Self:
        """The baseline at `path`. Raises ConfigError for anything that is not one."""
        return cls.parse(read_small(path, limit=MAX_BYTES, within=within), source=str(path))

    @classmethod
    def parse(cls, data: bytes, *, source: str = "baseline") -> Self:
        """The baseline that `data` spells. Raises ConfigError, naming `source` and the entry."""
        salt, entries = parse_document(data, source)
        return cls(salt=salt, entries=entries)

    def dump(self) -> bytes:
        """The file's content: the same baseline gives the same bytes."""
        return dump_document(self.salt, self.entries)

    def save(self, path: StrPath) -> None:
        """Write the file, whole or not at all."""
        data = self.dump()
        if len(data) > MAX_BYTES:
            raise ConfigError(
                f"{path}: would be larger than {MAX_BYTES} bytes", advice="Exclude paths or disable rules."
            )
        replace_file(path, data)

    def covers(self, finding: Finding, location: Location, today: date) -> BaselineEntry | None:
        """The entry that accepts `finding` at `location`, unless it has expired.

        A finding without a secret is accepted by rule and path. A digest is computed only
        where rule and path are in the baseline, and once per secret.
        """
        paths = (location.path, *outer_paths(location.path))
        named = [entry for path in paths for entry in self._places.get((finding.rule_id, path), ())]
        masked = (one for one in self._masked.get(finding.rule_id, ()) if _spells(one.path, location.path))
        candidates = [
            entry
            for entry in (*named, *masked)
            if not entry.expired(today) and (entry.digest is None) == (finding.secret is None)
        ]
        if not candidates or finding.secret is None:
            return candidates[0] if candidates else None
        digest = self._digest(finding.secret)
        return next((entry for entry in candidates if entry.digest == digest), None)

    def update(
        self,
        findings: Iterable[Finding],
        *,
        today: date,
        owner: str = "",
        reason: str = "",
        in_scope: Callable[[str], bool] = lambda _: True,
        names: NameRedaction | None = None,
    ) -> Baseline:
        """A baseline of exactly `findings`.

        A value in a path is `***` in its entry: `names` take them out, by default those of `findings`.

        Entries found again keep their reason, owner, expiry and date; the others are dropped,
        except those whose path was not looked at (`in_scope` says no). New ones get `owner`
        and `reason`.
        """
        known = {entry.key: entry for entry in self.entries}
        entries = [entry for entry in self.entries if not in_scope(entry.path)]
        for entry, path in self._found(tuple(findings), names, today, owner, reason):
            old = known.get(entry.key) or known.get((entry.rule_id, path, entry.digest))
            entries.append(replace(old, line=entry.line, path=entry.path) if old else entry)
        return Baseline(salt=self.salt, entries=tuple(entries))

    def labelled(
        self, before: Baseline, *, reason: str = "", owner: str = "", expires: date | None = None
    ) -> Baseline:
        """This baseline with what is given put on the entries that `before` does not have."""
        known = {entry.key for entry in before.entries}
        given: dict[str, Any] = {"reason": reason, "owner": owner, "expires": expires}
        changes = {name: value for name, value in given.items() if value}
        entries = (e if e.key in known else replace(e, **changes) for e in self.entries)
        return replace(self, entries=tuple(entries))

    def _found(
        self, findings: Sequence[Finding], names: NameRedaction | None, today: date, owner: str, reason: str
    ) -> list[tuple[BaselineEntry, str]]:
        """An entry for every rule, path and secret in `findings`, at the first of its lines; and the path."""
        found: list[tuple[BaselineEntry, str]] = []
        names = names or NameRedaction.of(findings)
        for finding in findings:
            digest = finding.secret.slow_digest(self.salt) if finding.secret is not None else None
            lines: dict[str, list[int]] = defaultdict(list)
            for location in finding.locations:
                lines[location.path].append(location.line)
            found.extend(
                (
                    BaselineEntry(
                        rule_id=finding.rule_id,
                        path=names(path),
                        digest=digest,
                        line=min(numbers),
                        reason=names(reason),
                        owner=owner,
                        added=today,
                    ),
                    path,
                )
                for path, numbers in lines.items()
            )
        return found

    def _digest(self, secret: SecretValue) -> str | None:
        """The digest of `secret`, or None when more were asked for than this baseline can explain."""
        if (known := self._digests.get(secret)) is not None:
            return known
        if len(self._digests) >= _FREE_DIGESTS + _DIGESTS_PER_ENTRY * len(self.entries):
            return None
        return self._digests.setdefault(secret, secret.slow_digest(self.salt))


class BaselineOn(NamedTuple):
    """A baseline on the day `today`, as the sieve asks for it."""

    baseline: Baseline
    today: date

    def covers(self, finding: Finding, location: Location) -> str | None:
        """The reason of the entry that accepts `finding` at `location`, or None."""
        entry = self.baseline.covers(finding, location, self.today)
        return entry.reason if entry else None


def create(
    findings: Iterable[Finding],
    *,
    today: date,
    salt: bytes | None = None,
    owner: str = "",
    reason: str = "",
    names: NameRedaction | None = None,
) -> Baseline:
    """A new baseline that accepts `findings`, with a fresh salt unless one is given; see `update`."""
    empty = Baseline(salt=new_salt() if salt is None else salt)
    return empty.update(findings, today=today, owner=owner, reason=reason, names=names)


def _spells(masked: str, path: str) -> bool:
    """Whether `path` is a masked one with a text of its own for each `***`, which crosses no directory."""
    parts, segments = masked.split("/"), path.split("/")
    return len(parts) == len(segments) and all(map(_spells_segment, parts, segments))


def _spells_segment(masked: str, segment: str) -> bool:
    first, *rest = masked.split(REDACTED)
    if not rest:
        return masked == segment
    *middle, last = rest
    if not (segment.startswith(first) and segment.endswith(last)):
        return False
    at, end = len(first), len(segment) - len(last)
    for text in middle:
        at = segment.find(text, at + 1, end)
        if at < 0:
            return False
        at += len(text)
    return at < end
