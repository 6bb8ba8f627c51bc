"""The interface of a rotation provider: how one kind of credential is made anew, checked and revoked.

A rotation goes: prepare → create → verify → publish → drain → revoke. The provider does all but the
publishing. Every step can be done again after a crash at any point, from what is in the journal: the
draft before `create` was called, the new value after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol

from secopskit.conduct.consent import SecretRespondent
from secopskit.conduct.tell import Tell
from secopskit.errors import ConfigError, SecopsError
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from secopskit.github.client import GitHubClient


class RotationPhase(Enum):
    """How old and new value live together."""

    SINGLE = "single"
    """One at a time: creating the new value ends the old one, and readers fail until they have it."""
    DUAL = "dual"
    """Both work until the old one is revoked."""
    MANUAL = "manual"
    """A person does it; we say exactly how, take the new value, and check what can be checked."""


class VerificationError(SecopsError):
    """A new value does not work, or an old one still does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential to be rotated.

    `name` is that of the secret, `environment` the declared one that it belongs to (empty for none).
    `settings` are those of the declaration, parsed by the provider's own table. `old` is the value
    until now, None where it is not at hand. `rule_id` is the rule of the finding that led here.
    """

    name: str
    environment: str = ""
    provider: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    old: SecretValue | None = None
    rule_id: str = ""

    @property
    def id(self) -> str:
        """What names it in plans and journals: `production/DATABASE_URL`."""
        return f"{self.environment}/{self.name}" if self.environment else self.name


def _nothing_else(_: str) -> SecretValue | None:
    return None


def _no_github() -> NoReturn:
    raise ConfigError("GitHub cannot be asked here: there is no token", advice="Set GITHUB_TOKEN.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a provider may use. `base` is where relative paths start; `variable` looks up an environment
    variable; `sleep` and `now` (seconds) are the clock.

    `current` has the present value of another declared name of the credential's environment, such as the
    id that belongs to a key; None where it is not at hand. `github` gives the one client of the run.
    """

    base: str
    variable: Callable[[str], SecretValue | None]
    respondent: SecretRespondent
    tell: Tell
    current: Callable[[str], SecretValue | None] = _nothing_else
    github: Callable[[], GitHubClient] = _no_github
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a rotation will do, for the plan: a sentence for each step, and what it costs.

    `costs` are sentences about who fails in the meantime; `needs` are permissions and variables that
    must be there; `unknown` says what cannot be checked or seen. `edits` are files that the provider
    itself changes, relative to the surroundings' base.
    """

    create: str
    verify: str
    drain: str = ""
    revoke: str = ""
    strength: str = ""
    costs: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationDraft:
    """What is decided before anything changes, and journalled first.

    `value` is the new value where we choose it; None where the vendor does. `memo` holds names and
    ids, never a secret.
    """

    value: SecretValue | None = None
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewValue:
    """A new value that exists at its vendor. `memo` is what later steps need (ids), never a secret.

    `companions` are the new values of other declared names that change with it, published together with
    it: the id of an access key beside its secret.
    """

    value: SecretValue
    memo: Mapping[str, str] = field(default_factory=dict)
    companions: Mapping[str, SecretValue] = field(default_factory=dict)


STAND_IN: Final = NewValue(value=SecretValue(b"-"))
"""In the place of a new value that nobody has made: see `Provider.stand_in`."""


class Provider(Protocol):
    """A rotation of one credential. Methods that talk raise SecopsError; no message holds a value."""

    @property
    def phase(self) -> RotationPhase:
        """How old and new value live together."""

    def outline(self) -> Outline:
        """What will happen. Changes nothing; raises ConfigError where a setting is missing."""

    def prepare(self) -> RotationDraft:
        """Look whether all can be done (permissions, the right database) and decide names and value.

        Changes nothing. Raises SecopsError, RefusedError.
        """

    def create(self, draft: RotationDraft) -> NewValue:
        """Make the new value real. Called again with the same draft it ends in the same state.

        Called again only as long as what it gave is not safe: where a vendor shows a value once, what an
        attempt before has made is deleted, since nobody has it.
        """

    def verify(self, new: NewValue) -> str:
        """See that the new value works; a sentence that says what was looked at, and what was not.

        Raises VerificationError.
        """

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        """What a value that is read somewhere becomes, such as a URL that contains the old password.

        None for a value that the rotation does not concern, or that nobody but a person can change. Raises
        RefusedError for one that must not stay as it is, and cannot be changed as things are declared.
        """

    def stand_in(self) -> NewValue:
        """A stand-in for the new value: with it `rewrite`, and its companions, tell what will change.

        Nobody is asked for it. Raises ConfigError where a setting is missing.
        """

    def in_use(self, new: NewValue) -> str:
        """Who still uses the old value, in a sentence; empty where nobody is seen to."""

    def revoke(self, new: NewValue) -> str:
        """End the old value; a sentence that says how it was seen to be dead, or that this was not looked at.

        Called again it is the same. Raises VerificationError where the old value still works.
        """

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        """Undo `create`, so that the old value is the only one; a sentence about what was done.

        Possible until `revoke` has begun. Raises RefusedError where the old value cannot be brought back.
        """

    def dies(self) -> tuple[SecretValue, ...]:
        """The forms of the old value that end with `revoke`: as it stands, and the parts that are secret."""
