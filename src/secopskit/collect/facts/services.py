"""Services and what they are made of: images, builds, ports, mounts; the stacks that they are started in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from secopskit.collect.facts.places import FactPlace, FileRole
from secopskit.collect.facts.variables import VariableSetting
from secopskit.named_tuple import NamedTuple


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


class SecretFile(NamedTuple):
    """A secret of a stack that is read from a file, relative to the project's top; `place` names the file."""

    name: str
    path: str
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
    takes all entries (`ConfigMap/app`); those of its directory are in `environment`. `image_place` is
    where the image is named, `health_command` the text of what is run to see whether it is well.
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
    image_place: FactPlace | None = None
    health_command: str = ""


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
    secret_files: tuple[SecretFile, ...] = ()


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

    `copies` are the paths of its build context that it copies, `.` for all; `shipped` what its last stage
    copies from anywhere, the context and other stages.
    """

    path: str
    stages: tuple[DockerfileStage, ...] = ()
    arguments: tuple[VariableSetting, ...] = ()
    variables: tuple[VariableSetting, ...] = ()
    exposed: tuple[int, ...] = ()
    copies: tuple[str, ...] = ()
    shipped: tuple[str, ...] = ()
    command: str = ""
    health_check: bool = False


class Upstream(NamedTuple):
    """A host and port that a proxy's configuration passes requests to, or listens on (`host` empty)."""

    host: str
    port: int | None
    place: FactPlace
    listens: bool = False
