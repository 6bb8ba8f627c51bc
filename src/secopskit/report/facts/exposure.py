"""How long a finding has stood in history, put together from all its places."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from secopskit.findings import Finding, Provenance
from secopskit.named_tuple import NamedTuple
from secopskit.report.text import count, visible

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_REFS_SHOWN: Final = 3
# Of a place, in reports for machines: all refs of thousands of places would be most of a report.
_REFS_NAMED: Final = 20


class Exposure(NamedTuple):
    """The commit that brought a secret in, the last that held it, and whether it is still there.

    `first` and `last` are None where no commit reaches the secret.
    """

    first: Provenance | None
    last: Provenance | None
    present: bool
    refs: tuple[str, ...]

    @property
    def days(self) -> int | None:
        """Whole days between the first and the last commit; None without usable dates."""
        entered = moment(self.first.date) if self.first else None
        left = moment(self.last.last_date) if self.last else None
        return max((left - entered).days, 0) if entered and left else None


def exposure(finding: Finding) -> Exposure | None:
    """The exposure of a finding; None for one that history knows nothing of."""
    known = [place.provenance for place in finding.locations if place.provenance is not None]
    if not known:
        return None
    reached = [one for one in known if one.first_commit]
    return Exposure(
        first=min(reached, key=lambda one: _order(one.date), default=None),
        last=max(reached, key=lambda one: _order(one.last_date), default=None),
        present=any(one.present for one in known),
        refs=tuple(sorted({ref for one in known for ref in one.refs})),
    )


def named_refs(known: Provenance) -> tuple[str, ...]:
    """The refs that a report for machines names: HEAD and the first of the others, at most 20."""
    if len(known.refs) <= _REFS_NAMED:
        return known.refs
    named = known.refs[:_REFS_NAMED]
    return ("HEAD", *named[:-1]) if "HEAD" in known.refs[_REFS_NAMED:] else named


# What a scan of all objects finds besides the history that refs reach.
_ORPHANED: Final = "in no branch any more: amended or rebased away"


def is_orphaned(known: Provenance) -> bool:
    """Whether no ref reaches a commit that brought it: it is an object of this repository, and no history."""
    return not known.present and not known.refs


def presence_words(known: Provenance) -> str:
    """`still there`, `only in history`, or that no ref leads to it any more."""
    if known.present:
        return "still there"
    return _ORPHANED if is_orphaned(known) and known.first_commit else "only in history"


def place_in_time(known: Provenance) -> str:
    """`since 2023-04-02` for what is still there, else the last commit that held it, and its date."""
    if known.present:
        return f"since {visible(known.date[:10])}"
    if not known.last_commit:
        return "no commit reaches it"
    return f"in {visible(known.last_commit[:10])} {visible(known.last_date[:10])}"


def moment(date: str) -> datetime | None:
    """An ISO 8601 date of a commit; None for what is no date (a commit may hold anything)."""
    try:
        parsed = datetime.fromisoformat(date)
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _order(date: str) -> datetime:
    return moment(date) or _EARLIEST


def since(known: Exposure) -> str:
    """`3f2a91cd04  2023-04-02  Ada Lovelace`: how the secret came in."""
    if known.first is None:
        return "in an object that no commit reaches any more, yet still in this repository"
    return f"{_commit(known.first.first_commit, known.first.date)}  {visible(known.first.author)}"


def until(known: Exposure) -> str:
    """Whether it is still there, or since when it is gone from every tip."""
    if known.first is None or known.last is None:
        return ""
    if known.present:
        return f"still there, in {_refs(known.refs)}" if known.refs else "still there"
    if not known.refs:
        return f"{_commit(known.last.last_commit, known.last.last_date)}  {_ORPHANED}"
    lasted = "" if known.days is None else f", after {count(known.days, 'day')}"
    reached = f"; the history of {_refs(known.refs)} keeps it" if known.refs else ""
    return f"{_commit(known.last.last_commit, known.last.last_date)}  gone{lasted}{reached}"


def _commit(commit: str, date: str) -> str:
    return f"{visible(commit[:10])}  {visible(date[:10])}"


def _refs(refs: tuple[str, ...]) -> str:
    names = [visible(ref.removeprefix("refs/").removeprefix("heads/")) for ref in refs[:_REFS_SHOWN]]
    more = len(refs) - len(names)
    return ", ".join(names) + (f" and {count(more, 'more ref')}" if more else "")
