"""The rules over text: what each looks for, why that hurts, what to do instead."""

from __future__ import annotations

from typing import Final

from secopskit.migrate.look.hazard_advice import (
    ADVICE_CONSTRAINT,
    ADVICE_DEFAULT,
    ADVICE_INDEX,
    ADVICE_NOT_NULL,
    ADVICE_TYPE,
    ADVICE_UNIQUE,
)
from secopskit.named_tuple import NamedTuple


class PainRule(NamedTuple):
    """A rule. `title` completes "it …", `advice` is what to do, `squawk` names the rules of squawk alike.

    `traced`: a trial of the same file sees whether it happens, and knows better.
    """

    title: str
    why: str
    advice: str
    squawk: tuple[str, ...] = ()
    traced: bool = False


_DEPLOY: Final = "Deploy in two steps: first code that does without the old name or column, then this."
_LOSS: Final = "It comes back from a backup only. Make sure that nothing reads it any more, and keep a copy."

PAIN_RULES: Final[dict[str, PainRule]] = {
    "empty-file": PainRule(
        "holds no statement",
        "A file of nothing or of comments alone counts as applied and does nothing: what was meant for it is "
        "missing, and may not be written into it later.",
        "Write what it shall do, or delete it.",
    ),
    "rewrite-default": PainRule(
        "adds a column whose value is computed for every row",
        "A default that is not constant (random, clock, sequence, identity, stored) has PostgreSQL write the "
        "whole table anew under an exclusive lock.",
        ADVICE_DEFAULT,
        ("adding-field-with-default", "adding-serial-primary-key-field"),
        traced=True,
    ),
    "rewrite-type": PainRule(
        "changes the type of a column",
        "Most changes of a type write the whole table and its indexes anew under an exclusive lock, and code "
        "that runs may not understand the new one.",
        ADVICE_TYPE,
        ("changing-column-type",),
        traced=True,
    ),
    "rewrite-table": PainRule(
        "writes a table anew",
        "CLUSTER, VACUUM FULL, SET LOGGED, SET TABLESPACE and SET ACCESS METHOD copy the whole table under "
        "an exclusive lock.",
        "Do it at a quiet time, or with a tool that copies online (pg_repack).",
    ),
    "index-not-concurrent": PainRule(
        "builds or drops an index while nobody can write the table",
        "CREATE INDEX and REINDEX keep all writers out for as long as they work, DROP INDEX waits with an "
        "exclusive lock.",
        ADVICE_INDEX.replace("CREATE INDEX CONCURRENTLY", "Say CONCURRENTLY"),
        (
            "require-concurrent-index-creation",
            "require-concurrent-index-deletion",
            "require-concurrent-reindex",
        ),
        traced=True,
    ),
    "constraint-validates": PainRule(
        "adds a constraint that is checked at once",
        "A foreign key or CHECK without NOT VALID reads the whole table while nobody can write it (and, of a "
        "foreign key, the other table neither).",
        ADVICE_CONSTRAINT,
        ("adding-foreign-key-constraint", "constraint-missing-not-valid"),
        traced=True,
    ),
    "not-null-scans": PainRule(
        "sets NOT NULL without a check that proves it",
        "PostgreSQL reads the whole table under an exclusive lock, unless a valid CHECK says already that "
        "there is no NULL.",
        ADVICE_NOT_NULL,
        ("adding-not-nullable-field",),
        traced=True,
    ),
    "required-column": PainRule(
        "adds a column that must have a value and has no default",
        "It fails where the table has rows, and code that does not know of it yet cannot insert any more.",
        "Give it a default, or add it without NOT NULL and fill it first.",
        ("adding-required-field", "adding-not-nullable-field"),
    ),
    "unique-constraint": PainRule(
        "adds a unique or exclusion constraint with its index built under the lock",
        "Without USING INDEX the index is built under an exclusive lock: nobody reads or writes the table.",
        ADVICE_UNIQUE,
        ("disallowed-unique-constraint", "adding-serial-primary-key-field"),
        traced=True,
    ),
    "enum-value-used": PainRule(
        "uses a value of an enum that the same transaction adds",
        "A new value can be used only once it is committed: PostgreSQL refuses it (55P04).",
        "Put the ALTER TYPE … ADD VALUE into a file of its own, before this one.",
    ),
    "no-lock-timeout": PainRule(
        "waits for a lock without a limit",
        "lock_timeout is switched off here: while the statement waits for a lock that others hold, all who "
        "come later queue behind it.",
        "Leave lock_timeout as it is (2 s, with new tries), or set a short one.",
        ("require-lock-timeout",),
    ),
    "drop-column": PainRule(
        "drops a column",
        "Its values are gone, and code that runs and still names it fails.",
        f"{_DEPLOY} {_LOSS}",
        ("ban-drop-column",),
    ),
    "column-in-view": PainRule(
        "drops a column that a view reads",
        "PostgreSQL refuses it as long as the view is there; with CASCADE the view goes as well.",
        "Replace the view first, in the same file.",
    ),
    "drops-data": PainRule(
        "drops a table or what holds tables",
        "All of its rows are gone.",
        _LOSS,
        ("ban-drop-table", "ban-drop-database"),
    ),
    "drop-cascade": PainRule(
        "drops whatever depends on it as well",
        "CASCADE takes views, constraints, functions and columns along that nobody named here.",
        "Name what goes, one by one, without CASCADE: then PostgreSQL refuses what you did not think of.",
        ("ban-truncate-cascade", "ban-drop-cascade"),
    ),
    "truncate": PainRule(
        "empties a table",
        "All rows are gone, without any trigger for rows, and the table is locked exclusively.",
        _LOSS,
    ),
    "rename": PainRule(
        "renames what code asks for by its name",
        "The application that runs still asks for the old name.",
        _DEPLOY,
        ("renaming-table", "renaming-column"),
    ),
    "whole-table-write": PainRule(
        "writes or deletes every row in one transaction",
        "It holds locks on all rows until the end, bloats the table, and may be a forgotten WHERE.",
        "Do it in batches, outside of the migration or with `-- secops: no-transaction`; WHERE true says "
        "that all rows are meant.",
    ),
    "view-not-concurrent": PainRule(
        "refreshes a materialised view while nobody can read it",
        "REFRESH without CONCURRENTLY locks the view exclusively for as long as its query runs.",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY (it needs a unique index).",
    ),
    "touches-ledger": PainRule(
        "names the schema in which secops keeps its state",
        "A change there makes the ledger untrue; `up` notices it and rolls the file back.",
        "Take it out; `secops migrate repair` corrects the ledger.",
    ),
}
