"""The walk through an incident: what has stopped half-way is finished, then each step, with a look before it.

It keeps nothing of its own: where it is, it finds by what the other commands have put down. So it can be
stopped or killed anywhere, and begun again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from secopskit.errors import ExitCode, RefusedError, UsageError
from secopskit.incident.gather import Incident, gather, write_shared
from secopskit.incident.walk.last_steps import guard_step, push_step, verify_step
from secopskit.incident.walk.purge_step import purge_step, resume_purge
from secopskit.incident.walk.request import StepLeft, WalkContext
from secopskit.incident.walk.rotate_step import resume_rotation, rotate_step
from secopskit.incident.walk.sync_step import resume_sync, sync_step
from secopskit.report.text import listed

_FEW: Final = 12
_RESUMES = {"rotation": resume_rotation, "sync": resume_sync, "purge": resume_purge}


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkOutcome:
    """What a walk came to: how the incident stands, and what is left of each step."""

    incident: Incident
    left: tuple[StepLeft, ...]
    pending: int

    @property
    def code(self) -> ExitCode:
        """See `conduct.outcome.ChangeOutcome`: the gravest of what is left."""
        codes = {one.code for one in self.left}
        if ExitCode.INCOMPLETE in codes:
            return ExitCode.INCOMPLETE
        return ExitCode.FINDINGS if codes or self.pending else ExitCode.OK


def walk(context: WalkContext) -> WalkOutcome:
    """Go all the way, as far as it goes. Raises SecopsError; RefusedError where consent is not given."""
    if not context.consented and not context.respondent.present:
        raise UsageError(
            "nobody is here to be asked",
            advice="Look at `secops status`, then run again at a terminal, or with --yes.",
        )
    incident = gather(context.incident)
    _check_names(context, incident)
    left = _finished(context, incident)
    if not left:
        left = _steps(context, gather(context.incident) if incident.journals.unfinished else incident)
    incident = gather(context.incident)
    if incident.shared.there and write_shared(context.incident, incident):
        context.tell.note(f"{context.incident.shared} is another one now: commit it.")
    pending = sum(context.request.means(row) for row in incident.pending)
    return WalkOutcome(incident=incident, left=tuple(left), pending=pending)


_Step = Callable[[WalkContext, Incident], list[StepLeft]]
_STEPS: Final[tuple[tuple[str, _Step], ...]] = (
    ("rotate what may still work", rotate_step),
    ("bring the new values to every declared place", sync_step),
    ("take the old ones out of the history", purge_step),
    ("replace the history on the remotes", push_step),
    ("verify that nothing is left", verify_step),
    ("guard against the next leak", guard_step),
)
# What a look says before them, it says after what came before them, too.
_WITHOUT_A_LOOK: Final = frozenset({rotate_step, push_step, guard_step})


def _steps(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """All steps, with a look before each that needs one of its own; what is left. Raises SecopsError."""
    left = list[StepLeft]()
    for number, (words, step) in enumerate(_STEPS, 1):
        context.tell.phase(f"{number}/{len(_STEPS)} {words}")
        if step not in _WITHOUT_A_LOOK:
            incident = gather(context.incident)
        left += step(context, incident)
        if any(one.stops for one in left):
            break  # a journal of it is open: the next run finishes it first
    return left


def _finished(context: WalkContext, incident: Incident) -> list[StepLeft]:
    """Finish what has stopped half-way, before anything is begun. Raises RefusedError where it runs."""
    left = list[StepLeft]()
    for work in incident.journals.unfinished:
        if work.running:
            raise RefusedError(f"a {work.what} of this repository is running", advice="Let it finish.")
        context.tell.phase(f"finishing the {work.what} that has stopped half-way")
        left += _RESUMES[work.what](context)
    return left


def _check_names(context: WalkContext, incident: Incident) -> None:
    """Raise UsageError for an id that names no exposed secret, or several."""
    for name in (*context.request.only, *context.request.revoked):
        found = [row for row in incident.rows if row.secret.id.startswith(name)]
        if len(found) != 1:
            known = listed([row.secret.id for row in incident.rows], _FEW) or "none"
            raise UsageError(
                f"{name}: {'several exposed secrets begin' if found else 'no exposed secret begins'} so",
                advice=f"There are: {known}. `secops status` shows them.",
            )
