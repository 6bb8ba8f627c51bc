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
from secopskit.sync.write.looking import look_after
from secopskit.sync.write.writing import WriteLog, WriteResult, write_all


def plan(request: SyncRequest, *, sinks: SinkSurroundings, tell: Tell = SILENCE) -> SyncPlan:
    """Make the plan. Nothing is changed.

    Raises ConfigError for a declaration, a value or a record that is wrong; SecopsError where no sink can
    be looked at.
    """
    return make_plan(request, sinks, tell, _journal(request))


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

    What a host refuses is in the outcome. Raises RefusedError and UsageError without consent: then
    nothing was changed; SecopsError where what was done cannot be put down.
    """
    require_owners(request.origins, [item.sink for item in made.writes])
    for needed in needed_consents(made):
        obtain(needed, respondent, yes=consented)
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
    journal = _required(request)
    if journal.declaration != declaration_of(request):
        raise UsageError(
            f"the sync that did not end was of another declaration: {journal.declaration}",
            advice="Give the options that it was given, or forget it with --abort.",
        )
    removes = any(entry.fingerprint == REMOVE for entry in journal.open_entries.values())
    request = replace(request, prune=request.prune or removes)
    made = make_plan(request, sinks, tell, journal)
    pending = _pending(made, journal, SyncRecords.load(request).key)
    if pending is None:
        tell.note("The sources do not say what they said when the sync began: this is a new plan.")
        return apply(made, request, respondent=respondent, consented=consented, tell=tell)
    outcome = _carried_out(replace(made, items=pending), request, tell)
    rest = len(made.work) - len(pending)
    words = f"{count(rest, 'name')} more to be written or removed: run it again." if rest else ""
    return replace(outcome, remarks=(*outcome.remarks, words) if words else outcome.remarks, left=made.left)


def abort(request: SyncRequest) -> int | None:
    """Forget a sync that did not end; how many names it had not done, None where its journal is damaged.

    Raises UsageError if there is none.
    """
    try:
        left: int | None = len(_required(request).open_entries)
    except IncompleteError:
        left = None
    with _notebook(request) as notebook:
        if notebook is not None:
            notebook.close()
    return left


# --- carrying it out --------------------------------------------------------------------------


def _carried_out(made: SyncPlan, request: SyncRequest, tell: Tell) -> SyncOutcome:
    require_owners(request.origins, [item.sink for item in made.writes])
    records = SyncRecords.load(request)
    with _notebook(request) as notebook:
        carried = _carried_over(made, notebook.read() if notebook else None, records)
        log = WriteLog(records=records, notebook=notebook, journal=_begun(made, records, carried))
        outcome = SyncOutcome(unreachable=made.unreachable, left=made.left)
        if not made.empty:
            if notebook is not None:
                notebook.write(log.journal)
            outcome = _written(made, log, tell)
        if notebook is not None and not outcome.resumable and not carried:
            notebook.close(replace(log.journal, step=SyncStep.ENDED))
    return outcome


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


def _carried_over(
    made: SyncPlan, journal: SyncJournal | None, records: SyncRecords
) -> tuple[JournalEntry, ...]:
    """What a sync that did not end has left open, and this plan says nothing about: it is narrower."""
    judged = {entry_of(item, records.key).key for item in made.items}
    open_entries = journal.open_entries if journal else {}
    return tuple(entry for key, entry in open_entries.items() if key not in judged)


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


# --- the journal ------------------------------------------------------------------------------


def _pending(made: SyncPlan, journal: SyncJournal, key: bytes) -> tuple[SyncItem, ...] | None:
    """What of the plan the sync that did not end still has to do; None where the sources have changed."""
    planned = {entry_of(item, key).key: item for item in made.items}
    pending = list[SyncItem]()
    for name, entry in journal.open_entries.items():
        item = planned.get(name)
        if item is None:  # an entry that was removed is not listed any more
            if entry.fingerprint != REMOVE:
                return None
        elif _is_another(item, entry, key) or (item.state in PENDING and not made.is_work(item)):
            return None
        elif made.is_work(item):
            pending.append(item)
    return tuple(pending)


def _is_another(item: SyncItem, entry: JournalEntry, key: bytes) -> bool:
    """Whether the item is not what was agreed to: a removal that is a write now, or another value."""
    removal = entry.fingerprint == REMOVE
    if removal != (item.state is SyncState.UNMANAGED):
        return True
    return item.value is not None and entry_of(item, key).fingerprint != entry.fingerprint


def _journal(request: SyncRequest) -> SyncJournal | None:
    return SyncNotebook.of(request.state_dir).read() if request.state_dir else None


def is_unfinished(request: SyncRequest) -> bool:
    """Whether a sync has stopped half-way. Raises IncompleteError for a damaged journal."""
    return _journal(request) is not None


def _required(request: SyncRequest) -> SyncJournal:
    journal = _journal(request)
    if journal is None:
        raise UsageError("no sync is waiting to be finished", advice="Run it without --resume or --abort.")
    return journal


@contextmanager
def _notebook(request: SyncRequest) -> Iterator[SyncNotebook | None]:
    """The notebook, held: one sync at a time. None outside of a repository, where nothing is remembered."""
    if request.state_dir is None:
        yield None
        return
    notebook = SyncNotebook.of(request.state_dir)
    notebook.open()
    with notebook.held():
        yield notebook
