"""A selection: where repositories come from, which of them are meant, and what was left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from secopskit.errors import SecopsError
from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.fleet.select.filters import ALL, Filters
from secopskit.report.text import count

Listing = Callable[[], Iterator[tuple[FleetRepository, str]]]
"""Lists repositories, and when each was last pushed to (ISO 8601; empty where nobody tells)."""


@dataclass(slots=True, kw_only=True)
class FleetSelection:
    """What is to be scanned. `words` say where from, and tell one selection from another.

    Once all is listed, `left_out` counts what the filters left out, by reason; `untold` what they kept, by
    what nobody has told them; and `errors` are those of the listings that broke off.
    """

    words: Sequence[str]
    listings: Sequence[Listing]
    filters: Filters = ALL
    left_out: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    errors: list[SecopsError] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What tells it from others: a run goes on with the units of the same one only."""
        return json.dumps([list(self.words), list(self.filters)])

    def repositories(self) -> Iterator[FleetRepository]:
        """Each repository once, as they are listed. A listing that breaks off does not end the others."""
        seen = set[str]()
        for listing in self.listings:
            try:
                yield from self._kept(listing(), seen)
            except SecopsError as error:
                self.errors.append(error)

    def _kept(
        self, listed: Iterator[tuple[FleetRepository, str]], seen: set[str]
    ) -> Iterator[FleetRepository]:
        for repository, pushed_at in listed:
            # Directories may differ in case alone; at a host, one repository has many spellings.
            hosted = repository.kind is RepositoryKind.HOSTED
            name = repository.name.lower() if hosted else repository.name
            if name in seen:
                continue
            seen.add(name)
            if reason := self.filters.reason(repository, pushed_at):
                self.left_out[reason] += 1
                continue
            if words := self.filters.untold(repository, pushed_at):
                self.untold[words] += 1
            yield repository

    def notes(self) -> list[str]:
        """What was left out, and what was kept for want of knowledge, in sentences."""
        return [
            *(
                f"{count(number, 'repository', 'repositories')} left out: {reason}."
                for reason, number in sorted(self.left_out.items())
            ),
            *(
                f"{count(number, 'repository', 'repositories')} kept: nobody tells whether {words}."
                for words, number in sorted(self.untold.items())
            ),
        ]


def words_of(label: str) -> str:
    """Where the repositories of a selection come from, for a reader."""
    words, _ = json.loads(label)
    return ", ".join(words)


def undated(repositories: Iterator[FleetRepository]) -> Iterator[tuple[FleetRepository, str]]:
    """Repositories of which nobody tells when they were pushed to."""
    return ((one, "") for one in repositories)
