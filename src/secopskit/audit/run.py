"""Use case of the audit: facts are judged by every rule, what is known is held back, the rest is ranked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from secopskit.audit.live.model import GITHUB_RULE, NATURE_RULE, PORT_RULE, LiveFacts
from secopskit.audit.live.rules import live_rules
from secopskit.audit.mismatch import rules as all_rules
from secopskit.audit.model import Mismatch, MismatchRule, told_apart
from secopskit.audit.outcome import AcceptedMismatch, AuditOutcome, HeldBack, has_subjects
from secopskit.audit.rank import Judged, rank, severity_of
from secopskit.audit.request import AuditRequest
from secopskit.collect.facts import ProjectFacts
from secopskit.errors import UsageError
from secopskit.findings import SuppressedBy
from secopskit.named_tuple import NamedTuple

_NEAR: Final = 3
_NOTHING: Final = "no file has a service, a variable or a pipeline that could be held against another"


class LiveAnswer(NamedTuple):
    """What was looked up outside of the files, and what that does not agree with. `rules` judged it."""

    facts: LiveFacts
    found: tuple[tuple[MismatchRule, Mismatch], ...] = ()
    rules: tuple[MismatchRule, ...] = ()


def known_rules() -> Mapping[str, MismatchRule]:
    """All rules by id: those of the files, and those that hold live facts against them."""
    return dict(all_rules()) | {rule.id: rule for rule in live_rules(LiveFacts())}


def chosen_rules(ids: Iterable[str]) -> Mapping[str, MismatchRule]:
    """The rules of these ids, all without any. Raises UsageError for an id that no rule has."""
    known = known_rules()
    wanted = tuple(ids)
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=_NEAR, cutoff=0.5)
            raise UsageError(
                f"there is no rule {name!r}",
                advice=f"Did you mean {' or '.join(near)}?"
                if near
                else "`secops audit --list-rules` names all.",
            )
    return {name: rule for name, rule in known.items() if not wanted or name in wanted}


def audit(
    facts: ProjectFacts,
    request: AuditRequest,
    accepted: Collection[AcceptedMismatch] = (),
    live: LiveAnswer | None = None,
) -> AuditOutcome:
    """Hold the facts of a project against each other, and against `live` ones where there are some.

    Pure. Raises UsageError for a rule that is none.
    """
    asked = chosen_rules(request.rules)
    chosen_rules(request.disable)
    own = all_rules()
    judged = [
        (own[name], found) for name in asked if name in own for found in told_apart(own[name].judge(facts))
    ]
    if live is not None:
        judged += [(rule, found) for rule, found in live.found if rule.id in asked]
    known = {entry.id: entry for entry in accepted}
    reported, held_back = list[Judged](), list[HeldBack]()
    for rule, mismatch in judged:
        held = _held_back(rule, mismatch, request, known)
        if held is None:
            reported.append((rule, mismatch))
        else:
            held_back.append(held)
    present = {mismatch.id for _, mismatch in judged}
    unspoken = _asleep(facts, live)
    spoke = asked.keys() - unspoken
    return AuditOutcome(
        name=request.name or facts.name,
        facts=facts,
        live=None if live is None else live.facts,
        lines=rank(reported),
        held_back=tuple(sorted(held_back, key=_order)),
        stale=tuple(entry for entry in accepted if entry.rule in spoke and entry.id not in present),
        asked=len(spoke),
        limits=_limits(facts, live),
        unspoken=unspoken,
    )


def _asleep(facts: ProjectFacts, live: LiveAnswer | None) -> frozenset[str]:
    """The rules that cannot say all they would, because nobody was asked, or did not answer.

    What they accepted is not stale.
    """
    seen = LiveFacts() if live is None else live.facts
    mute = {question.rule for question in seen.unanswered}
    mute |= {
        rule
        for rule, spoke in (
            (NATURE_RULE, bool(seen.databases)),
            (PORT_RULE, seen.ports is not None),
            (GITHUB_RULE, facts.live is not None),
        )
        if not spoke
    }
    return frozenset(mute)


def _held_back(
    rule: MismatchRule,
    mismatch: Mismatch,
    request: AuditRequest,
    known: Mapping[str, AcceptedMismatch],
) -> HeldBack | None:
    if rule.id in request.disable:
        return HeldBack(mismatch, rule, SuppressedBy.RULE)
    if entry := known.get(mismatch.id):
        return HeldBack(mismatch, rule, SuppressedBy.BASELINE, entry.reason, entry.owner)
    if severity_of(rule, mismatch) < request.min_severity:
        return HeldBack(mismatch, rule, SuppressedBy.SEVERITY)
    return None


def _order(held: HeldBack) -> tuple[object, ...]:
    place = held.mismatch.evidence[0].place
    return held.by.value, held.rule.id, place, held.mismatch.subject, held.mismatch.message


def _limits(facts: ProjectFacts, live: LiveAnswer | None) -> tuple[str, ...]:
    """What was not looked at: of the whole, of single stacks, and of what was asked outside."""
    told = [*facts.limits, *([] if has_subjects(facts) else [_NOTHING])]
    told += [f"{stack.name}: {limit}" for stack in facts.stacks for limit in stack.limits]
    if live is not None:
        told += [f"{question.rule}: {question.text}" for question in live.facts.unanswered]
        told += live.facts.limits
    return tuple(dict.fromkeys(told))
