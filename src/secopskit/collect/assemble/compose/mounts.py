"""What a service mounts, in short and long form; and Docker's socket among it.

https://docs.docker.com/reference/compose-file/services/#volumes. A mount is one by its target.
"""

from __future__ import annotations

from typing import Final

from secopskit.collect.assemble.compose.tree import ComposeMap, ComposeNode, ComposeText, items, text
from secopskit.collect.facts import FactPlace, MountedVolume
from secopskit.collect.paths import joined
from secopskit.lazy_regex import LazyRegex

# A drive's colon is none that separates: `C:\data:/data`.
_PARTS: Final = LazyRegex(r"(?<!^[A-Za-z]):|(?<=^[A-Za-z]):(?![\\/])")
_SOCKETS: Final = ("docker.sock", "docker_engine")


def mounted_volumes(node: ComposeNode) -> tuple[MountedVolume, ...]:
    """The mounts, in order. A later one with the same target replaces an earlier one."""
    found: dict[str, MountedVolume] = {}
    for item in items(node):
        mount = _long(item) if isinstance(item, ComposeMap) else _short(item)
        if mount is not None:
            found[mount.target] = mount
    return tuple(found.values())


def docker_socket(volumes: tuple[MountedVolume, ...]) -> FactPlace | None:
    """Where the socket of the Docker daemon is mounted."""
    for volume in volumes:
        if volume.source.endswith(_SOCKETS) or volume.target.endswith(_SOCKETS):
            return volume.place
    return None


def _long(item: ComposeMap) -> MountedVolume | None:
    target = item.entries.get("target")
    if target is None or text(item.get("type")) == "tmpfs":
        return None
    source = item.get("source")
    base = source.base if isinstance(source, ComposeText) else ""
    read_only = text(item.get("read_only")).lower() in ("true", "yes", "on")
    return MountedVolume(_source(text(source), base), text(target.node), read_only, target.place)


def _short(item: ComposeNode) -> MountedVolume | None:
    if not isinstance(item, ComposeText) or item.null:
        return None
    mount = short_mount(item.text, item.place)
    return mount._replace(source=_source(mount.source, item.base))


def short_mount(written: str, place: FactPlace) -> MountedVolume:
    """One text in the short form, `SOURCE:TARGET:MODE`, its path as written."""
    parts = _PARTS.split(written)
    if len(parts) == 1:
        return MountedVolume("", parts[0], False, place)
    modes = parts[2].split(",") if len(parts) > 2 else []
    return MountedVolume(parts[0], parts[1], "ro" in modes, place)


def _source(source: str, base: str) -> str:
    """A path of the project as `./…` from its top; volumes and paths elsewhere as they are."""
    if not source.startswith("."):
        return source
    path = joined(base, source)
    return source if path is None else f"./{path}"
