"""`secops purge-history --verify`: the proof alone, on what the repository holds now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from secopskit.cli.progress import progress
from secopskit.cli.purge.plan import choose_targets, why_left_out
from secopskit.cli.purge.run import sources_of, wish_of
from secopskit.cli.purge.sources import Gathered, gather
from secopskit.errors import ExitCode
from secopskit.purge.model import Leftover, PlaceKind
from secopskit.purge.proof.proof import prove
from secopskit.purge.push import guard
from secopskit.purge.tell.facts import shown
from secopskit.purge.tell.outcome_facts import proof_facts
from secopskit.purge.tell.outcome_story import proof_story
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.page import Title
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.purge.values.targets import Candidate
    from secopskit.scan.session import ScanSession

_NOTHING_FOUND: Final = "a scan of the whole history: it finds nothing that a purge could take out"


def verify(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Prove that the values are gone, and that nothing purged has come back. Raises SecopsError.

    With values at hand, everything is read for them. Without, the history is scanned, and what the
    scan finds is what is left.
    """
    repository = session.require_repository("verifying it")
    sources = replace(sources_of(options), may_be_gone=True)
    gathered = gather(session, sources, quiet=voice.quiet)
    targets, left_out = choose_targets(session, gathered, replace(wish_of(options), asks=False))
    with progress(session.environment, quiet=voice.quiet) as advance:
        proof = prove(
            repository,
            ValueMatcher(targets),
            gone=[oid.decode() for oid in guard.purged(repository)],
            progress=advance,
        )
    left = (*proof.leftovers, *_found(gathered, left_out))
    checks = (_NOTHING_FOUND,) if sources.scans and not gathered.candidates else ()
    proof = replace(proof, leftovers=left, checks=(*checks, *proof.checks))
    facts = proof_facts(proof, shown(ValueMatcher(targets)))
    voice.page("proof", facts, (Title(f"Proof for {visible(repository.root)}"), *proof_story(facts)))
    return ExitCode.OK if facts.holds else ExitCode.FINDINGS


def _found(gathered: Gathered, left_out: tuple[Candidate, ...]) -> Iterator[Leftover]:
    """What a scan found and nothing can look for: too common a value, or a file as such."""
    for one in left_out:
        for path in one.paths or ("not looked for",):
            yield Leftover(place=PlaceKind.BLOB, name=path, targets=(), advice=why_left_out(one))
    for finding in gathered.without:
        for place in finding.locations:
            advice = f"{finding.title}: --path removes it from every commit"
            yield Leftover(place=PlaceKind.BLOB, name=place.path, targets=(), advice=advice)
