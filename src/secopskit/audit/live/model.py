"""The nouns of live facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from secopskit.named_tuple import NamedTuple

NATURE_RULE: Final = "database-nature"
PORT_RULE: Final = "reachable-port"
GITHUB_RULE: Final = "workflow-name-not-in-github"
"""The rules that say something only where somebody was asked."""


class DatabaseNature(Enum):
    """What kind of database it is, by what is in it."""

    SUPABASE = "Supabase"
    ODOO = "Odoo"
    OTHER = "another"


class LiveDatabase(NamedTuple):
    """A database that was asked what it is. `place` says where, without user or password."""

    place: str
    nature: DatabaseNature
    version: str
    key: str = ""


class OpenPort(NamedTuple):
    """An open port of this host. `address` is the host's, `service` whose it should be."""

    address: str
    port: int
    service: str
    stack: str


class UnansweredQuestion(NamedTuple):
    """Something that was asked for and did not answer: which rule says nothing, or less, because of it."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFacts:
    """What was asked for, and what came of it.

    `github` are the names of secrets and variables that exist, by the place that holds them (empty: the
    repository; else the name of an environment); None where GitHub was not asked. `ports` likewise. `limits`
    say what could not be seen. `unanswered` is what was asked in vain.
    """

    databases: tuple[LiveDatabase, ...] = ()
    github: dict[str, frozenset[str]] | None = None
    ports: tuple[OpenPort, ...] | None = None
    limits: tuple[str, ...] = ()
    unanswered: tuple[UnansweredQuestion, ...] = ()
