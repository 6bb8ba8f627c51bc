"""What is kept of a set of rules between runs: the rules in plain values, and the engine's database."""

from __future__ import annotations

import marshal
import os
import re
import sys
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from secopskit import __version__
from secopskit.detect.anchors import Anchors
from secopskit.detect.engine import choose, compile_database, is_usable, library_tag, loaded, platform_tag
from secopskit.findings import Confidence, Severity
from secopskit.lazy_regex import Form, LazyRegex, Source, compiled_forms, remember
from secopskit.rules.location import builtin_directory
from secopskit.rules.model import Rule, RuleAllowance, RuleKind
from secopskit.state.store import Store

if TYPE_CHECKING:
    import hyperscan

    from secopskit.detect.ready.shipped import ShippedRules

Record: TypeAlias = tuple[Any, ...]
"""A rule in plain values, in the order of its fields."""
RawRules: TypeAlias = tuple[list[Record], Anchors, tuple[str, ...]]
"""The records of rules, what the engine looks for, and notes about rules of other tools."""

_DATABASE: Final = "rules-database"
_FORMAT: Final = 14
_WITH_EXPRESSIONS: Final = (
    "secopskit.detect.chance",
    "secopskit.detect.judgement",
    "secopskit.detect.name",
    "secopskit.detect.structure",
    "secopskit.detect.value",
)
_PATHS: Final = LazyRegex(rb"^[ \t]*path[ \t]*=[ \t]*[\"']([^\"'\0\r\n]{1,300})[\"']", re.MULTILINE)


class KeptRules:
    """What is kept of one set of rules: the rules in one entry, and their Hyperscan database in another.

    Both depend on the same; what is not there is made, and kept for the next time.
    """

    def __init__(
        self,
        engine: str,
        cache: str | None,
        extra: tuple[str, ...],
        hints: tuple[str, ...],
        notice: Callable[[str], None],
    ) -> None:
        self.engine = engine
        self.label = _label(engine, extra, hints)
        # One entry is never taken for the other, whatever their files are called.
        self._other_label = self.label + b"\n" + _DATABASE.encode()
        self._store = Store(cache) if cache else None
        self._extra = extra
        self._hints = hints
        self._notice = notice
        self._made: bytes | None = None

    def rules(self) -> RawRules | None:
        """The rules, if they are there."""
        content = self._store.load(f"rules-{self.engine}", self.label) if self._store else None
        return _unpack(content) if content else None

    def database(self) -> hyperscan.Database | None:
        """The database, if it is there. May be asked by another thread."""
        content = self._store.load(_DATABASE, self._other_label) if self._store else None
        return loaded(content) if content else None

    def make(self) -> RawRules:
        """Take what was shipped, or compile everything. Raises ConfigError."""
        shipped = None if self._extra else _shipped(self.engine, self._hints)
        if shipped:
            rules = _unpack(shipped.rules)
        else:
            self._notice("compiling the rules; this is kept for the next time")
            rules = _compile(self._extra, self._hints)
            shipped = _compiled(self.engine, rules, forms=self._store is not None)
        self._made = shipped.database
        if self._store:
            # The rules come last: where they are, the other entry mostly is.
            if self._made:
                self._store.save(_DATABASE, self._other_label, self._made)
            self._store.save(f"rules-{self.engine}", self.label, shipped.rules)
        return rules

    def made(self) -> hyperscan.Database:
        """The database of what `make` has compiled, or compiles now. Raises ConfigError."""
        if self._made is None:
            self.make()
        made, self._made = self._made or b"", None
        return loaded(made)


def _compile(extra: tuple[str, ...], hints: tuple[str, ...]) -> RawRules:
    from pathlib import Path

    from secopskit.detect.derived_anchors import anchors_for
    from secopskit.rules.load import load_all

    rules, notes = load_all(map(Path, extra))
    return [record_of(rule) for rule in rules], anchors_for(rules, hints), notes


def _compiled(engine: str, rules: RawRules, *, forms: bool = True) -> ShippedRules:
    """What is to be kept of `rules`. Raises ConfigError."""
    from secopskit.detect.ready.shipped import ShippedRules

    records, anchors, notes = rules
    database = compile_database(anchors) if engine == "hyperscan" else b""
    found = _forms(records) if forms else {}
    return ShippedRules(_pack(records, anchors, notes, found, literals=not database), database)


