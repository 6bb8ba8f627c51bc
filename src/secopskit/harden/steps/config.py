"""The step `config`: `.secops.yaml`, with what is evident here, in comments for somebody to decide on."""

from __future__ import annotations

import re
from typing import Final

from secopskit.harden.model import Addition, FileEdit
from secopskit.harden.project import HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.settings.options import FILE_NAME

_MIGRATIONS: Final = re.compile(r"((?:(?:supabase|db|database|sql)/)?migrations)/[^/]{1,200}\.sql")
"""Places that are usual for SQL files by themselves. Deeper ones mostly belong to a framework."""
_SECRET: Final = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
_MADE_HERE: Final = re.compile(
    r"(?:^|_)(?:JWT|SESSION|COOKIE|CSRF|DJANGO|FLASK|NEXTAUTH|INTERNAL|SHARED|APP|ENCRYPTION)_?"
    r"(?:SECRET|KEY|TOKEN|SECRET_KEY)$|^SECRET_KEY(?:_BASE)?$"
)
_HEAD: Final = (
    "# Settings of secops; a line counts once its `#` is taken away. All: docs/configuration.md of secops.",
    "scan:",
    "#  exclude_paths: [third_party/]   # as in .gitignore; what is left out is counted in each report",
    "#  min_severity: low",
)


def propose(project: HardenProject) -> StepProposal:
    """A first file, if there is none."""
    if project.files.read(FILE_NAME) is not None:
        return StepProposal()
    lines = [*_HEAD, *_migrate(project), *_sync_and_rotate(project)]
    text = "".join(f"{line}\n" for line in lines).encode()
    return StepProposal((FileEdit(path=FILE_NAME, before=None, additions=(Addition(at=0, new=text),)),))


def migration_directory(project: HardenProject) -> str:
    """The directory of SQL migrations, empty where there is none."""
    found = {match[1] for path in project.tracked if (match := _MIGRATIONS.fullmatch(path))}
    return min(found, default="")


def _migrate(project: HardenProject) -> list[str]:
    directory = migration_directory(project)
    if not directory:
        return []
    return [
        "",
        "# SQL migrations were found here; see docs/DATABASE_MIGRATIONS.md of secops.",
        "#migrate:",
        f"#  dir: {directory}",
        "#  environments:",
        "#    production:",
        "#      database_url_env: PRODUCTION_DATABASE_URL",
    ]


def _sync_and_rotate(project: HardenProject) -> list[str]:
    secrets = deployment_secrets(project)
    if not secrets:
        return []
    lines = [
        "",
        "# What the workflows look up; see docs/GITHUB_SECRETS_SETUP.md of secops.",
        "#sync:",
        "#  environments:",
    ]
    for environment, names in secrets.items():
        sink = "environment" if environment else "repository"
        lines += [
            f"#    {environment or 'production'}:",
            f"#      source: {{dotenv: .env.{environment or 'production'}}}   # stays on your disk",
            f"#      sinks: [{sink}]",
            f"#      secrets: [{', '.join(names)}]",
        ]
    made = [(where, name) for where, names in secrets.items() for name in names if _is_made_here(name)]
    if not made:
        return lines
    environment, name = made[0]
    lines += [
        "",
        "# Who makes new values; `secops rotate providers` lists them. See docs/ROTATION.md of secops.",
        "#rotate:",
        "#  environments:",
        f"#    {environment or 'production'}:",
        f"#      {name}: {{provider: random}}",
    ]
    return lines


def _is_made_here(name: str) -> bool:
    """Whether it is a value that nobody issues: any random one does."""
    return _MADE_HERE.search(name) is not None


def deployment_secrets(project: HardenProject) -> dict[str, list[str]]:
    """The secrets that jobs of GitHub's workflows look up, by environment (empty: none is named)."""
    found = dict[str, set[str]]()
    for job in project.facts.jobs:
        environment = job.environment if _ENVIRONMENT.fullmatch(job.environment) else ""
        names = {
            name for name, _ in job.secrets if _SECRET.fullmatch(name) and not name.startswith("GITHUB_")
        }
        if job.system == "github" and names:
            found.setdefault(environment, set()).update(names)
    if len(found) > 1:  # what is looked up without an environment may be anybody's
        found.pop("", None)
    return {name: sorted(found[name]) for name in sorted(found)}


STEP: Final = HardenStep(
    "config",
    "Begin a configuration",
    "secops needs none; a first one shows what can be said, and what is evident here.",
    propose,
)
