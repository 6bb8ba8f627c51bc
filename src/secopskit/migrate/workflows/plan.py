"""Which workflow files to write, and writing them without losing what somebody else wrote."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from typing import Final

from secopskit import __version__
from secopskit.errors import RefusedError, SecopsError, UsageError
from secopskit.state.private import replace_file
from secopskit.state.smallfiles import is_inside

DIRECTORY: Final = ".github/workflows"
MARK: Final = "# Written by `secops migrate workflows`"
# Pinned by commit, as GitHub advises: a tag can be moved.
_CHECKOUT: Final = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
_SETUP_PYTHON: Final = "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0"
# Nothing that YAML within quotes, a pattern of GitHub's or a shell takes for more than a name.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_ENVIRONMENT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_REQUIREMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@:+~=<>,!\[\]-]{0,199}")


class Workflow(Enum):
    """The workflows there are: the name of the template is that of the file's stem in this package."""

    STAGING = "staging"
    PRODUCTION = "production"

    @property
    def file_name(self) -> str:
        """The name under `.github/workflows`."""
        return {"staging": "db-staging.yml", "production": "db-prod.yml"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowChoices:
    """What the templates leave open. `countdown` is in seconds.

    `requirement` is what pip installs; empty: this very version of secops.
    """

    directory: str = "migrations"
    branch: str = "staging"
    staging: str = "staging"
    production: str = "production"
    countdown: int = 30
    requirement: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFile:
    """One file to write. `path` is absolute; `old` is what is there now, if it `exists`."""

    path: str
    text: str
    old: str
    exists: bool

    @property
    def same(self) -> bool:
        """Whether there is nothing to write."""
        return self.exists and self.old == self.text


def plan_workflows(root: str, choices: WorkflowChoices) -> tuple[WorkflowFile, ...]:
    """The files for the repository at `root`.

    Raises UsageError for a name that does not belong into a workflow, RefusedError where a file
    or directory of that name is a link or was not written by us.
    """
    return tuple(_file(root, workflow, choices) for workflow in Workflow)


def write(planned: tuple[WorkflowFile, ...]) -> None:
    """Write the files that differ. Raises SecopsError."""
    for file in planned:
        if file.same:
            continue
        try:
            os.makedirs(os.path.dirname(file.path), exist_ok=True)
        except OSError as error:
            raise SecopsError(
                f"{os.path.dirname(file.path)}: cannot be made: {error.strerror}", advice="Check its mode."
            ) from None
        replace_file(file.path, file.text.encode())


def render(workflow: Workflow, choices: WorkflowChoices) -> str:
    """The text of a workflow. Raises UsageError."""
    if choices.staging == choices.production:
        raise UsageError(
            "staging and production are one environment", advice="Name two: --staging and --production."
        )
    text = files("secopskit.migrate.workflows").joinpath(f"{workflow.value}.yml").read_text(encoding="utf-8")
    values = {
        "DIRECTORY": _checked("the directory of migrations", choices.directory.rstrip("/"), _NAME),
        "BRANCH": _checked("the branch", choices.branch, _NAME),
        "STAGING": _checked("the environment", choices.staging, _ENVIRONMENT),
        "PRODUCTION": _checked("the environment", choices.production, _ENVIRONMENT),
        "COUNTDOWN": str(choices.countdown),
        "REQUIREMENT": _checked("what is to be installed", _requirement(workflow, choices), _REQUIREMENT),
        "CHECKOUT": _CHECKOUT,
        "SETUP_PYTHON": _SETUP_PYTHON,
    }
    return re.sub(r"@@([A-Z_]+)@@", lambda found: values[found[1]], text)


def _requirement(workflow: Workflow, choices: WorkflowChoices) -> str:
    """What pip installs; the linter's extra only where it is used, away from production's secret."""
    extras = "migrate,lint" if workflow is Workflow.STAGING else "migrate"
    return choices.requirement or f"secopskit[{extras}]=={__version__}"


def _checked(what: str, name: str, pattern: re.Pattern[str]) -> str:
    """`name`, if neither YAML nor a shell can take it for anything but a name."""
    if not pattern.fullmatch(name) or ".." in name:
        raise UsageError(
            f"{what} ({name[:60]!r}) cannot stand in a workflow",
            advice="Letters, digits, . _ - / only, a letter or digit first; environments in lower case.",
        )
    return name


def _file(root: str, workflow: Workflow, choices: WorkflowChoices) -> WorkflowFile:
    path = os.path.join(root, DIRECTORY, workflow.file_name)
    for place in (os.path.join(root, ".github"), os.path.dirname(path), path):
        if os.path.islink(place) or not is_inside(place, root):
            raise RefusedError(f"{place}: is a symbolic link", advice="Replace it by what it leads to.")
    text, old = render(workflow, choices), _read(path)
    if old is not None and not old.startswith(MARK):
        raise RefusedError(
            f"{path}: exists and was not written by secops", advice="Move it away, or compare it by hand."
        )
    return WorkflowFile(path=path, text=text, old=old or "", exists=old is not None)


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecopsError(f"{path}: cannot be read: {error.strerror}", advice="Check its mode.") from None
