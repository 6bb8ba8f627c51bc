"""Whole files: their statements in order, what hurts in them, and what a comment beside it allows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from secopskit.known.allow_comments import InlineAllowances
from secopskit.migrate.model import Hazard, Migration, Script, Statement
from secopskit.migrate.pains.knowledge import FileKnowledge, Pain, SchemaKnowledge
from secopskit.migrate.pains.rules import PAIN_RULES
from secopskit.migrate.pains.statements import pains_of_statement
from secopskit.migrate.read.words import statements_within, words_of

_SQUAWK_IGNORE: Final = re.compile(r"--[ \t]*squawk-ignore[ \t]+([\w, \t-]+)")
_LONGEST: Final = 200_000  # characters of a statement: what is longer holds data
_NO_RULE: Final = "none of ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedPain:
    """A hazard that a comment allows, with the `reason` that its author gave."""

    hazard: Hazard
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PainsFound:
    """What the rules found in some files, and what they would have found but for comments."""

    hazards: tuple[Hazard, ...]
    allowed: tuple[AllowedPain, ...] = ()


def find_pains(
    before: Iterable[Migration], chosen: Sequence[Migration], *, lock_timeout_ms: int = 2000
) -> PainsFound:
    """What hurts in the `chosen` files, given what those `before` them made. Pure; reads text alone."""
    schema = SchemaKnowledge()
    for migration in before:
        _pains_of(migration.up, schema, lock_timeout_ms)
    hazards: list[Hazard] = []
    allowed: list[AllowedPain] = []
    for migration in chosen:
        comments = _Comments(migration.up)
        for statement, pain in _pains_of(migration.up, schema, lock_timeout_ms):
            hazard = _hazard(migration, statement, pain)
            reason = comments.allows(hazard.rule, {hazard.line, statement.line if statement else 1})
            if reason is None:
                hazards.append(hazard)
            else:
                allowed.append(AllowedPain(hazard=hazard, reason=reason))
    return PainsFound(hazards=tuple(dict.fromkeys(hazards)), allowed=tuple(dict.fromkeys(allowed)))


def _pains_of(
    script: Script, schema: SchemaKnowledge, lock_timeout_ms: int
) -> Sequence[tuple[Statement | None, Pain]]:
    if not script.statements and not script.fault:
        return [(None, Pain("empty-file", 0))]
    limit = script.directives.lock_timeout_ms
    file = FileKnowledge(
        unlimited=(lock_timeout_ms if limit is None else limit) == 0,
        transaction=script.directives.transaction,
    )
    found = [
        (statement, pain)
        for statement in script.statements
        for words in statements_within(words_of(statement.text[:_LONGEST]))
        for pain in pains_of_statement(words, file, schema)
    ]
    waits = [each for each in found if each[1].rule == "no-lock-timeout"]
    return [each for each in found if each not in waits[1:]]  # once for a file is enough


def _hazard(migration: Migration, statement: Statement | None, pain: Pain) -> Hazard:
    rule = PAIN_RULES[pain.rule]
    return Hazard(
        rule=pain.rule,
        version=migration.version,
        line=statement.line + statement.text.count("\n", 0, pain.at) if statement else 1,
        message=f"{rule.title}: {pain.what}" if pain.what else rule.title,
        advice=rule.advice,
        relation=pain.relation,
    )


class _Comments:
    """The comments of a file that allow something: `-- secops: allow[rule] reason`, and squawk's own."""

    def __init__(self, script: Script) -> None:
        self._text = script.text
        self._ours = InlineAllowances(script.text.encode()) if "allow" in script.text else None
        self._lines = script.text.split("\n") if "squawk-ignore" in script.text else []

    def allows(self, rule: str, lines: Iterable[int]) -> str | None:
        """The reason why `rule` may speak of one of `lines`; None if nothing allows it.

        A bare `allow` is about a secret in the line, and not about what the statement does.
        """
        for line in sorted(lines):
            if self._ours and (found := self._ours.find(line, rule)) and found.who == "secops":
                bare = self._ours.find(line, _NO_RULE)
                if bare is None or bare != found:
                    return found.reason
            for at in (line - 1, line - 2):
                ignored = _SQUAWK_IGNORE.search(self._lines[at]) if 0 <= at < len(self._lines) else None
                if ignored and set(re.split(r"[,\s]+", ignored[1])) & set(PAIN_RULES[rule].squawk):
                    return "squawk-ignore"
        return None
