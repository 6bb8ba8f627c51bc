"""After a rotation has stopped half-way: its book found again, and the ways back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from secopskit.conduct.consent import YesNo, obtain
from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.provider.interface import Credential
from secopskit.rotate.act.publish import sweep
from secopskit.rotate.act.steps import Rotation, failed, named
from secopskit.rotate.keep.book import RotationBook
from secopskit.rotate.keep.journal import RotationJournal, RotationNotebook, RotationRecord
from secopskit.rotate.keep.values import ValueSlot
from secopskit.rotate.look.choose import chosen_again
from secopskit.rotate.model import ChosenCredential, RotationStep
from secopskit.rotate.outcome import RotationOutcome
from secopskit.rotate.request import RotationConsents, RotationContext

GO_ON = "Finish it with `secops rotate apply --resume`, or undo it with `secops rotate rollback`."


@contextmanager
def unfinished_book(context: RotationContext) -> Iterator[RotationBook | None]:
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


def chosen_of(
    context: RotationContext, book: RotationBook, record: RotationRecord
) -> ChosenCredential | None:
    """A credential of the journal, as it was chosen; None for one that has ended."""
    if record.step.ended:
        return None
    credential = Credential(
        name=record.name,
        environment=record.environment,
        provider=record.provider,
        rule_id=record.rule_id,
        old=book.values(record.id).find(ValueSlot.OLD),
    )
    return chosen_again(context, credential)


def rollback(
    context: RotationContext, names: Iterable[str], consents: RotationConsents
) -> RotationOutcome | None:
    """Undo what has stopped half-way: the credentials `names`, or all. None where there is nothing.

    Raises RefusedError for one whose old value is dead, or may be; SecopsError.
    """
    with unfinished_book(context) as book:
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
    chosen = chosen_of(context, book, record)
    try:
        if chosen:
            Rotation(context, book, chosen, consents).roll_back()
    except SecopsError as error:
        failed(book, record.id, error)
        context.tell.note(named(record.id, error))


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
            raise RefusedError(f"{begun[0].id}: its rotation has begun ({begun[0].step.value})", advice=GO_ON)
        notebook.close()
    return True
