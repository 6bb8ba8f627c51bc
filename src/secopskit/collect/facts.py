"""The nouns of a project: variables, services, stacks, images, endpoints. Values, and no judgement.

Paths are relative to the project's top, with `/`. Lines are 1-based.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from secopskit.collect.value import ConfigValue
from secopskit.findings import Skipped


class FactPlace(NamedTuple):
    """Where a fact stands."""

    path: str
    line: int


class FileRole(Enum):
    """What a file is for: a lookup in a test is no lookup of the product."""

    PRODUCT = "product"
    TEST = "test"
    EXAMPLE = "example"
    DOCUMENT = "document"
    VENDORED = "vendored"
    GENERATED = "generated"


# --- variables --------------------------------------------------------------------------------


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
    field of a schema in which a program says what can be set (pydantic, zod).
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


class DynamicLookup(NamedTuple):
    """A lookup of a computed name: `process.env[key]`. `prefix` is what is known of its beginning."""

    language: str
    place: FactPlace
    prefix: str = ""
    role: FileRole = FileRole.PRODUCT


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


# --- images, services, stacks -----------------------------------------------------------------


class ImageName(NamedTuple):
    """An image: `registry/name:tag@digest`. `name` has no registry; `tag` and `digest` may be empty.

    A part that a variable without default decides is empty, and `computed` says so.
    """

    name: str
    tag: str = ""
    digest: str = ""
    registry: str = ""
    computed: bool = False

    @property
    def base(self) -> str:
        """The last part of the name: `postgres` of `bitnami/postgres`."""
        return self.name.rpartition("/")[2]


class PublishedPort(NamedTuple):
    """A port of a service that the host offers.

    `address` is the host's address, empty for all of them; `computed` tells that a variable without default
    decides it. `host` is None where Docker chooses; a port that a variable decides has that variable's
    default, or None.
    """

    address: str
    host: int | None
    container: int | None
    protocol: str
    place: FactPlace
    computed: bool = False


class MountedVolume(NamedTuple):
    """What is mounted: `source` is a volume's name or a host's path, empty for an anonymous volume.

    A path within the project begins with `./` and is relative to the project's top.
    """

    source: str
    target: str
    read_only: bool
    place: FactPlace


class EnvFileUse(NamedTuple):
    """A dotenv file that a service takes its environment from, relative to the project's top."""

    path: str
    required: bool
    place: FactPlace


class ServiceBuild(NamedTuple):
    """How an image is built here. `context` and `dockerfile` are relative to the project's top.

    `context` is None where it is not in this project (a URL), or computed.
    """

    context: str | None
    dockerfile: str
    args: tuple[VariableSetting, ...]
    target: str
    place: FactPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as it would be started, with all that is merged into it.

    `environment` has what is set for it itself; what comes from `env_files` is not in it. `names` are those
    by which other services of its networks reach it. `health_check` is None where the image decides.
    `command` is the text of entrypoint and command. `privileged` and `docker_socket` are where that is
    written. `host_network` tells that it has the host's network, `network_of` whose network it shares.
    `extra_hosts` are the names that its hosts file adds, `capabilities` what it is granted. A service without
    networks of its own choice is in `default`. `environment_from` are the ConfigMaps and Secrets of which it
    takes all entries (`ConfigMap/app`); those of its directory are in `environment`.
    """

    name: str
    place: FactPlace
    image: ImageName | None = None
    build: ServiceBuild | None = None
    environment: tuple[VariableSetting, ...] = ()
    environment_from: tuple[str, ...] = ()
    env_files: tuple[EnvFileUse, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    exposed: tuple[int, ...] = ()
    volumes: tuple[MountedVolume, ...] = ()
    networks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    command: str = ""
    health_check: bool | None = None
    privileged: FactPlace | None = None
    docker_socket: FactPlace | None = None
    host_network: bool = False
    network_of: str = ""
    extra_hosts: tuple[str, ...] = ()
    capabilities: tuple[tuple[str, FactPlace], ...] = ()


class StackKind(Enum):
    """What starts the services of a stack."""

    COMPOSE = "compose"
    KUBERNETES = "kubernetes"
    WORKFLOW = "workflow services"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Services that are started together and reach each other by name.

    `files` are merged in that order, the first is the one that names it. `variant` is what an overlay is for
    (`prod` of compose.prod.yml), empty for the base. `env_file` is where Compose looks up variables,
    relative to the project's top. `development` tells that its name or its place says that it is for
    development or tests only. `external` are the networks that something else makes: who else is in them
    is not
    known. `limits` say what could not be merged.
    """

    name: str
    kind: StackKind
    files: tuple[str, ...]
    services: tuple[Service, ...]
    directory: str = ""
    variant: str = ""
    env_file: str = ""
    development: bool = False
    role: FileRole = FileRole.PRODUCT
    external: frozenset[str] = frozenset()
    limits: tuple[str, ...] = ()


