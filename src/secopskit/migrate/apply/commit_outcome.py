"""Whether a COMMIT has happened that nobody confirmed to us: the server knows."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from secopskit.errors import SecopsError
from secopskit.migrate.apply.exchange import Query
from secopskit.migrate.apply.failure import connection_lost, failure_of, own_words
from secopskit.migrate.apply.migration_run import MigrationRun
from secopskit.migrate.apply.progress import MigrationFailedError
from secopskit.migrate.ledger import versions
from secopskit.migrate.model import Direction, MigrationStep, VersionState

if TYPE_CHECKING:
    import psycopg

_ASK_FOR_S: Final = 60.0  # a COMMIT may wait for a replica
_PAUSE_S: Final = 0.2
_AGAIN: Final = "Nothing of this file was kept. Run again."
_ASK: Final = (
    "Either all of this file was kept or nothing: `secops migrate status` says which. Then run again."
)


@dataclass(slots=True, kw_only=True)
class OpenTransaction:
    """A transaction that has done all its work and waits for COMMIT. `xid` is in decimal."""

    run: MigrationRun
    steps: Sequence[MigrationStep]
    xid: str
    duration_ms: int
    attempts: int
    confirmed: bool = False

    def commit(self) -> Query:
        """COMMIT, reported as soon as the server confirms it."""
        sent = Query(text=b"COMMIT")
        sent.heard = lambda: self.confirm(sent)
        return sent

    def confirm(self, sent: Query | None = None) -> None:
        """The server has committed it, unless its answer to `sent` says otherwise."""
        if not self.confirmed and (sent is None or sent.tag == "COMMIT"):
            self.confirmed = True
            for step in self.steps:
                self.run.confirm(step, duration_ms=self.duration_ms, attempts=self.attempts)


def settle(ready: OpenTransaction, sent: Query, error: psycopg.Error | None) -> None:
    """Make sure that `ready` is committed, after `error` in the exchange that its COMMIT was `sent` in.

    Where the COMMIT was not confirmed and the connection is lost, there is a new one afterwards.
    Raises MigrationFailedError if it is not committed, or if nobody can say.
    """
    ready.confirm(sent)
    if ready.confirmed:
        return
    step, run = ready.steps[0], ready.run
    if error is None:
        raise run.fail(step, own_words(step, "the server rolled back instead of committing", _AGAIN))
    if not connection_lost(error):
        raise run.fail(step, failure_of(error, step, None, attempts=ready.attempts))
    if not _committed(ready):
        message = "the connection was lost at COMMIT, and the server rolled back"
        raise run.fail(step, own_words(step, message, _AGAIN))
    run.note("The connection was lost at COMMIT; the server says that it has committed.")
    ready.confirm()


def _committed(ready: OpenTransaction) -> bool:
    step, run = ready.steps[0], ready.run
    deadline = time.monotonic() + _ASK_FOR_S
    try:
        run.reconnect()
        while (known := versions.committed(run.link, ready.xid)) is None and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        # Another server may have taken over, without our last transaction but with one of its number.
        if known is not None:
            return known and _recorded(run, step)
        reason = "the server is still busy with it"
    except SecopsError as error:
        reason = str(error)
    message = f"the connection was lost at COMMIT, and whether it happened is not known: {reason}"
    raise MigrationFailedError(own_words(step, message, _ASK))


def _recorded(run: MigrationRun, step: MigrationStep) -> bool:
    rows = [row for row in versions.read(run.link) if row.version == step.migration.version]
    if step.direction is Direction.DOWN:
        return not rows
    return any(row.run_id == run.record.id and row.state is VersionState.APPLIED for row in rows)
