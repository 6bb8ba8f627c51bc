"""What became of a purge, free of values: its proof, the refs that moved, and what is still to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from secops.purge.facts import OutsideFacts, PlanFacts, Show, outside_facts
from secops.purge.model import Proof, RefChange
from secops.purge.page import Block, Commands, Items, Mood, Para, Rows, Title
from secops.purge.push import Fate, Pushed
from secops.purge.pushplan import PushPlan
from secops.purge.story import leftover_rows, listed
from secops.report.text import count, visible

_FEW: Final = 4
_MOST_COMMANDS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFacts:
    """A proof. It holds where nothing is left over."""

    holds: bool
    checks: tuple[str, ...]
    leftovers: tuple[OutsideFacts, ...]
    objects: int
    objects_read: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PushFacts:
    """What a remote has to be told. `unnamed` refs can only be deleted by `--push`, for their names."""

    remote: str
    server: str
    commands: tuple[str, ...]
    unnamed: int
    readonly: tuple[str, ...]
    protected: str
    cleanup: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedRef:
    """What came of one ref of a remote. `well` where nothing is left to do about it."""

    remote: str
    ref: str
    fate: str
    well: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedFacts:
    """What came of a push: the refs, and those of the hosts that still are at old commits."""

    refs: tuple[PushedRef, ...]
    stale: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is left to do, here or by the host."""
        return not self.stale and all(one.well for one in self.refs)


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


def proof_facts(proof: Proof, show: Show) -> ProofFacts:
    """The facts of a proof."""
    return ProofFacts(
        holds=proof.holds,
        checks=tuple(show(check) for check in proof.checks),
        leftovers=tuple(outside_facts(one, show) for one in proof.leftovers),
        objects=proof.objects,
        objects_read=proof.objects_read,
        seconds=round(proof.seconds, 3),
    )


