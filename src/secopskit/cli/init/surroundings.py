"""What `secops init` is run with: the project, how it is scanned, and who is asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from secopskit.errors import ConfigError
from secopskit.harden.project import (
    HardenHost,
    HardenProject,
    HardenRequest,
    HardenSurroundings,
    HookChoice,
)
from secopskit.harden.steps import MODULES
from secopskit.hooks.script import Interpreter
from secopskit.settings.init import load_init
from secopskit.settings.options import shown

if TYPE_CHECKING:
    from pathlib import Path

    from secopskit.cli.terminal.voice import Voice
    from secopskit.findings import Finding


def project_of(voice: Voice, options: dict[str, Any]) -> HardenProject:
    """The project at the path that is named. Raises UsageError, ConfigError."""
    surroundings = HardenSurroundings(
        # To see whether all is there, nobody need know which secrets are.
        findings=lambda: () if options["check"] else _findings(voice, project.root, options),
        interpreter=lambda: Interpreter.of(sys.executable),
        today=date.today(),
    )
    project = HardenProject.open(options["path"], HardenRequest(), surroundings)
    # What was written is taken back, whatever is left out by now, and even if the file is broken.
    skipped = () if options["undo"] else _left_out(project.root, options["config"])
    project.request = HardenRequest(
        hosts=tuple(host for host in HardenHost if options[host.value]),
        hook=HookChoice(options["hook_by"]),
        only=frozenset(options["only"]),
        skip=frozenset(options["skip"]) | frozenset(skipped),
    )
    if options["check"]:
        from secopskit.scan.shown_names import notice_names

        notice_names(lambda: _session(project.root, options))
    if not options["undo"]:
        project.surroundings = surroundings._replace(baseline=_baseline(project.root, options))
    return project


def _left_out(root: str, file: Path | None) -> tuple[str, ...]:
    """The steps that the settings leave out. Raises ConfigError for one that there is not."""
    config = load_init(root, file=file)
    for name in config.skip:
        if name not in MODULES:
            raise ConfigError(
                f"{config.place}: there is no step {shown(name)!r}", advice=f"Steps: {', '.join(MODULES)}."
            )
    return config.skip


def _findings(voice: Voice, root: str, options: dict[str, Any]) -> Sequence[Finding]:
    from secopskit.scan.inventory import take_inventory

    session = _session(root, options)
    with voice.progress() as progress:
        return take_inventory(session, root, history=True, progress=progress).findings


def _baseline(root: str, options: dict[str, Any]) -> str:
    """The baseline's path from the top, empty where it lies elsewhere."""
    path = os.path.relpath(_session(root, options).baseline_path, root).replace(os.sep, "/")
    return "" if path.startswith("../") or os.path.isabs(path) else path


def _session(root: str, options: dict[str, Any]) -> Any:
    from secopskit.scan.session import Overrides, ScanSession
    from secopskit.settings.shown import Shown

    return ScanSession(root, Overrides(config=options["config"], use_baseline=False, show=Shown.ALL))
