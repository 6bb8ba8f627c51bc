"""Makes the plan of `secops purge-history`, and asks about the values that are too common for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from secopskit.cli.ask import Terminal
from secopskit.cli.progress import progress
from secopskit.purge.find.drops import blobs_at, make_drops
from secopskit.purge.tell.plan_story import listed
from secopskit.purge.values import rotation, targets
from secopskit.purge.values.targets import Candidate, Replacements
from secopskit.state.rotations import read_rotations

if TYPE_CHECKING:
    from secopskit.cli.purge.sources import Gathered
    from secopskit.git.repository import Repository
    from secopskit.purge.model import PurgeTarget
    from secopskit.purge.plan import PurgePlan
    from secopskit.scan.session import ScanSession
    from secopskit.secret import SecretValue

_MOST_QUESTIONS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What the command line says about a plan, apart from where values come from.

    `asks` tells that there is a terminal to ask about delicate values without `places_only`.
    """

    paths: tuple[str, ...] = ()
    keep_head: bool = False
    replacements: Replacements = field(default_factory=Replacements)
    rotated: tuple[str, ...] = ()
    places_only: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, the values left out of it (and why), and what else there is to say."""

    plan: PurgePlan
    left_out: tuple[Candidate, ...]
    notes: tuple[str, ...]


def plan(session: ScanSession, gathered: Gathered, wish: PlanRequest, *, quiet: bool) -> Planned:
    """Make the plan. Raises SecopsError."""
    from secopskit.purge.plan import make_plan

    repository = session.require_repository("purging its history")
    drops = make_drops(repository, wish.paths, keep_head=wish.keep_head)
    candidates, left_out = _settled(gathered.candidates, wish)
    while True:
        chosen = _targets(session, repository, candidates, wish)
        with progress(session.environment, quiet=quiet) as advance:
            made = make_plan(repository, chosen, drops, jobs=session.jobs, progress=advance)
        common = _common(made, candidates)
        if not common:
            return Planned(plan=made, left_out=tuple(left_out), notes=gathered.notes)
        told = (replace(one, common=common.get(one.value, "")) for one in candidates)
        candidates, more = _settled(tuple(told), wish)
        left_out += more


def choose_targets(
    session: ScanSession, gathered: Gathered, wish: PlanRequest
) -> tuple[tuple[PurgeTarget, ...], tuple[Candidate, ...]]:
    """The values that a plan would be about, and those left out, before it is known where they stand."""
    candidates, left_out = _settled(gathered.candidates, wish)
    repository = session.require_repository("purging its history")
    return _targets(session, repository, candidates, wish), tuple(left_out)


def why_left_out(candidate: Candidate) -> str:
    """Why a delicate value is not part of the plan, and what can be done about it."""
    way = (
        "--places-only replaces it in the files where the scan found it"
        if candidate.paths
        else "no scan found it, so there is no place to confine it to: remove whole files with --path"
    )
    where = f" ({listed(candidate.paths, 3)})" if candidate.paths else ""
    return f"{candidate.label}{where}: it is {candidate.delicate} to be replaced wherever it stands; {way}."


def _settled(
    candidates: tuple[Candidate, ...], wish: PlanRequest
) -> tuple[tuple[Candidate, ...], list[Candidate]]:
    """The candidates that stay: delicate ones only where there are places, and the user agrees."""
    stay, left_out, asked = list[Candidate](), list[Candidate](), 0
    for one in candidates:
        if not one.delicate or one.confined:
            stay.append(one)
            continue
        agreed = wish.places_only
        if one.paths and not agreed and wish.asks and asked < _MOST_QUESTIONS:
            asked += 1
            agreed = _agrees(one)
        if agreed and one.paths:
            stay.append(replace(one, confined=True))
        else:
            left_out.append(one)
    return tuple(stay), left_out


def _agrees(candidate: Candidate) -> bool:
    question = (
        f"{candidate.label}: it is {candidate.delicate} to be replaced wherever it stands.\n"
        f"Replace it in {listed(candidate.paths, 3)}, where it was found, and nowhere else?"
    )
    return Terminal().agrees(question)


def _targets(
    session: ScanSession, repository: Repository, candidates: tuple[Candidate, ...], wish: PlanRequest
) -> tuple[PurgeTarget, ...]:
    def places(candidate: Candidate) -> frozenset[str]:
        return blobs_at(repository, candidate.paths)

    numbered = targets.number(candidates, wish.replacements, key=session.fingerprint_key(), places=places)
    return rotation.with_rotation(numbered, read_rotations(repository.state_dir), wish.rotated)


def _common(plan: PurgePlan, candidates: tuple[Candidate, ...]) -> dict[SecretValue, str]:
    """The values that turn out to stand in so many files that they must be ordinary words."""
    by_value = {one.value: one for one in candidates if not one.confined}
    common = {}
    for target in plan.targets:
        if target.value in by_value:
            found = len(by_value[target.value].paths)
            if reason := targets.why_common(target.value, _files_with(plan, target.number), found):
                common[target.value] = reason
    return common


def _files_with(plan: PurgePlan, number: int) -> int:
    oids = (oid for oid, numbers in plan.survey.blobs.items() if number in numbers)
    return len({path for oid in oids for path in plan.extent.paths.get(oid, ())})
