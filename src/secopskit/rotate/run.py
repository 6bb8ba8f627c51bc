"""Rotation, from the plan to the end: what the command line and others call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from secopskit.conduct.consent import YesNo, obtain
from secopskit.errors import (
    ExitCode,
    IncompleteError,
    RefusedError,
    SecopsError,
    UsageError,
)
from secopskit.provider.interface import Credential
from secopskit.rotate.choose import chosen_again
from secopskit.rotate.journal import (
    RotationBook,
    RotationJournal,
    RotationNotebook,
    RotationRecord,
    RotationStage,
    ValueSlot,
    new_journal,
)
from secopskit.rotate.model import ChosenCredential, PlannedRotation, RotationStep
from secopskit.rotate.plan import RotationProposal, make_plan
from secopskit.rotate.publish import sweep
from secopskit.rotate.request import RotationConsents, RotationContext, RotationRequest
from secopskit.rotate.steps import Rotation, failed
from secopskit.state.notebook import LAST

_GO_ON = "Finish it with `secops rotate apply --resume`, or undo it with `secops rotate rollback`."


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationOutcome:
    """What became of a rotation: a record a credential, and those that were blocked."""

    records: tuple[RotationRecord, ...]
    blocked: tuple[PlannedRotation, ...] = ()
    lost: int = 0

    @property
    def code(self) -> ExitCode:
        """See `conduct.outcome.ChangeOutcome`: the gravest of what happened."""
        if any(not record.step.ended for record in self.records):
            return ExitCode.INCOMPLETE
        codes = {ExitCode(record.code) for record in self.records}
        for code in (ExitCode.OPERATION, ExitCode.REFUSED, ExitCode.USAGE):
            if code in codes:
                return code
        undone = any(record.step is RotationStep.ROLLED_BACK for record in self.records)
        return ExitCode.FINDINGS if self.blocked or self.lost or undone else ExitCode.OK


# --- plan -------------------------------------------------------------------------------------


def plan(context: RotationContext, request: RotationRequest, *, keep: bool = False) -> RotationProposal:
    """The plan for a request. With `keep`, it is what `apply` without names carries out.

    Raises SecopsError; IncompleteError where a rotation has stopped half-way.
    """
    notebook = RotationNotebook.of(context.repository)
    _require_ended(notebook)
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
    _require_ended(notebook)
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


def _require_ended(notebook: RotationNotebook) -> None:
    if notebook.unfinished():
        raise IncompleteError("a rotation has stopped half-way", advice=_GO_ON)


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
        blocked = tuple(one for one in proposal.plan.rotations if one.blocked)
        by_id = {one.credential.id: one for one in proposal.credentials}
        records = _records(proposal)
        for record in records:
            notebook.values(record.id).keep(ValueSlot.OLD, by_id[record.id].credential.old)
        book = RotationBook(notebook, new_journal(proposal.request, records))
        book.begin()
        readers = {
            one.id: frozenset((reader.path, reader.line) for reader in one.readers)
            for one in proposal.plan.rotations
        }
        _carry_out(context, book, [by_id[record.id] for record in records], consents, readers)
        book.end()
        return RotationOutcome(records=book.journal.records, blocked=blocked, lost=len(proposal.plan.lost))


def resume(context: RotationContext, consents: RotationConsents) -> RotationOutcome | None:
    """Finish a rotation that has stopped half-way; None where there is none. Raises SecopsError."""
    if not consents.consented and not context.respondent.present:
        raise UsageError("nobody is here to be asked", advice="Run again with --yes.")
    with _unfinished(context) as book:
        if book is None:
            return None
        chosen = [_again(context, book, record) for record in book.journal.records]
        _carry_out(context, book, [one for one in chosen if one], consents, {})
        book.end()
        return RotationOutcome(records=book.journal.records)


@contextmanager
def _unfinished(context: RotationContext) -> Iterator[RotationBook | None]:
    """The book of a rotation that has stopped half-way, locked; None where there is none."""
    notebook = RotationNotebook.of(context.repository)
    if not notebook.unfinished():
        yield None
        return
    with notebook.held():
        journal = notebook.unfinished()
        book = RotationBook(notebook, journal) if journal else None
        if book:
            sweep(context, book.journal.request)
            book.begin()
        yield book


def _again(context: RotationContext, book: RotationBook, record: RotationRecord) -> ChosenCredential | None:
    """A credential of the journal, as it was chosen; None for one that has ended."""
    if record.step.ended:
        return None
    credential = Credential(
        name=record.name,
        environment=record.environment,
        provider=record.provider,
        rule_id=record.rule_id,
        old=book.notebook.values(record.id).find(ValueSlot.OLD),
    )
    return chosen_again(context, credential)


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
                f"{name}: is read where one that failed is read, and waits for it", advice=_GO_ON
            )
            failed(book, name, waits)
            continue
        try:
            Rotation(context, book, one, consents).carry_out()
        except SecopsError as error:
            record = failed(book, name, error)
            context.tell.note(f"{name}: {error}")
            stopped |= mine if not record.step.ended else frozenset()


# --- the ways back ----------------------------------------------------------------------------


def rollback(
    context: RotationContext, names: Iterable[str], consents: RotationConsents
) -> RotationOutcome | None:
    """Undo what has stopped half-way: the credentials `names`, or all. None where there is nothing.

    Raises RefusedError for one whose old value is dead, or may be; SecopsError.
    """
    with _unfinished(context) as book:
        if book is None:
            return None
        wanted = _wanted(book.journal, tuple(names))
        question = f"Roll back {', '.join(record.id for record in wanted)} to the old value?"
        obtain(YesNo(question=question), context.respondent, yes=consents.consented)
        for record in wanted:
            _roll_back(context, book, record, consents)
        book.end()
        return RotationOutcome(records=book.journal.records)


def _wanted(journal: RotationJournal, names: tuple[str, ...]) -> list[RotationRecord]:
    open_ones = [record for record in journal.records if not record.step.ended]
    found = [record for record in open_ones if not names or record.id in names or record.name in names]
    known = {name for record in open_ones for name in (record.id, record.name)}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"{unknown[0]}: is not under way",
            advice=f"Under way are: {', '.join(record.id for record in open_ones)}.",
        )
    dead = [
        record for record in found if not record.step.reversible and record.step is not RotationStep.PLANNED
    ]
    if dead:
        raise RefusedError(
            f"{dead[0].id}: its old value is dead, or may be: there is no way back",
            advice="Finish it: secops rotate apply --resume.",
        )
    return found


def _roll_back(
    context: RotationContext, book: RotationBook, record: RotationRecord, consents: RotationConsents
) -> None:
    if record.step is RotationStep.PLANNED:
        book.advance(record.id, RotationStep.LEFT, told=("nothing was done",))
        return
    chosen = _again(context, book, record)
    try:
        if chosen:
            Rotation(context, book, chosen, consents).roll_back()
    except SecopsError as error:
        failed(book, record.id, error)
        context.tell.note(f"{record.id}: {error}")


def abort(context: RotationContext) -> bool:
    """Forget a plan, or a rotation that has changed nothing; whether there was one.

    Raises RefusedError where something was begun.
    """
    notebook = RotationNotebook.of(context.repository)
    if notebook.read() is None:
        return False
    with notebook.held():
        journal = notebook.read()
        begun = [
            record
            for record in (journal.records if journal else ())
            if record.step is not RotationStep.PLANNED and not record.step.ended
        ]
        if begun:
            raise RefusedError(
                f"{begun[0].id}: its rotation has begun ({begun[0].step.value})", advice=_GO_ON
            )
        notebook.close()
    return True


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
