"""What will hurt: the judgement on what statements were seen to do, and to which tables.

Tables that the plan itself makes are in nobody's way. What is known to be small is no hazard
either: it is read or written anew in a moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from secopskit.migrate.look.hazard_advice import advice_for
from secopskit.migrate.look.trace import blocks
from secopskit.migrate.model import Hazard, LockTaken, StatementReport

NEGLIGIBLE: Final = 8 * 1024 * 1024  # bytes that are read or written in a fraction of a second
LARGE: Final = 100 * 1024 * 1024
_READ: Final = "AccessShareLock"
_WRITE: Final = "RowExclusiveLock"
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
_CREATE_INDEX: Final = re.compile(r"create\s+(?:unique\s+)?index\b", re.IGNORECASE)
_UNBOUNDED: Final = re.compile(r"(?:update|delete)\b(?!.*\bwhere\b)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedRelation:
    """A new relation that everybody can read who reaches the API: `view` or `table`."""

    relation: str
    kind: str


def find_hazards(
    version: str, reports: Sequence[StatementReport], *, transaction: bool = True
) -> tuple[Hazard, ...]:
    """What the statements of one file would do to a database in use."""
    found: list[Hazard] = []
    held: dict[str, int] = {}
    for report in reports:
        make = _Maker(version, report)
        found += make.long_work()
        found += make.losses()
        if transaction:
            found += make.held(held)
            for lock in _in_the_way(report.locks):
                held.setdefault(lock.relation, report.line)
    return tuple(found)


def exposed(exposure: ExposedRelation, files: Sequence[tuple[str, Sequence[StatementReport]]]) -> Hazard:
    """The hazard of `exposure`, at the statement that made it; `files` are (version, reports) in order."""
    version, line = next(
        (
            (version, report.line)
            for version, reports in files
            for report in reports
            if any(_creates(lock, exposure) for lock in report.locks)
        ),
        (files[-1][0], 1),  # it has got another name since
    )
    name = exposure.relation
    if exposure.kind == "table":
        rule, message = "rls-missing", f"new table {name} has no row-level security"
        advice = (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, and add policies: without them everyone "
            "with the project's public key reads and writes it."
        )
    else:
        rule, message = "view-bypasses-rls", f"view {name} reads with its owner's rights"
        advice = f"ALTER VIEW {name} SET (security_invoker = true)."
    return Hazard(rule=rule, version=version, line=line, message=message, advice=advice, relation=name)


def size_text(size: int | None) -> str:
    """Bytes for people: ` (12 GB)`, with its space; nothing where the size is not known."""
    if size is None:
        return ""
    number, unit = float(size), 0
    while number >= 1024 and unit < len(_UNITS) - 1:
        number, unit = number / 1024, unit + 1
    return (
        f" ({number:.0f} {_UNITS[unit]})" if number >= 10 or unit == 0 else f" ({number:.1f} {_UNITS[unit]})"
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Hazards of one statement."""

    version: str
    report: StatementReport

    def long_work(self) -> Iterator[Hazard]:
        """Work that grows with the table, under a lock; and locks on large tables."""
        for lock in _in_the_way(self.report.locks):
            if lock.size is not None and lock.size < NEGLIGIBLE:
                continue
            who = "reads or writes" if blocks(lock.mode, _READ) else "writes"
            under = f"under {lock.mode}: nobody {who} it meanwhile"
            if lock.relation in self.report.rewrites:
                yield self._hazard("rewrite", lock, f"rewrites {_named(lock)} {under}")
            elif lock.relation in self.report.scans and not self.report.required:
                rule = "index-not-concurrent" if _CREATE_INDEX.match(self.report.text) else "scan-under-lock"
                yield self._hazard(rule, lock, f"reads all of {_named(lock)} {under}")
            elif lock.size is not None and lock.size >= LARGE and blocks(lock.mode, _READ):
                yield self._hazard(
                    "exclusive-lock",
                    lock,
                    f"takes {lock.mode} on {_named(lock)}: while it waits, everybody waits behind it",
                    "Keep lock_timeout short, and run it at a quiet time.",
                )
        yield from self._whole_table()

    def _whole_table(self) -> Iterator[Hazard]:
        if _UNBOUNDED.match(self.report.text):
            for lock in self.report.locks:
                large = lock.size is None or lock.size >= LARGE
                if lock.existed and lock.kind == "table" and lock.mode == _WRITE and large:
                    yield self._hazard(
                        "whole-table-write",
                        lock,
                        f"writes every row of {_named(lock)} in one transaction",
                        "Do it in batches, outside of the migration or with `-- secops: no-transaction`.",
                    )

    def losses(self) -> Iterator[Hazard]:
        """What is gone afterwards, or has another name, or cannot be filled."""
        report = self.report
        sizes = {lock.relation: lock.size for lock in report.locks}
        for name in report.drops:
            message = f"drops {name}{size_text(sizes.get(name))}"
            yield self._about("drops-data", name, message, "It comes back from a backup only.")
        for name in report.renames:
            advice = "The running application still asks for the old name: deploy in two steps."
            yield self._about("rename", name.partition(" to ")[0], f"renames {name}", advice)
        for name in report.required:
            yield self._about(
                "required-column",
                name.rpartition(".")[0],
                f"new column {name} must have a value and has no default: fails where the table has rows",
                "Give it a default, or add it without NOT NULL and fill it first.",
            )

    def held(self, held: dict[str, int]) -> Iterator[Hazard]:
        """Locks of earlier statements that last while this one works long."""
        if not self._works_long():
            return
        for relation, line in held.items():
            if line != self.report.line and relation not in self.report.scans + self.report.rewrites:
                yield self._about(
                    "lock-held",
                    relation,
                    f"the lock on {relation} from line {line} is held while this statement works",
                    "Put the long statement into a file of its own.",
                )

    def _works_long(self) -> bool:
        busy = {*self.report.scans, *self.report.rewrites}
        return any(
            lock.relation in busy and lock.existed and (lock.size is None or lock.size >= LARGE)
            for lock in self.report.locks
        )

    def _hazard(self, rule: str, lock: LockTaken, message: str, advice: str | None = None) -> Hazard:
        return Hazard(
            rule=rule,
            version=self.version,
            line=self.report.line,
            message=message,
            advice=advice_for(self.report.text) if advice is None else advice,
            relation=lock.relation,
            size=lock.size,
        )

    def _about(self, rule: str, relation: str, message: str, advice: str) -> Hazard:
        return Hazard(
            rule=rule,
            version=self.version,
            line=self.report.line,
            message=message,
            advice=advice,
            relation=relation,
        )


def _in_the_way(locks: Iterable[LockTaken]) -> Iterator[LockTaken]:
    """Locks that keep others from writing a table that was there before."""
    for lock in locks:
        if lock.existed and lock.kind in ("table", "materialized view") and blocks(lock.mode, _WRITE):
            yield lock


def _creates(lock: LockTaken, exposure: ExposedRelation) -> bool:
    return lock.relation == exposure.relation and not lock.existed and lock.mode == "AccessExclusiveLock"


def _named(lock: LockTaken) -> str:
    return f"{lock.relation}{size_text(lock.size)}"
