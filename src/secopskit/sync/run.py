"""The use case of a sync: its plan, a value to decide on, and the application of it.

Whoever calls hands in the declaration, somebody to be asked, and somebody to be told; nothing here knows
of a command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from secopskit.conduct.consent import NOBODY, Respondent, obtain
from secopskit.conduct.tell import SILENCE, Tell
from secopskit.errors import ExitCode, IncompleteError, UsageError
from secopskit.report.text import count
from secopskit.sink.interface import SinkSurroundings
from secopskit.sync.compare.owners import require_owners
from secopskit.sync.compare.records import SyncRecords, declaration_of
from secopskit.sync.model import PENDING, SyncItem, SyncPlan, SyncState
from secopskit.sync.outcome import SyncOutcome
from secopskit.sync.plan import make_plan
from secopskit.sync.request import SyncRequest
from secopskit.sync.write.consents import needed_consents
from secopskit.sync.write.journal import REMOVE, JournalEntry, SyncJournal, SyncNotebook, SyncStep, entry_of
from secopskit.sync.write.looking import look_after, require_unchanged
from secopskit.sync.write.unfinished import pending_items, put_down_what_was_done, still_open
from secopskit.sync.write.writing import WriteLog, WriteResult, write_all


def plan(request: SyncRequest, *, sinks: SinkSurroundings, tell: Tell = SILENCE) -> SyncPlan:
    """Make the plan. Nothing is changed.

    Raises ConfigError for a declaration, a value or a record that is wrong; SecopsError where no sink can
    be looked at.
    """
    journal = _journal(request.state_dir)
    running = journal is not None and _is_running(request.state_dir)
    return make_plan(request, sinks, tell, journal, running=running)


def check(made: SyncPlan, *, strict: bool = False) -> ExitCode:
    """What a plan comes to that is not applied.

    FINDINGS where a sink is known not to be as declared. What nobody can compare, and what is there and
    not declared, is told; with `strict` it counts, too. OPERATION where a sink could not be looked at.
    """
    if made.unreachable:
        return ExitCode.OPERATION
    states = {item.state for item in made.items}
    counted = PENDING | ({SyncState.UNKNOWN, SyncState.UNMANAGED} if strict else set())
    return ExitCode.FINDINGS if states & counted or made.removals else ExitCode.OK


def apply(
    made: SyncPlan,
    request: SyncRequest,
    *,
    respondent: Respondent = NOBODY,
    consented: bool = False,
    tell: Tell = SILENCE,
) -> SyncOutcome:
    """Obtain the consents, carry the plan out, and look whether it is as it should be.

    What a host refuses is in the outcome. Raises RefusedError and UsageError without consent, and where
    somebody has written there while it was asked for: then nothing was changed; SecopsError where what was
    done cannot be put down.
    """
    require_owners(request.origins, [item.sink for item in made.writes])
    for needed in needed_consents(made):
        obtain(needed, respondent, yes=consented)
    if not consented:  # a person has taken the time to answer
        require_unchanged(made, tell)
    return _carried_out(made, request, tell)


def resume(
    request: SyncRequest,
    *,
    sinks: SinkSurroundings,
    respondent: Respondent = NOBODY,
    consented: bool = False,
    tell: Tell = SILENCE,
) -> SyncOutcome:
    """Finish a sync that did not end, for which consent was given.

    The sources are read again. Where they say something else than they did, this is a plan of its own, with a
    consent of its own. Raises UsageError where there is nothing to resume; see `apply` for the rest.
    """
    journal = _required(request.state_dir)
    if journal.declaration != declaration_of(request):
        raise UsageError(
            f"the sync that did not end was of another declaration: {journal.declaration}",
            advice="Give the options that it was given, or forget it with --abort.",
        )
    removes = any(entry.fingerprint == REMOVE for entry in journal.open_entries.values())
    request = replace(request, prune=request.prune or removes)
    made = make_plan(request, sinks, tell, journal)
    pending = pending_items(made, journal, SyncRecords.load(request).key)
    if pending is None:
        tell.note("What is declared, or what its sources say, is not what the sync began with: a new plan.")
        return apply(made, request, respondent=respondent, consented=consented, tell=tell)
    outcome = _carried_out(made, request, tell, pending)
    rest = len(made.work) - len(pending)
    words = f"{count(rest, 'name')} more to be written or removed: run it again." if rest else ""
    return replace(outcome, remarks=(*outcome.remarks, words) if words else outcome.remarks, left=made.left)


def abort(state_dir: str | None) -> int | None:
    """Forget a sync that did not end; how many names it had not done, None where its journal is damaged.

    Raises UsageError if there is none.
    """
    try:
        left: int | None = len(_required(state_dir).open_entries)
    except IncompleteError:
        left = None
    with _notebook(state_dir) as notebook:
        if notebook is not None:
            notebook.close()
    return left


# --- carrying it out --------------------------------------------------------------------------


def _carried_out(
    made: SyncPlan, request: SyncRequest, tell: Tell, pending: tuple[SyncItem, ...] | None = None
) -> SyncOutcome:
    """Carry the plan out, or of it what is `pending`."""
    doing = made if pending is None else replace(made, items=pending)
    require_owners(request.origins, [item.sink for item in doing.writes])
    records = SyncRecords.load(request)
    with _notebook(request.state_dir) as notebook:
        before = notebook.read() if notebook else None
        carried = still_open(made, before)
        put_down_what_was_done(made, before, records)
        log = WriteLog(records=records, notebook=notebook, journal=_begun(doing, records, carried))
        outcome = SyncOutcome(unreachable=made.unreachable, left=made.left)
        if not doing.empty:
            if notebook is not None:
                notebook.write(log.journal)
            outcome = _written(doing, log, tell)
        if notebook is not None and not outcome.resumable and not carried:
            notebook.close(replace(log.journal, step=SyncStep.ENDED))
    return _with_what_stays_open(outcome, carried)


def _with_what_stays_open(outcome: SyncOutcome, carried: tuple[JournalEntry, ...]) -> SyncOutcome:
    """The outcome, which tells what the sync that did not end still waits for."""
    unseen = {sink.address for sink in outcome.unreachable}
    apart = sum(entry.address not in unseen for entry in carried)
    words = f"{count(apart, 'name')} of a run that did not end: not asked for here, and still open."
    return replace(
        outcome,
        resumable=outcome.resumable or apart < len(carried),
        remarks=(*outcome.remarks, words) if apart else outcome.remarks,
    )


def _written(made: SyncPlan, log: WriteLog, tell: Tell) -> SyncOutcome:
    """Write, then look."""
    result = write_all(made, log, tell)
    log.step(SyncStep.LOOKING)
    seen = look_after(log, tell)
    outcome = _outcome(made, log, result)
    return replace(
        outcome,
        failures=(*outcome.failures, *seen.failures),
        remarks=tuple(seen.remarks),
        confirmed=seen.confirmed,
    )


def _begun(made: SyncPlan, records: SyncRecords, carried: tuple[JournalEntry, ...]) -> SyncJournal:
    return SyncJournal(
        step=SyncStep.WRITING,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        declaration=records.declaration,
        entries=(*(entry_of(item, records.key) for item in made.work), *carried),
    )


def _outcome(made: SyncPlan, log: WriteLog, result: WriteResult) -> SyncOutcome:
    done = [one.item for one in log.done]
    broken = bool(result.failures or result.untried)
    order = {id(item): place for place, item in enumerate(made.items)}

    def sorted_items(items: list[SyncItem]) -> tuple[SyncItem, ...]:
        """In the order of the plan, whichever repository was faster."""
        return tuple(sorted(items, key=lambda item: order[id(item)]))

    return SyncOutcome(
        written=sorted_items([item for item in done if item.state is not SyncState.UNMANAGED]),
        removed=sorted_items([item for item in done if item.state is SyncState.UNMANAGED]),
        made=tuple(sorted(result.made)),
        failures=tuple(sorted(result.failures, key=lambda failure: order[id(failure.item)])),
        untried=sorted_items(result.untried),
        unreachable=made.unreachable,
        left=made.left,
        resumable=log.notebook is not None and broken and (bool(done) or result.uncertain),
    )


# --- the journal -------------------------------------------------------------------------------


def _journal(state_dir: str | None) -> SyncJournal | None:
    return SyncNotebook.of(state_dir).read() if state_dir else None


def _is_running(state_dir: str | None) -> bool:
    return state_dir is not None and SyncNotebook.of(state_dir).is_held()


def is_unfinished(request: SyncRequest) -> bool:
    """Whether a sync has stopped half-way. Raises IncompleteError for a damaged journal."""
    return _journal(request.state_dir) is not None


def _required(state_dir: str | None) -> SyncJournal:
    journal = _journal(state_dir)
    if journal is None:
        raise UsageError("no sync is waiting to be finished", advice="Run it without --resume or --abort.")
    return journal


@contextmanager
def _notebook(state_dir: str | None) -> Iterator[SyncNotebook | None]:
    """The notebook, held: one sync at a time. None outside of a repository, where nothing is remembered."""
    if state_dir is None:
        yield None
        return
    notebook = SyncNotebook.of(state_dir)
    notebook.open()
    with notebook.held():
        yield notebook
