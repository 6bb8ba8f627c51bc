"""What runs at every push: the commits that it brings, here before it leaves or there as it arrives."""

from __future__ import annotations

import sys
from typing import Final

import click

from secopskit.cli.hook.outcome import told
from secopskit.cli.options import Settings
from secopskit.cli.terminal.progress import tell
from secopskit.errors import ExitCode, UsageError
from secopskit.git.repository import Repository
from secopskit.hooks import pushes
from secopskit.scan.hook import scan_pushed
from secopskit.scan.session import Overrides, ScanSession

_MOST_TOLD: Final = 5
_MOST_SOUGHT: Final = 20  # objects, after which the push is not looked through any further
_SKIP: Final = ("git push --no-verify", "SKIP=secops-scan-push git push")


def check_push(
    arguments: tuple[str, ...], settings: Settings, overrides: Overrides, *, scans: bool = True
) -> ExitCode:
    """Scan what is about to be pushed and tell about it; without `scans`, look for purged objects only.

    Raises SecopsError.

    `arguments` are git's: the remote's name, or its URL where it has none, and its URL.
    Which commits is told on standard input or, by the pre-commit framework, in variables.
    """
    session = ScanSession(".", overrides, hook=True, notice=tell)
    repository = session.require_repository("a pre-push hook")
    told = session.environment.push
    updates = pushes.parse_pre_push(_standard_input())
    names = pushes.new_names(updates)
    if not updates and (new := told.to_ref or told.branch):
        updates = (pushes.RefUpdate(new=_commit(repository, new), old=told.from_ref),)
        names = pushes.unseen_branch(repository, told.remote, told.remote_branch or told.branch)
    if not updates:
        return ExitCode.OK
    remote = arguments[0] if arguments else told.remote
    revisions = pushes.unknown_to_remote(repository, updates, remote)
    if _brings_back(repository, revisions):
        return ExitCode.FINDINGS
    return _check(session, revisions, settings, new_refs=names, skip=_SKIP) if scans else ExitCode.OK


def check_received(
    overrides: Overrides, settings: Settings, *, inline_allow: bool, scans: bool = True
) -> ExitCode:
    """Scan what a push has brought into git's quarantine and tell the pusher. Raises SecopsError.

    No ref has moved yet, and nothing that was pushed is read as a setting: a bare repository has no
    work tree to find any in. Without `scans`, only purged objects are looked for.
    """
    updates = pushes.parse_pre_receive(_standard_input())
    if not updates:
        return ExitCode.OK
    session = ScanSession(".", overrides, hook=True, notice=tell)
    revisions = pushes.unknown_to_us(updates)
    if _brings_back(session.require_repository("checking a push"), revisions):
        return ExitCode.FINDINGS
    if not scans:
        return ExitCode.OK
    return _check(session, revisions, settings, new_refs=pushes.new_names(updates), inline_allow=inline_allow)


def _brings_back(repository: Repository, revisions: tuple[str, ...]) -> bool:
    """Whether the push would bring back what a purge has removed; then it is told which objects."""
    from secopskit.purge.push import guard

    found = guard.returning(repository, revisions, most=_MOST_SOUGHT)
    if found:
        click.echo("secops: this push would bring back what was purged from the history:", err=True)
        for one in found[:_MOST_TOLD]:
            click.echo(f"  {one.kind} {one.oid}", err=True)
        if (more := len(found) - _MOST_TOLD) > 0:
            least = "at least " if len(found) >= _MOST_SOUGHT else ""
            click.echo(f"  and {least}{more} more", err=True)
        click.echo(guard.ADVICE, err=True)
    return bool(found)


def _check(
    session: ScanSession,
    revisions: tuple[str, ...],
    settings: Settings,
    *,
    new_refs: tuple[str, ...] = (),
    inline_allow: bool = True,
    skip: tuple[str, ...] = (),
) -> ExitCode:
    result = scan_pushed(session, revisions, new_refs=new_refs, heeds_comments=inline_allow)
    return told(
        result,
        color=lambda: sys.stdout.isatty() if settings.color is None else settings.color,
        verbosity=-1 if settings.quiet else settings.verbosity,
        skip=skip,
        comments=inline_allow and not session.judged_from_elsewhere,
        strict=session.config.scan.strict,
    )


def _standard_input() -> bytes:
    """What git tells the hook. Raises UsageError where a person started us: there is no push then."""
    if sys.stdin is None:
        return b""
    if sys.stdin.isatty():
        raise UsageError("there is no push to check", advice=pushes.ADVICE)
    return sys.stdin.buffer.read(pushes.MAX_INPUT + 1)


def _commit(repository: Repository, name: str) -> str:
    """The id of the commit that the framework names. Raises UsageError."""
    words = ("rev-parse", "-q", "--verify", "--end-of-options", f"{name}^{{commit}}")
    if not repository.succeeds(*words):
        raise UsageError(f"{name}: git knows no such commit", advice="The push names what is not there.")
    return repository.run(*words).decode().strip()
