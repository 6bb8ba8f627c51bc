"""Annotated tags for objects that have new ids: nested ones from the inside out, signatures dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from secopskit.git.objects.lasting import ObjectReader
from secopskit.git.objects.packwriter import PackWriter
from secopskit.purge.rewrite.committext import new_tag
from secopskit.purge.rewrite.ids import IdRenamer
from secopskit.purge.values.matcher import ValueMatcher


def rewrite_tags(
    reader: ObjectReader,
    tags: Iterable[str],
    objects: Mapping[str, str],
    dirty: Collection[str],
    matcher: ValueMatcher,
    pack: PackWriter,
    ids: IdRenamer,
) -> dict[str, str]:
    """Old ids of `tags` (each after those that it names) to new ones. `dirty` hold a value themselves.

    `objects` maps what they may name. Raises GitError.
    """
    made: dict[str, str] = {}
    for oid in tags:
        raw = reader.one(oid).data
        target = raw[: raw.index(b"\n")].removeprefix(b"object ").decode()
        new = made.get(target) or objects.get(target, target)
        text = new_tag(raw, new, matcher if oid in dirty else None, ids.change_for(oid))
        made[oid] = pack.add("tag", text).hex()
    return made
