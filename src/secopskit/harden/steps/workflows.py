"""The step `workflows`: CI scans what is pushed, and holds deployments back for what is exposed."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

from secopskit import __version__
from secopskit.harden.model import Addition, FileEdit
from secopskit.harden.project import HardenHost, HardenProject
from secopskit.harden.steps.interface import HardenStep, StepProposal
from secopskit.settings.sync import load_sync

_DIRECTORY: Final = ".github/workflows"
_PIPELINE: Final = ".gitlab-ci.yml"
_INCLUDED: Final = ".gitlab/secops.yml"
# Pinned by commit, as GitHub advises: a tag can be moved.
_CHECKOUT: Final = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
_SETUP_PYTHON: Final = "actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c # v6.0.0"
_BLANK: Final = re.compile(r"@@([A-Z_]+)@@")
_HOW: Final = "A deployment can wait for it: `gate: {uses: ./.github/workflows/FILE}`, then `needs: gate`."

_GATES: Final = (
    "The gates go by what is committed: `secops status --write-record` puts down which secrets are dead, "
    "`secops audit --update-baseline` accepts the mismatches of today."
)
# Without a declaration under `sync` all that workflows look up would be missing.
_SYNC: Final = """
      - name: The workflows look up no secret that nobody declares
        run: secopskit sync-secrets audit --offline"""


def propose(project: HardenProject) -> StepProposal:
    """The files of each host that are not there. One of that name is somebody's, and stays as it is."""
    changes, notes = list[FileEdit](), list[str]()
    for host in project.hosts:
        if host is HardenHost.GITHUB:
            made = _github(project)
            changes += made
            notes += [_GATES] if made else []
        else:
            changes += _gitlab(project, notes)
    if not project.hosts:
        notes.append("Neither GitHub nor GitLab is seen here: --github or --gitlab says which.")
    return StepProposal(tuple(changes), tuple(notes))


def _github(project: HardenProject) -> list[FileEdit]:
    texts = {
        "secops.yml": _filled("github-scan.yml", SKIP=_skip(project)),
        "secops-staging.yml": _gate(project, "staging", "branches: [staging]"),
        "secops-production.yml": _gate(project, "production", 'tags: ["v[0-9]*"]'),
    }
    return [_new(f"{_DIRECTORY}/{name}", text) for name, text in texts.items() if _absent(project, name)]


def _absent(project: HardenProject, name: str) -> bool:
    return project.files.read(f"{_DIRECTORY}/{name}") is None


def _gate(project: HardenProject, environment: str, trigger: str) -> str:
    how = _HOW.replace("FILE", f"secops-{environment}.yml")
    sync = _SYNC if load_sync(project.root).environments else ""
    return _filled("github-gate.yml", ENVIRONMENT=environment, TRIGGER=trigger, HOW=how, SYNC=sync)


def _gitlab(project: HardenProject, notes: list[str]) -> list[FileEdit]:
    changes = []
    if project.files.read(_INCLUDED) is None:
        changes.append(_new(_INCLUDED, _filled("gitlab.yml", SKIP=_skip(project))))
    pipeline = project.files.read(_PIPELINE)
    if pipeline is None:
        changes.append(_new(_PIPELINE, f"include:\n  - local: {_INCLUDED}\n"))
    elif _INCLUDED.encode() not in pipeline:
        notes.append(f"Your pipeline is left alone. Add to `include` in {_PIPELINE}: `- local: {_INCLUDED}`")
    return changes


def _skip(project: HardenProject) -> str:
    """The options by which CI leaves out what was left out here."""
    request = project.request
    words = [f" --only {name}" for name in sorted(request.only)] or [
        f" --skip {name}" for name in sorted(request.skip)
    ]
    return "".join(words)


def _new(path: str, text: str) -> FileEdit:
    return FileEdit(path=path, before=None, additions=(Addition(at=0, new=text.encode()),))


def _filled(template: str, **blanks: str) -> str:
    text = files("secopskit.harden.templates").joinpath(template).read_text(encoding="utf-8")
    values = {
        "CHECKOUT": _CHECKOUT,
        "SETUP_PYTHON": _SETUP_PYTHON,
        "REQUIREMENT": f"secopskit=={__version__}",
        **blanks,
    }
    return _BLANK.sub(lambda found: values[found[1]], text)


STEP: Final = HardenStep(
    "workflows",
    "Look again in CI",
    "A hook can be skipped; CI cannot. Staging and production wait while a secret is exposed.",
    propose,
)
