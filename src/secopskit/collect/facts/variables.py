"""Variables: where they are looked up, given a value, and explained."""

from __future__ import annotations

from enum import Enum

from secopskit.collect.facts.places import FactPlace, FileRole
from secopskit.collect.value import ConfigValue
from secopskit.named_tuple import NamedTuple


class UseKind(Enum):
    """Who looks a variable up."""

    CODE = "code"
    SHELL = "shell"
    COMPOSE = "compose interpolation"
    DOCKERFILE = "dockerfile"
    WORKFLOW = "workflow"
    CONFIG = "configuration template"
    TERRAFORM = "terraform"


class VariableUse(NamedTuple):
    """A lookup of an environment variable by its name.

    `language` is that of the file (`javascript`, `python`, `compose`, …). `default` is what counts without
    the variable, None where the lookup has none; a default that is computed is an empty value.
    `required` tells that without it the program fails or says so (`os.environ["X"]`, `${X:?}`, a settings
    field without a default). `bundled` tells that the value becomes part of what browsers are sent.
    `scope` is the service, job or stage in which it stands, empty elsewhere. `schema` tells that it is a
    field of a schema in which a program says what can be set (pydantic, zod). `module` is what the file
    imports the environment from, as written there, where it does (`./env`).
    """

    name: str
    place: FactPlace
    kind: UseKind
    language: str
    default: ConfigValue | None = None
    required: bool = False
    bundled: bool = False
    scope: str = ""
    role: FileRole = FileRole.PRODUCT
    schema: bool = False
    module: str = ""


class EnvironmentModule(NamedTuple):
    """A module that is called after the environment, which other files import.

    `names` are the variables that it has, None where it hands on the environment as a whole, or that is
    not known.
    """

    path: str
    names: frozenset[str] | None = None


class DynamicLookup(NamedTuple):
    """A lookup of a computed name: `process.env[key]`. `prefix` is what is known of its beginning.

    `relaxed` tells that it is one of a property of a settings file, which a variable overrides that is called
    as the property is (https://docs.spring.io/spring-boot/reference/features/external-config.html).
    """

    language: str
    place: FactPlace
    prefix: str = ""
    role: FileRole = FileRole.PRODUCT
    relaxed: bool = False


class SettingKind(Enum):
    """Where a variable is given its value."""

    DOTENV = "dotenv file"
    TEMPLATE = "template"
    COMPOSE = "compose environment"
    BUILD_ARG = "compose build argument"
    DOCKERFILE_ENV = "dockerfile ENV"
    DOCKERFILE_ARG = "dockerfile ARG"
    WORKFLOW = "workflow env"
    KUBERNETES = "kubernetes env"
    SHELL = "shell assignment"
    PROGRAM = "assignment in a program"
    INI = "configuration file"
    PROCFILE = "Procfile"
    TERRAFORM = "terraform variable"
    PLATFORM = "platform manifest"


class VariableSetting(NamedTuple):
    """A name that is given a value.

    `value` is None where the name is only passed through (`- X` in Compose, `ARG X`). `scope` is the
    service, job, stage or section in which it stands. `commented` tells that the line is commented out, as
    templates write what is optional.
    """

    name: str
    value: ConfigValue | None
    place: FactPlace
    kind: SettingKind
    scope: str = ""
    commented: bool = False
    role: FileRole = FileRole.PRODUCT


class DocumentedName(NamedTuple):
    """A variable that prose explains: a row of a table, a list item, a heading, a schema (app.json)."""

    name: str
    place: FactPlace


class MentionedNames(NamedTuple):
    """The names in capitals, with a `_`, that stand anywhere in a file: who reads them is not known.

    `prose` tells that the file is written for people.
    """

    path: str
    names: frozenset[str]
    prose: bool = False


class LiveNames(NamedTuple):
    """Names of secrets and variables that exist at a host of repositories.

    By the place that holds them: empty for the repository and what it inherits, else an environment.
    `unlisted` are places that may have more names than are told.
    """

    places: tuple[tuple[str, frozenset[str]], ...]
    unlisted: frozenset[str] = frozenset()

    def has(self, name: str, environment: str = "") -> bool:
        """Whether a job in `environment` finds `name`, or may; names have no case there."""
        wanted = name.upper()
        if self.unlisted & {"", environment.lower()}:
            return True
        return any(
            wanted in (each.upper() for each in names)
            for place, names in self.places
            if place.lower() in ("", environment.lower())
        )
