"""`secops purge-history --resume`, `--abort` and `--rollback`: after something went wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from secopskit.cli.purge.request import apply_request, plan_request, respondent_of, sources_of
from secopskit.cli.purge.run import show_result
from secopskit.cli.purge.sources import gather
from secopskit.errors import ExitCode
from secopskit.purge import recovery
from secopskit.purge.swap.backup import backups_there, destroying
from secopskit.report.page import Block, Commands, Para, TextStyle
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.scan.session import ScanSession


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryFacts:
    """What became of a purge that was cut off or undone, in a sentence; and what the remotes have now.

    `backups` are those that are still there, and `destroy` the commands that destroy them.
    """

    result: str
    remotes: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    destroy: tuple[str, ...] = ()


def resume(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Finish what was cut off. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    if not recovery.is_unfinished(repository):
        return _say(voice, "No purge has stopped half-way: there is nothing to finish.")
    # What a scan finds now is not what it found then: only values at hand are looked for to the end.
    values = gather(session, replace(sources_of(options), scans_by_default=False), voice)
    result = recovery.resume(
        repository,
        values,
        plan_request(options, jobs=session.jobs),
        apply_request(options, jobs=session.jobs),
        respondent=respondent_of(options),
        tell=voice,
    )
    if result is None:
        return _say(voice, "The purge had changed nothing, and is forgotten. Start it anew.")
    return show_result(voice, result)


def abort(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Give up what was cut off. Raises RefusedError where the refs are swapped."""
    how = apply_request(options, jobs=session.jobs)
    if recovery.abort(session.require_repository("purging its history"), how):
        return _say(voice, "The purge is given up. The repository is as it was.")
    return _say(voice, "No purge has stopped half-way: there is nothing to give up.")


def rollback(session: ScanSession, voice: Voice, options: dict[str, Any]) -> ExitCode:
    """Undo the last purge. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    how, respondent = apply_request(options, jobs=session.jobs), respondent_of(options)
    remotes = recovery.rollback(repository, how, respondent=respondent, tell=voice)
    sentence = "The history is what it was before the purge, values included."
    backups = backups_there(repository)
    facts = RecoveryFacts(
        result=sentence,
        remotes=remotes,
        backups=tuple(map(visible, backups)),
        destroy=tuple(visible(destroying(one)) for one in backups),
    )
    blocks: list[Block] = [Para(one, TextStyle.CAUTION) for one in (sentence, *remotes)]
    if backups:
        words = "Backups of purges are still there, and hold the values, too. To destroy them:"
        blocks += [Para(words, TextStyle.CAUTION), Commands(facts.destroy)]
    voice.page("result", facts, blocks)
    return ExitCode.OK


def _say(voice: Voice, sentence: str) -> ExitCode:
    voice.page("result", RecoveryFacts(result=sentence), (Para(visible(sentence)),))
    return ExitCode.OK
