"""The facts of a run, gathered from the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from secopskit.findings import SkipReason
from secopskit.fleet.model import any_of
from secopskit.fleet.select.filters import is_called
from secopskit.fleet.select.selection import words_of
from secopskit.fleet.store.reading import Sighting, StoredRun, StoredUnit, StoreReader
from secopskit.fleet.tell.facts import FleetFacts, FleetHolder, FleetMember, FleetPlace, FleetSecret
from secopskit.fleet.tell.words import SEVERITIES
from secopskit.named_tuple import NamedTuple

# An object that was read as a text is no binary later; whatever else is not read may be one that was.
_NO_LIMIT: Final = frozenset({SkipReason.BINARY.value})
_RANK: Final = {label: number for number, label in enumerate(SEVERITIES)}


class SecretFilter(NamedTuple):
    """Which secrets are told. Patterns are those of a shell; `severity` is the least, empty for all.

    `in_head` leaves out those that no default branch has; one of which nobody knows that is told.
    """

    severity: str = ""
    new: bool = False
    in_head: bool = False
    owner: str = ""
    repository: str = ""

    @property
    def words(self) -> str:
        """The filter in words, empty where it lets everything through."""
        parts = (
            f"{self.severity} and above" if self.severity else "",
            "new ones" if self.new else "",
            "still in the default branch, or perhaps" if self.in_head else "",
            f"of {self.owner}" if self.owner else "",
            f"in {self.repository}" if self.repository else "",
        )
        return ", ".join(filter(None, parts))

    def lets_through(self, one: FleetSecret) -> bool:
        """Whether a secret is told: what is asked of a repository that has it is so of one and the same."""
        if self.severity and _RANK[one.severity] > _RANK[self.severity]:
            return False
        return any(map(self._is_meant, one.holders))

    def _is_meant(self, one: FleetHolder) -> bool:
        return (
            (not self.new or one.new)
            and (not self.in_head or one.in_head is not False)
            and (not self.owner or any(is_called(name, self.owner) for name in one.owners))
            and (not self.repository or is_called(one.repository, self.repository))
        )


EVERY_SECRET: Final = SecretFilter()


class _Found(NamedTuple):
    """A finding of one repository, as its document has it."""

    repository: str
    told: Mapping[str, Any]
    sighting: Sighting


def fleet_facts(
    reader: StoreReader,
    number: int | None = None,
    wanted: SecretFilter = EVERY_SECRET,
    *,
    most: int = 0,
) -> FleetFacts:
    """The facts of a run, or of the last one, with at most that many secrets; 0: all.

    Raises UsageError where there is no such run, SecopsError for a store that is damaged.
    """
    with reader.snapshot():
        run = reader.run(number)
        units = {one.repository: one for one in reader.units(run)}
        documents = dict(reader.documents(run))
        sightings, missed = reader.sightings(run), reader.gone(run)
    gone = sum(number for repository, number in missed.items() if _is_whole(documents[repository]))
    groups = _groups(units, documents, sightings)
    secrets = sorted(map(_secret, groups), key=_order)
    told = tuple(filter(wanted.lets_through, secrets))
    shown = told[:most] if most else told
    own = _by_repository(groups)
    counts = Counter(one.severity for one in secrets)
    states = Counter(one.state.value for one in units.values())
    repositories = tuple(
        _repository(one, documents.get(one.repository), own.get(one.name, [])) for one in units.values()
    )
    return FleetFacts(
        run=run.number,
        selection=words_of(run.selection),
        started=run.started,
        ended=run.ended,
        complete=run.listed and not _is_cut(run) and all(one.seen for one in repositories),
        notes=run.notes,
        states=dict(states),
        by_severity={label: counts[label] for label in SEVERITIES if counts[label]},
        total=len(secrets),
        new=sum(one.new for one in secrets),
        gone=gone,
        gone_perhaps=sum(missed.values()) - gone,
        filtered=wanted.words,
        hidden=len(told) - len(shown),
        repositories=repositories,
        secrets=shown,
    )


def _by_repository(groups: Iterable[list[_Found]]) -> dict[str, list[_Found]]:
    found: dict[str, list[_Found]] = {}
    for group in groups:
        for one in group:
            found.setdefault(one.repository, []).append(one)
    return found


def _is_whole(document: Mapping[str, Any]) -> bool:
    """Whether all was read that may hold what an earlier run has seen."""
    return not document["limits"] and _NO_LIMIT.issuperset(document["skipped_for"])


def _is_cut(run: StoredRun) -> bool:
    return any("is not complete" in note for note in run.notes)


def _groups(
    units: Mapping[int, StoredUnit],
    documents: Mapping[int, Mapping[str, Any]],
    sightings: Mapping[tuple[int, str, str], Sighting],
) -> list[list[_Found]]:
    """What was found, each secret's together: a value is one wherever it stands, a place one where it is."""
    groups: dict[tuple[str, int], list[_Found]] = {}
    for repository, document in documents.items():
        for told in document["findings"]:
            identity = told["fingerprint"], 0 if told["value"] else repository
            seen = sightings[repository, told["fingerprint"], told["rule_id"]]
            groups.setdefault(identity, []).append(_Found(units[repository].name, told, seen))
    return [*groups.values()]


