"""What a rotation is asked to do, and what it may use, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from secopskit.conduct.consent import SecretRespondent
from secopskit.conduct.tell import Tell
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.origin.interface import OriginSurroundings
from secopskit.provider.interface import Surroundings
from secopskit.scan.session import ScanSession
from secopskit.settings.rotate import RotateConfig
from secopskit.settings.sync import SyncConfig
from secopskit.sink.interface import SinkSurroundings


class ReportedPlace(NamedTuple):
    """A finding of a report: what it may be known by (see `scan.refind`), and what it said of itself."""

    names: tuple[Any, ...]
    id: str
    rule_id: str
    title: str
    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRequest:
    """What is to be rotated: credentials by `names`, those of `reported` findings, or all that are declared.

    `environments` narrows what is declared, empty for all. `edits` are dotenv files in which values may
    be replaced though nobody declares them; `to_file` is a dotenv file that gets the new values.
    """

    names: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    reported: tuple[ReportedPlace, ...] = ()
    edits: tuple[str, ...] = ()
    to_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationConsents:
    """What was agreed to beforehand.

    `consented` answers yes to all questions but one: `outages` names the credentials (or `all`) whose old
    value may end before the readers have the new one. `drain_timeout` is in seconds, None for the
    configured time.
    """

    consented: bool = False
    outages: tuple[str, ...] = ()
    drain_timeout: float | None = None

    def accepts_outage(self, credential_id: str, name: str) -> bool:
        """Whether the outage of that credential was accepted beforehand."""
        return not {credential_id, name, "all"}.isdisjoint(self.outages)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationContext:
    """What a rotation may use: the repository and its declarations, sources, sinks, and who is asked.

    `standard` are the surroundings of a provider, without what belongs to one credential.
    """

    session: ScanSession
    rotate: RotateConfig
    sync: SyncConfig
    origins: OriginSurroundings
    sinks: SinkSurroundings
    standard: Surroundings
    key: bytes = field(repr=False)

    @property
    def repository(self) -> Repository:
        """The repository. Raises UsageError where there is none."""
        return self.session.require_repository("rotating")

    @property
    def respondent(self) -> SecretRespondent:
        """Who is asked."""
        return self.standard.respondent

    @property
    def tell(self) -> Tell:
        """Who is told."""
        return self.standard.tell

    def surroundings(self, current: Callable[[str], Any]) -> Surroundings:
        """Those of a credential, whose neighbours `current` knows."""
        return replace(self.standard, current=current, github=self.sinks.github)
