"""The verification of a repository: the proof of a purge alone, on what is there now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from secopskit.conduct.consent import NOBODY
from secopskit.conduct.tell import SILENCE, Tell
from secopskit.findings import Finding
from secopskit.git.repository import Repository
from secopskit.purge.model import Leftover, PlaceKind
from secopskit.purge.proof.prove import prove
from secopskit.purge.push import guard
from secopskit.purge.request import PlanRequest
from secopskit.purge.targeting import targets_of
from secopskit.purge.tell.facts import shown
from secopskit.purge.tell.outcome_facts import ProofFacts, proof_facts
from secopskit.purge.values.collect import ValuesToPurge
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
    matcher = ValueMatcher(targets_of(repository, settled, request))
    gone = [oid.decode() for oid in guard.purged(repository)]
    with tell.progress() as advance:
        proof = prove(repository, matcher, gone=gone, progress=advance)
    left = (*proof.leftovers, *_unsearchable(settled.left_out), *_valueless(values.valueless))
    checks = (_NOTHING_FOUND,) if values.scanned and not values.candidates else ()
    return proof_facts(replace(proof, leftovers=left, checks=(*checks, *proof.checks)), shown(matcher))


def _unsearchable(left_out: Iterable[Candidate]) -> Iterator[Leftover]:
    """The files in which a scan has found values that are too common to be looked for."""
    for one in left_out:
        for path in one.paths or ("not looked for",):
            yield Leftover(place=PlaceKind.BLOB, name=path, targets=(), advice=why_left_out(one))


def _valueless(findings: Iterable[Finding]) -> Iterator[Leftover]:
    """The files that are findings as such."""
    for finding in findings:
        for place in finding.locations:
            advice = f"{finding.title}: --path removes it from every commit"
            yield Leftover(place=PlaceKind.BLOB, name=place.path, targets=(), advice=advice)
