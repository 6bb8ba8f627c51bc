"""The subject of a rotation: a credential, its provider, and what its notebook knows of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from secopskit.errors import IncompleteError
from secopskit.provider import build_provider
from secopskit.provider.interface import Credential, NewValue, Provider, RotationDraft
from secopskit.rotate.keep.book import RotationBook
from secopskit.rotate.keep.journal import RotationRecord
from secopskit.rotate.keep.values import ValueSlot
from secopskit.rotate.look.declared import DeclaredValues, read_declared
from secopskit.rotate.look.trusted import require_trusted
from secopskit.rotate.model import ChosenCredential
from secopskit.rotate.request import RotationConsents, RotationContext
from secopskit.secret import SecretValue


class RotationSubject:
    """The rotation of one credential: its provider, its place in the book, and what was agreed to."""

    def __init__(
        self,
        context: RotationContext,
        book: RotationBook,
        chosen: ChosenCredential,
        consents: RotationConsents,
    ) -> None:
        self.context = context
        self.book = book
        self.consents = consents
        self.id = chosen.credential.id
        self._chosen = chosen
        self._values = book.values(self.id)

    @property
    def record(self) -> RotationRecord:
        """How far it has come."""
        return self.book.record(self.id)

    @cached_property
    def credential(self) -> Credential:
        """The credential, with the value that was the old one when the rotation began."""
        old = self._values.find(ValueSlot.OLD)
        return self._chosen.credential if old is None else replace(self._chosen.credential, old=old)

    @cached_property
    def provider(self) -> Provider:
        """Its provider. Raises SecopsError."""
        require_trusted(self.context, self._chosen.credential)
        return build_provider(self.credential, self.context.surroundings(self._current))

    @cached_property
    def _declared(self) -> DeclaredValues:
        return read_declared(self.context)

    def _current(self, name: str) -> SecretValue | None:
        """The value that a neighbour had before anything was published."""
        environment = self.credential.environment
        for rewrite in self._values.rewrites() or ():
            if not rewrite.file and (rewrite.environment, rewrite.name) == (environment, name):
                return rewrite.before
        return self._declared.current(environment, name)

    def _draft(self) -> RotationDraft:
        return RotationDraft(value=self._values.find(ValueSlot.DRAFT), memo=self.record.draft)

    def _new(self) -> NewValue | None:
        value = self._values.find(ValueSlot.NEW)
        if value is None:
            return None
        return NewValue(value=value, memo=self.record.memo, companions=self._values.companions())

    def _known_new(self) -> NewValue:
        new = self._new()
        if new is None:
            raise IncompleteError(
                f"{self.id}: its new value is not in the notebook any more",
                advice="Rotate it anew: secops rotate rollback, then apply.",
            )
        return new
