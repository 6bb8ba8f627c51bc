"""What a walk is asked to do, and what it may use, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from secopskit.conduct.consent import SecretRespondent
from secopskit.conduct.tell import Tell
from secopskit.errors import ExitCode
from secopskit.git.repository import Repository
from secopskit.hooks.script import Interpreter
from secopskit.incident.model import IncidentRow
from secopskit.incident.request import IncidentContext
from secopskit.named_tuple import NamedTuple
from secopskit.purge.request import PushAccess
from secopskit.report.page import Block
from secopskit.rotate.request import RotationConsents, RotationContext

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class WalkTell(Tell, Protocol):
    """A listener that can also be shown a plan or an outcome."""

    def page(
        self, kind: str, facts: DataclassInstance, blocks: Iterable[Block], *, last: bool = True
    ) -> None:
        """A page; the `last` one is what the command prints where it prints one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemediateRequest:
    """What is to be dealt with, and what is agreed to beforehand.

    `only` has beginnings of finding ids, empty for all. `consents` are those of a rotation; their
    `consented` answers yes to the questions of every step but these: what only a person can have seen, an
    outage, and, without `push`, the replacement of the history on the remotes. `revoked` has ids of secrets
    of which somebody says that they were revoked where they were issued. `edits` and `to_file` are as in
    a rotation's request; `places_only`, `backup` and `backup_dir` as in a purge's.
    """

    consents: RotationConsents = field(default_factory=RotationConsents)
    only: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    to_file: str = ""
    push: bool = False
    places_only: bool = False
    backup: bool = True
    backup_dir: str | None = None

    def means(self, row: IncidentRow) -> bool:
        """Whether that secret is to be dealt with."""
        return not self.only or row.secret.id.startswith(self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkContext:
    """What a walk may use. `interpreter` is what a hook would run, `access` what a push may see."""

    incident: IncidentContext
    rotation: RotationContext
    request: RemediateRequest
    access: PushAccess
    interpreter: Interpreter
    tell: WalkTell

    @property
    def repository(self) -> Repository:
        """The repository."""
        return self.incident.repository

    @property
    def respondent(self) -> SecretRespondent:
        """Who is asked."""
        return self.rotation.respondent

    @property
    def consented(self) -> bool:
        """Whether yes was said beforehand."""
        return self.request.consents.consented


class StepLeft(NamedTuple):
    """Something that a step could not do: why, and what to do then. `code` is what the walk ends with.

    `stops` tells that nothing more can be done before.
    """

    step: str
    words: str
    advice: str = ""
    code: ExitCode = ExitCode.FINDINGS
    stops: bool = False
