"""Reads detect-secrets' `.secrets.baseline`, as data: what the team has accepted, and which plugins it uses.

Nothing it names is imported or run: not a plugin's `path`, not a filter, not a regular
expression. Its digests are unsalted SHA-1, which anyone can guess against; `migrate` moves
what still holds to our own format.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

from secopskit.errors import ConfigError
from secopskit.known.baseline import Baseline, BaselineEntry, new_salt
from secopskit.named_tuple import NamedTuple
from secopskit.redaction import NameRedaction
from secopskit.state.smallfiles import StrPath, read_small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from secopskit.findings import Finding, Location

FILE_NAME: Final = ".secrets.baseline"
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_ENTRIES: Final = 100_000
_SHA1: Final = re.compile(r"[0-9a-f]{40}")
_CLASS_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_TYPE: Final = re.compile(r"[\w .()/-]{1,100}")
_LINE_LIMIT: Final = 2**53
_AUDITED: Final = {True: "audited as a real secret", False: "audited as a false positive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class YelpEntry:
    """One accepted value. `line` is 0 where the file was written without line numbers."""

    type: str
    path: str
    sha1: str
    line: int = 0
    is_secret: bool | None = None

    @property
    def reason(self) -> str:
        """What the file tells about why the value was accepted."""
        audited = "not audited" if self.is_secret is None else _AUDITED[self.is_secret]
        return f"from {FILE_NAME}: {self.type}, {audited}"


@dataclass(frozen=True, slots=True, kw_only=True)
class YelpMigration:
    """What became of the entries: a baseline of ours, and those that no finding stands for."""

    baseline: Baseline
    unmatched: tuple[YelpEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YelpBaseline:
    """The accepted values of a `.secrets.baseline`, and the plugins that it switches on.

    `foreign` names plugins that come from a file of the repository's own: they are not run.
    """

    entries: tuple[YelpEntry, ...] = ()
    plugins: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    _values: Mapping[str, dict[str, dict[str, YelpEntry]]] = field(init=False, repr=False, compare=False)
    _lines: Mapping[tuple[str, int], YelpEntry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values: dict[str, dict[str, dict[str, YelpEntry]]] = {}
        for entry in self.entries:
            values.setdefault(entry.path, {}).setdefault(entry.type, {})[entry.sha1] = entry
        lines = {(entry.path, entry.line): entry for entry in self.entries if entry.sha1 in _NO_VALUES}
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_lines", lines)

    @classmethod
    def load(cls, path: StrPath, *, within: StrPath | None = None) -> Self:
        """The baseline at `path`. Raises ConfigError for anything that is not one."""
        return cls.parse(read_small(path, limit=MAX_BYTES, within=within), source=str(path))

    @classmethod
    def parse(cls, data: bytes, *, source: str = FILE_NAME) -> Self:
        """The baseline that `data` spells. Raises ConfigError, naming `source`."""
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            _wrong(source, "is not JSON")
        if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
            _wrong(source, "must hold a mapping `results`")
        own, foreign = _plugins(document.get("plugins_used", []))
        return cls(entries=_entries(document["results"], source), plugins=own, foreign=foreign)

    def covers(self, finding: Finding, location: Location) -> YelpEntry | None:
        """The entry that accepts `finding` at `location`: same file, same value, whatever the rule.

        Entries for a private key's header, or for the bare prefix of a token (a known fault of
        detect-secrets), do not identify a value, so they accept nothing here; see `migrate`.
        """
        types = self._values.get(location.path)
        if not types or finding.secret is None:
            return None
        value = finding.secret.reveal()  # hashed here and now, and compared with what is committed already
        hits = (by_hash.get(sha1) for kind, by_hash in types.items() for sha1 in _hashes(value, kind))
        return next(filter(None, hits), None)

    def migrate(
        self, findings: Iterable[Finding], *, today: date, salt: bytes | None = None
    ) -> YelpMigration:
        """Our baseline for those of `findings` that this one accepts, with a fresh salt unless given one.

        Here, where a person looks at the outcome, an entry that identifies no value also
        stands for a finding on its very line.
        """
        empty = Baseline(salt=new_salt() if salt is None else salt)
        used: set[YelpEntry] = set()
        accepted: list[BaselineEntry] = []
        findings = tuple(findings)
        names = NameRedaction.of(findings)
        for finding in findings:
            by_reason: dict[str, list[Location]] = defaultdict(list)
            for location in finding.locations:
                if entry := self.covers(finding, location) or self._lines.get((location.path, location.line)):
                    used.add(entry)
                    by_reason[entry.reason].append(location)
            for reason, locations in by_reason.items():
                part = finding._replace(locations=tuple(locations))
                accepted.extend(empty.update([part], today=today, reason=reason, names=names).entries)
        unmatched = tuple(entry for entry in self.entries if entry not in used)
        return YelpMigration(baseline=replace(empty, entries=tuple(accepted)), unmatched=unmatched)


class YelpAcceptance(NamedTuple):
    """A `.secrets.baseline`, as the sieve asks for it."""

    baseline: YelpBaseline

    def covers(self, finding: Finding, location: Location) -> str | None:
        """The reason of the entry that accepts `finding` at `location`, or None."""
        entry = self.baseline.covers(finding, location)
        return entry.reason if entry else None


# --- what detect-secrets hashes -----------------------------------------------------------------

_QUOTES: Final = [
    (lead, trail) for lead in (b"", b" ", b"\t", b"=", b":", b'"') for trail in (b"", b" ", b"\t", b'"')
]
# Where its value is not the secret itself but a part of it, or more than it.
_OTHER_SPELLINGS: Final[dict[str, Callable[[bytes], list[bytes]]]] = {
    "Azure Storage Account access key": lambda value: [b"AccountKey=" + value],
    "Artifactory Credentials": lambda value: [lead + value + trail for lead, trail in _QUOTES],
    "JSON Web Token": lambda value: [b".".join(value.split(b".")[:2]) + end for end in (b"", b".")],
    "Stripe Access Key": lambda value: [value[:32]],
}


def _sha1(value: bytes) -> str:
    return hashlib.sha1(value, usedforsecurity=False).hexdigest()


# Hashes of values that stand for no secret: see `covers`.
_NO_VALUES: Final = frozenset(
    _sha1(text.encode())
    for text in (
        *(f"BEGIN {kind}PRIVATE KEY" for kind in ("", "RSA ", "DSA ", "EC ", "OPENSSH ", "SSH2 ENCRYPTED ")),
        "BEGIN PGP PRIVATE KEY BLOCK",
        "PuTTY-User-Key-File-2",
        *("ghp", "gho", "ghu", "ghs", "ghr", "glpat", "gldt", "glft", "glsoat", "glrt", ""),
    )
)


def _hashes(value: bytes, kind: str) -> list[str]:
    """The hashes that detect-secrets could have given `value` in an entry of type `kind`."""
    others = _OTHER_SPELLINGS[kind](value) if kind in _OTHER_SPELLINGS else []
    return [sha1 for sha1 in map(_sha1, (value, *others)) if sha1 not in _NO_VALUES]


# --- reading ----------------------------------------------------------------------------------


def _entries(results: dict[str, Any], source: str) -> tuple[YelpEntry, ...]:
    entries: list[YelpEntry] = []
    for path, found in results.items():
        if not isinstance(found, list) or len(entries) + len(found) > MAX_ENTRIES:
            _wrong(source, f"`results` must map files to lists, with at most {MAX_ENTRIES} entries")
        entries.extend(
            _entry(item, path, f"{source}: entry {number}")
            for number, item in enumerate(found, len(entries) + 1)
        )
    return tuple(entries)


def _entry(item: object, path: str, source: str) -> YelpEntry:
    if not isinstance(item, dict):
        _wrong(source, "must be a mapping")
    sha1, kind, line = item.get("hashed_secret"), item.get("type"), item.get("line_number", 0)
    if not isinstance(sha1, str) or not _SHA1.fullmatch(sha1):
        _wrong(source, "`hashed_secret` must be 40 hexadecimal digits")
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        _wrong(source, "`type` must be a short text")
    if not isinstance(line, int) or not 0 <= line < _LINE_LIMIT:
        _wrong(source, "`line_number` must be a line number")
    audited = item.get("is_secret")
    return YelpEntry(
        type=kind,
        # It writes names as the system did on which it ran.
        path=path.replace("\\", "/").removeprefix("./"),
        sha1=sha1,
        line=line,
        is_secret=audited if isinstance(audited, bool) else None,
    )


def _plugins(used: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the library's own plugins and of foreign ones."""
    own: list[str] = []
    foreign: list[str] = []
    for plugin in used if isinstance(used, list) else []:
        name = plugin.get("name") if isinstance(plugin, dict) else None
        if isinstance(name, str) and _CLASS_NAME.fullmatch(name):
            (foreign if "path" in plugin else own).append(name)
    return tuple(dict.fromkeys(own)), tuple(dict.fromkeys(foreign))


def _wrong(source: str, problem: str) -> NoReturn:
    raise ConfigError(f"{source}: {problem}", advice="Make it anew with `detect-secrets scan`, or remove it.")
