"""SQL: the passwords given to roles, users and logins, and secrets in rows of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.candidate import candidate_of
from secopskit.detect.judgement.judge import judge, judge_candidates
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.detect.value.filters import sensitive_key
from secopskit.findings import Severity
from secopskit.formats.tables import sql, sql_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "sql-role-password"
ROW_RULE: Final = "sql-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in an SQL file, or in a script that holds SQL."""
    yield from judged(blob, Trust.SETTINGS)
    rows = place_for(blob.path, ROW_RULE, Trust.SETTINGS)._replace(weak=Severity.LOW)
    yield from judge(sql_rows.settings(blob.data, sensitive_key), rows)


def judged(blob: Blob, trust: Trust) -> Iterator[Match]:
    """The passwords of roles in SQL that stands anywhere in `blob`, at a place of that trust."""
    candidates = (candidate_of(setting, note="password of a role") for setting in sql.settings(blob.data))
    yield from judge_candidates(candidates, place_for(blob.path, RULE, trust))
