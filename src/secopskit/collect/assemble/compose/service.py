"""Services out of a merged document."""

from __future__ import annotations

from typing import Final

from secopskit.collect.assemble.compose.merge import as_written
from secopskit.collect.assemble.compose.mounts import mounted_volumes
from secopskit.collect.assemble.compose.ports import exposed_ports, published_ports
from secopskit.collect.assemble.compose.tree import (
    ComposeEntry,
    ComposeList,
    ComposeMap,
    ComposeNode,
    ComposeText,
    entries,
    items,
    text,
    texts,
)
from secopskit.collect.facts import (
    EnvFileUse,
    FactPlace,
    FileRole,
    ImageName,
    Service,
    ServiceBuild,
    SettingKind,
    VariableSetting,
)
from secopskit.collect.image import image_name
from secopskit.collect.paths import joined
from secopskit.collect.stacks.short_forms import docker_socket
from secopskit.collect.value import ConfigValue

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_DEFAULT: Final = "default"
_SHARED: Final = ("service:", "container:")  # whose network it may have


def service(name: str, entry: ComposeEntry, role: FileRole = FileRole.PRODUCT) -> Service | None:
    """The service `name` of a stack for `role`; None for what is no map."""
    node = entry.node
    if not isinstance(node, ComposeMap):
        return None
    volumes = mounted_volumes(node.get("volumes"))
    mode = text(node.get("network_mode"))
    networks = as_written(node.get("networks"), ("networks",))
    return Service(
        name=name,
        place=entry.place,
        image=_image(node),
        build=_build(name, node.entries.get("build"), role),
        environment=_variables(node.get("environment"), SettingKind.COMPOSE, name, role),
        env_files=_env_files(node.get("env_file")),
        ports=published_ports(node.get("ports")),
        exposed=exposed_ports(node.get("expose")),
        volumes=volumes,
        networks=() if mode else tuple(entries(networks)) or (_DEFAULT,),
        names=_names(name, node, networks),
        depends_on=_depends_on(node),
        profiles=tuple(each.text for each in texts(node.get("profiles"))),
        command=_command(node),
        health_check=_health_check(node.get("healthcheck")),
        health_command=_health_command(node.get("healthcheck")),
        privileged=_privileged(node),
        docker_socket=docker_socket(volumes),
        host_network=mode == "host",
        network_of=mode.partition(":")[2] if mode.startswith(_SHARED) else "",
        extra_hosts=_extra_hosts(node.get("extra_hosts")),
        capabilities=tuple((each.text, each.place) for each in texts(node.get("cap_add"))),
        image_place=node.entries["image"].place if "image" in node.entries else None,
    )


def _image(node: ComposeMap) -> ImageName | None:
    written = text(node.get("image"))
    return image_name(written) if written else None


def _build(name: str, entry: ComposeEntry | None, role: FileRole) -> ServiceBuild | None:
    node = as_written(entry.node, ("build",)) if entry else None
    if entry is None or not isinstance(node, ComposeMap):
        return None
    written = node.get("context")
    context = joined(written.base, written.text or ".") if isinstance(written, ComposeText) else None
    if written is None:
        context = _base_of(node)
    file = text(node.get("dockerfile")) or "Dockerfile"
    inside = joined(context, file) if context is not None else None
    return ServiceBuild(
        context=context,
        dockerfile="" if inside is None or "dockerfile_inline" in node.entries else inside,
        args=_variables(node.get("args"), SettingKind.BUILD_ARG, name, role),
        target=text(node.get("target")),
        place=entry.place,
    )


def _base_of(node: ComposeMap) -> str | None:
    """The directory that a build without `context` is in: that of its file."""
    known = (each.node.base for each in node.entries.values() if isinstance(each.node, ComposeText))
    return next(known, None)


def _variables(
    node: ComposeNode, kind: SettingKind, scope: str, role: FileRole
) -> tuple[VariableSetting, ...]:
    return tuple(
        VariableSetting(name, _value(entry.node), entry.place, kind, scope, role=role)
        for name, entry in entries(as_written(node, ("environment",))).items()
        if entry.node is None or isinstance(entry.node, ComposeText)
    )


def _value(node: ComposeNode) -> ConfigValue | None:
    return ConfigValue(node.value) if isinstance(node, ComposeText) and not node.null else None


def _env_files(node: ComposeNode) -> tuple[EnvFileUse, ...]:
    found: dict[str, EnvFileUse] = {}
    for item in items(as_written(node, ("env_file",))) or (node,):
        file = item.get("path") if isinstance(item, ComposeMap) else item
        if not isinstance(file, ComposeText) or file.null:
            continue
        needed = text(item.get("required")).lower() not in _FALSE if isinstance(item, ComposeMap) else True
        path = joined(file.base, file.text)
        if path:
            found[path] = EnvFileUse(path, needed, file.place)
    return tuple(found.values())


def _names(name: str, node: ComposeMap, networks: ComposeNode) -> tuple[str, ...]:
    """The names of a service for others: aliases in any network, and those of its container."""
    found = [name, text(node.get("container_name")), text(node.get("hostname"))]
    for entry in entries(networks).values():
        if isinstance(entry.node, ComposeMap):
            found += [each.text for each in texts(entry.node.get("aliases"))]
    return tuple(dict.fromkeys(each for each in found if each and "${" not in each))


def _depends_on(node: ComposeMap) -> tuple[str, ...]:
    found = list(entries(as_written(node.get("depends_on"), ("depends_on",))))
    found += [each.text.partition(":")[0] for each in texts(node.get("links"))]
    return tuple(dict.fromkeys(found))


def _command(node: ComposeMap) -> str:
    words = (*texts(node.get("entrypoint")), *texts(node.get("command")))
    return " ".join(each.text for each in words)


def _health_check(node: ComposeNode) -> bool | None:
    if not isinstance(node, ComposeMap):
        return None
    test = node.get("test")
    first = texts(test)[:1]
    if text(node.get("disable")).lower() in _TRUE or (first and first[0].text == "NONE"):
        return False
    return True if first else None


def _health_command(node: ComposeNode) -> str:
    test = node.get("test") if isinstance(node, ComposeMap) else None
    return " ".join(each.text for each in texts(test))


def _privileged(node: ComposeMap) -> FactPlace | None:
    entry = node.entries.get("privileged")
    return entry.place if entry is not None and text(entry.node).lower() in _TRUE else None


def _extra_hosts(node: ComposeNode) -> tuple[str, ...]:
    """The names that its hosts file has besides."""
    if isinstance(node, ComposeList):
        return tuple(each.text.replace("=", ":").partition(":")[0] for each in texts(node))
    return tuple(entries(node))
