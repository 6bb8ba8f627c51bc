"""Variables that the product looks up and that no template, document or schema names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from secopskit.audit.mismatch.variables.environments import environment_of
from secopskit.audit.mismatch.variables.evidence import evidence
from secopskit.audit.mismatch.variables.names import is_secret_name
from secopskit.audit.mismatch.variables.passing.images import ImagesOfScripts
from secopskit.audit.model import Fold, Mismatch, MismatchRule
from secopskit.collect.ambient_names import is_ambient
from secopskit.collect.assemble.sources import name_sources
from secopskit.collect.facts import FileRole, ProjectFacts, SettingKind, UseKind, VariableUse
from secopskit.findings import Severity
from secopskit.lazy_regex import LazyRegex

_KINDS: Final = (UseKind.CODE, UseKind.SHELL, UseKind.COMPOSE)
_SET: Final = frozenset(
    {SettingKind.SHELL, SettingKind.PROGRAM, SettingKind.DOCKERFILE_ENV, SettingKind.DOCKERFILE_ARG}
)
# What developers run, and what is configured for them: no operator sets its variables.
_TOOLS: Final = LazyRegex(
    r"(?i)(?:^|/)(?:scripts?|tools?|hack|dev|devtools|\.github|\.circleci|\.gitlab|"
    r"ci|build|bin|codegen|migrations?)/"
    r"|(?:^|/)[\w.-]{1,60}\.config\.[cm]?[jt]sx?$|(?:^|/)(?:setup\.py|noxfile\.py|tasks\w{0,40}\.py|gulpfile\.js)$"
    r"|(?-i:(?:^|/)bench(?:mark)?(?:[A-Z_.-][\w.-]{0,60})?\.[a-z]{1,5}$)"
)

_EXPLANATION: Final = """\
Who sets the project up finds out what can be set from a template (`.env.example`), a document or a settings
schema. A variable that only the code knows is set by nobody, or by luck.

Wrong: `const key = process.env.STRIPE_KEY` in the code, and no `STRIPE_KEY` in `.env.example`.
Right: a line `STRIPE_KEY=` in `.env.example`, with a comment that says what it is for.

A schema in the code (pydantic, zod) tells what can be set; of its fields, only required ones are told.

No fault: variables that the platform, a shell or a test runner gives (`PORT`, `HOME`, `CI`, `NODE_ENV`),
those that a Compose file or a manifest of the project sets itself, and those of tests, examples and build
tools.
"""


def is_tool(path: str) -> bool:
    """Whether a file is run by developers only: a script, the configuration of a build tool."""
    return _TOOLS.search(path) is not None


def _judge(project: ProjectFacts) -> Iterator[Mismatch]:
    sources = name_sources(project)
    told = sources.told | sources.settings.keys() | _set_by_programs(project)
    told |= _told_by_schemas(project)
    images = ImagesOfScripts(project)
    used = defaultdict[str, list[VariableUse]](list)
    for use in project.uses:
        if use.kind in _KINDS and use.role is FileRole.PRODUCT and not is_tool(use.place.path):
            if use.kind is UseKind.SHELL and images.sets(use.place.path, use.name):
                continue
            used[use.name].append(use)
    template = min(sources.templates, key=_nearness, default=".env.example")
    for name, uses in sorted(used.items()):
        if name in told or is_ambient(name) or _is_told_by_compose_rule(uses):
            continue
        needed = any(use.required and use.default is None for use in uses)
        yield Mismatch(
            rule_id=RULE.id,
            subject=name,
            message=f"`{name}` is used and documented nowhere: who sets the project up does not learn of it"
            + (", and the code counts on it." if needed else "."),
            fix=f"Add `{name}=` to {template}, with a comment that says what it is for.",
            evidence=evidence(
                (use.place, "looked up, required" if use.required else "looked up") for use in _first(uses)
            ),
            severity=Severity.MEDIUM if needed else None,
            alone=needed or (is_secret_name(name) and all(use.default is None for use in uses)),
        )


def _nearness(path: str) -> tuple[int, bool, int, str]:
    """The template of the whole comes before those of parts, of development, and of some purpose."""
    return path.count("/"), environment_of(path) == "development", len(path), path


def _told_by_schemas(project: ProjectFacts) -> set[str]:
    """The fields of schemas that may be left out, and what else stands in the file of a schema."""
    paths = {use.place.path for use in project.uses if use.schema}
    found = [use for use in project.uses if use.place.path in paths]
    told = {use.name for use in found}.union(*(each.names for each in project.mentions if each.path in paths))
    return told - {use.name for use in found if use.required and use.default is None}


def _first(uses: list[VariableUse]) -> list[VariableUse]:
    return sorted(uses, key=lambda use: (not use.required, use.place))


def _is_told_by_compose_rule(uses: list[VariableUse]) -> bool:
    """Whether only a Compose file knows it, without default: another rule tells that."""
    return all(use.kind is UseKind.COMPOSE and use.default is None for use in uses)


def _set_by_programs(project: ProjectFacts) -> set[str]:
    return {setting.name for setting in project.settings if setting.kind in _SET}


RULE: Final = MismatchRule(
    id="undocumented-variable",
    title="Variable that is used and documented nowhere",
    severity=Severity.LOW,
    judge=_judge,
    explanation=_EXPLANATION,
    fold=Fold.PROJECT,
)
