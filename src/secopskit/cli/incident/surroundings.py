"""What the commands of an incident work with: the repository, its declarations, the time, the person here."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from secopskit.errors import GitError
from secopskit.incident.request import IncidentContext
from secopskit.incident.shared import FILE_NAME
from secopskit.settings.environment import read_actor
from secopskit.settings.sync import SyncConfig, load_sync

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.git.repository import Repository
    from secopskit.scan.session import ScanSession


def incident_context(
    session: ScanSession, voice: Voice, options: dict[str, Any], *, sync: SyncConfig | None = None
) -> IncidentContext:
    """What a look may use. Raises UsageError outside of a repository; ConfigError."""
    repository = session.require_repository("looking at an incident")
    return IncidentContext(
        session=session,
        sync=sync or load_sync(repository.root, file=options.get("config")),
        clock=lambda: datetime.now(UTC),
        shared=Path(options["record"]) if options.get("record") else Path(repository.root) / FILE_NAME,
        actor=_actor(repository),
        tell=voice,
    )


def _actor(repository: Repository) -> str:
    """Who runs this: as whoever commits here, else the user of this machine."""
    try:
        name = repository.run("config", "user.name").decode("utf-8", "replace").strip()
    except GitError:
        name = ""
    return name or read_actor()
