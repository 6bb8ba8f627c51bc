"""Rotation, from the plan to the end: what the command line and others call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from secopskit.errors import IncompleteError, RefusedError, SecopsError, UsageError
from secopskit.rotate.act.steps import Rotation, failed, named
from secopskit.rotate.keep.book import RotationBook, new_journal
from secopskit.rotate.keep.journal import RotationJournal, RotationNotebook, RotationRecord, RotationStage
from secopskit.rotate.keep.values import RotationValues, ValueSlot
from secopskit.rotate.model import ChosenCredential
from secopskit.rotate.outcome import RotationOutcome
from secopskit.rotate.plan import RotationProposal, make_plan
from secopskit.rotate.recovery import GO_ON, chosen_of, unfinished_book
from secopskit.rotate.request import RotationConsents, RotationContext, RotationRequest
from secopskit.state.notebook import LAST

# --- plan -------------------------------------------------------------------------------------


def plan(context: RotationContext, request: RotationRequest, *, keep: bool = False) -> RotationProposal:
    """The plan for a request. With `keep`, it is what `apply` without names carries out.

    Raises SecopsError; IncompleteError where a rotation has stopped half-way.
    """
    notebook = RotationNotebook.of(context.repository)
    _require_idle(notebook)
    proposal = make_plan(context, request)
    if keep:
        notebook.open()
        with notebook.held():
            _require_ended(notebook)
            notebook.write(new_journal(request, _records(proposal)))
    return proposal


def saved_request(context: RotationContext) -> RotationRequest:
    """What the last plan asked for. Raises UsageError where none was kept."""
    notebook = RotationNotebook.of(context.repository)
    _require_idle(notebook)
    journal = notebook.read()
    if journal is None:
        raise UsageError(
            "there is no plan to carry out",
            advice="Make one: secops rotate plan NAME…, or name credentials here.",
        )
    return journal.request


def require_same(context: RotationContext, proposal: RotationProposal) -> None:
    """Raise RefusedError where the plan that was kept is another one than the plan of today."""
    journal = RotationNotebook.of(context.repository).read()
    if journal is None:
        return
    kept = {(one.id, one.provider, one.fingerprint) for one in journal.records}
    if not kept <= set(proposal.plan.names):
        raise RefusedError(
            "things have changed since the plan was made: it would not be the same plan",
            advice="Look at a new one: secops rotate plan.",
        )


def _records(proposal: RotationProposal) -> tuple[RotationRecord, ...]:
    return tuple(
        RotationRecord(
            id=one.id,
            name=one.name,
            environment=one.environment,
            provider=one.provider,
            rule_id=one.rule_id,
            fingerprint=one.fingerprint,
            findings=one.findings,
        )
        for one in proposal.plan.rotations
        if not one.blocked
    )


def _require_idle(notebook: RotationNotebook) -> None:
    """Raise RefusedError where one is at work now, IncompleteError where one has stopped."""
    if notebook.unfinished() and notebook.is_held():
        raise RefusedError(f"{notebook.form.running} is running", advice=notebook.form.busy)
    _require_ended(notebook)


def _require_ended(notebook: RotationNotebook) -> None:
    if notebook.unfinished():
        raise IncompleteError("a rotation has stopped half-way", advice=GO_ON)


# --- apply, resume ----------------------------------------------------------------------------


def apply(
    context: RotationContext, proposal: RotationProposal, consents: RotationConsents
) -> RotationOutcome:
    """Carry the plan out, one credential after the other. Raises SecopsError where nothing was begun."""
    if not consents.consented and not context.respondent.present:
        raise UsageError("nobody is here to be asked", advice="Look at the plan, then run again with --yes.")
    notebook = RotationNotebook.of(context.repository)
    notebook.open()
    with notebook.held():
        _require_ended(notebook)
        planned = notebook.read()
        blocked = tuple(one for one in proposal.plan.rotations if one.blocked)
        by_id = {one.credential.id: one for one in proposal.credentials}
        records = _records(proposal)
        for record in records:
            RotationValues(notebook, record.id).keep(ValueSlot.OLD, by_id[record.id].credential.old)
        book = RotationBook(notebook, new_journal(proposal.request, records))
        book.begin()
        readers = {
            one.id: frozenset((reader.path, reader.line) for reader in one.readers)
            for one in proposal.plan.rotations
        }
        _carry_out(context, book, [by_id[record.id] for record in records], consents, readers)
        outcome = RotationOutcome(records=book.journal.records, blocked=blocked, lost=len(proposal.plan.lost))
        # What was declined, or lacked a word, is asked for again as it was planned.
        if book.end() and planned and outcome.untouched:
            notebook.write(planned)
        return outcome


def resume(context: RotationContext, consents: RotationConsents) -> RotationOutcome | None:
    """Finish a rotation that has stopped half-way; None where there is none. Raises SecopsError."""
    if not consents.consented and not context.respondent.present:
        raise UsageError("nobody is here to be asked", advice="Run again with --yes.")
    with unfinished_book(context) as book:
        if book is None:
            return None
        chosen = [chosen_of(context, book, record) for record in book.journal.records]
        _carry_out(context, book, [one for one in chosen if one], consents, {})
        book.end()
        return RotationOutcome(records=book.journal.records)


def _carry_out(
    context: RotationContext,
    book: RotationBook,
    chosen: Sequence[ChosenCredential],
    consents: RotationConsents,
    readers: Mapping[str, frozenset[tuple[str, int]]],
) -> None:
    """Each credential in turn. One that fails stops those that are read in the same places, and no others."""
    stopped = frozenset[tuple[str, int]]()
    for one in chosen:
        name = one.credential.id
        mine = readers.get(name, frozenset())
        if mine & stopped:
            waits = SecopsError(
                f"{name}: is read where one that failed is read, and waits for it", advice=GO_ON
            )
            failed(book, name, waits)
            continue
        try:
            Rotation(context, book, one, consents).carry_out()
        except SecopsError as error:
            record = failed(book, name, error)
            context.tell.note(named(name, error))
            stopped |= mine if not record.step.ended else frozenset()


# --- status -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStatus:
    """What is under way, or planned, and what the last rotation came to."""

    current: RotationJournal | None
    last: RotationJournal | None
    running: bool

    @property
    def unfinished(self) -> bool:
        """Whether something has begun and not ended."""
        return self.current is not None and self.current.step is RotationStage.RUNNING


def status(context: RotationContext) -> RotationStatus:
    """How things stand. Raises IncompleteError for a damaged journal."""
    notebook = RotationNotebook.of(context.repository)
    return RotationStatus(current=notebook.read(), last=notebook.read(LAST), running=notebook.is_held())
