"""The nouns of a scan: what is read, what is found in it, and what was passed over.

Data flows one way: source -> Blob -> detector -> Match -> sieve -> Finding -> report.
"""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.secret import Fingerprint, SecretValue


class Severity(IntEnum):
    """How bad it is if the finding is true."""

    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def label(self) -> str:
        """The name as reports and configuration spell it."""
        return self.name.lower()


class Confidence(IntEnum):
    """How likely it is that the finding is true."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """The name as reports and configuration spell it."""
        return self.name.lower()


class PathRole(Enum):
    """What a file is for, as far as its path tells. The value is what reports print."""

    SOURCE = "source"
    """Code, configuration, and whatever else says nothing of itself: it may be deployed."""
    TEST = "test"
    DOCUMENT = "documentation"
    EXAMPLE = "example"
    VENDORED = "vendored"


class SkipReason(Enum):
    """Why something was not scanned. The value is what reports print."""

    BINARY = "binary content"
    TOO_LARGE = "larger than the size limit"
    UNREADABLE = "cannot be read"
    NOT_REGULAR = "not a regular file"
    SYMLINK_ESCAPE = "symbolic link out of the tree"
    SUBMODULE = "submodule (scan it by its own path)"
    MISSING_OBJECT = "object missing from this clone"
    TOO_COMPLEX = "too deep or too complex to parse"
    EXCLUDED = "excluded by configuration"
    IN_PARTS = "too large to be parsed: only searched"
    ARCHIVE = "archive not opened, or not to its end"


# What `Skipped.detail` says of a link that is no regular file.
SYMBOLIC_LINK: Final = "symbolic link"
_DECIDED_ON: Final = (SkipReason.EXCLUDED, SkipReason.SYMLINK_ESCAPE)


class Skipped(NamedTuple):
    """Something that was not scanned; a value that reports count, never a log line.

    `asked`: somebody named this very file, and not a directory or a repository that it lies in. `fresh` is as
    in `Suppressed`.
    """

    path: str
    reason: SkipReason
    detail: str = ""
    asked: bool = False
    fresh: bool = False

    @property
    def heeded(self) -> bool:
        """Whether it is part of the content that was asked for, and nobody has looked at it.

        Not so paths that settings exclude, which somebody has decided on, and symbolic links, whose
        targets are read where they are themselves. Binary content counts: only who has looked at it can
        say that it holds nothing.
        """
        link = self.reason is SkipReason.NOT_REGULAR and self.detail == SYMBOLIC_LINK
        return self.reason not in _DECIDED_ON and not link


class BlobPart(NamedTuple):
    """What part of a text a blob holds that is too large for one.

    It begins at `line` and `column` of the text (1-based). Only what begins in `[start, end)` of the blob
    is its own; all else is context, and stands in other parts.
    """

    line: int
    column: int
    start: int
    end: int


class Blob(NamedTuple):
    """One piece of content to be judged.

    `path` is the name inside the scanned tree with `/` separators, undecodable bytes as
    surrogate escapes (`os.fsdecode`); empty where the content has no name (an unreachable
    object). `oid` is git's object id where there is one. `part`: it holds a part of a text.
    `binary`: it is no text but an archive or a keystore, as only those sources yield that were asked for
    such. `member`: it comes out of an archive, where this is its own name; the path is `archive!member`.
    """

    path: str
    data: bytes
    oid: str | None = None
    part: BlobPart | None = None
    binary: bool = False
    member: str = ""


class Span(NamedTuple):
    """Half-open byte offsets `[start, end)` into `Blob.data`."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one byte."""
        return self.start < other.end and other.start < self.end


