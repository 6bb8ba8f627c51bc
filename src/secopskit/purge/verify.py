"""The verification of a repository: the proof of a purge alone, on what is there now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from secopskit.conduct.consent import NOBODY
from secopskit.conduct.tell import SILENCE, Tell
from secopskit.findings import Finding
from secopskit.git.repository import Repository
from secopskit.purge.find.drops import blobs_at_each, drops_of
from secopskit.purge.find.lacking import lacking
from secopskit.purge.model import Drop, Leftover, PlaceKind
from secopskit.purge.proof.prove import prove
from secopskit.purge.push import guard
from secopskit.purge.request import PlanRequest
from secopskit.purge.targeting import targets_of
from secopskit.purge.tell.gather_facts import shown
from secopskit.purge.tell.outcome_facts import ProofFacts, proof_facts
from secopskit.purge.tell.scope import scope_facts
from secopskit.purge.values.collect import NOT_SPELT, ValuesToPurge
from secopskit.purge.values.delicate import settle, why_left_out
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.values.targets import Candidate

_NOTHING_FOUND: Final = "a scan of the whole history: it finds nothing that a purge could take out"


def verify(
    repository: Repository, values: ValuesToPurge, request: PlanRequest, *, tell: Tell = SILENCE
) -> ProofFacts:
    """Prove that the values are gone, and that nothing purged has come back. Raises SecopsError.

    Everything is read for the values. What a scan has found and nothing can look for is left over, too.
    """
    settled = settle(values.candidates, places_only=request.places_only, respondent=NOBODY)
    targets = targets_of(repository, settled, request)
    matcher, drops = ValueMatcher(targets), drops_of(repository, request.paths, keep_head=request.keep_head)
    gone = [oid.decode() for oid in guard.purged(repository)]
    with tell.progress() as progress:
        proof = prove(repository, matcher, gone=gone, jobs=request.jobs, progress=progress)
    there = tuple(_dropped(repository, drops))
    lost = _lacking(lacking(repository), proof.leftovers)
    left = (*proof.leftovers, *lost, *there, *_unsearchable(settled.left_out), *_valueless(values.valueless))
    left += tuple(_unspelt(values.unspelt))
    checks: tuple[str, ...] = (_NOTHING_FOUND,) if values.scanned and not values.candidates else ()
    if drops and not there:
        checks += (f"no commit has {', '.join(drop.path for drop in drops)}",)
    show = shown(matcher)
    scope = scope_facts(targets, drops, values.remaining, show, scanned=values.scope_known)
    return proof_facts(replace(proof, leftovers=left, checks=(*checks, *proof.checks)), show, scope)


def _dropped(repository: Repository, drops: Iterable[Drop]) -> Iterator[Leftover]:
    """The files that were to go, and that some commit still has."""
    drops = tuple(drops)
    ever = blobs_at_each(repository, (drop.path for drop in drops))
    for drop in drops:
        if ever[drop.path] - drop.keep:
            advice = "a commit still has it: --path removes it from every commit"
            yield Leftover(place=PlaceKind.BLOB, name=drop.path, targets=(), advice=advice)


def _lacking(lost: Iterable[str], told: Iterable[Leftover]) -> Iterator[Leftover]:
    """The objects that history leads to and nobody has, those left out that are `told` already."""
    known = " ".join(one.name for one in told)
    for oid in lost:
        if oid not in known:
            name = f"unreadable object {oid}"
            yield Leftover(place=PlaceKind.UNREACHABLE, name=name, targets=(), advice="git fsck tells more")


def _unsearchable(left_out: Iterable[Candidate]) -> Iterator[Leftover]:
    """The files in which a scan has found values that are too common to be looked for."""
    for one in left_out:
        for path in one.paths or ("not looked for",):
            yield Leftover(place=PlaceKind.BLOB, name=path, targets=(), advice=why_left_out(one))


def _unspelt(paths: Iterable[str]) -> Iterator[Leftover]:
    """The files with a value that a scan has found, and that is not known as it is spelt there."""
    for path in paths:
        advice = f"a scan has found a value there, but {NOT_SPELT}: --path removes it from every commit"
        yield Leftover(place=PlaceKind.BLOB, name=path, targets=(), advice=advice)


def _valueless(findings: Iterable[Finding]) -> Iterator[Leftover]:
    """The files that are findings as such."""
    for finding in findings:
        for place in finding.locations:
            advice = f"{finding.title}: --path removes it from every commit"
            yield Leftover(place=PlaceKind.BLOB, name=place.path, targets=(), advice=advice)