def _order(one: FleetSecret) -> tuple[Any, ...]:
    there = (True, None, False).index(one.in_head)
    return _RANK[one.severity], there, not one.present, -len(one.repositories), one.rule_id, one.id


def _secret(group: list[_Found]) -> FleetSecret:
    group = sorted(group, key=lambda one: (_RANK[one.told["severity"]], one.repository))
    first = group[0].told
    places = tuple(_place(one.repository, place) for one in group for place in one.told["locations"])
    return FleetSecret(
        id=first["id"],
        rule_id=first["rule_id"],
        title=first["title"],
        severity=first["severity"],
        confidence=first["confidence"],
        fingerprint=first["fingerprint"],
        preview=first["preview"],
        note=first["note"],
        remediation=first["remediation"],
        references=tuple(first["references"]),
        new=any(one.sighting.new for one in group),
        first_seen=min(one.sighting.first_seen for one in group),
        since=min((one.since for one in places if one.since), default=""),
        present=any(one.present for one in places),
        in_head=any_of(one.told["in_head"] for one in group),
        owners=tuple(dict.fromkeys(owner for one in group for owner in one.told["owners"])),
        repositories=tuple(one.repository for one in group),
        holders=tuple(map(_holder, group)),
        places=places,
    )


def _holder(one: _Found) -> FleetHolder:
    return FleetHolder(
        repository=one.repository,
        new=one.sighting.new,
        in_head=one.told["in_head"],
        owners=tuple(one.told["owners"]),
    )


def _place(repository: str, told: Mapping[str, Any]) -> FleetPlace:
    return FleetPlace(
        repository=repository,
        path=told["path"],
        line=told["line"],
        column=told["column"],
        commit=told.get("first_commit", ""),
        author=told.get("author", ""),
        since=told.get("date", ""),
        until=told.get("last_date", ""),
        present=told.get("present", False),
        role=told["role"],
    )


def _repository(unit: StoredUnit, document: Mapping[str, Any] | None, own: Sequence[_Found]) -> FleetMember:
    told: Mapping[str, Any] = document or {"stats": {}}
    return FleetMember(
        name=unit.name,
        state=unit.state.value,
        reason=unit.reason,
        advice=unit.advice,
        scanned_at=unit.scanned_at,
        seconds=round(unit.seconds, 3),
        visibility=unit.visibility,
        archived=unit.archived,
        fork=unit.fork,
        secrets=len(own),
        new=sum(one.sighting.new for one in own),
        worst=min((one.told["severity"] for one in own), key=_RANK.__getitem__, default=""),
        blobs=told["stats"].get("blobs", 0),
        bytes=told["stats"].get("bytes", 0),
        unread=told.get("unread", 0),
        limits=tuple(told.get("limits", ())),
        skipped_for=dict(told.get("skipped_for", {})),
        suppressed=dict(told.get("suppressed", {})),
    )
