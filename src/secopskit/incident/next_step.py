"""The next step for an exposed secret: what is to be done, and the exact command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from secopskit.incident.model import (
    Acceptance,
    ExposedSecret,
    IncidentEvidence,
    IncidentState,
    NextStep,
    SinkState,
    UnfinishedWork,
)

PUSH: Final = "secops purge-history --push"
_RESUMED: Final = {
    IncidentState.FOUND: "rotation",
    IncidentState.ROTATED: "sync",
    IncidentState.SYNCED: "purge",
}


def next_step(
    secret: ExposedSecret,
    evidence: IncidentEvidence,
    state: IncidentState,
    *,
    acceptance: Acceptance | None = None,
    unfinished: Sequence[UnfinishedWork] = (),
    held: bool = False,
    cure: str = "",
) -> NextStep:
    """What comes next in this state. What has stopped half-way is gone on with before anything is begun.

    Of what is `held` back from a scan, nothing can be rotated or purged before it is seen again. `cure` is
    the command that helps a clone that does not have the whole history.
    """
    for work in unfinished:
        if work.what == _RESUMED.get(state):
            words = f"the {work.what} is running" if work.running else f"finish the {work.what}"
            return NextStep(words, "" if work.running else work.command)
    if state is IncidentState.PURGED and cure and not evidence.returned:
        return NextStep("look at the whole history: this clone does not have all of it", cure)
    if state is IncidentState.ACCEPTED:
        until = acceptance.expires if acceptance else ""
        return NextStep(f"nothing until {until}" if until else "nothing; it has no expiry", who="")
    return _held(secret, state) if held else _STEPS[state](secret, evidence)


def _held(secret: ExposedSecret, state: IncidentState) -> NextStep:
    words = "the history holds it, but settings, a comment or an ignore file keep a scan from reporting it"
    if state is not IncidentState.FOUND or not secret.value:
        return NextStep(f"{words}: take that out, so that it can be purged")
    return NextStep(
        f"{words}: take that out, or say that it is no secret", f"secops remediate --only {secret.id}"
    )


def _rotate(secret: ExposedSecret, evidence: IncidentEvidence) -> NextStep:
    return NextStep("rotate it", f"secops remediate --only {secret.id}") if evidence.value else _file(secret)


def _file(secret: ExposedSecret) -> NextStep:
    words = "once the secrets in it are dead, stop tracking the file, and take it out of the history"
    return NextStep(words, f"secops remediate --only {secret.id}")


def _sync(secret: ExposedSecret, evidence: IncidentEvidence) -> NextStep:
    if evidence.sinks is SinkState.BEHIND:
        return NextStep("bring its successor to the places that still have it", "secops sync-secrets")
    return NextStep("see that every declared place has its successor", f"secops remediate --only {secret.id}")


def _purge(secret: ExposedSecret, evidence: IncidentEvidence) -> NextStep:
    if evidence.found:
        word = "" if evidence.on_record else " --rotated"
        command = f"secops purge-history --finding {secret.id}{word} --apply"
        return NextStep("take it out of the history", command)
    return NextStep(
        "the history has it no more, and no purge on record took it out: say so",
        f"secops remediate --only {secret.id}",
    )


def _verify(secret: ExposedSecret, evidence: IncidentEvidence) -> NextStep:
    if evidence.returned:
        return NextStep("what was purged is back: prove what is left", "secops purge-history --verify")
    return NextStep("prove that it is gone", f"secops remediate --only {secret.id}")


def _push(_secret: ExposedSecret, _evidence: IncidentEvidence) -> NextStep:
    return NextStep("replace the history on the remotes", PUSH)


def _nothing(_secret: ExposedSecret, _evidence: IncidentEvidence) -> NextStep:
    return NextStep("nothing", who="")


_STEPS: Final[dict[IncidentState, Callable[[ExposedSecret, IncidentEvidence], NextStep]]] = {
    IncidentState.FOUND: _rotate,
    IncidentState.ROTATED: _sync,
    IncidentState.SYNCED: _purge,
    IncidentState.PURGED: _verify,
    IncidentState.VERIFIED: _push,
    IncidentState.CLOSED: _nothing,
}