def _shipped(engine: str, hints: tuple[str, ...]) -> ShippedRules | None:
    """The built-in rules as they were shipped, if the engine can use them here."""
    from secopskit.detect.ready.shipped import load_shipped  # only the first scan wants them

    shipped = load_shipped(_shipped_from(engine, hints))
    return shipped if shipped and (not shipped.database or is_usable(shipped.database)) else None


def ship(engine: str, hints: tuple[str, ...], path: str) -> None:
    """Compile the built-in rules into the file `path`, to be found by whoever installs it. Raises OSError."""
    from secopskit.detect.ready.shipped import save_shipped

    engine = choose(engine)
    save_shipped(_shipped_from(engine, hints), _compiled(engine, _compile((), hints)), path)


def _shipped_from(engine: str, hints: tuple[str, ...]) -> list[str]:
    return [__version__, str(_FORMAT), *hints, library_tag() if engine == "hyperscan" else engine]


def _forms(records: list[Record]) -> dict[Source, Form]:
    """The compiled expressions of what judges values and files, and of the rules that are met everywhere.

    Those are of no form of their own, but stand between other text. All of them would take longer to read
    than a scan takes to compile the few that it meets.
    """
    from importlib import import_module
    from pkgutil import walk_packages

    for package in _WITH_EXPRESSIONS:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            import_module(module.name)
    rules = [rule for rule in map(rule_of, records) if rule.kind is RuleKind.PATTERN]
    paths = [(rule.path, 0) for rule in rules if rule.path]
    return compiled_forms([*((rule.expression.encode(), 0) for rule in rules if not rule.boundary), *paths])


def _label(engine: str, extra: tuple[str, ...], hints: tuple[str, ...]) -> bytes:
    """What a compiled set depends on: the files it was made from, and what made it."""
    parts = [
        __version__,
        str(_FORMAT),
        sys.version,
        *hints,
        platform_tag() if engine == "hyperscan" else engine,
        directory := builtin_directory(),
    ]
    with os.scandir(directory) as entries:
        stamps = sorted([(entry.name, *_stamp(entry.stat())) for entry in entries])
    files = (name for path in extra for name in (path, *_extended(path)))
    # One that is not there counts, too: else what was made without it would be taken for all that was asked.
    stamps += [(path, *(_stamp(os.stat(path)) if os.path.exists(path) else ())) for path in files]
    return "\n".join([*parts, repr(stamps)]).encode("utf-8", "surrogateescape")


def _extended(path: str) -> list[str]:
    """The files that a gitleaks TOML may extend: those of its paths that are files."""
    if not path.endswith(".toml") or not os.path.isfile(path):
        return []
    with open(path, "rb") as file:
        found = [one[1] for one in _PATHS.finditer(file.read(1 << 20))]
    names = (os.path.join(os.path.dirname(path), os.fsdecode(name)) for name in found)
    return [name for name in names if os.path.isfile(name)]


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def record_of(rule: Rule) -> Record:
    """`rule` as plain values, without what only its author, its tests and a live check need."""
    allow: Any = tuple(tuple(one) for one in rule.allow)  # plain, as what is kept has to be
    lean = rule._replace(examples=(), negative_examples=(), example_path="", verify=None, allow=allow)
    return tuple(value.value if isinstance(value, Enum) else value for value in lean)


def rule_of(record: Record) -> Rule:
    """The rule that `record_of` made plain."""
    rule = Rule._make(record)
    return rule._replace(
        severity=Severity(rule.severity),
        confidence=Confidence(rule.confidence),
        kind=RuleKind(rule.kind),
        allow=tuple(RuleAllowance._make(one) for one in rule.allow),
    )


def _pack(
    records: list[Record],
    anchors: Anchors,
    notes: tuple[str, ...],
    forms: dict[Source, Form],
    *,
    literals: bool,
) -> bytes:
    """The stored form of the rules; with `literals` only if there is no database to replace them."""
    if not literals:
        anchors = anchors._replace(caseless=(), exact=())
    plain = (anchors.hints, anchors.caseless, anchors.exact, anchors.widest)
    return marshal.dumps((records, *plain, notes, forms))


def _unpack(content: bytes) -> RawRules:
    # The store vouches for what it hands out: nobody else has written it.
    records, hints, caseless, exact, widest, notes, forms = marshal.loads(content)  # noqa: S302 - authenticated by the store
    remember(forms)
    anchors = Anchors(
        rules=len(records), hints=hints, patterns=(), caseless=caseless, exact=exact, widest=widest
    )
    return records, anchors, notes
