"""The steps of one credential's rotation, each of them recorded before the next begins.

prepare -> create -> verify -> publish -> drain -> revoke. What a step needs lies on the disk before it is
made, and the old value is ended last: at no moment is there none that works, or one that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from os.path import normpath
from typing import Final

from secopskit.errors import ExitCode, IncompleteError, RefusedError, SecopsError
from secopskit.provider.interface import (
    RotationPhase,
    VerificationError,
)
from secopskit.report.text import listed
from secopskit.rotate.act import questions
from secopskit.rotate.act.drain import Usage, usage, wait_until_idle
from secopskit.rotate.act.publish import publish, require_reachable
from secopskit.rotate.act.rewrites import rewrites_of, taken_back
from secopskit.rotate.act.subject import RotationSubject
from secopskit.rotate.keep.book import RotationBook
from secopskit.rotate.keep.journal import RotationRecord
from secopskit.rotate.keep.values import ValueRewrite, ValueSlot
from secopskit.rotate.look.declared import read_declared
from secopskit.rotate.look.forms import concerns
from secopskit.rotate.look.readers import SoughtCredential, find_readers
from secopskit.rotate.model import RotationStep
from secopskit.state.rotations import record_rotations

_FEW: Final = 8
_RESUME: Final = "Then go on with: secops rotate apply --resume"


class HaltedError(IncompleteError):
    """A rotation stopped between two steps; nothing is lost, and it can be resumed or rolled back."""


class Rotation(RotationSubject):
    """The rotation of one credential, carried out step by step."""

    # --- forwards

    def carry_out(self) -> RotationRecord:
        """Go on from the step that is reached until the end. Raises SecopsError; then it is where it was."""
        while not self.record.step.ended:
            self._at(self.record.step)()
        return self.record

    def _at(self, step: RotationStep) -> Callable[[], object]:
        steps: Mapping[RotationStep, Callable[[], object]] = {
            RotationStep.PLANNED: self._prepare,
            RotationStep.DRAFTED: self._create,
            RotationStep.CREATED: self._verify,
            RotationStep.VERIFIED: self._publish,
            RotationStep.PUBLISHED: self._drain,
            RotationStep.DRAINED: self._agree_to_end,
            RotationStep.REVOKING: self._revoke,
            RotationStep.REVOKED: self._conclude,
            RotationStep.ROLLING_BACK: self.roll_back,
        }
        return steps[step]

    def _advance(self, step: RotationStep, *told: str, **changes: object) -> RotationRecord:
        sentences = (*self.record.told, *filter(None, told))
        return self.book.advance(self.id, step, told=sentences, problem="", advice="", code=0, **changes)

    def _prepare(self) -> None:
        """Look whether it can be done, ask, and put down what was decided."""
        self.context.tell.phase(f"{self.id}: prepare")
        if self._is_covered():
            self._advance(RotationStep.COVERED, "another rotation has changed its value already")
            return
        phase, outline = self.provider.phase, self.provider.outline()
        questions.require_person(self.context, self.record, phase, outline)
        request = self.book.journal.request
        require_reachable(self.context, request, self.credential, self.provider, self._declared)
        draft = self.provider.prepare()
        seen = self._runs(None) if phase is RotationPhase.SINGLE else Usage()
        questions.agree_to_create(self.context, self.record, phase, outline, self.consents, seen)
        self._values.keep(ValueSlot.DRAFT, draft.value)
        self._advance(RotationStep.DRAFTED, draft=dict(draft.memo))

    def _is_covered(self) -> bool:
        """Whether the value that was planned to be rotated is not there any more, thanks to us."""
        place = self._declared.get(self.credential.environment, self.credential.name)
        if place is None or place.value is None:
            return False
        now = place.value.fingerprint(self.context.key).text
        renewed = {rewritten for one in self.book.journal.records for rewritten in one.rewritten}
        return now != self.record.fingerprint and now in renewed

    def _create(self) -> None:
        self.context.tell.phase(f"{self.id}: create")
        try:
            new = self.provider.create(self._draft())
        except RefusedError as error:
            if self.provider.phase is not RotationPhase.MANUAL:
                raise
            # Who gives no new value has changed nothing: there is nothing to go on with.
            self.book.leave(self.id, error)
            return
        self._values.keep_companions(new.companions)
        self._values.keep(ValueSlot.NEW, new.value)
        fingerprint = new.value.fingerprint(self.context.key).text
        self._advance(RotationStep.CREATED, memo=dict(new.memo), renewed=fingerprint)

    def _verify(self) -> None:
        self.context.tell.phase(f"{self.id}: verify")
        try:
            seen = self.provider.verify(self._known_new())
        except VerificationError as error:
            if not questions.agree_to_roll_back(self.context, self.record, str(error), self.consents):
                raise
            self.roll_back(str(error))
            return
        self._advance(RotationStep.VERIFIED, seen)

    def _publish(self) -> None:
        self.context.tell.phase(f"{self.id}: publish")
        rewrites = self._rewrites()
        if rewrites and not self.record.rewritten:
            self._agree_to_publish(rewrites)
        done = publish(self.context, rewrites)
        self._advance(RotationStep.PUBLISHED, *done.told, repositories=done.repositories)

    def _rewrites(self) -> tuple[ValueRewrite, ...]:
        """What is to be written: decided once."""
        known = self._values.rewrites()
        if known is None:
            request = self.book.journal.request
            known = rewrites_of(self.context, request, self.credential, self.provider, self._known_new())
            self._values.keep_rewrites(known)
        return known

    def _agree_to_publish(self, rewrites: tuple[ValueRewrite, ...]) -> None:
        """Ask, and put down that writing begins: from then on it is finished without being asked again."""
        questions.agree_to_publish(self.context, self.record, rewrites, self.consents)
        after = tuple({one.after.fingerprint(self.context.key).text: None for one in rewrites})
        self.book.advance(self.id, RotationStep.VERIFIED, rewritten=after)

    def _drain(self) -> None:
        """Wait until nobody is seen to use the old value. One that is dead already is not waited for."""
        left = self._left_behind()
        if self.provider.phase is RotationPhase.SINGLE:
            self._advance(RotationStep.DRAINED, *left)
            return
        self.context.tell.phase(f"{self.id}: drain")
        published = self.record.time_of(RotationStep.PUBLISHED)
        seen = wait_until_idle(
            self.context,
            self.record.repositories,
            published,
            self.provider,
            self._known_new(),
            timeout=self._patience(),
        )
        if seen.busy and not questions.agree_to_revoke_busy(self.context, self.record, seen, self.consents):
            raise HaltedError(
                f"{self.id}: the old value is still in use: {'; '.join(seen.busy)}", advice=f"Wait. {_RESUME}"
            )
        told = seen.busy or ("nobody was seen to use the old value any more",)
        self._advance(RotationStep.DRAINED, *told, *seen.unknown, *left, unseen=(*seen.unknown, *left))

    def _left_behind(self) -> tuple[str, ...]:
        """The files that have the old value still or may have it, and that nobody but a person changes."""
        old = (*((self.credential.old,) if self.credential.old else ()), *self.provider.dies())
        wanted = SoughtCredential(self.id, tuple(dict.fromkeys(old)))
        found = find_readers(self.context.repository, [wanted], limit=self.context.session.limit)
        ours = set(map(normpath, self.provider.outline().edits))
        places = [
            f"{one.path}:{one.line}" for one in found.readers[self.id] if normpath(one.path) not in ours
        ]
        places += [
            f"{one.name} of {one.environment}"
            for one in read_declared(self.context).places
            if one.label not in {each.path for each in found.readers[self.id]}
            and any(concerns(one.value, value) for value in old)
        ]
        unread = [one.words for one in found.unread if normpath(one.path) not in ours]
        told = (
            f"the old value still stands in {listed(places, _FEW)}" if places else "",
            f"the old value was not looked for in {listed(unread, _FEW)}" if unread else "",
        )
        return tuple(filter(None, told))

    def _patience(self) -> float:
        """Seconds to wait."""
        given = self.consents.drain_timeout
        return self.context.rotate.drain_timeout / 1000 if given is None else given

    def _agree_to_end(self) -> None:
        """Ask whether the old value may end; the new one is looked at once more before that."""
        new, phase = self._known_new(), self.provider.phase
        if phase is not RotationPhase.SINGLE:
            outline = self.provider.outline()
            questions.agree_to_revoke(self.context, self.record, outline, self.consents, self.record.unseen)
        if phase is not RotationPhase.MANUAL:
            self.provider.verify(new)
        self._advance(RotationStep.REVOKING)

    def _revoke(self) -> None:
        self.context.tell.phase(f"{self.id}: revoke")
        self._advance(RotationStep.REVOKED, self.provider.revoke(self._known_new()))

    def _conclude(self) -> None:
        """Put on record what is dead, so that a purge knows; then the values are forgotten."""
        dead = {value.fingerprint(self.context.key).text: None for value in self.provider.dies()}
        if self.credential.old is not None:
            dead[self.credential.old.fingerprint(self.context.key).text] = None
        dead |= {one.fingerprint: None for one in self.record.findings if one.dies}
        record_rotations(self.context.repository.state_dir, dead, datetime.now(UTC))
        self._advance(RotationStep.DONE)

    def _runs(self, published: datetime | None) -> Usage:
        """The workflow runs under way of the repositories that are declared for what changes."""
        names = {
            repository
            for place in self._declared.places
            if place.name == self.credential.name and place.environment == self.credential.environment
            for repository in (place.declared.repositories if place.declared.sinks else ())
        }
        return usage(self.context, sorted(names), published, None, None)

    # --- backwards

    def _published_again(self, back: tuple[ValueRewrite, ...]) -> list[str]:
        return [f"{one} as it was" for one in publish(self.context, back).told]

    def roll_back(self, reason: str = "") -> RotationRecord:
        """Make the old value the only one again, wherever the new one was written.

        Raises RefusedError where there is no way back; SecopsError.
        """
        record = self.record
        if not record.step.reversible:
            raise RefusedError(
                f"{self.id}: is {record.step.value}; there is nothing to roll back to",
                advice="The old value is dead, or may be." if not record.step.ended else "It has ended.",
            )
        self.context.tell.phase(f"{self.id}: roll back")
        self._advance(RotationStep.ROLLING_BACK, reason)
        back = taken_back(self._values.rewrites() or ()) if record.rewritten else ()
        if self.provider.phase is RotationPhase.SINGLE:
            told = [self.provider.rollback(self._draft(), self._new()), *self._published_again(back)]
        else:
            told = [*self._published_again(back), self.provider.rollback(self._draft(), self._new())]
        without = sorted({one.name for one in self._values.rewrites() or () if one.before is None})
        if without and record.rewritten:
            told.append(f"{', '.join(without)} had no value before: take the new one out by hand")
        return self._advance(RotationStep.ROLLED_BACK, *told)


def failed(book: RotationBook, credential_id: str, error: SecopsError) -> RotationRecord:
    """Write down what stopped a rotation: what has changed nothing yet is left, all else can be resumed."""
    step = book.record(credential_id).step
    if step is RotationStep.PLANNED:
        return book.leave(credential_id, error)
    return book.advance(
        credential_id, step, problem=str(error), advice=error.advice, code=int(ExitCode.INCOMPLETE)
    )


def named(credential_id: str, error: SecopsError) -> str:
    """What an error says, with the credential before it; most providers name it themselves."""
    text = str(error)
    return text if text.startswith(f"{credential_id}:") else f"{credential_id}: {text}"
