"""The report on a terminal, or as plain text."""

from __future__ import annotations

from collections.abc import Iterator

from secopskit.fleet.tell.facts import FleetFacts, FleetMember, FleetSecret
from secopskit.fleet.tell.words import (
    changes,
    headline,
    place,
    severities,
    spread,
    standing,
    states,
    when,
)
from secopskit.report.facts.summary import phrase
from secopskit.report.page import Block, Commands, Items, Para, Rows, TextStyle, Title, as_text
from secopskit.report.text import count, listed, visible

_FEW = 3
_MANY = 50


def render(facts: FleetFacts) -> str:
    """The whole report, without colours."""
    return as_text(blocks(facts))


def blocks(facts: FleetFacts) -> tuple[Block, ...]:
    """The report as blocks."""
    return (*_summary(facts), *_secrets(facts), *_unseen(facts), *_limits(facts), *_next(facts))


def summary(facts: FleetFacts) -> tuple[Block, ...]:
    """The report without its secrets."""
    return (*_summary(facts), *_unseen(facts), *_limits(facts), *_next(facts))


def _summary(facts: FleetFacts) -> Iterator[Block]:
    yield Title(headline(facts))
    yield Rows(
        (
            ("Fleet", visible(facts.selection)),
            ("Run", f"{facts.run}, {when(facts)}"),
            ("Repositories", states(facts)),
            ("Secrets", severities(facts)),
            ("Since last time", changes(facts)),
            ("Told here", facts.filtered and f"{len(facts.secrets) + facts.hidden:,}: {facts.filtered}"),
        )
    )
    yield from (Para(note, TextStyle.CAUTION) for note in facts.notes)


def _secrets(facts: FleetFacts) -> Iterator[Block]:
    if not facts.secrets:
        return
    yield Title("Secrets")
    yield Items(tuple(map(_secret, facts.secrets)))
    if facts.hidden:
        yield Para(f"and {facts.hidden:,} more: --limit 0, or another form, tells all.", TextStyle.QUIET)


def _secret(one: FleetSecret) -> str:
    places = listed([place(each) for each in one.places], _FEW)
    parts = (
        f"{one.severity}: {visible(one.title)}",
        visible(one.preview),
        "new" if one.new else "",
        f"{spread(one)}, {standing(one)}",
        f"since {one.since[:10]}" if one.since else "",
        f"owners {' '.join(map(visible, one.owners))}" if one.owners else "",
    )
    return f"{'; '.join(filter(None, parts))}. {places} ({one.id})"


def _unseen(facts: FleetFacts) -> Iterator[Block]:
    """What failed or was set aside; what waits is only counted, above."""
    unseen = [one for one in facts.repositories if not one.seen and one.state != "waiting"]
    if not unseen:
        return
    yield Title("Not looked into")
    yield Items(tuple(map(_why, unseen[:_MANY])))
    if (more := len(unseen) - _MANY) > 0:
        yield Para(f"and {more:,} more: the JSON form tells all.", TextStyle.QUIET)


def _why(one: FleetMember) -> str:
    reason = f": {visible(one.reason)}" if one.reason else ""
    return f"{visible(one.name)} ({one.state}){reason}." + (f" {visible(one.advice)}" if one.advice else "")


def _limits(facts: FleetFacts) -> Iterator[Block]:
    """What was looked into and yet not seen, or held back: counted over all repositories."""
    skipped, suppressed = dict[str, int](), dict[str, int]()
    for one in facts.repositories:
        for counts, own in ((skipped, one.skipped_for), (suppressed, one.suppressed)):
            for name, number in own.items():
                counts[name] = counts.get(name, 0) + number
    limited = [f"{visible(one.name)}: {visible(each)}" for one in facts.repositories for each in one.limits]
    if not (skipped or suppressed or limited):
        return
    yield Title("Not read, or held back")
    yield Rows(
        (
            ("Not read", phrase(skipped) if skipped else ""),
            ("Held back", phrase(suppressed) if suppressed else ""),
        )
    )
    if limited:
        yield Items((*limited[:_FEW], *_more(len(limited) - _FEW)))


def _more(number: int) -> tuple[str, ...]:
    return (f"{count(number, 'more limit')}: the JSON form tells all.",) if number > 0 else ()


def _next(facts: FleetFacts) -> Iterator[Block]:
    if facts.ended and not facts.secrets:
        return
    yield Title("Next")
    if not facts.ended:
        yield Para("The run has not ended. It goes on where it was with the same command:")
        yield Commands(("secops fleet scan …",))
    else:
        yield Para("Begin with the first: in a clone of its repository, `secops status` leads on.")
