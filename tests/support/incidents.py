"""An incident in a real repository, looked at without a command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from secopskit.conduct.tell import SILENCE
from secopskit.incident.gather import Incident, gather
from secopskit.incident.model import IncidentRow
from secopskit.incident.request import IncidentContext
from secopskit.incident.shared import FILE_NAME
from secopskit.scan.session import ScanSession
from secopskit.settings.sync import load_sync
from support.repos import Repo

TODAY = datetime(2030, 6, 1, 12, tzinfo=UTC)


def incident_context(repo: Repo, *, days: int = 0) -> IncidentContext:
    """What a look at `repo` may use, so many days after `TODAY`."""
    session = ScanSession(str(repo.path))
    return IncidentContext(
        session=session,
        sync=load_sync(session.root, environ={}),
        clock=lambda: TODAY + timedelta(days=days),
        shared=Path(session.root) / FILE_NAME,
        actor="Ada",
        tell=SILENCE,
    )


def look(repo: Repo, *, days: int = 0) -> Incident:
    """A look at `repo`."""
    return gather(incident_context(repo, days=days))


def only_row(repo: Repo, *, days: int = 0) -> IncidentRow:
    """The one exposed secret of `repo`."""
    (row,) = look(repo, days=days).rows
    return row
