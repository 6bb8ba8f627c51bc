"""Extensions that a plan creates on the shadow and that the target cannot have, or not by this role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from secopskit.migrate.model import Hazard, MigrationStep
from secopskit.migrate.shadow.facts import TargetFacts
from secopskit.migrate.shadow.requests import creates, creates_within

_INSTALL: Final = "Install its package on that server first: until then, `up` fails here."
_CREATE: Final = (
    "Let a superuser create it there once, and keep IF NOT EXISTS here; some platforms let other roles, too."
)


def extension_hazards(facts: TargetFacts, steps: Sequence[MigrationStep]) -> Iterator[Hazard]:
    """What `facts` say of the extensions that the steps ask for and that the target does not have yet."""
    if not facts.creatable:
        return
    told = set(facts.extensions)
    for step in steps:
        for statement in step.script.statements:
            request = creates(statement.text)
            for asked in (request,) if request else creates_within(statement.text):
                if asked.name in told:
                    continue
                told.add(asked.name)
                rule, message, advice = _judged(facts, asked.name)
                if rule:
                    yield Hazard(
                        rule=rule,
                        version=step.migration.version,
                        line=statement.line,
                        message=message,
                        advice=advice,
                    )


def _judged(facts: TargetFacts, name: str) -> tuple[str, str, str]:
    """The rule, its message and advice; empty where the target can create the extension."""
    if name not in facts.creatable:
        return "extension-missing", f"the target's server does not have the extension {name}", _INSTALL
    if facts.creatable[name] or facts.superuser or facts.supabase:
        return "", "", ""
    return "extension-superuser", f"only a superuser may create the extension {name}", _CREATE
