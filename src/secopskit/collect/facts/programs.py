"""What runs beside services: jobs of pipelines; and the packages that programs are made of."""

from __future__ import annotations

from dataclasses import dataclass

from secopskit.collect.facts.places import FactPlace
from secopskit.collect.facts.variables import VariableSetting
from secopskit.named_tuple import NamedTuple


class JobCommand(NamedTuple):
    """A command of a job: the text of a `run` step or of a script line."""

    text: str
    place: FactPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """A job of a CI system (`github`, `gitlab`).

    `environment` is the deployment environment as written. `secrets` and `variables` are the names that it
    looks up in the host's store, `settings` what its `env` gives (those of steps with the scope `job/step`).
    """

    system: str
    name: str
    place: FactPlace
    environment: str = ""
    secrets: tuple[tuple[str, FactPlace], ...] = ()
    variables: tuple[tuple[str, FactPlace], ...] = ()
    settings: tuple[VariableSetting, ...] = ()
    commands: tuple[JobCommand, ...] = ()
    actions: tuple[tuple[str, FactPlace], ...] = ()


class Manifest(NamedTuple):
    """A package manifest: its directory is the root of a component.

    `ecosystem` is `npm`, `python`, `go`, `ruby`, `php`, `jvm`, `rust`, …; `dependencies` are names as written
    there; `scripts` are its commands.
    """

    path: str
    ecosystem: str
    name: str
    dependencies: frozenset[str]
    scripts: tuple[tuple[str, str], ...] = ()
