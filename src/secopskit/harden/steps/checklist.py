"""The step `checklist`: what to look at before a merge, with each exposed secret and its state."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import Final

from secopskit.harden.exposed import ACCEPTED, OPEN, exposed_secrets
from secopskit.harden.model import Addition, FileEdit, ListedSecret
from secopskit.harden.project import HardenHost, HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.harden.text import at_end, encoded
from secopskit.report.text import count, listed, visible

# In any case; https://docs.github.com/en/communities tells where a template may lie.
_PLACES: Final = (".github/", "", "docs/")
_GITHUB: Final = tuple(
    f"{place}pull_request_template{ending}" for place in _PLACES for ending in (".md", ".txt", "")
)
_SEVERAL: Final = tuple(f"{place}PULL_REQUEST_TEMPLATE" for place in _PLACES)
_GITLAB: Final = (".gitlab/merge_request_templates/Default.md",)
_MOST: Final = 15
_FEW: Final = 5
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
    if HardenHost.GITHUB in project.hosts and (several := _directory_of_templates(project)):
        notes.append(f"There are several templates in {visible(several)}: link the list from them.")
    if not project.hosts:
        notes.append("Neither GitHub nor GitLab is seen here: --github or --gitlab says which.")
    return StepProposal(tuple(changes), tuple(notes))


def checklist(secrets: tuple[ListedSecret, ...]) -> list[str]:
    """The lines of the list, without its marks."""
    lines = [
        "## Secrets",
        "",
        "- [ ] This change brings no value that opens anything: `secops scan` finds nothing new.",
        "- [ ] New variables are in the environment template, without their values.",
        "- [ ] Whoever deploys this has the values, and nobody got them in this conversation.",
    ]
    named = [secret for secret in secrets if secret.in_files or secret.grave]
    groups = defaultdict[tuple[str, bool, str], list[ListedSecret]](list)
    for secret in named:
        groups[secret.path, secret.in_files, secret.state].append(secret)
    shown = list(groups.values())[:_MOST]
    if secrets:
        lines += ["", "Exposed, as of the last `secops init`:", "", *map(_line, shown)]
    if more := len(secrets) - sum(map(len, shown)):
        lines.append(f"- [ ] {more} {'more' if shown else 'in all'}: `secops scan --history` lists them.")
    return lines


def _line(group: list[ListedSecret]) -> str:
    """The secrets of one file and state: their rules, where they stand, and what is to be done."""
    first = group[0]
    rules = ", ".join(f"`{rule}`" for rule in dict.fromkeys(secret.rule for secret in group))
    numbers = sorted({secret.line for secret in group})
    lines = listed([*map(str, numbers)], _FEW)
    where = f"`{_code(first.path)}` {'line' if len(numbers) == 1 else 'lines'} {lines}"
    todo = {
        OPEN: "open; rotate, then purge",
        ACCEPTED: "accepted in the baseline",
    }.get(first.state, f"{first.state}; purge")
    mark = "x" if first.state == ACCEPTED else " "
    values = f"{count(len(group), 'value')}{'' if first.in_files else ' in the history'}"
    return f"- [{mark}] {where}: {values} ({rules}), {todo}"


def _code(path: str) -> str:
    return visible(path).replace("`", "'")


def _edit(project: HardenProject, names: tuple[str, ...], lines: list[str]) -> FileEdit | None:
    file = _template(project, names) or names[0]
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


def _template(project: HardenProject, names: tuple[str, ...]) -> str | None:
    """The template that is there; a directory of several is none."""
    several = _directory_of_templates(project)
    place = several.rpartition("/")[0]
    bare = f"{place}/pull_request_template".lstrip("/") if several else ""
    return project.files.first_of(name for name in names if name != bare)


def _directory_of_templates(project: HardenProject) -> str:
    """The directory in which several templates lie, empty where there is none."""
    found = (project.files.first_of((name,)) for name in _SEVERAL)
    return next((path for path in found if path is not None and project.files.is_directory(path)), "")


def _sum(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:8]


STEP: Final = HardenStep(
    "checklist",
    "Ask before each merge",
    "Whoever merges sees which secrets are exposed, and what has become of each.",
    propose,
)