class Match(NamedTuple):
    """What a detector says: this rule, here.

    `span` is where the secret stands in the blob as stored (for a decoded secret: its
    encoded form). `secret` is the value itself, or None for a finding about a place rather
    than a value. `severity` and `confidence` override those of the rule. `note` is one short
    phrase for the reader, free of values ("decoded from base64", "key POSTGRES_PASSWORD").
    """

    rule_id: str
    span: Span
    secret: SecretValue | None
    severity: Severity | None = None
    confidence: Confidence | None = None
    note: str = ""


class Provenance(NamedTuple):
    """Where in history a location stands. Dates are ISO 8601 with offset.

    `commit` introduced the content and equals `first_commit`; `last_commit` is the last that
    still held it. `refs` reach `first_commit`. `present` tells whether a ref's tip still
    holds it. All empty for an object that no commit reaches.
    """

    commit: str = ""
    first_commit: str = ""
    last_commit: str = ""
    author: str = ""
    date: str = ""
    last_date: str = ""
    refs: tuple[str, ...] = ()
    present: bool = False


class Location(NamedTuple):
    """One place where a finding stands. Lines and columns are 1-based; columns count bytes.

    `place` is a digest of rule, path and the key before the secret, never of the secret:
    it is the same in every clone, so code scanning can de-duplicate by it. `role` is what the
    file is for.
    """

    path: str
    line: int
    end_line: int
    column: int
    end_column: int
    oid: str | None = None
    place: str = ""
    provenance: Provenance | None = None
    role: PathRole = PathRole.SOURCE


class VerificationState(Enum):
    """What the issuer of a secret says of it. The value is the word for it in machine formats."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    UNASKED = "unasked"
    """There is nobody to ask for secrets of that kind."""


class FindingVerification(NamedTuple):
    """What a live check has learnt. Texts of the issuer, fit to be shown; never the value.

    `account` is whose the secret is and `scopes` what it may do, where the issuer says so. `detail` says how
    it is known, or why it is not. `checked_at` is an ISO 8601 time, empty where nobody was asked.
    """

    state: VerificationState
    detail: str = ""
    account: str = ""
    scopes: tuple[str, ...] = ()
    checked_at: str = ""


class Finding(NamedTuple):
    """One secret under one rule, with every place where it stands.

    `severity` is that of its worst place: see `PathRole`. `live_format` tells that its issuer can check it.
    `verification` is what its issuer says, None where no live check was asked for.
    """

    id: str
    rule_id: str
    title: str
    severity: Severity
    confidence: Confidence
    fingerprint: Fingerprint
    preview: str
    locations: tuple[Location, ...]
    note: str = ""
    remediation: str = ""
    references: tuple[str, ...] = ()
    secret: SecretValue | None = None
    verification: FindingVerification | None = None
    live_format: bool = False


class SuppressedBy(Enum):
    """What kept a finding out of the report."""

    BASELINE = "baseline"
    INLINE = "inline comment"
    IGNORE_FILE = "ignore file"
    PATH = "path rule"
    RULE = "disabled rule"
    SEVERITY = "below the minimum severity"
    PRESENCE = "not asked for (--only)"
    TESTS = "in tests"
    MOVED = "stood there before"


class Suppressed(NamedTuple):
    """A finding kept out of the report, with who said so and why.

    `fresh` where the file that said so is itself changed by what was scanned: a change that is
    its own judge.
    """

    finding: Finding
    by: SuppressedBy
    reason: str = ""
    fresh: bool = False


class ScanStats(NamedTuple):
    """What was read. `seconds` is wall time; `bytes` counts content, not its compressed form."""

    blobs: int = 0
    bytes: int = 0
    seconds: float = 0.0
    cached_objects: int = 0
    rules: int = 0
    engine: str = ""


class ScanResult(NamedTuple):
    """All that a scan has to tell. Findings are ordered: see `secopskit.report.facts.order`.

    `target` names what was scanned in words ("history of /srv/app"). `limits` are sentences
    about what could not be seen at all (a shallow clone, a missing submodule).
    """

    target: str
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    limits: tuple[str, ...] = ()
    stats: ScanStats = ScanStats()
