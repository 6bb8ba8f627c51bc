"""`secops purge-history` itself: the plan, and with `--apply` what the user agrees to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from secopskit.cli.ask import Terminal
from secopskit.cli.purge.plan import Planned, PlanRequest, plan, why_left_out
from secopskit.cli.purge.sources import Sources, gather
from secopskit.conduct.consent import TypedName, obtain
from secopskit.errors import ExitCode, IncompleteError, SecopsError, UsageError
from secopskit.git.remotes import remotes
from secopskit.purge.model import Style
from secopskit.purge.push.plan import unfetched_requests
from secopskit.purge.swap.preconditions import check_changes, check_repository
from secopskit.purge.tell.facts import PlanFacts, plan_facts, shown
from secopskit.purge.tell.plan_story import plan_story
from secopskit.purge.values import rotation
from secopskit.purge.values.matcher import ValueMatcher
from secopskit.purge.values.targets import Replacements
from secopskit.report.text import visible

if TYPE_CHECKING:
    from secopskit.cli.voice import Voice
    from secopskit.git.repository import Repository
    from secopskit.scan.session import ScanSession

PATIENCE: Final = 24 * 3600.0  # seconds that --wait waits


def run(session: ScanSession, voice: Voice, options: dict[str, Any], *, everything: bool) -> ExitCode:
    """Show the plan; carry it out if `--apply` says so. Raises SecopsError."""
    repository = session.require_repository("purging its history")
    applies: bool = options["apply"]
    cut_off = repository.shallow or repository.partial  # then not even a plan can be made
    # A purge that is at work would make this plan stale: wait before it is made.
    wait = PATIENCE if applies and options["wait"] else 0.0
    blockers = _refusals(lambda: check_repository(repository, wait=wait), stops=applies or cut_off)
    planned = plan(
        session, gather(session, sources_of(options), quiet=voice.quiet), wish_of(options), quiet=voice.quiet
    )
    matcher = ValueMatcher(planned.plan.targets)
    if not planned.plan.empty:
        made = planned.plan
        blockers += _refusals(
            lambda: check_changes(repository, made.survey, made.extent, made.drops, matcher), stops=applies
        )
    facts = replace(
        plan_facts(repository, planned.plan, matcher),
        left_out=tuple(visible(why_left_out(one)) for one in planned.left_out),
        remarks=tuple(visible(text) for text in (*planned.notes, *_unknown_requests(repository, planned))),
        blockers=tuple(visible(text) for text in blockers),
    )
    if planned.plan.empty:
        return _nothing(voice, facts, everything=everything)
    voice.page("plan", facts, plan_story(facts, everything=everything), last=not applies)
    if not applies:
        voice.tell(_next(facts))
        return ExitCode.FINDINGS
    return _apply(session, voice, options, planned, facts)


def _unknown_requests(repository: Repository, planned: Planned) -> list[str]:
    """How to find out which pull requests are concerned, if nobody can tell here."""
    extent = planned.plan.extent
    command = unfetched_requests(remotes(repository), extent.refs) if extent.commits else ""
    words = f"No pull requests are fetched here. To see which of them hold what changes: {command}"
    return [words] if command else []


def sources_of(options: dict[str, Any]) -> Sources:
    """Where the command line says that values come from."""
    return Sources(
        secret_files=options["secret_files"],
        prompt=options["prompt"],
        report=options["report"],
        rules=options["rules"],
        findings=options["ids"],
        drops=bool(options["paths"]),
    )


def wish_of(options: dict[str, Any]) -> PlanRequest:
    """What the command line says about the plan. Raises UsageError."""
    return PlanRequest(
        paths=options["paths"],
        keep_head=options["keep_head"],
        replacements=Replacements(
            text=_encoded(options["replacement"]),
            style=Style(options["style"]),
            own={name: _encoded(text) for name, text in options["own"]},
        ),
        rotated=options["rotated"],
        places_only=options["places_only"],
        asks=not options["yes"] and Terminal().present,
    )


def _encoded(text: str) -> bytes:
    if not text or not text.isprintable():
        raise UsageError("a replacement is text on one line", advice="Leave it out for ***REMOVED***.")
    return os.fsencode(text)


def _refusals(check: Callable[[], None], *, stops: bool) -> list[str]:
    """What a check objects to, if that does not stop the command."""
    try:
        check()
    except SecopsError as error:
        if stops:
            raise
        return [f"{error}. {error.advice}"]
    return []


def _nothing(voice: Voice, facts: PlanFacts, *, everything: bool) -> ExitCode:
    """Nothing is found: the page says where was looked."""
    voice.page("plan", facts, plan_story(facts, everything=everything))
    return ExitCode.FINDINGS if facts.left_out else ExitCode.OK


def _next(facts: PlanFacts) -> str:
    unrotated = [str(value.number) for value in facts.values if not value.rotated]
    if unrotated:
        return (
            "\nNext: rotate what is not rotated. Then run this again with --rotated --apply: it asks before "
            "it changes anything."
        )
    return "\nNext: run this again with --apply: it asks before it changes anything."


# --- applying ---------------------------------------------------------------------------------


def _apply(
    session: ScanSession, voice: Voice, options: dict[str, Any], planned: Planned, facts: PlanFacts
) -> ExitCode:
    from secopskit.cli.purge.done import About, Ending
    from secopskit.purge.find.drops import large_files, removed_blobs
    from secopskit.purge.swap.apply import apply_plan

    repository = session.require_repository("purging its history")
    if unrotated := planned.plan.unrotated:
        raise rotation.refusal(unrotated)
    consent(repository, "This rewrites the history.", yes=options["yes"])
    made = planned.plan
    removed = removed_blobs(repository, made.drops)
    large = large_files(repository, removed, made.outside)
    about = About(
        commits=facts.total_commits,
        signatures=facts.signatures,
        first=made.extent.first,
        removed=removed,
        large_files=large,
        plan=facts,
        seconds=made.phases,
    )
    ending = Ending(session, about, shown(ValueMatcher(made.targets)))
    with told_to_resume(repository):
        outcome = apply_plan(
            repository,
            made,
            backup=not options["no_backup"],
            backup_dir=options["backup_dir"],
            wait=PATIENCE if options["wait"] else 0.0,
            progress=voice.phase,
            tell=voice.tell,
            conclude=ending.keep,
        )
    return ending.tell(voice, outcome, options)


@contextmanager
def told_to_resume(repository: Repository) -> Iterator[None]:
    """Whoever interrupts what is in the block after the swap is told how it goes on."""
    try:
        yield
    except KeyboardInterrupt:
        from secopskit.purge.swap.recover import unfinished

        if unfinished(repository) is None:
            raise
        raise IncompleteError(
            "interrupted after the refs were swapped", advice="Finish it: secops purge-history --resume"
        ) from None


def consent(repository: Repository, what: str, *, yes: bool) -> None:
    """Have the repository's name typed. Raises RefusedError, or UsageError without a terminal."""
    name = os.path.basename(os.path.normpath(repository.root)) or repository.root
    obtain(TypedName(name=name, prompt=f"\n{what} To go on, type {visible(name)}"), Terminal(), yes=yes)
