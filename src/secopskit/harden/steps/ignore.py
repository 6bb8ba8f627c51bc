"""The step `ignore`: what must not be committed goes into `.gitignore`, if git does not ignore it already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from secopskit.harden.model import FileEdit
from secopskit.harden.private_files import PrivateKind, judged
from secopskit.harden.project import HardenProject
from secopskit.harden.sample_text import SAMPLE_NAME, TEMPLATE_NAMES
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.harden.text import block_of, hash_marks, into_block
from secopskit.named_tuple import NamedTuple
from secopskit.report.text import listed, visible

FILE: Final = ".gitignore"
_MARKS: Final = hash_marks("secrets")
_SPECIAL: Final = re.compile(r"([\\*?\[\]])")


class IgnorePattern(NamedTuple):
    """A pattern, and the names by which is asked whether git ignores all such files already."""

    pattern: str
    probes: tuple[str, ...]


_ENVIRONMENT: Final = (
    IgnorePattern(".env", (".env", "secops/probe/.env")),
    IgnorePattern(
        ".env.*", (".env.local", ".env.production", ".env.staging", "secops/probe/.env.production")
    ),
)
_TEMPLATES: Final = ("!.env*.example", "!.env*.sample", "!.env*.template", "!.env*.dist")
_KEYS: Final = tuple(
    IgnorePattern(pattern, (name, f"secops/probe/{name}"))
    for pattern, name in (
        ("*.pem", "server.pem"),
        ("*.key", "server.key"),
        ("*.p12", "store.p12"),
        ("*.pfx", "store.pfx"),
        ("*.jks", "store.jks"),
        ("*.keystore", "release.keystore"),
        ("id_rsa", "id_rsa"),
        ("id_ed25519", "id_ed25519"),
    )
)
_DUMPS: Final = tuple(
    IgnorePattern(pattern, (name, f"secops/probe/{name}"))
    for pattern, name in (("*.dump", "shop.dump"), ("*.sql.gz", "shop.sql.gz"), ("dump.sql", "dump.sql"))
)


def propose(project: HardenProject) -> StepProposal:
    """The patterns that are missing, in a block of ours at the end of the file at the top."""
    notes = list[str]()
    lines = _environment(project)
    for heading, patterns in (("# Keys and key stores.", _KEYS), ("# Database dumps.", _DUMPS)):
        if found := _free(project, _missing(project, patterns), notes):
            lines += [heading, *found]
    lines += _configurations(project)
    lines += _others(project, lines, notes)
    before = project.files.read(FILE)
    lines = _new(before or b"", lines, notes)
    if not lines:
        return StepProposal(notes=tuple(notes))
    addition = into_block(before or b"", _MARKS, lines)
    return StepProposal((FileEdit(path=FILE, before=before, additions=(addition,)),), tuple(notes))


def _new(before: bytes, lines: list[str], notes: list[str]) -> list[str]:
    """The lines but for patterns that stand in our block already, and headings of nothing.

    What is taken back after the block, or further down in the tree, would be added again and again.
    """
    block = block_of(before, _MARKS)
    there = set(block[1].decode("utf-8", "surrogateescape").splitlines()) if block else set[str]()
    in_vain = [line for line in lines if line in there and line[0] not in "#!"]
    if in_vain:
        shown = listed([*map(visible, in_vain)], 3)
        notes.append(f"A later line, or a .gitignore further down, takes this back: {shown}.")
    kept = [line for line in lines if line not in there or line[0] in "#!"]
    if not any(line[0] not in "#!" or line not in there for line in kept if line[0] != "#"):
        return []
    return [
        line
        for line, after in zip(kept, [*kept[1:], "#"], strict=True)
        if not (line.startswith("#") and after.startswith("#"))
    ]


def _environment(project: HardenProject) -> list[str]:
    patterns = _missing(project, _ENVIRONMENT)
    if not patterns:
        # What is ignored already may well take the template along that another step makes.
        has_one = any(path.rpartition("/")[2] in TEMPLATE_NAMES for path in project.tracked)
        hidden = not has_one and project.ignored((SAMPLE_NAME,))
        return ["# The template of the environment is committed.", f"!{SAMPLE_NAME}"] if hidden else []
    leaving = _leaving(project)
    kept = [path for path in sorted(project.matching(patterns)) if path not in leaving]
    own = [f"!{escaped(path)}" for path in kept if not _is_usual(path) and _can_be_written(path)]
    return ["# Environment files, but not their templates.", *patterns, *_TEMPLATES, *own]


def _leaving(project: HardenProject) -> set[str]:
    """The tracked files that get no exception: those that leave git, and those that may hold anything."""
    return {*(file.path for file in project.private), *project.judged.unread}


def _is_usual(path: str) -> bool:
    return path.endswith((".example", ".sample", ".template", ".dist"))


def _configurations(project: HardenProject) -> list[str]:
    """Patterns for configurations that hold a password: those of their directory with the same ending."""
    unknown = project.matching(("*.conf", "*.cfg", "*.ini"), others=True)
    found = [
        file.path
        for file in (*project.private, *judged(project, unknown).private)
        if file.kind is PrivateKind.CONFIGURATION and _can_be_written(file.path)
    ]
    found = sorted(set(found) - project.ignored(found))
    patterns = list(dict.fromkeys(_of_directory(path) for path in found))
    if not patterns:
        return []
    leaving = _leaving(project)
    kept = [path for path in sorted(project.matching(patterns)) if path not in leaving]
    own = [f"!{escaped(path)}" for path in kept if _can_be_written(path)]
    return ["# Configurations with passwords.", *patterns, *own]


def _others(project: HardenProject, lines: list[str], notes: list[str]) -> list[str]:
    """Patterns for files with secrets that nothing matches yet, each by its own name."""
    patterns = [line for line in lines if not line.startswith("#")]
    paths = [file.path for file in project.private]
    done = project.ignored(paths) | (project.matching(patterns) if patterns else frozenset())
    free = [path for path in paths if path not in done]
    found = [escaped(path) for path in free if _can_be_written(path)]
    if len(found) < len(free):
        names = listed([visible(path) for path in free if not _can_be_written(path)], 3)
        notes.append(f"No line of ours can ignore a file of such a name: {names}.")
    return ["# Files with secrets.", *found] if found else []


def _of_directory(path: str) -> str:
    directory, _, name = path.rpartition("/")
    return f"{escaped(directory)}/*.{name.rpartition('.')[2]}" if directory else escaped(path)


def _missing(project: HardenProject, patterns: Iterable[IgnorePattern]) -> list[str]:
    """The patterns of which git ignores not all probes. What is committed on purpose says nothing."""
    wanted = list(patterns)
    ignored = project.ignored([probe for each in wanted for probe in each.probes]) | project.tracked
    return [each.pattern for each in wanted if not ignored.issuperset(each.probes)]


def _free(project: HardenProject, patterns: list[str], notes: list[str]) -> list[str]:
    """The patterns that no file matches which stays in git: the next one like it would be ignored unseen."""
    leaving = _leaving(project)
    if not patterns or not project.matching(patterns) - leaving:
        return patterns
    free = list[str]()
    for pattern in patterns:
        if kept := sorted(project.matching((pattern,)) - leaving):
            names = listed([*map(visible, kept)], 2)
            notes.append(f"{pattern} is left out: such files are committed ({names}).")
        else:
            free.append(pattern)
    return free


def escaped(path: str) -> str:
    """A pattern that matches the file or directory at `path` from the top, and nothing else."""
    return "/" + _SPECIAL.sub(r"\\\1", path)


def _can_be_written(path: str) -> bool:
    return path.isprintable() and not path.endswith(" ")


STEP: Final = HardenStep(
    "ignore",
    "Ignore what must not be committed",
    "Environment files, keys and dumps get into git by `git add .`; an ignored file does not.",
    propose,
)
