"""The interface of a secret sink: a place that keeps values under names, and mostly shows none again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from secopskit.github.client import GitHubClient


class EntryKind(Enum):
    """What a sink keeps: secrets, which are written and never read, or variables, which all may read."""

    SECRET = "secret"  # noqa: S105 - a word
    VARIABLE = "variable"


class SinkEntry(NamedTuple):
    """What a sink tells of one name.

    `updated_at` is when it was last written, with its zone, where the sink knows; `value` is there only
    in sinks that can be read. `scope` says who may use it, in words (`private repositories`).
    """

    name: str
    updated_at: datetime | None = None
    value: SecretValue | None = None
    scope: str = ""


class Sink(Protocol):
    """A secret sink. All methods that talk raise SecopsError; what they say holds no value."""

    @property
    def address(self) -> str:
        """What names it and no other, in words and for records: `github.com/acme/shop environment prod`."""

    @property
    def owner(self) -> str:
        """Whose it is at the host, in lower case; empty for the user's own, and for files."""

    @property
    def kind(self) -> EntryKind:
        """What it keeps."""

    @property
    def readable(self) -> bool:
        """Whether `entries` has the values."""

    @property
    def most(self) -> int:
        """How many names it takes; 0 where it takes any number, or does not say."""

    def canonical(self, name: str) -> str:
        """`name` as the sink keeps it: two names that are the same there have the same canonical form."""

    def check(self, name: str, value: SecretValue) -> None:
        """Raise ConfigError where the sink would not take that name or value. Never talks."""

    def exists(self) -> bool:
        """Whether the place itself is there, such as an environment."""

    def make(self) -> None:
        """Make the place, which `exists` did not find; what is there is never changed."""

    def entries(self) -> Mapping[str, SinkEntry]:
        """What it holds now, by canonical name; empty where the place itself is missing."""

    def put(self, name: str, value: SecretValue) -> datetime | None:
        """Write the value, and tell when the sink says that was.

        Who may use an entry that is there stays as it is. Written twice is the same as written once.
        """

    def remove(self, name: str) -> None:
        """Remove the entry; one that is not there is no error."""


class SinkPlace(NamedTuple):
    """Which of the sinks of a kind is meant.

    `name` is what stands after the colon of its declaration (an organisation, a file), empty for none;
    `environment` is the declared environment, `repository` is `owner/name`, empty where the kind needs
    none. `visibility` is for entries that are new in an organisation; `selected` means `repositories`,
    and so does what is new among a user's own.
    """

    kind: EntryKind
    name: str = ""
    repository: str = ""
    environment: str = ""
    visibility: str = "private"
    repositories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSurroundings:
    """What a sink may use. Relative paths start at `base`; `github` gives the one client of the run."""

    base: str
    github: Callable[[], GitHubClient]
