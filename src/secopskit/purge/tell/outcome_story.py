"""The story of an outcome, in blocks of `report.page`: the proof, the push, what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from secopskit.purge.model import RefChange
from secopskit.purge.push.remote_push import PushStatus
from secopskit.purge.tell.outcome_facts import OutcomeFacts, ProofFacts, PushedFacts, PushFacts
from secopskit.purge.tell.places_story import elsewhere_story, unopened_story
from secopskit.purge.tell.plan_story import leftover_rows, plan_story
from secopskit.purge.tell.scope import scope_story
from secopskit.report.page import Block, Commands, Items, Para, Rows, TextStyle, Title
from secopskit.report.text import count, listed

_FEW: Final = 4
_MOST_COMMANDS: Final = 6


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
    yield from (Para(note, TextStyle.QUIET) for note in facts.notes)
    if everything and facts.changes:
        yield Title("Refs, with their old and new ids")
        yield Rows(tuple((one.ref, f"{one.old or 'none'} to {one.new or 'none'}") for one in facts.changes))
    yield Title("Proof")
    if facts.plan and facts.plan.unreadable:
        lost = count(len(facts.plan.unreadable), "object")
        yield Para(
            f"✗ {lost} could not be read when this was planned: whether a value stood there is not known.",
            TextStyle.BAD,
        )
    yield from proof_story(facts.proof, searched=facts.searched)
    if facts.plan:
        yield from elsewhere_story(facts.plan, _FEW)
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


def whole_story(facts: OutcomeFacts) -> tuple[Block, ...]:
    """All of it, with every name, and the plan behind it: for a file."""
    before = plan_story(facts.plan, everything=True) if facts.plan else ()
    return (*outcome_story(facts, everything=True), *before)


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
            TextStyle.CAUTION,
        )
        yield Commands(("secops purge-history --verify --secret-file FILE",))
    elif facts.holds and facts.unopened:
        yield Para("✓ Nothing is left in what could be opened.", TextStyle.GOOD)
    elif facts.holds:
        partial = facts.scope is not None and facts.scope.partial
        yield Para(
            "✓ Nothing is left of what was looked for." if partial else "✓ Nothing is left.", TextStyle.GOOD
        )
    else:
        yield Para(
            f"✗ NOT clean: something is left in {count(len(facts.leftovers), 'place')}.", TextStyle.BAD
        )
        yield from leftover_rows(facts.leftovers, None)
        yield Para("What was verified:", TextStyle.QUIET)
    yield Items(facts.checks)
    yield from unopened_story(facts.unopened)
    if facts.scope and searched:
        yield from scope_story(facts.scope)


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
            yield Para(f"and {len(facts.commands) - most:,} more: see the report.", TextStyle.QUIET)
        if facts.unnamed:
            yield Para(
                f"{count(facts.unnamed, 'ref')} there with a value in the name: only --push deletes it, for "
                "no command may hold it.",
                TextStyle.CAUTION,
            )
        if facts.commands:
            yield Para(f"Protected branches: {facts.protected}")
        if facts.readonly:
            yield Para(
                f"{count(len(facts.readonly), 'ref')} that only the host can delete: "
                f"{listed(facts.readonly, _FEW)}. {facts.cleanup}"
            )


def pushed_story(facts: PushedFacts) -> Iterator[Block]:
    """What came of a push."""
    yield Title("Pushed")
    for fate in PushStatus:
        names = [f"{one.remote} {one.ref}" for one in facts.refs if one.fate == fate.value]
        if names:
            few = _FEW if fate in (PushStatus.DONE, PushStatus.DELETED, PushStatus.ABSENT) else None
            yield Rows(((fate.value, f"{len(names):,}: {listed(names, few)}"),))
    for reason in dict.fromkeys(one.reason for one in facts.refs if one.reason):
        yield Para(f"git says: {reason}", TextStyle.CAUTION)
    if any(one.fate == PushStatus.MOVED.value for one in facts.refs):
        yield Para(
            "Somebody has pushed since you fetched; the lease has kept their work. Fetch, purge again, "
            "then push.",
            TextStyle.CAUTION,
        )
    if any(one.fate == PushStatus.REFUSED.value for one in facts.refs):
        yield Para("Refused refs are usually protected: lift that, and push again.", TextStyle.CAUTION)
    if facts.stale:
        yield Title("Refs of the host that still hold old commits")
        yield Items(facts.stale)
        yield Para("The ticket names them. What you can delete yourself, delete.")