def push_facts(plans: Iterable[PushPlan]) -> tuple[PushFacts, ...]:
    """The facts of what is to be pushed."""
    return tuple(
        PushFacts(
            remote=visible(plan.remote.name),
            server=visible(plan.remote.server),
            commands=tuple(plan.commands()),
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


def outcome_story(facts: OutcomeFacts, *, everything: bool = False) -> Iterator[Block]:
    """What was done, whether it is proven, and what to do now; with `everything`, each ref with its ids."""
    yield Title(f"Purge of {facts.repository}: done")
    yield Rows(
        (
            (
                "commits",
                f"{facts.commits:,} rewritten"
                + (f", {facts.kept:,} keep their id" if facts.kept is not None else ""),
            ),
            ("refs", _refs(facts.changes)),
            ("signatures", f"{facts.signatures:,} lost" if facts.signatures else ""),
            ("took", _took(facts.seconds)),
        )
    )
    yield from (Para(note, Mood.QUIET) for note in facts.notes)
    if everything and facts.changes:
        yield Title("Refs, with their old and new ids")
        yield Rows(tuple((one.ref, f"{one.old or 'none'} to {one.new or 'none'}") for one in facts.changes))
    yield Title("Proof")
    yield from proof_story(facts.proof, searched=facts.searched)
    if facts.plan and facts.plan.current:
        yield Title("Files that hold the replacement now")
        yield Para(
            f"{listed(facts.plan.current, _FEW)}. Give what reads them the new values: from the environment, "
            "a secret store, a file that git ignores. Never from the repository again."
        )
    if facts.pushed:
        yield from pushed_story(facts.pushed)
    else:
        yield from push_story(facts.pushes, most=None if everything else _MOST_COMMANDS)
    if facts.files:
        yield Title("For the others")
        yield Rows(tuple(facts.files.items()))
        yield Para("So that no old clone pushes it back, here and on the server:")
        yield Commands(("secops hook install --reject-purged",))
    if facts.backup:
        yield Title("The backup holds the secrets")
        yield Para(f"{facts.backup} can undo everything (--rollback). Once the new history is accepted:")
        yield Commands((facts.destroy,))


def _refs(changes: Sequence[RefChange]) -> str:
    names = [change.ref for change in changes if change.new]
    return f"{len(names):,} moved, in one transaction: {listed(names, _FEW)}" if names else ""


def _took(seconds: Mapping[str, float]) -> str:
    parts = ", ".join(f"{phase} {time:.1f}" for phase, time in seconds.items() if time >= 0.05)
    return f"{sum(seconds.values()):.1f} s" + (f" ({parts})" if parts else "")


def proof_story(facts: ProofFacts, *, searched: bool = True) -> Iterator[Block]:
    """The proof: what was looked at, or what is left. Without values, it is not worth much."""
    if facts.holds and not searched:
        yield Para(
            "The old objects are gone. Nothing was searched for the values, which are not at hand:",
            Mood.CAUTION,
        )
        yield Commands(("secops purge-history --verify --secret-file FILE",))
    elif facts.holds:
        yield Para("✓ Nothing is left.", Mood.GOOD)
    else:
        yield Para(f"✗ NOT clean: something is left in {count(len(facts.leftovers), 'place')}.", Mood.BAD)
        yield from leftover_rows(facts.leftovers, None)
        yield Para("What was verified:", Mood.QUIET)
    yield Items(facts.checks)


def push_story(pushes: Sequence[PushFacts], *, most: int | None = None) -> Iterator[Block]:
    """What to push where, in at most so many commands; nothing where there is no remote."""
    for facts in pushes:
        where = f"{facts.remote} ({facts.server})" if facts.server else facts.remote
        yield Title(f"To push to {where}")
        if facts.commands or facts.unnamed:
            yield Para("All at once, and with a word on each ref:")
            yield Commands(("secops purge-history --push",))
        if facts.commands:
            yield Para("Or one by one:")
            yield Commands(facts.commands[:most])
        if most is not None and len(facts.commands) > most:
            yield Para(f"and {len(facts.commands) - most:,} more: see the report.", Mood.QUIET)
        if facts.unnamed:
            yield Para(
                f"{count(facts.unnamed, 'ref')} there with a value in the name: only --push deletes it, for "
                "no command may hold it.",
                Mood.CAUTION,
            )
        if facts.commands:
            yield Para(f"Protected branches: {facts.protected}")
        if facts.readonly:
            yield Para(
                f"{count(len(facts.readonly), 'ref')} that only the host can delete: "
                f"{listed(facts.readonly, _FEW)}. {facts.cleanup}"
            )


def pushed_ref(one: Pushed) -> PushedRef:
    """What came of one ref, for a report."""
    return PushedRef(
        remote=visible(one.remote),
        ref=visible(one.ref),
        fate=one.fate.value,
        well=one.well,
        reason=visible(one.reason),
    )


def pushed_story(facts: PushedFacts) -> Iterator[Block]:
    """What came of a push."""
    yield Title("Pushed")
    for fate in Fate:
        names = [f"{one.remote} {one.ref}" for one in facts.refs if one.fate == fate.value]
        if names:
            few = _FEW if fate in (Fate.DONE, Fate.DELETED, Fate.ABSENT) else None
            yield Rows(((fate.value, f"{len(names):,}: {listed(names, few)}"),))
    for reason in dict.fromkeys(one.reason for one in facts.refs if one.reason):
        yield Para(f"git says: {reason}", Mood.CAUTION)
    if any(one.fate == Fate.MOVED.value for one in facts.refs):
        yield Para(
            "Somebody has pushed since you fetched; the lease has kept their work. Fetch, purge again, "
            "then push.",
            Mood.CAUTION,
        )
    if any(one.fate == Fate.REFUSED.value for one in facts.refs):
        yield Para("Refused refs are usually protected: lift that, and push again.", Mood.CAUTION)
    if facts.stale:
        yield Title("Refs of the host that still hold old commits")
        yield Items(facts.stale)
        yield Para("The ticket names them. What you can delete yourself, delete.")
