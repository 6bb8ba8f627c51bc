"""The step `baseline`: what is found is accepted one by one, with a reason and an owner, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from secopskit.harden.exposed import OPEN, exposed_secrets, in_files
from secopskit.harden.model import Addition, FileEdit
from secopskit.harden.project import HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.known.baseline import Baseline, BaselineEntry, create, new_salt
from secopskit.named_tuple import NamedTuple
from secopskit.redaction import NameRedaction
from secopskit.report.text import count

MOST_ASKED: Final = 20


class AcceptanceWord(NamedTuple):
    """A person's word for a finding: why it is accepted, and who answers for it."""

    fingerprint: str
    reason: str
    owner: str


def propose(project: HardenProject) -> StepProposal:
    """What may be accepted; nothing is written without a word for each."""
    path = project.surroundings.baseline
    if not path or project.files.read(path) is not None:
        return StepProposal()
    found = tuple(secret for secret in exposed_secrets(project) if secret.state == OPEN and secret.in_files)
    if not found:
        return StepProposal()
    note = f"{count(len(found), 'finding')} in the files. CI fails until each is gone, or accepted."
    if len(found) <= MOST_ASKED:
        return StepProposal(notes=(note,), offered=found)
    advice = "They are too many to ask about: look at them, then"
    return StepProposal(
        notes=(note, advice), commands=("secops scan", "secops baseline create --reason … --owner …")
    )


def accepting(project: HardenProject, words: Iterable[AcceptanceWord]) -> FileEdit | None:
    """The baseline that accepts what somebody gave their word for; None for no word."""
    given = {word.fingerprint: word for word in words if word.reason and word.owner}
    salt, entries = new_salt(), list[BaselineEntry]()
    names = NameRedaction.of(project.findings)
    for finding in project.findings:
        if word := given.get(str(finding.fingerprint)):
            here = in_files(project, finding)
            made = create(
                [finding._replace(locations=here)] if here else [],
                today=project.surroundings.today,
                salt=salt,
                owner=word.owner,
                reason=word.reason,
                names=names,
            )
            entries += made.entries
    if not entries:
        return None
    # What is planned after it goes by what was accepted.
    project.baseline = Baseline(salt=salt, entries=tuple(entries))
    text = project.baseline.dump()
    path = project.surroundings.baseline
    return FileEdit(path=path, before=None, additions=(Addition(at=0, new=text),))


STEP: Final = HardenStep(
    "baseline",
    "Accept what is known, one by one",
    "With a baseline, CI fails for new findings only. A fresh secret does not belong in it: rotate it.",
    propose,
)
