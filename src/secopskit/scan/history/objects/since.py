"""The commits since a day, for those who know when it happened and not in which commit."""

from __future__ import annotations

import re
from typing import Final

from secopskit.git.repository import Repository
from secopskit.scan.history.objects.selection import Selection, commits_of

# What git's own parser of dates takes and cannot take for something else: it reads any text as some time.
_DAY: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?(?: ?Z| ?[+-]\d\d:?\d\d)?"
    r"|yesterday|\d{1,4}[ .](?:second|minute|hour|day|week|month|year)s?(?:[ .]ago)?"
)


def since(repository: Repository, start: str) -> Selection:
    """What the commits after `start` brought, up to HEAD: a revision, or a day as git writes it.

    For a day, all that is not in the last commit before it: on a branch that was merged since, older
    commits too. Raises UsageError for what is neither.
    """
    if not _DAY.fullmatch(start) or _is_commit(repository, start):
        return commits_of(repository, f"{start}..HEAD")
    # At midnight, where no time is given: git would take the present time of that day.
    moment = f"{start} 00:00" if len(start) == len("2026-01-01") and start[0].isdigit() else start
    everything = commits_of(repository, "HEAD")
    last = repository.run("rev-list", "-n1", f"--before={moment}", "HEAD", "--").decode().strip()
    selection = commits_of(repository, f"{last}..HEAD") if last else everything
    return selection._replace(words=f"commits since {start}")


def _is_commit(repository: Repository, name: str) -> bool:
    return repository.succeeds("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
