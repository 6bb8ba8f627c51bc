"""The interface of a source of values: what secret sinks are filled from, and what rotations write to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from secopskit.conduct.consent import SecretRespondent
from secopskit.conduct.tell import Tell
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue


class SourceReach(NamedTuple):
    """What a declaration would reach outside of the work tree: a program, a file, a host, somebody's account.

    `kind` and `words` are what is declared; `danger` completes "the source would …", and `subject` is
    what it is that would, where that is no source.
    """

    kind: str
    words: tuple[str, ...]
    danger: str
    subject: str = ""


class SourceTrust(Protocol):
    """The user's word on what declared sources may reach: a declaration may come with a cloned repository."""

    def require(self, reach: SourceReach) -> None:
        """Return if the user trusts it. Raises RefusedError."""

    def knows(self, reach: SourceReach) -> bool:
        """Whether the user has said so already. Asks nobody."""


class OriginValue(NamedTuple):
    """A value with the place where it was read, in words for messages: `.env.production:12`."""

    value: SecretValue
    place: str


class Origin(Protocol):
    """A source of values.

    `label` names it in messages, and `writable` tells whether `write` can put new values there. `apart`
    tells that each value stands by itself: where one is not there, nothing else tells whether it should be.
    """

    @property
    def label(self) -> str:
        """What messages call it: `.env.production`, `standard input`."""

    @property
    def writable(self) -> bool:
        """Whether new values can be written to it."""

    @property
    def apart(self) -> bool:
        """Whether a value that is lacking is a source that is lacking: a file, a variable."""

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """The values of those of `keys` that it has, every byte kept.

        A key that it lacks is left out: whoever asks says so. Raises SecopsError where the source cannot
        be read, ConfigError where it is ambiguous or damaged; messages name the place, never a value.
        """

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """Put these values in the place of those that it has; keys that it lacks are added.

        All or nothing, and the same again when it is called again. Raises SecopsError; RefusedError
        where it is not `writable`.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginSurroundings:
    """What a source may use.

    Relative paths are resolved against `base`, the work tree. `variable` looks up an environment variable,
    every byte kept; `standard_input` reads all of standard input, and gives the same again when it is
    called again. `trust` is the word on what lies outside of `base`: nothing without it.
    """

    base: str
    variable: Callable[[str], SecretValue | None]
    standard_input: Callable[[], bytes]
    respondent: SecretRespondent
    tell: Tell
    trust: SourceTrust | None = None
