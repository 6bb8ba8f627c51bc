"""The facts of an outcome, free of values: its proof, the refs that moved, what is to be pushed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from secopskit.purge.model import Proof, RefChange
from secopskit.purge.push.plan import PushPlan
from secopskit.purge.push.remote_push import EVERY_REF, Pushed
from secopskit.purge.tell.facts import OutsideFacts, PlanFacts
from secopskit.purge.tell.gather_facts import outside_facts
from secopskit.purge.tell.scope import ScopeFacts, Show
from secopskit.report.text import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFacts:
    """A proof. It holds where nothing is left over of what is in its `scope`.

    `unopened` tells what could not be looked into.
    """

    holds: bool
    checks: tuple[str, ...]
    leftovers: tuple[OutsideFacts, ...]
    objects: int
    objects_read: int
    seconds: float
    unopened: tuple[str, ...] = ()
    scope: ScopeFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushFacts:
    """The pushes to a remote. `unnamed` refs can only be deleted by `--push`, for their names."""

    remote: str
    server: str
    commands: tuple[str, ...]
    unnamed: int
    readonly: tuple[str, ...]
    protected: str
    cleanup: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRef:
    """A ref of a remote after a push. `well` where nothing is left to do about it."""

    remote: str
    ref: str
    fate: str
    well: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedFacts:
    """A push that was made: the refs, and those of the hosts that still are at old commits."""

    refs: tuple[PushedRef, ...]
    stale: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is left to do, here or by the host."""
        return not self.stale and all(one.well for one in self.refs)

    @property
    def replaced(self) -> bool:
        """Whether all that was to be pushed is there; one of the other remotes may not have answered."""
        return not self.stale and all(one.well or one.ref == EVERY_REF for one in self.refs)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFacts:
    """A purge that is done. `files` are what to read, by its use.

    `kept` is the number of commits that kept their ids. A resumed purge knows neither it nor its plan;
    and without the values at hand, nothing was `searched` for them.
    """

    repository: str
    commits: int
    kept: int | None
    signatures: int
    changes: tuple[RefChange, ...]
    proof: ProofFacts
    backup: str
    destroy: str
    seconds: Mapping[str, float]
    notes: tuple[str, ...]
    pushes: tuple[PushFacts, ...]
    files: Mapping[str, str]
    plan: PlanFacts | None = None
    pushed: PushedFacts | None = None
    searched: bool = True


def proof_facts(proof: Proof, show: Show, scope: ScopeFacts | None = None) -> ProofFacts:
    """The facts of a proof, with what it is about."""
    return ProofFacts(
        holds=proof.holds,
        checks=tuple(show(check) for check in proof.checks),
        leftovers=tuple(outside_facts(one, show) for one in proof.leftovers),
        objects=proof.objects,
        objects_read=proof.objects_read,
        seconds=round(proof.seconds, 3),
        unopened=tuple(show(text) for text in proof.unopened),
        scope=scope,
    )


def push_facts(plans: Iterable[PushPlan], show: Show = visible) -> tuple[PushFacts, ...]:
    """The facts of what is to be pushed; a command that would show a value is left out."""
    return tuple(
        PushFacts(
            remote=show(plan.remote.name),
            server=show(plan.remote.server),
            commands=tuple(command for command in plan.commands() if show(command) == visible(command)),
            unnamed=sum(bool(push.digest) for push in plan.pushes),
            readonly=plan.readonly,
            protected=plan.remote.host.protected,
            cleanup=plan.remote.host.cleanup,
        )
        for plan in plans
        if plan.pushes or plan.readonly
    )


def change_facts(changes: Iterable[RefChange], show: Show) -> tuple[RefChange, ...]:
    """The changes under names fit to be printed."""
    return tuple(replace(change, ref=show(change.ref)) for change in changes)


def pushed_ref(one: Pushed, show: Show = visible) -> PushedRef:
    """What came of one ref, for a report."""
    return PushedRef(
        remote=show(one.remote),
        ref=show(one.ref),
        fate=one.status.value,
        well=one.well,
        reason=show(one.reason),
    )
