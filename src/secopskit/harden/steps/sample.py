"""The step `sample`: a template of the environment, with every variable that the project uses and no value.

A template that is there is kept in step: names that it lacks are put into a block of ours at its end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from typing import Final

from secopskit.collect.facts import FileRole, VariableUse
from secopskit.detect.role import is_test
from secopskit.formats import dotenv
from secopskit.harden.model import Addition, FileEdit
from secopskit.harden.private_files import PrivateKind
from secopskit.harden.project import HardenProject
from secopskit.harden.sample_text import SAMPLE_NAME, TEMPLATE_NAMES, is_spare, new_sample, variable_lines
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.harden.text import hash_marks, into_block
from secopskit.harden.variables import (
    UsedVariable,
    directory_of,
    lookups,
    nearest,
    to_be_filled_in,
    used_variables,
)
from secopskit.report.text import count, listed, visible

MOST: Final = 400
_MOST_FILES: Final = 30
_TEMPLATE: Final = re.compile(
    r"(?i)(?:\.?env|[\w-]{1,60}\.env)(?:[._-][\w-]{1,40}){0,3}[._-](?:example|sample|template|dist)"
    r"|(?:example|sample|template|dist)[._-]env|\.env[._-](?:example|sample|template|dist)[._-][\w-]{1,40}"
)
_NAMED: Final = re.compile(r"[\w-]{1,60}\.env")
_DOTENV: Final = re.compile(r"\.env(?:\.[\w-]{1,40})?|[\w-]{1,60}\.env")
_COMMENTED: Final = re.compile(
    rb"(?m)^[ \t]{0,8}#[# \t]{0,8}(?:export[ \t]{1,8})?([A-Za-z_]\w{0,99})[ \t]{0,8}="
)


def propose(project: HardenProject) -> StepProposal:
    """A template for each part of the project that has none, and the names that the others lack."""
    templates = environment_templates(project)
    committed = committed_environments(project)
    known = _documented_by_directory(project, [*chain.from_iterable(templates.values()), *committed])
    homes = defaultdict[str, list[VariableUse]](list)
    for use in lookups(project.facts):
        if not _is_known(use.name, use.place.path, known):
            homes[_home(project, use.place.path, templates)].append(use)
    more = defaultdict[str, dict[str, list[str]]](dict)
    changes, notes = list[FileEdit](), list[str]()
    for path, names in _leaving(project).items():
        if _NAMED.fullmatch(path.rpartition("/")[2]):
            changes += _beside(project, path, names)
            continue
        for name in names:
            if not _is_known(name, path, known):
                more[_home(project, path, templates)].setdefault(name, []).append(path)
    left = sorted({*homes, *more})
    while left and len(changes) < _MOST_FILES:
        home = left.pop(0)
        variables = used_variables(project.facts, homes[home], more[home], home)
        _propose_one(project, home, variables, templates, committed, changes, notes)
    if left:
        notes.append(f"{count(len(left), 'directory', 'directories')} more were not looked at in this run.")
    notes += _unseen(project)
    return StepProposal(tuple(changes), tuple(notes))


def _propose_one(
    project: HardenProject,
    home: str,
    variables: tuple[UsedVariable, ...],
    templates: dict[str, list[str]],
    committed: list[str],
    changes: list[FileEdit],
    notes: list[str],
) -> None:
    if len(variables) > MOST:
        notes.append(f"{count(len(variables) - MOST, 'variable')} more than {MOST} are left out.")
    variables = variables[:MOST]
    if not variables:
        return
    serving = [path for path in committed if directory_of(path) == home]
    if home not in templates and serving:
        names = listed([variable.name for variable in variables], 8)
        notes.append(f"{visible(serving[0])} is committed and serves as the template. It lacks: {names}.")
        return
    path = _preferred(templates[home]) if home in templates else f"{home}/{SAMPLE_NAME}".lstrip("/")
    before = project.files.read(path)
    if before is None and all(is_spare(variable) for variable in variables):
        return
    if before is None:
        text = new_sample(project.facts.name, variables, home)
        changes.append(
            FileEdit(path=path, before=None, additions=(Addition(at=0, new=text.encode("utf-8")),))
        )
    else:
        addition = into_block(before, hash_marks("variables"), variable_lines(variables, home))
        changes.append(FileEdit(path=path, before=before, additions=(addition,)))


def _beside(project: HardenProject, path: str, names: set[str]) -> list[FileEdit]:
    """A template for a file like `web.env`, which is read by this very name: one beside it."""
    if any(project.files.exists(f"{path}.{ending}") for ending in ("example", "sample", "template", "dist")):
        return []
    users = {
        service.name
        for stack in project.facts.stacks
        for service in stack.services
        if any(file.path == path for file in service.env_files)
    }
    variables = [UsedVariable(name=name, users=tuple(sorted(users)), files=()) for name in sorted(names)]
    home, _, target = path.rpartition("/")
    text = new_sample(project.facts.name, variables, home, target)
    addition = Addition(at=0, new=text.encode("utf-8"))
    return [FileEdit(path=f"{path}.sample", before=None, additions=(addition,))] if variables else []


def environment_templates(project: HardenProject) -> dict[str, list[str]]:
    """The templates of environments that are there, by their directory."""
    found = defaultdict[str, list[str]](list)
    own = {f"{home}/{SAMPLE_NAME}".lstrip("/") for home in ("", *_programs(project))}  # ignored or not
    for path in sorted(project.facts.paths | project.tracked | own):
        name = path.rpartition("/")[2]
        if _TEMPLATE.fullmatch(name) and not is_test(path) and project.files.peek(path):
            found[directory_of(path)].append(path)
    return dict(found)


def committed_environments(project: HardenProject) -> list[str]:
    """The dotenv files that are in git and stay there: what they set is known to everybody."""
    others = {*(file.path for file in project.private), *project.judged.unread}
    return [
        path
        for path in sorted(project.tracked - others)
        if _DOTENV.fullmatch(path.rpartition("/")[2])
        and not _TEMPLATE.fullmatch(path.rpartition("/")[2])
        and not is_test(path)
    ]


def _documented_by_directory(project: HardenProject, paths: Iterable[str]) -> dict[str, set[str]]:
    """The names that these files set, or show in a comment, by the directory of the files."""
    names = defaultdict[str, set[str]](set)
    for path in paths:
        data = project.files.peek(path)
        names[directory_of(path)] |= {setting.key for setting in dotenv.settings(data)}
        names[directory_of(path)] |= {found[1].decode() for found in _COMMENTED.finditer(data)}
    return dict(names)


def _is_known(name: str, path: str, known: dict[str, set[str]]) -> bool:
    """Whether a file beside `path` or above it tells of the name: one elsewhere is for something else."""
    return any(name in names for directory, names in known.items() if nearest(path, (directory,)) is not None)


def _leaving(project: HardenProject) -> dict[str, set[str]]:
    """What dotenv files set that are about to leave git: images may read it, though nothing here does."""
    return {
        file.path: {
            setting.key
            for setting in dotenv.settings(project.files.peek(file.path))
            if to_be_filled_in(setting.key)
        }
        for file in project.private
        if file.kind is PrivateKind.ENVIRONMENT
    }


def _home(project: HardenProject, path: str, templates: dict[str, list[str]]) -> str:
    """The directory whose template tells of what stands in a file: the nearest one above that has one.

    Else the top, unless the top is no more than a collection of projects.
    """
    if (found := nearest(path, templates)) is not None:
        return found
    programs = _programs(project)
    if "" in programs or not programs:
        return ""
    stacks = {stack.directory for stack in project.facts.stacks}
    above = nearest(path, stacks)
    return above if above is not None else nearest(path, programs) or ""


def _programs(project: HardenProject) -> set[str]:
    """The directories with a program or a stack of them."""
    facts = project.facts
    return {directory_of(manifest.path) for manifest in facts.manifests} | {
        stack.directory for stack in facts.stacks
    }


def _preferred(paths: list[str]) -> str:
    names = {path.rpartition("/")[2]: path for path in reversed(paths)}
    return next((names[name] for name in TEMPLATE_NAMES if name in names), min(paths, key=len))


def _unseen(project: HardenProject) -> list[str]:
    """What may hold names that nobody has seen."""
    notes = list(project.facts.limits)
    if skipped := sorted({each.path for each in project.facts.skipped}):
        notes.append(f"Not read: {listed([*map(visible, skipped)], 3)}.")
    files = sorted({each.place.path for each in project.facts.dynamic if each.role is FileRole.PRODUCT})
    if files:
        notes.append(f"Not seen: names computed as the program runs, in {listed([*map(visible, files)], 3)}.")
    return notes


STEP: Final = HardenStep(
    "sample",
    "Tell which variables there are",
    "Who sets the project up needs the names; nobody needs the values of others.",
    propose,
)