class DockerfileStage(NamedTuple):
    """A stage of a Dockerfile and the image it is built from, None for an earlier stage (`parent`).

    A stage without a name has its number, from 0.
    """

    name: str
    base: ImageName | None
    place: FactPlace
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerfileFacts:
    """A Dockerfile. `arguments` are its ARGs, `variables` its ENVs (scope: the stage); `exposed` its ports.

    `copies` are the paths of its build context that it copies, `.` for all.
    """

    path: str
    stages: tuple[DockerfileStage, ...] = ()
    arguments: tuple[VariableSetting, ...] = ()
    variables: tuple[VariableSetting, ...] = ()
    exposed: tuple[int, ...] = ()
    copies: tuple[str, ...] = ()
    command: str = ""
    health_check: bool = False


class Upstream(NamedTuple):
    """A host and port that a proxy's configuration passes requests to, or listens on (`host` empty)."""

    host: str
    port: int | None
    place: FactPlace
    listens: bool = False


# --- workflows --------------------------------------------------------------------------------


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


# --- programs ---------------------------------------------------------------------------------


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


# --- where something points at ----------------------------------------------------------------


class EndpointKind(Enum):
    """What answers at an endpoint."""

    POSTGRES = "PostgreSQL"
    MYSQL = "MySQL"
    REDIS = "Redis"
    MONGODB = "MongoDB"
    AMQP = "AMQP"
    HTTP = "HTTP"
    SMTP = "SMTP"
    OTHER = "other"


class Endpoint(NamedTuple):
    """Where a setting points at: a URL, a DSN, or host and port under sibling names.

    `key` is the name of the setting, `scope` its service, job or section. `host` and `database` may hold
    references; a part that is not said is empty or None. `password` is the part of the URL, or of the
    sibling. `tls` is the mode as written (`require`, `disable`), empty where nothing is said. `keys` are all
    settings it was put together from. `odoo` tells that an Odoo server reads it. `setting` is what holds it,
    `role` what that file is for; `stack` are the files of the stack whose service is given it, none for what
    stands in a file by itself. `assumed` tells that the port is the usual one, as none is written.
    """

    kind: EndpointKind
    host: str
    port: int | None
    database: str
    user: str
    password: ConfigValue | None
    tls: str
    key: str
    scope: str
    place: FactPlace
    keys: tuple[str, ...] = ()
    odoo: bool = False
    setting: SettingKind | None = None
    role: FileRole = FileRole.PRODUCT
    stack: tuple[str, ...] = ()
    assumed: bool = False


# --- all of it --------------------------------------------------------------------------------


class ComposeFile(NamedTuple):
    """A Compose file as it stands, to be merged: `document` is a `formats.yaml_tree.Mapping`."""

    path: str
    data: bytes
    document: object
    role: FileRole = FileRole.PRODUCT


Fact: TypeAlias = (
    Skipped
    | VariableUse
    | VariableSetting
    | DynamicLookup
    | DocumentedName
    | MentionedNames
    | ComposeFile
    | DockerfileFacts
    | Stack
    | Upstream
    | JobFacts
    | Manifest
    | Endpoint
    | Skipped
)
"""What a collector may yield; `Skipped` is a file that it wants and cannot parse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What is known about a project.

    `paths` are all files that were listed, read or not. `tracked` are those in git's index, `ignored` those
    of them that git is told to ignore. `skipped` was not read, `limits` say what was not looked at. `live`
    are the names that GitHub holds, None where it was not asked.
    """

    name: str
    paths: frozenset[str] = frozenset()
    tracked: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    uses: tuple[VariableUse, ...] = ()
    settings: tuple[VariableSetting, ...] = ()
    dynamic: tuple[DynamicLookup, ...] = ()
    documented: tuple[DocumentedName, ...] = ()
    stacks: tuple[Stack, ...] = ()
    dockerfiles: tuple[DockerfileFacts, ...] = ()
    upstreams: tuple[Upstream, ...] = ()
    jobs: tuple[JobFacts, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    mentions: tuple[MentionedNames, ...] = ()
    live: LiveNames | None = None
    skipped: tuple[Skipped, ...] = ()
    limits: tuple[str, ...] = field(default=())
