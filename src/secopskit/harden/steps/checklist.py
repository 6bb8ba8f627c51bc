"""The step `checklist`: what to look at before a merge, with each exposed secret and its state."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from secopskit.harden.exposed import ACCEPTED, OPEN, exposed_secrets
from secopskit.harden.model import Addition, ExposedSecret, FileEdit
from secopskit.harden.project import HardenHost, HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.harden.text import at_end, encoded
from secopskit.report.text import count, visible

_GITHUB: Final = (
    ".github/pull_request_template.md",
    ".github/PULL_REQUEST_TEMPLATE.md",
    "pull_request_template.md",
    "PULL_REQUEST_TEMPLATE.md",
    "docs/pull_request_template.md",
    "docs/PULL_REQUEST_TEMPLATE.md",
)
_GITLAB: Final = (".gitlab/merge_request_templates/Default.md", ".gitlab/merge_request_templates/default.md")
_MOST: Final = 50
_BEGIN: Final = "<!-- >>> secops init: checklist -->"
# The digest tells our own text from one that a person has edited: that one is theirs.
_BLOCK: Final = re.compile(
    rb"(?m)^<!-- >>> secops init: checklist -->\r?\n((?:(?!<!-- <<<)[^\n]{0,2000}\n){0,200})"
    rb"<!-- <<< secops init: checklist ([0-9a-f]{8}) -->\r?(?:\n|\Z)"
)


def propose(project: HardenProject) -> StepProposal:
    """The list in the template of each host; one of ours that is outdated is renewed."""
    changes, notes = list[FileEdit](), list[str]()
    lines = checklist(exposed_secrets(project) if project.hosts else ())
    for host in project.hosts:
        names = _GITHUB if host is HardenHost.GITHUB else _GITLAB
        if (edit := _edit(project, names, lines)) is not None:
            changes.append(edit)
    if HardenHost.GITHUB in project.hosts and project.files.exists(".github/PULL_REQUEST_TEMPLATE"):
        notes.append("There are several templates in .github/PULL_REQUEST_TEMPLATE: link the list from them.")
    if not project.hosts:
        notes.append("Neither GitHub nor GitLab is seen here: --github or --gitlab says which.")
    return StepProposal(tuple(changes), tuple(notes))


def checklist(secrets: tuple[ExposedSecret, ...]) -> list[str]:
    """The lines of the list, without its marks."""
    lines = [
        "## Secrets",
        "",
        "- [ ] This change brings no value that opens anything: `secops scan` finds nothing new.",
        "- [ ] New variables are in the environment template, without their values.",
        "- [ ] Whoever deploys this has the values, and nobody got them in this conversation.",
    ]
    if secrets:
        lines += ["", "Exposed in files or history, as of the last `secops init`:", ""]
        lines += [_line(secret) for secret in secrets[:_MOST]]
    if len(secrets) > _MOST:
        lines.append(f"- [ ] and {len(secrets) - _MOST} more: `secops scan --history` lists them.")
    return lines


def _line(secret: ExposedSecret) -> str:
    place = f"`{_code(secret.path)}` line {secret.line}"
    more = f" and {count(secret.places - 1, 'more file')}" if secret.places > 1 else ""
    todo = {
        OPEN: "open: rotate it, then purge it",
        ACCEPTED: "accepted in the baseline",
    }.get(secret.state, f"{secret.state}: purge it")
    mark = " " if secret.state != ACCEPTED else "x"
    return f"- [{mark}] `{secret.rule}` in {place}{more}: {todo}"


def _code(path: str) -> str:
    return visible(path).replace("`", "'")


def _edit(project: HardenProject, names: tuple[str, ...], lines: list[str]) -> FileEdit | None:
    file = next((name for name in names if project.files.exists(name)), names[0])
    before = project.files.read(file)
    marked = [_BEGIN, *lines, f"<!-- <<< secops init: checklist {_sum(lines)} -->"]
    if before is None:
        addition = Addition(at=0, new=encoded(marked, b""))
    elif _BEGIN.encode() not in before:
        addition = at_end(before, marked)
    else:
        found = _BLOCK.search(before)
        if found is None or _sum(found[1].decode("utf-8", "replace").splitlines()) != found[2].decode():
            return None  # somebody has made it their own
        addition = Addition(at=found.start(), old=found[0], new=encoded(marked, before))
        if addition.new == addition.old:
            return None
    return FileEdit(path=file, before=before, additions=(addition,))


def _sum(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:8]


STEP: Final = HardenStep(
    "checklist",
    "Ask before each merge",
    "Whoever merges sees which secrets are exposed, and what has become of each.",
    propose,
)
