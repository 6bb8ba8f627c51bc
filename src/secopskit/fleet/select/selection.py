"""A selection: where repositories come from, which of them are meant, and what was left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from secopskit.fleet.model import FleetRepository
from secopskit.fleet.select.filters import ALL, Filters
from secopskit.report.text import count

Listing = Callable[[], Iterator[tuple[FleetRepository, str]]]
"""Lists repositories, and when each was last pushed to (ISO 8601; empty where nobody tells)."""


@dataclass(slots=True, kw_only=True)
class FleetSelection:
    """What is to be scanned. `words` say where from, and tell one selection from another.

    `left_out` counts, once all is listed, what the filters left out, by reason.
    """

    words: Sequence[str]
    listings: Sequence[Listing]
    filters: Filters = ALL
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def label(self) -> str:
        """What tells it from others: a run goes on with the units of the same one only."""
        return json.dumps([list(self.words), list(self.filters)])

    def repositories(self) -> Iterator[FleetRepository]:
        """Each repository once, as they are listed. Raises SecopsError."""
        seen = set[str]()
        for listing in self.listings:
            for repository, pushed_at in listing():
                if repository.name.lower() in seen:
                    continue
                seen.add(repository.name.lower())
                if reason := self.filters.reason(repository, pushed_at):
                    self.left_out[reason] += 1
                else:
                    yield repository

    def notes(self) -> list[str]:
        """What was left out, in sentences."""
        return [
            f"{count(number, 'repository', 'repositories')} left out: {reason}."
            for reason, number in sorted(self.left_out.items())
        ]


def words_of(label: str) -> str:
    """Where the repositories of a selection come from, for a reader."""
    words, _ = json.loads(label)
    return ", ".join(words)


def undated(repositories: Iterator[FleetRepository]) -> Iterator[tuple[FleetRepository, str]]:
    """Repositories of which nobody tells when they were pushed to."""
    return ((one, "") for one in repositories)
