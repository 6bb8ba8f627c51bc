"""The step `security`: SECURITY.md says whom to tell of a leaked secret, and what is done then."""

from __future__ import annotations

from typing import Final

from secopskit.harden.model import Addition, FileEdit
from secopskit.harden.project import HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.harden.text import at_end, encoded, markdown_marks

FILES: Final = ("SECURITY.md", ".github/SECURITY.md", "docs/SECURITY.md", ".gitlab/SECURITY.md")
_MARKS: Final = markdown_marks("leaked secrets")
_LINES: Final = (
    "## Leaked secrets",
    "",
    "Values that open something live in the host's secret store or in files that git ignores, never in a",
    "commit. A hook and CI look for them (`secops scan`).",
    "",
    "If one was committed, it counts as known, even if the commit is gone:",
    "",
    "1. Tell the maintainers in private, not in an issue. Name the place, not the value.",
    "2. Rotate it: `secops rotate plan`.",
    "3. Take it out of the history: `secops purge-history`.",
    "4. `secops status` shows what is left to do.",
)


def propose(project: HardenProject) -> StepProposal:
    """The section, in the file that is there or in a new one."""
    file = project.files.first_of(FILES) or FILES[0]
    before = project.files.read(file)
    if before is not None and b"secops" in before:
        return StepProposal()
    lines = [_MARKS.begin, *_LINES, _MARKS.end]
    if before is None:
        addition = Addition(at=0, new=encoded(["# Security", "", *lines], b""))
    else:
        addition = at_end(before, lines)
    return StepProposal((FileEdit(path=file, before=before, additions=(addition,)),))


STEP: Final = HardenStep(
    "security",
    "Say what to do about a leaked secret",
    "Who finds one should know whom to tell, and that deleting the line is not enough.",
    propose,
)
