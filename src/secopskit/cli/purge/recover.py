"""`secops purge-history --resume`, `--abort` and `--rollback`: after something went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from secopskit.cli.purge.after import withdraw
from secopskit.cli.purge.plan import choose_targets
from secopskit.cli.purge.run import PATIENCE, consent, sources_of, told_to_resume, wish_of
from secopskit.cli.purge.sources import gather
from secopskit.errors import ExitCode
from secopskit.purge.swap import recover
from secopskit.purge.tell.facts import shown
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.report.page import Block, Para, TextStyle
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.scan.session import ScanSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What became of it, in a sentence."""

    result: str


def resume(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Finish what was cut off. Raises SecopsError."""
    from secopskit.cli.purge.done import About, Ending

    repository = session.require_repository("purging its history")
    journal = recover.unfinished(repository)
    if journal is None:
        recover.abort(repository)  # what is there has changed nothing, and holds no more than space
        return _say(voice, "No purge has stopped half-way: there is nothing to finish.")
    # What a scan finds now is not what it found then: only values at hand are looked for to the end.
    sources = replace(sources_of(options), scans_by_default=False)
    gathered = gather(session, sources, quiet=voice.quiet)
    targets, _ = choose_targets(session, gathered, replace(wish_of(options), asks=False))
    about = About(searched=bool(targets) or not journal.fingerprints)
    ending = Ending(session, about, shown(ValueMatcher(targets)))
    with told_to_resume(repository):
        outcome = recover.resume(
            repository,
            targets,
            wait=PATIENCE if options["wait"] else 0.0,
            progress=voice.phase,
            conclude=ending.keep,
        )
    if outcome is None:
        return _say(voice, "The purge had changed nothing, and is forgotten. Start it anew.")
    return ending.tell(voice, outcome, options)


def abort(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Give up what was cut off. Raises RefusedError where the refs are swapped."""
    repository = session.require_repository("purging its history")
    if recover.abort(repository, wait=PATIENCE if options["wait"] else 0.0):
        return _say(voice, "The purge is given up. The repository is as it was.")
    return _say(voice, "No purge has stopped half-way: there is nothing to give up.")


def rollback(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Undo the last purge. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    consent(repository, "This brings the purged values back into the history.", yes=options["yes"])
    from secopskit.purge.swap.rollback import rollback as undo

    undo(
        repository,
        directory=options["backup_dir"],
        wait=PATIENCE if options["wait"] else 0.0,
        progress=voice.phase,
    )
    withdraw(repository)
    return _say(voice, "The history is what it was before the purge, values included.", TextStyle.CAUTION)


def _say(voice: Voice, sentence: str, mood: TextStyle = TextStyle.PLAIN) -> ExitCode:
    blocks: tuple[Block, ...] = (Para(visible(sentence), mood),)
    voice.page("result", Said(result=sentence), blocks)
    return ExitCode.OK
