"""How to have the same with less waiting: advice on statements that work long under a lock."""

from __future__ import annotations

import re
from typing import Final

ADVICE_NOT_NULL: Final = (
    "First ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT in a later file, "
    "then SET NOT NULL, which then reads nothing."
)
ADVICE_CONSTRAINT: Final = "Add the constraint NOT VALID, and VALIDATE CONSTRAINT in a file of its own."
ADVICE_UNIQUE: Final = "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX."
_ATTACH: Final = "First add a valid CHECK constraint that says what the partition's bounds say."
ADVICE_INDEX: Final = "CREATE INDEX CONCURRENTLY, in a file with `-- secops: no-transaction`."
_REFRESH: Final = "REFRESH MATERIALIZED VIEW CONCURRENTLY lets readers go on."
_REINDEX: Final = "REINDEX … CONCURRENTLY, in a file with `-- secops: no-transaction`."
_FULL: Final = "Tools that copy online (pg_repack) do without the lock."
ADVICE_TYPE: Final = "Add a new column, fill it in batches, and switch over."
ADVICE_DEFAULT: Final = (
    "Add the column without a volatile default, set the default, and fill old rows in batches."
)
_ADVICE: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        (r"^create\s+(?:unique\s+)?index", ADVICE_INDEX),
        (r"^refresh\s+materialized", _REFRESH),
        (r"^reindex", _REINDEX),
        (r"^vacuum|^cluster", _FULL),
        (r"set\s+not\s+null", ADVICE_NOT_NULL),
        (r"attach\s+partition", _ATTACH),
        (r"foreign\s+key|references|\bcheck\b", ADVICE_CONSTRAINT),
        (r"\bunique\b|primary\s+key", ADVICE_UNIQUE),
        (r"\btype\b", ADVICE_TYPE),
        (r"\badd\b.*\bdefault\b", ADVICE_DEFAULT),
    )
)


def advice_for(text: str) -> str:
    """What to do instead of the statement `text`; empty if there is nothing to say."""
    return next((advice for pattern, advice in _ADVICE if pattern.search(text)), "")
