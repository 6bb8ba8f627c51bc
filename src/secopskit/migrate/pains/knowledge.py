"""What files say of a database: what they have made, checked and read so far. Grows as they are read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from secopskit.migrate.read.words import Words
from secopskit.named_tuple import NamedTuple


class Pain(NamedTuple):
    """What a rule found: at offset `at` of the statement; `what` completes the rule's title."""

    rule: str
    at: int
    what: str = ""
    relation: str = ""


@dataclass(slots=True)
class FileKnowledge:
    """What one file did so far: `created` relations, `enums` made here, `values` added to others.

    `unlimited`: lock_timeout is switched off.
    """

    created: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    unlimited: bool = False
    transaction: bool = True


@dataclass(slots=True)
class SchemaKnowledge:
    """What all files so far did. `views` map to the words of their queries.

    `checks` map (table, constraint) to the column that it proves to be filled, `filled` are (table, column)
    of which a valid one does.
    """

    views: dict[str, frozenset[str]] = field(default_factory=dict)
    checks: dict[tuple[str, str], str] = field(default_factory=dict)
    filled: set[tuple[str, str]] = field(default_factory=set)

    def note_view(self, name: str, query: Words) -> None:
        """A view was made or replaced."""
        self.views[name] = frozenset(word.value for word in query if word.kind != "text")

    def views_of(self, table: str, column: str) -> Collection[str]:
        """The views that name the table, and the column or all columns."""
        bare = table.rpartition(".")[2]
        return [name for name, words in self.views.items() if bare in words and words & {column, "*"}]

    def note_check(self, table: str, constraint: str, condition: Words, *, valid: bool) -> None:
        """A CHECK was added; of those that say `column IS NOT NULL` it is remembered."""
        inner = [word for word in condition if word.value not in ("(", ")")]
        if len(inner) == 4 and [word.value for word in inner[1:]] == ["is", "not", "null"]:
            self.checks[table, constraint] = inner[0].value
            if valid:
                self.filled.add((table, inner[0].value))

    def note_valid(self, table: str, constraint: str) -> None:
        """A constraint was validated."""
        if column := self.checks.get((table, constraint)):
            self.filled.add((table, column))
