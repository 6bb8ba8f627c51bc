"""The values of a rotation under way: private files beside its journal.

Old, drafted and new values, and what is about to be published: each is on the disk before the step that
needs it, and removed when the rotation of its credential has ended.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Final

from secopskit.errors import IncompleteError
from secopskit.named_tuple import NamedTuple
from secopskit.rotate.keep.journal import RotationNotebook
from secopskit.secret import SecretValue, plain_digest
from secopskit.state.private import sync_directory
from secopskit.state.smallfiles import read_own

_LARGEST_VALUE: Final = 16 * 1024 * 1024
_PREFIX: Final = "value-"


class ValueRewrite(NamedTuple):
    """A value that is read somewhere, and what it becomes.

    `file` is a dotenv file that we were told to edit; else it is a declared one of `environment`. `before`
    is None where the source had none.
    """

    environment: str
    name: str
    file: str
    before: SecretValue | None
    after: SecretValue


class ValueSlot(Enum):
    """Which value of a credential a file holds."""

    OLD = "old"
    DRAFT = "draft"
    NEW = "new"
    COMPANIONS = "companions"
    REWRITES = "rewrites"


@dataclass(frozen=True, slots=True)
class RotationValues:
    """The private files with the values of one credential, 0600 and on the disk before we go on."""

    notebook: RotationNotebook
    credential_id: str

    def keep(self, slot: ValueSlot, value: SecretValue | None) -> None:
        """Write a value down; nothing for none. Raises SecopsError."""
        if value is not None:
            self.notebook.keep(self._name(slot), value.reveal())

    def find(self, slot: ValueSlot) -> SecretValue | None:
        """A value that was written down. Raises SecopsError."""
        data = self._read(slot)
        return None if data is None else SecretValue(data)

    def keep_companions(self, values: Mapping[str, SecretValue]) -> None:
        """Write down what changes together with the new value."""
        if values:
            text = json.dumps({name: _encoded(value) for name, value in values.items()})
            self.notebook.keep(self._name(ValueSlot.COMPANIONS), text.encode())

    def companions(self) -> dict[str, SecretValue]:
        """What changes together with the new value."""
        known = json.loads(self._read(ValueSlot.COMPANIONS) or b"{}")
        return {name: SecretValue(b64decode(text)) for name, text in known.items()}

    def keep_rewrites(self, rewrites: Iterable[ValueRewrite]) -> None:
        """Write down what is about to be written, and what was there before."""
        rows = [
            (*one[:3], None if one.before is None else _encoded(one.before), _encoded(one.after))
            for one in rewrites
        ]
        self.notebook.keep(self._name(ValueSlot.REWRITES), json.dumps(rows).encode())

    def rewrites(self) -> tuple[ValueRewrite, ...] | None:
        """What was about to be written; None where it had not come to that."""
        data = self._read(ValueSlot.REWRITES)
        if data is None:
            return None
        return tuple(
            ValueRewrite(
                environment,
                name,
                file,
                None if before is None else SecretValue(b64decode(before)),
                SecretValue(b64decode(after)),
            )
            for environment, name, file, before, after in json.loads(data)
        )

    def forget(self) -> None:
        """Remove all of them."""
        for slot in ValueSlot:
            with suppress(FileNotFoundError):
                os.unlink(self.notebook.file(self._name(slot)))
        sync_directory(self.notebook.path)

    def _name(self, slot: ValueSlot) -> str:
        return f"{_PREFIX}{plain_digest(self.credential_id.encode(), 8)}-{slot.value}"

    def _read(self, slot: ValueSlot) -> bytes | None:
        try:
            return read_own(self.notebook.file(self._name(slot)), _LARGEST_VALUE)
        except OSError as error:
            raise IncompleteError(
                f"{self.notebook.file(self._name(slot))}: cannot be read: {error.strerror}",
                advice="Without it the rotation cannot go on. Restore the file, or rotate anew.",
            ) from None


def _encoded(value: SecretValue) -> str:
    return b64encode(value.reveal()).decode("ascii")
