"""The changes of refs, once it is known what each object becomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from secopskit.git.refs import REPLACE, RefMap
from secopskit.purge.model import RefChange


def ref_changes(
    refs: RefMap, objects: Mapping[str, str], renamed: Mapping[str, str]
) -> tuple[RefChange, ...]:
    """The changes for one transaction; symbolic refs are in it only where one goes for its name."""
    return tuple(_changes(refs, objects, renamed))


def symref_changes(refs: RefMap, renamed: Mapping[str, str]) -> dict[str, str]:
    """The symbolic refs that are to be set, with the refs that they name then.

    git tells where each leads in the end, not over which others: whatever ends where one that is renamed
    does may lead over it.
    """
    moved = renamed.keys() | {refs.symbolic[name] for name in renamed if name in refs.symbolic}
    return {
        renamed.get(name, name): renamed.get(target, target)
        for name, target in refs.symbolic.items()
        if name in moved or target in moved
    }


def _changes(refs: RefMap, objects: Mapping[str, str], renamed: Mapping[str, str]) -> Iterator[RefChange]:
    for ref in refs.refs:
        new = objects.get(ref.oid, ref.oid)
        name = _replacement(ref.name, objects) or renamed.get(ref.name, ref.name)
        if name != ref.name:
            yield RefChange(ref=ref.name, old=ref.oid, new="")
            yield RefChange(ref=name, old="", new=new)
        elif new != ref.oid:
            yield RefChange(ref=name, old=ref.oid, new=new)
    named = {ref.name: ref.oid for ref in refs.refs}
    for name, target in refs.symbolic.items():
        if name in renamed:
            yield RefChange(ref=name, old=named.get(target, ""), new="")


def _replacement(name: str, objects: Mapping[str, str]) -> str:
    """The new name of a ref that replaces an object which has a new id; else empty."""
    if not name.startswith(REPLACE):
        return ""
    new = objects.get(name.removeprefix(REPLACE))
    return REPLACE + new if new else ""
