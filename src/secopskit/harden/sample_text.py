"""The text of an environment template: variables grouped by who uses them, each with a comment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from secopskit.harden.variables import UsedVariable
from secopskit.report.text import visible

_FEW_USERS: Final = 3
_FEW_FILES: Final = 2


def new_sample(name: str, variables: Iterable[UsedVariable]) -> str:
    """A whole template for the project or part called `name`."""
    head = [
        f"# Environment of {visible(name)}. Copy it to .env and fill it in; .env is not committed.",
        "# Lines in comments are optional. `secops init` adds what is missing and changes nothing else.",
    ]
    return "".join(f"{line}\n" for line in [*head, *variable_lines(variables)])


def variable_lines(variables: Iterable[UsedVariable]) -> list[str]:
    """The lines of the variables: a heading for each group of users."""
    groups = defaultdict[tuple[str, ...], list[UsedVariable]](list)
    for variable in variables:
        groups[variable.users].append(variable)
    lines = list[str]()
    for users in sorted(groups, key=lambda users: (len(users) != 1, not users, users)):
        lines += ["", f"# --- {_heading(users)} ---"]
        for variable in sorted(
            groups[users], key=lambda each: (not each.required, is_spare(each), each.name)
        ):
            lines += _one(variable)
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


def _one(variable: UsedVariable) -> list[str]:
    facts = []
    if variable.required:
        facts.append("Required.")
    elif variable.default:
        facts.append(f"Default: {variable.default}.")
    elif variable.optional:
        facts.append("Has a default.")
    if variable.given:
        facts.append(f"Set in {_files(variable.given)}.")
    facts.append(f"Used in {_files(variable.files)}.")
    spare = is_spare(variable)
    line = f"{variable.name}={variable.default if spare else ''}"
    return [f"# {' '.join(facts)}", f"# {line}" if spare else line]


def _files(paths: tuple[str, ...]) -> str:
    shown = ", ".join(visible(path) for path in paths[:_FEW_FILES])
    return shown + (f" and {len(paths) - _FEW_FILES} more" if len(paths) > _FEW_FILES else "")
