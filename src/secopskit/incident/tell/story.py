"""The report of an incident for those who were not there: blocks for Markdown and for a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.incident.tell.facts import IncidentFacts, SecretFacts
from secopskit.incident.tell.words import acceptance, exposed, headline, standing, verdict
from secopskit.purge.push.guard import EXPORT
from secopskit.purge.tell.ticket import clone_steps
from secopskit.report.page import Block, Commands, Items, Para, Rows, Title, as_markdown

HEAD: Final = ("Id", "State", "Secret", "Where", "Exposed", "Next")


def as_report(facts: IncidentFacts) -> str:
    """The report as Markdown."""
    head = as_markdown((Title(f"Incident report: {headline(facts)}"), *summary(facts)))
    table = _table(facts)
    rest = as_markdown(details(facts))
    # `as_markdown` makes the first title that of a document; here it is one of sections.
    return "\n".join(filter(None, (head, table, f"#{rest}" if rest.startswith("# ") else rest)))


def summary(facts: IncidentFacts) -> Iterator[Block]:
    """What it is about, and what it comes to."""
    yield Rows((("Repository", facts.repository), ("Looked at", facts.looked_at)))
    if words := verdict(facts):
        yield Para(words)
    if facts.limits:
        yield Items(facts.limits)


def cells(secret: SecretFacts) -> tuple[str, ...]:
    """The row of a secret in the table, under `HEAD`."""
    state = f"{secret.state}, came back" if secret.came_back else secret.state
    step = secret.next.command or secret.next.step
    return secret.id, state, secret.title, standing(secret), exposed(secret), step


def details(facts: IncidentFacts) -> Iterator[Block]:
    """Everything below the table."""
    if facts.secrets:
        yield from _each(facts)
    else:
        yield Title("What this means")
        yield Para("The history holds no secret that a scan finds, and none is remembered from before.")
    if facts.tasks:
        yield Title("Who has to do what")
        for task in facts.tasks:
            yield Items((f"{task.who}: {task.what}",))
            if task.command:
                yield Commands((task.command,))
    if facts.rewritten:
        yield Title("For everybody with a clone")
        yield Para(
            "The history was rewritten. Never merge or pull the old history into the new one. The old and "
            "new commits stand in the letter for everybody with a clone."
        )
        yield from clone_steps(facts.remote or "origin", ids_file=EXPORT)
    if facts.unreachable:
        yield Title("What cannot be reached or known from here")
        yield Items(facts.unreachable)
    if facts.notes:
        yield Title("Notes")
        yield Items(facts.notes)


def _each(facts: IncidentFacts) -> Iterator[Block]:
    """Each secret, and what happened to them."""
    yield Title("Each secret")
    for secret in facts.secrets:
        yield Rows(tuple(_about(secret)))
    yield Title("Timeline")
    yield Items(
        tuple(f"{event.at[:19].replace('T', ' ')}  {event.what} [{event.id}]" for event in facts.timeline)
    )


def _about(secret: SecretFacts) -> Iterator[tuple[str, str]]:
    exposure = secret.exposure
    by = f" by {exposure.author}" if exposure.author else ""
    yield (
        "Secret",
        f"{secret.title} ({secret.id}, {secret.severity or 'severity unknown'}, {_rule(secret)})",
    )
    yield "State", secret.state + (" (it came back)" if secret.came_back else "")
    yield "Where", standing(secret)
    yield "Came in", f"{exposure.since} in {exposure.first_commit[:12]}{by}" if exposure.since else ""
    yield "Exposed", exposed(secret)
    yield "Rotated", f"{secret.rotated} ({secret.rotated_how})" if secret.rotated else ""
    yield "Declared places", secret.sinks if secret.rotated else ""
    yield "Purged", secret.purged
    yield "Proved gone", secret.proved
    yield "Accepted", acceptance(secret)
    yield "Next", "" if secret.next.step.startswith("nothing") else secret.next.step


def _rule(secret: SecretFacts) -> str:
    return f"rule {secret.rule}" if secret.rule else "named by hand"


def _table(facts: IncidentFacts) -> str:
    if not facts.secrets:
        return ""
    rows = [HEAD, ("---",) * len(HEAD), *map(cells, facts.secrets)]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows) + "\n"


def _cell(text: str) -> str:
    return text if text == "---" else as_markdown((Para(text),)).strip().replace("\n", " ")
