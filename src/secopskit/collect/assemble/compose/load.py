"""Files into one document: merged in their order, `extends` and `include` followed.

https://docs.docker.com/reference/compose-file/include/ and
https://docs.docker.com/reference/compose-file/services/#extends say what is relative to what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from secopskit.collect.assemble.compose.merge import ComposeMerger, LoadBudget, without_resets
from secopskit.collect.assemble.compose.tree import (
    ComposeEntry,
    ComposeMap,
    ComposeNode,
    ComposeText,
    entries,
    items,
    text,
    texts,
    tree,
)
from secopskit.collect.facts import ComposeFile
from secopskit.collect.paths import directory_of, joined

_DEEPEST: Final = 16
_MOST_SAID: Final = 20
_DOCUMENT: Final = 2048
"""Bytes that a document costs besides its own."""
_RESET: Final = b"!reset"


class ComposeLoader:
    """Loads the documents of one stack. `known` are variables that are set for all of its files.

    `budget` is that of all stacks together. `included` are the files that were read for another one's
    `include`, `extended` those for an `extends`.
    """

    def __init__(
        self, files: Mapping[str, ComposeFile], known: Mapping[str, bytes], budget: LoadBudget
    ) -> None:
        self._known = known
        self._budget = budget
        self._said: dict[str, None] = {}
        self._models: dict[tuple[tuple[str, ...], str], ComposeMap | None] = {}
        self.included: set[str] = set()
        self.extended: set[str] = set()
        self._files = files
        self._merger = ComposeMerger(budget)
        self._trees: dict[tuple[str, str], ComposeMap | None] = {}

    @property
    def limits(self) -> tuple[str, ...]:
        """What could not be followed or merged: a sentence each, and how many more there are."""
        said = tuple(self._said)
        more = len(said) - _MOST_SAID
        return said if more < 1 else (*said[:_MOST_SAID], f"{more} more services or files like these")

    def _say(self, limit: str) -> None:
        self._said[limit] = None

    def load(self, paths: Sequence[str], base: str, depth: int = 0) -> ComposeMap:
        """The files at `paths`, each merged over those before; paths in them are relative to `base`."""
        found = ComposeMap()
        for path in paths:
            document = self._document(path, base)
            if document is None:
                self._say(f"{path}: is no Compose file of this project, or one too many")
                continue
            for entry in items(document.get("include")):
                if self._merger.spent:
                    break
                found = self._merger.documents(found, self._include(entry, base, depth))
            own = ComposeMap({key: each for key, each in document.entries.items() if key != "include"})
            found = self._merger.documents(found, self._extended(own, path, base, found))
        if self._merger.spent:
            self._say(f"{paths[0]}: too much to be merged")
        has_resets = any(_RESET in self._files[path].data for path, _ in self._trees if path in self._files)
        return without_resets(found) if has_resets else found

    def _document(self, path: str, base: str) -> ComposeMap | None:
        """The document of a file, read once for each directory that its paths may be relative to."""
        if (path, base) not in self._trees:
            file = self._files.get(path)
            self._budget.bytes -= _DOCUMENT + len(file.data) if file else 0
            able = file is not None and self._budget.bytes >= 0
            self._trees[path, base] = tree(file, base, self._known) if file and able else None
        return self._trees[path, base]

    # --- include ------------------------------------------------------------------------------

    def _include(self, entry: ComposeNode, base: str, depth: int) -> ComposeMap:
        """The model of one item: `path`, or `{path, project_directory}`; several paths are merged."""
        node = entry.get("path") if isinstance(entry, ComposeMap) else entry
        paths = [joined(base, each.text) for each in texts(node)]
        known = [path for path in paths if path is not None]
        if len(known) < len(paths) or not known or depth > _DEEPEST:
            self._say(_where(texts(node), "an include that cannot be followed"))
        if not known or depth > _DEEPEST:
            return ComposeMap()
        self.included.update(known)
        given = text(entry.get("project_directory")) if isinstance(entry, ComposeMap) else ""
        inner = joined(base, given) if given else directory_of(known[0])
        return self._model(known, base if inner is None else inner, depth)

    def _model(self, paths: Sequence[str], base: str, depth: int) -> ComposeMap:
        """What an include comes to, loaded once; empty within itself, and once too much was merged."""
        key = tuple(paths), base
        if key not in self._models and not self._merger.spent:
            self._models[key] = None
            self._models[key] = self.load(paths, base, depth + 1)
        found = self._models.get(key)
        if found is None:
            self._say(f"{paths[0]}: an include that cannot be followed")
        return found or ComposeMap()

    # --- extends ------------------------------------------------------------------------------

    def _extended(self, document: ComposeMap, path: str, base: str, before: ComposeMap) -> ComposeMap:
        """The document with every service that extends another one merged over it."""
        services = document.entries.get("services")
        if services is None:
            return document
        below = ComposeMap({**entries(before.get("services")), **entries(services.node)})
        done = {
            name: ComposeEntry(entry.place, self._service(name, entry.node, below, path, base, ()))
            for name, entry in entries(services.node).items()
        }
        services = ComposeEntry(services.place, ComposeMap(done))
        return ComposeMap({**document.entries, "services": services}, document.tag)

    def _service(
        self,
        name: str,
        service: ComposeNode,
        beside: ComposeMap,
        path: str,
        base: str,
        chain: tuple[tuple[str, str], ...],
    ) -> ComposeNode:
        """`service` of the file at `path` merged over what it extends. `chain` has what led here."""
        extends = service.get("extends") if isinstance(service, ComposeMap) else None
        if not isinstance(service, ComposeMap) or extends is None:
            return service
        own = ComposeMap({key: each for key, each in service.entries.items() if key != "extends"})
        file = text(extends.get("file")) if isinstance(extends, ComposeMap) else ""
        other = text(extends.get("service")) if isinstance(extends, ComposeMap) else text(extends)
        target = joined(base, file) if file else path
        chain = (*chain, (path, name))
        if target is None or (target, other) in chain or len(chain) > _DEEPEST:
            self._say(f"{path}: {name} extends what cannot be followed")
            return own
        inner = directory_of(target) if file else base
        if file:
            self.extended.add(target)
            document = self._document(target, inner)
            beside = ComposeMap(entries(document.get("services"))) if document else ComposeMap()
        found = beside.get(other)
        if found is None:
            why = "too much to be read" if self._budget.bytes < 0 else "which is not in this project"
            self._say(f"{path}: {name} extends {other}, {why}")
            return own
        return self._merger.services(self._service(other, found, beside, target, inner, chain), own)


def _where(places: Sequence[ComposeText], what: str) -> str:
    path = places[0].place.path if places else ""
    return f"{path}: {what}" if path else what
