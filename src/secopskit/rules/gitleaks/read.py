"""Reads `.gitleaks.toml` and `.betterleaks.toml` (https://github.com/gitleaks/gitleaks#configuration).

Their own rules become rules of ours; what cannot be translated is named. What such a file says of the tool's
built-in rules says nothing here, and its allowlists count for its own rules alone: no file that is scanned
takes anything back that secops finds.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.findings import Confidence, Severity
from secopskit.named_tuple import NamedTuple
from secopskit.rules.gitleaks import fields
from secopskit.rules.gitleaks.translate import UntranslatableError, translated
from secopskit.rules.hostile import slowness
from secopskit.rules.loosened import loosened
from secopskit.rules.model import Rule, RuleAllowance
from secopskit.rules.parsetree import parse
from secopskit.rules.required import MIN_LITERAL, literals
from secopskit.rules.shape import repeat_problems
from secopskit.state.smallfiles import read_small

VENDOR: Final = "Rules of the repository"
_LIMIT: Final = 1 << 20
_MOST_RULES: Final = 1000
_MOST_NAMED: Final = 5
_MOST_REPEATS: Final = (1000, 100, 30)
_DEPTH: Final = 2
_SHAPE: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_ID: Final = 48
_REMEDIATION: Final = "Change it where it is used, and keep the new one outside the repository."


class GitleaksRules(NamedTuple):
    """The rules that a file came to, and why others did not, by what they are called there.

    `has_allowlist`: it has one for all rules, those that come with its tool included.
    """

    file: str
    rules: tuple[Rule, ...]
    left_out: tuple[str, ...]
    has_allowlist: bool = False

    @property
    def note(self) -> str:
        """What became of the file, in one line."""
        count = len(self.rules)
        told = f"{os.path.basename(self.file)}: {count} rule{'s' if count != 1 else ''} of it used"
        told += ", its allowlist for these alone" if self.has_allowlist else ""
        if not self.left_out:
            return told
        more = len(self.left_out) - _MOST_NAMED
        named = "; ".join(self.left_out[:_MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
        return f"{told}; not used: {named}"


def read_gitleaks(file: Path, *, taken: Collection[str] = ()) -> GitleaksRules:
    """The rules of a file, and of those that it extends beside or beneath itself. Raises ConfigError.

    An id that is `taken` gets `custom-` before it.
    """
    reading = _Reading(frozenset(taken), file.name)
    reading.read(file, 0)
    return GitleaksRules(str(file), tuple(reading.rules.values()), tuple(reading.left_out), reading.shared)


class _Reading:
    """The files read so far."""

    def __init__(self, taken: frozenset[str], source: str) -> None:
        self._taken = taken
        self._source = source
        self.rules: dict[str, Rule] = {}
        self.left_out: list[str] = []
        self.shared = False

    def read(self, file: Path, depth: int) -> None:
        """Take in a file, after what it extends."""
        document = self._known("the file", _document(file), fields.DOCUMENT)
        extend = self._known("extend", _table(document.get("extend")), fields.EXTEND)
        self._extend(file, extend, depth)
        for name in _texts(extend.get("disabledRules")):
            self.rules.pop(name, None)
        shared = tuple(self._allowances("all rules", document))
        self.shared = self.shared or bool(shared)
        rules = document.get("rules")
        rules = rules if isinstance(rules, list) else []
        if len(rules) > _MOST_RULES:
            self.left_out.insert(0, f"{len(rules) - _MOST_RULES:,} rules behind the first {_MOST_RULES:,}")
        for entry in rules[:_MOST_RULES]:
            called = _table(entry).get("id")
            known = self._known(called if isinstance(called, str) else "?", _table(entry), fields.RULE)
            self._rule(known, shared)

    def _known(
        self, name: str, table: Mapping[str, Any], known: Mapping[str, fields.FieldKind]
    ) -> dict[str, Any]:
        """The fields of a table that can be used; the others are named."""
        self.left_out += [f"{_shown(name)}: {each}" for each in fields.strange(table, known)]
        return fields.fitting(table, known)

    def _extend(self, file: Path, extend: Mapping[str, Any], depth: int) -> None:
        path = extend.get("path")
        if not isinstance(path, str):
            return
        other = file.parent / path
        if depth >= _DEPTH or not os.path.realpath(other).startswith(os.path.realpath(file.parent) + os.sep):
            self.left_out.append(f"{_shown(path)}: stands elsewhere, or too deep")
        elif not other.is_file():
            self.left_out.append(f"{_shown(path)}: is not there")
        else:
            self.read(other, depth + 1)

    def _rule(self, entry: Mapping[str, Any], shared: tuple[RuleAllowance, ...]) -> None:
        name = str(entry.get("id", "?"))
        try:
            rule = self._translated(name, entry)
        except UntranslatableError as error:
            self.left_out.append(f"{_shown(name)}: {error}")
            return
        self.rules[name] = rule._replace(allow=(*self._allowances(name, entry), *shared))

    def _translated(self, name: str, entry: Mapping[str, Any]) -> Rule:
        expression = entry.get("regex")
        if not isinstance(expression, str) or not expression:
            kind = "it names files only" if entry.get("path") else "it has no expression of its own"
            raise UntranslatableError(kind)
        pattern = _bounded(expression, _number(entry.get("secretGroup")))
        keywords = tuple(word for word in _texts(entry.get("keywords")) if len(word) >= MIN_LITERAL)
        if not keywords and not literals(pattern):
            raise UntranslatableError("neither a keyword nor a text that every match has to look for")
        path = entry.get("path")
        return Rule(
            id=self._id(name),
            vendor=VENDOR,
            title=str(entry.get("description") or name)[:200],
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            remediation=_REMEDIATION,
            pattern=pattern,
            boundary=False,
            multiline=bool(keywords) or r"\n" in expression or "(?s" in expression,
            entropy=min(float(entropy), 8.0)
            if isinstance(entropy := entry.get("entropy"), int | float)
            else 0.0,
            filters=(),
            path=translated(path) if isinstance(path, str) else "",
            keywords=keywords,
            source=self._source,
        )

    def _id(self, name: str) -> str:
        made = (
            _SHAPE.sub("-", name.lower()).strip("-")[: _LONGEST_ID - len("custom-")].strip("-") or "unnamed"
        )
        used = self._taken | {rule.id for key, rule in self.rules.items() if key != name}
        return f"custom-{made}" if made in used else made

    def _allowances(self, name: str, entry: Mapping[str, Any]) -> Iterator[RuleAllowance]:
        """Those in both spellings: one table, or a list of them."""
        lists = [entry.get("allowlist"), *(entry.get("allowlists") or ())]
        for table in map(_table, lists):
            one = self._known(f"an allowlist of {name}", table, fields.ALLOWLIST)
            if one.get("targetRules"):
                self.left_out.append(
                    f"an allowlist of {_shown(name)}: it is for some rules only (`targetRules`)"
                )
                continue
            try:
                found = RuleAllowance(
                    paths=tuple(map(_compiled, _texts(one.get("paths")))),
                    regexes=tuple(map(_compiled, _texts(one.get("regexes")))),
                    target=target if (target := one.get("regexTarget")) in ("match", "line") else "secret",
                    stopwords=tuple(word.lower() for word in _texts(one.get("stopwords"))),
                    every=str(one.get("condition", "")).upper() in ("AND", "&&"),
                )
            except UntranslatableError as error:
                self.left_out.append(f"an allowlist of {_shown(name)}: {error}")
                continue
            if found.paths or found.regexes or found.stopwords:
                yield found


def _document(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_small(file, limit=_LIMIT).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        why = (
            str(error)
            if isinstance(error, tomllib.TOMLDecodeError)
            else "it is no UTF-8, or nested too deeply"
        )
        raise ConfigError(f"{file}: not valid TOML: {why}", advice="Mend it, or leave it out.") from None


def _bounded(expression: str, group: int) -> str:
    """The expression with bounds small enough that none within another makes it slow."""
    for most in _MOST_REPEATS:
        pattern = _compiled(expression, group, most)
        problem = next(repeat_problems(parse(pattern)), "")
        if not problem:
            if problem := slowness(pattern):
                break
            return pattern
    raise UntranslatableError(problem)


def _compiled(expression: str, group: int = 0, most: int = 1000) -> str:
    pattern = translated(expression, group=group, most=most)
    try:
        compiled = re.compile(pattern.encode())
        loosened(pattern)
    except (re.error, OverflowError, RecursionError, ValueError) as error:
        raise UntranslatableError(f"Python does not take it: {error}") from None
    if compiled.match(b""):
        raise UntranslatableError("it matches the empty text")
    return pattern


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _number(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 100 else 0


def _shown(name: str) -> str:
    """A name from a file of others, as a message may have it."""
    return name[:60].encode("unicode_escape").decode("ascii")
