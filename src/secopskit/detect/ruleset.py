"""A set of rules made ready to scan with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from secopskit.detect.anchors import Anchors
from secopskit.detect.engine import Prefilter, choose, compile_database, loaded, open_prefilter
from secopskit.detect.ready.beside import beside
from secopskit.detect.ready.kept_rules import KeptRules, Record, record_of, rule_of
from secopskit.errors import ConfigError
from secopskit.rules.model import Rule

if TYPE_CHECKING:
    import hyperscan

_ID: Final = Rule._fields.index("id")
_PATH: Final = Rule._fields.index("path")
_ALLOW: Final = Rule._fields.index("allow")


class Ruleset:
    """Rules by number, made from their stored form when first asked for.

    `label` stands for all that the rules were made from: it changes when any of it does. `notes` say, in a
    sentence each, what became of rules that were written for another tool.
    """

    def __init__(
        self,
        records: list[Record],
        anchors: Anchors,
        prefilter: Prefilter,
        *,
        label: bytes = b"",
        notes: tuple[str, ...] = (),
    ) -> None:
        self.notes = notes
        self._records = records
        self._made: dict[int, Rule] = {}
        self._numbers: dict[str, int] | None = None
        self.label = label
        self.anchors = anchors
        self.prefilter = prefilter

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, number: int) -> Rule:
        if number not in self._made:
            self._made[number] = rule_of(self._records[number])
        return self._made[number]

    def by_id(self, rule_id: str) -> Rule:
        """The rule of that id. Raises KeyError."""
        if self._numbers is None:
            self._numbers = {record[_ID]: number for number, record in enumerate(self._records)}
        return self[self._numbers[rule_id]]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all rules."""
        return frozenset(record[_ID] for record in self._records)

    @cached_property
    def numbers_with_path(self) -> frozenset[int]:
        """The rules that apply only to files of certain names."""
        return frozenset(number for number, record in enumerate(self._records) if record[_PATH])

    @cached_property
    def numbers_by_path(self) -> frozenset[int]:
        """The rules of which a path may decide what they find: those with one, or with allowances."""
        allowing = (number for number, record in enumerate(self._records) if record[_ALLOW])
        return self.numbers_with_path.union(allowing)


def open_ruleset(
    *,
    engine: str,
    cache: str | None,
    extra: Iterable[str] = (),
    hints: tuple[str, ...] = (),
    notice: Callable[[str], None] = lambda _: None,
    later: bool = False,
) -> Ruleset:
    """The built-in rules and those of the `extra` files, ready to scan with.

    `engine` is one of `ENGINES`; `cache` a directory of ours for compiled rules, or None.
    `notice` is told when something takes seconds. With `later`, Hyperscan's database is read beside what the
    caller does next, and the first scan waits for it: `Prefilter.ready` has to be called before this process
    is copied. Raises ConfigError for a wrong rule file or an engine that is not there.
    """
    extra = tuple(extra)
    kept = KeptRules(choose(engine), cache, extra, hints, notice)
    reading = beside(kept.database) if later and kept.engine == "hyperscan" else kept.database
    records, anchors, notes = kept.rules() or kept.make()
    if extra:
        _require_known(map(rule_of, records))

    def database() -> hyperscan.Database:
        found = reading()
        return kept.made() if found is None else found

    prefilter = open_prefilter(kept.engine, anchors, database)
    if not later:
        prefilter.ready()
    return Ruleset(records, anchors, prefilter, label=kept.label, notes=notes)


def _require_known(rules: Iterable[Rule]) -> None:
    """Raise ConfigError for a rule of others that names a filter or a validator that is not there."""
    from secopskit.detect.validators import VALIDATORS
    from secopskit.detect.value.filters import FILTERS

    for rule in (rule for rule in rules if rule.source):
        filters = [("filter", name, FILTERS.keys()) for name in rule.filters]
        validators = [("validator", name, VALIDATORS.keys()) for name in (rule.validator,) if name]
        for kind, name, known in (*filters, *validators):
            if name not in known:
                raise ConfigError(
                    f"{rule.source}: rule {rule.id!r}: there is no {kind} {name!r}",
                    advice=f"Known: {', '.join(sorted(known))}.",
                )


def ruleset_of(rules: Iterable[Rule], *, engine: str, hints: tuple[str, ...] = ()) -> Ruleset:
    """Exactly these rules, compiled anew: for checking rules and for tests. Raises ConfigError."""
    from secopskit.detect.derived_anchors import anchors_for  # most have been compiled before

    engine, rules = choose(engine), tuple(rules)
    anchors = anchors_for(rules, hints)
    prefilter = open_prefilter(engine, anchors, lambda: loaded(compile_database(anchors)))
    prefilter.ready()
    return Ruleset([record_of(r) for r in rules], anchors, prefilter)
