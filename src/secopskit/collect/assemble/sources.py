"""Where a variable's name is told to who sets the project up: templates, documents, schemas, settings."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from secopskit.collect.assemble.templates import template_for, template_of
from secopskit.collect.facts import FactPlace, FileRole, ProjectFacts, SettingKind, Stack, VariableSetting

DOTENV: Final = frozenset({SettingKind.DOTENV, SettingKind.TEMPLATE})
_OWN: Final = frozenset({SettingKind.SHELL, SettingKind.PROGRAM, SettingKind.DOCKERFILE_ARG})
_FOREIGN: Final = frozenset({FileRole.VENDORED, FileRole.GENERATED, FileRole.TEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSources:
    """Names by where they are told.

    `files` are the settings of each dotenv file and template, `templates` those of templates alone.
    `documents` are the places where prose or a schema explains a name, `prose` all names that stand in
    documents, explained or not. `settings` are the places where Compose, a manifest, a workflow or Terraform
    gives a name its value.
    """

    files: Mapping[str, tuple[VariableSetting, ...]]
    templates: Mapping[str, tuple[VariableSetting, ...]]
    documents: Mapping[str, tuple[FactPlace, ...]]
    prose: frozenset[str]
    settings: Mapping[str, tuple[VariableSetting, ...]]

    @property
    def told(self) -> frozenset[str]:
        """The names that a template, a dotenv file or a document tells."""
        return self.names | self.documents.keys() | self.prose

    @property
    def names(self) -> frozenset[str]:
        """The names in templates and dotenv files, commented ones too."""
        return frozenset(setting.name for found in self.files.values() for setting in found)

    def in_file(self, path: str, *, commented: bool = True) -> Mapping[str, VariableSetting]:
        """The settings of one dotenv file or template by name; the last of a name counts."""
        return {each.name: each for each in self.files.get(path, ()) if commented or not each.commented}


def name_sources(project: ProjectFacts) -> NameSources:
    """Where the names of a project are told."""
    files = defaultdict[str, list[VariableSetting]](list)
    templates = defaultdict[str, list[VariableSetting]](list)
    settings = defaultdict[str, list[VariableSetting]](list)
    documents = defaultdict[str, list[FactPlace]](list)
    for setting in project.settings:
        if setting.role in _FOREIGN:
            continue
        if setting.kind in DOTENV:
            files[setting.place.path].append(setting)
            if setting.kind is SettingKind.TEMPLATE:
                templates[setting.place.path].append(setting)
        elif setting.kind not in _OWN:
            settings[setting.name].append(setting)
    for stack in project.stacks:
        for service in stack.services:
            for setting in service.environment:
                settings[setting.name].append(setting)
    for named in project.documented:
        documents[named.name].append(named.place)
    return NameSources(
        files={path: tuple(found) for path, found in sorted(files.items())},
        templates={path: tuple(found) for path, found in sorted(templates.items())},
        documents={name: tuple(found) for name, found in documents.items()},
        settings={name: tuple(found) for name, found in settings.items()},
        prose=frozenset(name for each in project.mentions if each.prose for name in each.names),
    )


def stack_files(
    stack: Stack, sources: NameSources, project: ProjectFacts, *, similar: bool = False
) -> tuple[str, ...]:
    """The dotenv file that Compose reads for `stack`, and the template that stands for it, where they are.

    With `similar`, where no template has the name of the file, the only one for the stack's environment.
    """
    wanted = stack.env_file or posixpath.join(stack.directory, ".env")
    template = template_of(wanted, project.paths)
    if similar and not template and posixpath.basename(wanted) == ".env":
        directory = posixpath.dirname(wanted)
        template = template_for(directory, project.paths, development=stack.development)
    found = [path for path in (wanted, template) if path in sources.files]
    return tuple(dict.fromkeys(found))
