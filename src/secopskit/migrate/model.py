"""The nouns of a migration: files, what a database remembers of them, and what is to be done.

files + ledger -> plan (pure) -> consent -> apply (journalled in the ledger) -> verify.
Times are timezone-aware, durations whole milliseconds, checksums SHA-256 in hexadecimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Direction(Enum):
    """Whether a file is applied or undone."""

    UP = "up"
    DOWN = "down"


class VersionState(Enum):
    """What the ledger says of a version."""

    APPLIED = "applied"
    RUNNING = "running"  # a non-transactional file, half-way
    FAILED = "failed"  # a non-transactional file that stopped at a statement
    BASELINE = "baseline"  # adopted: was there before secops


@dataclass(frozen=True, slots=True, kw_only=True)
class Directives:
    """What the header of a file (`-- secops: …`) asks for; None leaves it to the settings."""

    transaction: bool = True
    lock_timeout_ms: int | None = None
    statement_timeout_ms: int | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    r"""One SQL statement of a file. `line` is 1-based; offsets are characters of the file's text.

    `copy_data` holds the lines that follow a `COPY … FROM stdin`, without the closing `\.`.
    """

    text: str
    line: int
    start: int
    end: int
    copy_data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One SQL file. `text` is normalised (no BOM, LF line ends), and `checksum` is over it.

    `fault` says why it cannot be run; there are no statements then. `wrapper` holds the lines of its
    own BEGIN and COMMIT, which are none of the statements.
    """

    path: str
    text: str
    checksum: str
    directives: Directives
    statements: tuple[Statement, ...]
    fault: str = ""
    wrapper: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One version: the file that applies it, and the reviewed one that undoes it, if any."""

    version: str
    name: str
    up: Script
    down: Script | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One row of `secops.schema_migrations`."""

    version: str
    name: str
    checksum: str | None
    state: VersionState
    statements_done: int
    statements_total: int
    applied_at: datetime | None
    duration_ms: int | None
    run_id: str = ""


class ProblemKind(Enum):
    """What can be wrong between the files and the ledger."""

    EDITED = "edited after it was applied"
    MISSING = "applied, but its file is gone"
    RENAMED = "applied, and its file has another version by now"
    OUT_OF_ORDER = "older than the newest applied version"
    DUPLICATE = "two files with one version"
    GAP = "a number is missing in the sequence"
    REQUIRES = "requires a version that is not there"
    HALF_DONE = "stopped half-way"
    NAME = "file name not understood"
    FILE = "file cannot be applied"
    NO_WAY_BACK = "there is no reviewed file that undoes it"
    OTHER_ORDER = "runs in another order than by file name, as Supabase's CLI has it"
    WRAPPED = "has a BEGIN and COMMIT of its own, which are left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProblem:
    """One thing that keeps a plan from being carried out, with what to do about it."""

    kind: ProblemKind
    version: str
    message: str
    advice: str
    blocking: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationStep:
    """One file to run. `resume_at` is the number of statements done already (non-transactional)."""

    migration: Migration
    direction: Direction = Direction.UP
    resume_at: int = 0

    @property
    def script(self) -> Script:
        """The file that runs."""
        script = self.migration.up if self.direction is Direction.UP else self.migration.down
        if script is None:
            raise ValueError("a step downwards needs a down file")
        return script


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which database this is. `id`, `environment` are pinned by `init`, the rest is PostgreSQL's own."""

    id: str
    environment: str
    database: str
    system_identifier: str
    database_oid: int
    server_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """What will be done to which database. `hash` names exactly this: files, order and target.

    `applied` is the number of versions that are applied before it.
    """

    steps: tuple[MigrationStep, ...]
    problems: tuple[PlanProblem, ...]
    applied: int
    hash: str
    direction: Direction = Direction.UP

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do, and nothing that keeps it from being done."""
        return not self.steps and not self.blocked

    @property
    def blocked(self) -> Sequence[PlanProblem]:
        """The problems that must be solved first."""
        return [problem for problem in self.problems if problem.blocking]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockTaken:
    """A lock that a statement took on a relation: `mode` as pg_locks spells it, `size` in bytes.

    `kind` is table, index, view, materialized view, foreign table or sequence. `existed`: whether the
    relation was there before anything of the plan ran, with others using it.
    """

    relation: str
    mode: str
    existed: bool
    size: int | None = None
    kind: str = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """What a statement did when it was tried: `rewrites` names tables and indexes written anew.

    `text` is shortened and holds no literal. `scans` names tables that were read from end to end,
    `drops` relations and columns that were there before, `required` new columns that must have a
    value and get none, `renames` what has another name now. Tried on empty tables, `duration_ms`
    says nothing about how long it takes on full ones.
    """

    line: int
    text: str
    duration_ms: float
    locks: tuple[LockTaken, ...] = ()
    rewrites: tuple[str, ...] = ()
    rows: int | None = None
    scans: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    renames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """Something that will hurt: `rule` is a stable name, `relation` and `size` (bytes) where known."""

    rule: str
    version: str
    line: int
    message: str
    advice: str = ""
    relation: str = ""
    size: int | None = None


def count_files(count: int) -> str:
    """A number of files in words."""
    return "1 file" if count == 1 else f"{count} files"
