"""The rule checker: everything a rule must be before it may judge other people's files.

A bad rule is a `RuleProblem`, never an exception. What only the detectors know (whether an example
is found, which filters there are) is asked of a `Bench`, for rules know nothing of detectors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from secopskit.errors import ConfigError
from secopskit.findings import Confidence
from secopskit.rules.examples import expand
from secopskit.rules.load import builtin_files, load, load_builtin
from secopskit.rules.loosened import loosened
from secopskit.rules.model import Rule, RuleKind
from secopskit.rules.parsetree import parse
from secopskit.rules.possessive import possessive_problems
from secopskit.rules.required import MIN_LITERAL, literals
from secopskit.rules.shape import repeat_problems
from secopskit.rules.sound import broken_expression, slow_expression

MAX_ID: Final = 48
MIN_EXAMPLES: Final = 2
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Literals so common that, as the only ones, they would make the prefilter useless.
_TOO_COMMON: Final = frozenset({b"http", b"https", b"://", b"com", b"www"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleProblem:
    """What is wrong with a rule, or (where `rule_id` is empty) with a whole file."""

    file: str
    rule_id: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.rule_id}" if self.rule_id else self.file
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the checker asks of the detectors.

    `finds(rule, text)` tells whether the real detector, given that rule alone, reports it in a
    file of that content. `refuses(rule)` says why the engine cannot take the rule, or "".
    """

    filters: Collection[str]
    validators: Collection[str]
    finds: Callable[[Rule, str], bool]
    refuses: Callable[[Rule], str]


def check_files(files: Iterable[Path], bench: Bench) -> tuple[int, tuple[RuleProblem, ...]]:
    """Check rule files: the number of rules read, and every problem in the order of the files."""
    problems: list[RuleProblem] = []
    owners: dict[str, Path] = {}
    files = tuple(files)
    builtin = {file.resolve() for file in builtin_files()}
    others = {file for file in files if file.resolve() not in builtin}
    taken = {rule.id for rule in load_builtin()} if others else set[str]()
    for file in files:
        try:
            rules = load([file])
        except ConfigError as error:
            # The message begins with the file's name already.
            problems.append(
                RuleProblem(file=str(file), rule_id="", message=str(error).removeprefix(f"{file}: "))
            )
            continue
        except (RecursionError, TypeError, ValueError, OverflowError) as error:
            # What YAML can spell and no rule can be: unhashable, endless or absurdly nested values.
            problems.append(
                RuleProblem(file=str(file), rule_id="", message=f"cannot be read ({type(error).__name__})")
            )
            continue
        for rule in rules:
            first = owners.setdefault(rule.id, file)
            messages = list(check_rule(rule, bench))
            if first is not file:
                messages.insert(0, f"the id is used in {first} already")
            elif file in others and rule.id in taken:
                messages.insert(0, "the id is that of a rule that comes with secops")
            problems += [
                RuleProblem(file=str(file), rule_id=rule.id, message=message) for message in messages
            ]
    return len(owners), tuple(problems)


def check_rule(rule: Rule, bench: Bench) -> Iterator[str]:
    """What is wrong with `rule`, one sentence each."""
    yield from _texts(rule)
    broken = list(_names(rule, bench))
    broken += _pattern(rule, bench) if rule.kind is RuleKind.PATTERN else _no_pattern(rule)
    yield from broken
    if not broken and (slow := slow_expression(rule)):  # no example is worth waiting for
        yield slow
    elif not broken:
        yield from _examples(rule, bench)


def _texts(rule: Rule) -> Iterator[str]:
    if not _ID.fullmatch(rule.id) or len(rule.id) > MAX_ID:
        yield f"the id must be words of a-z and 0-9 joined by single hyphens, at most {MAX_ID} characters"
    for name in ("title", "remediation"):
        if not getattr(rule, name).strip():
            yield f"{name} is empty"
    if not rule.references:
        yield "references is empty: name the page that documents the format"
    for reference in rule.references:
        if not reference.startswith("https://"):
            yield f"the reference {reference!r} is not an https address"
    for name in ("examples", "negative_examples"):
        if len(set(getattr(rule, name))) < MIN_EXAMPLES:
            yield f"{name} needs at least {MIN_EXAMPLES} different entries"


def _names(rule: Rule, bench: Bench) -> Iterator[str]:
    for name in rule.filters:
        if name not in bench.filters:
            yield f"there is no filter {name!r}; known: {', '.join(sorted(bench.filters))}"
    if rule.validator and rule.validator not in bench.validators:
        yield f"there is no validator {rule.validator!r}; known: {', '.join(sorted(bench.validators))}"
    if problem := broken_expression(rule):
        yield problem


def _no_pattern(rule: Rule) -> Iterator[str]:
    if rule.pattern or rule.context or rule.multiline or rule.lines > 1:
        yield "a rule of kind structure has no pattern, context, multiline or lines: its detector decides"


def _pattern(rule: Rule, bench: Bench) -> Iterator[str]:
    if not rule.pattern:
        yield "pattern is missing (or write `kind: structure`)"
        return
    if broken_expression(rule):  # told already
        return
    try:
        compiled = rule.compiled()
        tree = parse(rule.expression)
        loosened(rule.expression)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        yield f"the pattern does not compile: {error}"
        return
    if compiled.flags & (re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE):
        yield "global flags apply to the whole expression: write (?i:...) around the part that is meant"
    if compiled.match(b""):
        yield "the pattern matches the empty text"
    problems = list(repeat_problems(tree, multiline=rule.multiline))
    yield from problems
    yield from dict.fromkeys(possessive_problems(tree))
    yield from _literals(rule)
    if not problems and (refusal := bench.refuses(rule)):
        yield refusal


def _literals(rule: Rule) -> Iterator[str]:
    found = literals(rule.expression)
    if not found:
        yield (
            f"no literal of {MIN_LITERAL} or more characters is in every match, "
            "so the rule cannot be looked for quickly: add the prefix or a context word"
        )
    elif common := found & _TOO_COMMON:
        names = ", ".join(sorted(literal.decode("ascii", "replace") for literal in common))
        yield f"a literal that every match contains is too common to look for: {names}"


def _examples(rule: Rule, bench: Bench) -> Iterator[str]:
    # A format without a checksum or claims to compute is fully made up of generated characters.
    generated = (
        rule.kind is RuleKind.PATTERN
        and rule.confidence is Confidence.HIGH
        and not (rule.validator or rule.multiline)
    )
    for number, example in enumerate(rule.examples, start=1):
        if not bench.finds(rule, expand(example, seed=rule.id)):
            yield f"example {number} is not found"
        elif generated and bench.finds(rule, example):
            yield f"example {number} spells a value out: write it as {{{{class:length}}}}"
    for number, example in enumerate(rule.negative_examples, start=1):
        if bench.finds(rule, expand(example, seed=rule.id)):
            yield f"negative example {number} is found"
