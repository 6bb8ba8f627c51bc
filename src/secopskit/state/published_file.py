"""The record of what was published as a file that may be committed, so that CI can compare, too.

The same facts as in `published`, with slow digests in the place of fingerprints: scrypt, salted for
each file and each name, so that one guess tests one name only. Values that are short enough to be
guessed in spite of that have no digest. Who can commit can write here what they like: nothing is
removed anywhere because this file says that it is ours.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.secret import SecretValue
from secopskit.state.private import private_directory, replace_file
from secopskit.state.published import (
    PublishedFact,
    PublishedName,
    PublishedValue,
    damaged,
    facts_of,
    load_record,
    locked_record,
    nested,
    unwritable,
)
from secopskit.state.smallfiles import is_inside

SHORTEST: Final = 12
"""Shorter values, in bytes, have no digest: whoever has the file could try them all, or all likely ones."""
_SALT_SIZE: Final = 16
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """The record in the file `path` of the work tree `root`.

    `lock_directory` is the state directory, None outside of a repository: then writers do not wait for
    each other.
    """

    path: str
    root: str
    lock_directory: str | None = None
    _digests: dict[tuple[bytes, str, SecretValue], str] = field(default_factory=dict, repr=False)

    def read(self) -> Mapping[PublishedName, PublishedFact]:
        """All facts. Empty where there is no file. Raises ConfigError for what is no such record."""
        self._check_place()
        return self._load()[1]

    def same(self, fact: PublishedFact, name: str, value: SecretValue) -> bool | None:
        """Whether `value` is what was written under `name`; None where the record does not tell."""
        if not fact.digest:  # what was written was short
            return None if len(value) < SHORTEST else False
        return self._digest(self._load()[0], name, value) == fact.digest

    def update(
        self,
        written: Mapping[PublishedName, PublishedValue],
        removed: Iterable[PublishedName] = (),
        *,
        undigested: Iterable[PublishedName] = (),
    ) -> None:
        """Put down what was written and removed. Of `undigested` there is only the time.

        Raises SecopsError; ConfigError for a damaged record, which stays.
        """
        bare = set(undigested)
        self._check_place()
        with self._locked():
            salt, facts = self._load()
            for name in removed:
                facts.pop(name, None)
            for name, (value, at, by) in written.items():
                digest = "" if name in bare else self._digest(salt, name[1], value)
                facts[name] = PublishedFact(digest, at, by)
            document = {"version": _VERSION, "salt": salt.hex(), "published": nested(facts, "digest")}
            replace_file(self.path, json.dumps(document, indent=1, sort_keys=True).encode() + b"\n")

    def _check_place(self) -> None:
        """Raise ConfigError where the file would be written that is none of the work tree's own."""
        names = os.path.relpath(os.path.realpath(self.path), os.path.realpath(self.root)).split(os.sep)
        if not is_inside(self.path, self.root) or any(name.casefold() == ".git" for name in names):
            raise ConfigError(
                f"{self.path}: the record of what was published is to be a file of the work tree",
                advice="Correct `sync.record`.",
            )

    def _locked(self) -> AbstractContextManager[Any]:
        if self.lock_directory is None:
            return nullcontext()
        try:
            private_directory(self.lock_directory)
        except OSError as error:
            raise unwritable(self.lock_directory, error) from None
        return locked_record(self.lock_directory)

    def _load(self) -> tuple[bytes, dict[PublishedName, PublishedFact]]:
        """The salt and the facts; a salt that is new where there is no file."""
        if not os.path.lexists(self.path):
            return os.urandom(_SALT_SIZE), {}
        document = load_record(self.path, within=self.root)
        try:
            salt = bytes.fromhex(document["salt"])
        except (ValueError, KeyError, TypeError):
            raise damaged(self.path) from None
        if len(salt) != _SALT_SIZE:
            raise damaged(self.path)
        return salt, facts_of(self.path, document, "digest")

    def _digest(self, salt: bytes, name: str, value: SecretValue) -> str:
        """The slow digest, computed once for each name and value, or nothing for a short value."""
        if len(value) < SHORTEST:
            return ""
        key = (salt, name, value)
        if key not in self._digests:
            self._digests[key] = value.slow_digest(salt + name.encode())
        return self._digests[key]
