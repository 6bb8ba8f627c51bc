"""The table of an incident for a terminal: a secret in two or three lines, so that it fits 80 columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.incident.tell.facts import IncidentFacts, SecretFacts
from secopskit.incident.tell.words import acceptance, exposed, headline, standing, verdict
from secopskit.report.page import Paint, TextStyle, unpainted, wrapped
from secopskit.report.text import count

_ID: Final = 12
_STATE: Final = 8
_BEFORE: Final = " " * (2 + _ID + 2 + _STATE + 2)
_STYLES: Final = {
    "found": TextStyle.BAD,
    "accepted": TextStyle.CAUTION,
    "closed": TextStyle.GOOD,
}


def as_table(
    facts: IncidentFacts, *, width: int = 100, paint: Paint = unpainted, everything: bool = False
) -> str:
    """The table with a summary above it and what else is to be known below; `everything` has all notes."""
    width = max(width, 60)
    lines = [paint(f"{headline(facts)}  in {facts.repository}", TextStyle.HEADING)]
    lines += wrapped(f"Looked at: {facts.looked_at}.", width, "  ", "  ")
    for limit in facts.limits:
        lines += [paint(line, TextStyle.CAUTION) for line in wrapped(limit, width, "  ! ", "    ")]
    for work in facts.unfinished:
        words = "is running" if work.running else f"has stopped half-way: {work.command}"
        lines.append(paint(f"  ! The {work.what} {words}", TextStyle.CAUTION))
    for secret in facts.secrets:
        lines += ["", *_secret(secret, width, paint)]
    if facts.secrets or facts.tasks:
        lines += ["", *_below(facts, width, paint, everything=everything)]
    return "\n".join(lines) + "\n"


def _secret(secret: SecretFacts, width: int, paint: Paint) -> Iterator[str]:
    state = paint(f"{secret.state:<{_STATE}}", _STYLES.get(secret.state, TextStyle.PLAIN))
    title = secret.title + (" CAME BACK" if secret.came_back else "")
    first, *more = wrapped(title, width, _BEFORE, _BEFORE)
    yield f"  {secret.id:<{_ID}}  {state}  {first.removeprefix(_BEFORE)}"
    yield from more
    yield from wrapped(standing(secret), width, _BEFORE, _BEFORE)
    yield from (
        paint(line, TextStyle.QUIET)
        for line in wrapped(f"exposed {exposed(secret)}", width, _BEFORE, _BEFORE)
    )
    if words := acceptance(secret):
        yield from wrapped(f"accepted: {words}", width, _BEFORE, _BEFORE)
    if secret.next.step.startswith("nothing"):
        return
    yield from wrapped(f"next: {secret.next.step}", width, _BEFORE, _BEFORE)
    if secret.next.command:
        yield _BEFORE + "  " + paint(secret.next.command, TextStyle.COMMAND)


def _below(facts: IncidentFacts, width: int, paint: Paint, *, everything: bool) -> Iterator[str]:
    style = TextStyle.BAD if facts.gating else TextStyle.GOOD
    if words := verdict(facts):
        yield paint(words, style)
    for note in facts.notes:
        yield from wrapped(note, width, "", "  ")
    rows = {(task.who, task.what, task.command) for task in facts.tasks}
    of_secrets = {one.next.command for one in facts.secrets}
    left = [one for one in facts.tasks if one.command not in of_secrets or not one.command]
    shown = left if everything or len(rows) < _ID else left[:_ID]
    for task in shown:
        yield from wrapped(f"{task.who}: {task.what}", width, "", "  ")
        if task.command:
            yield "  " + paint(task.command, TextStyle.COMMAND)
    if more := len(left) - len(shown):
        yield f"and {count(more, 'more task')}: -v lists all."
    if everything:
        for sentence in facts.unreachable:
            yield from wrapped(sentence, width, "", "  ")
    elif any(one.state not in ("closed", "accepted") for one in facts.secrets):
        yield from wrapped("All steps in turn, each asked for: secops remediate", width, "", "  ")
        things = count(len(facts.unreachable), "thing")
        yield from wrapped(f"{things} cannot be known from here: -v, or -f md for a report.", width, "", "  ")
