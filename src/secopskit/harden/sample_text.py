"""The text of an environment template: variables grouped by who uses them, each with a comment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from secopskit.harden.variables import UsedVariable
from secopskit.report.text import listed, visible

SAMPLE_NAME: Final = ".env.sample"
TEMPLATE_NAMES: Final = (".env.example", SAMPLE_NAME, ".env.template", ".env.dist")
"""What templates are called, the usual names first."""
_FEW_USERS: Final = 3
_FEW_FILES: Final = 2
_LONG: Final = 80


def new_sample(name: str, variables: Iterable[UsedVariable], home: str, target: str = ".env") -> str:
    """A whole template for the directory `home` of the project called `name`, to be copied to `target`."""
    head = [
        f"# Environment of {visible(home or name)}. Copy it to {visible(target)}, which is not committed.",
        "# A line in a comment has a default, or is set by the files that are named above it.",
        "# `secops init` adds what is missing and changes nothing else.",
    ]
    return "".join(f"{line}\n" for line in [*head, *variable_lines(variables, home)])


def variable_lines(variables: Iterable[UsedVariable], home: str) -> list[str]:
    """The lines of the variables: a heading for each group of users. Files are named from `home`."""
    groups = defaultdict[tuple[int, str], list[UsedVariable]](list)
    for variable in variables:
        # Services one by one, then what several share, then what no service is known to read.
        rank = 2 if not variable.users else min(len(variable.users) - 1, 1)
        groups[rank, _heading(variable.users)].append(variable)
    lines = list[str]()
    for users in sorted(groups):
        lines += ["", f"# --- {users[1]} ---"]
        shared = _shared_files(groups[users])
        if shared:
            lines.append(f"# All are used in {_files(shared, home)}.")
        for variable in sorted(
            groups[users], key=lambda each: (not each.required, is_spare(each), each.name)
        ):
            lines += _one(variable, home, alone=not shared)
    return lines


def is_spare(variable: UsedVariable) -> bool:
    """Whether it works without: then an empty value would take the place of what holds."""
    return bool(variable.optional or variable.given) and not variable.required


def _heading(users: tuple[str, ...]) -> str:
    if not users:
        return "application"
    if len(users) > _FEW_USERS:
        return "several services"
    return ", ".join(visible(user) for user in users)


def _shared_files(group: list[UsedVariable]) -> tuple[str, ...]:
    """The files in which all variables of a group are used, if they are the same for each."""
    files = {variable.files for variable in group}
    return files.pop() if len(group) > 1 and len(files) == 1 else ()


def _one(variable: UsedVariable, home: str, *, alone: bool) -> list[str]:
    """The lines of a variable; where it is used, unless the heading of its group tells."""
    facts = []
    if variable.required:
        facts.append("Required.")
    elif variable.default:
        facts.append(f"Default: {variable.default}.")
    elif variable.optional:
        facts.append("Has a default.")
    if variable.given:
        facts.append(f"Set in {_files(variable.given, home)}.")
    if variable.files and alone:
        facts.append(f"Used in {_files(variable.files, home)}.")
    spare = is_spare(variable)
    line = f"{variable.name}={variable.default if spare else ''}"
    comment = [f"# {' '.join(facts)}"] if facts else []
    return [*comment, f"# {line}" if spare else line]


def _files(paths: tuple[str, ...], home: str) -> str:
    names = [visible(path.removeprefix(f"{home}/" if home else "")) for path in paths]
    return listed(names, _FEW_FILES if len(", ".join(names[:_FEW_FILES])) <= _LONG else 1)
