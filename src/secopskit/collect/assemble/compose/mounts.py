"""What a service mounts, in short and long form.

https://docs.docker.com/reference/compose-file/services/#volumes. A mount is one by its target.
"""

from __future__ import annotations

from secopskit.collect.assemble.compose.tree import ComposeMap, ComposeNode, ComposeText, items, text
from secopskit.collect.facts import MountedVolume
from secopskit.collect.paths import joined
from secopskit.collect.stacks.short_forms import short_mount


def mounted_volumes(node: ComposeNode) -> tuple[MountedVolume, ...]:
    """The mounts, in order. A later one with the same target replaces an earlier one."""
    found: dict[str, MountedVolume] = {}
    for item in items(node):
        mount = _long(item) if isinstance(item, ComposeMap) else _short(item)
        if mount is not None:
            found[mount.target] = mount
    return tuple(found.values())


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


def _source(source: str, base: str) -> str:
    """A path of the project as `./…` from its top; volumes and paths elsewhere as they are."""
    if not source.startswith("."):
        return source
    path = joined(base, source)
    return source if path is None else f"./{path}"
