"""What the command line of `secops purge-history` asks for, as values."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

from secopskit.cli.purge.sources import ValueSources
from secopskit.cli.terminal.ask import Terminal
from secopskit.conduct.consent import NOBODY, Respondent
from secopskit.errors import UsageError
from secopskit.purge.model import ArchiveFate, Style
from secopskit.purge.request import PlanRequest, PurgeApplyRequest, PushAccess
from secopskit.purge.values.targets import Replacements
from secopskit.settings.environment import inherited

_PATIENCE: Final = 24 * 3600.0  # seconds that --wait waits


def sources_of(options: dict[str, Any]) -> ValueSources:
    """Where the command line says that values come from."""
    return ValueSources(
        secret_files=options["secret_files"],
        prompt=options["prompt"],
        report=options["report"],
        rules=options["rules"],
        findings=options["ids"],
        paths_only=options["path_only"],
    )


def plan_request(options: dict[str, Any], *, jobs: int) -> PlanRequest:
    """What the command line says about the plan. Raises UsageError."""
    return PlanRequest(
        paths=options["paths"],
        keep_head=options["keep_head"],
        follow=options["follow"],
        replacements=Replacements(
            text=_encoded(options["replacement"]),
            style=Style(options["style"]),
            own={name: _encoded(text) for name, text in options["own"]},
        ),
        rotated=options["rotated"],
        places_only=options["places_only"],
        keep_ids=options["keep_ids"],
        archives=ArchiveFate(options["archives"]) if options["archives"] else None,
        unstage=options["unstage"],
        to_be_applied=options["apply"],
        wait=_wait(options),
        jobs=jobs,
    )


def apply_request(options: dict[str, Any], *, jobs: int) -> PurgeApplyRequest:
    """What the command line says about how it is done."""
    return PurgeApplyRequest(
        consented=options["yes"],
        backup=not options["no_backup"],
        backup_dir=options["backup_dir"],
        wait=_wait(options),
        push=push_access(options) if options["push"] else None,
        jobs=jobs,
    )


def push_access(options: dict[str, Any]) -> PushAccess:
    """What a push may use: the user's own settings of git, and the terminal if there is one."""
    return PushAccess(variables=inherited(), prompt=not options["yes"] and sys.stderr.isatty())


def respondent_of(options: dict[str, Any]) -> Respondent:
    """Who is asked: the person at the terminal, or with `--yes` nobody."""
    return NOBODY if options["yes"] else Terminal()


def _wait(options: dict[str, Any]) -> float:
    return _PATIENCE if options["wait"] else 0.0


def _encoded(text: str) -> bytes:
    if not text or not text.isprintable():
        raise UsageError("a replacement is text on one line", advice="Leave it out for ***REMOVED***.")
    return os.fsencode(text)
