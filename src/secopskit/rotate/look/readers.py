"""Readers of credentials: the files that have a value or refer to a name, and break when it changes.

What is read are the files of the work tree as git sees it, and those dotenv and Compose files that git
ignores, where the values that run things usually stand.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Final

from secopskit.detect.structure import DETECTORS, MAX_SIZE
from secopskit.errors import GitError
from secopskit.findings import Blob, Skipped, SkipReason
from secopskit.formats import dotenv
from secopskit.formats.setting import Setting, numbered
from secopskit.formats.stacks import compose
from secopskit.formats.trees import yaml_file
from secopskit.formats.trees.yaml_tree import Mapping, documents
from secopskit.formats.workflows import workflow
from secopskit.git.repository import Repository
from secopskit.named_tuple import NamedTuple
from secopskit.rotate.look.forms import SHORTEST, same_text, written_forms
from secopskit.rotate.look.mentions import is_report
from secopskit.rotate.look.unread import unread_files
from secopskit.rotate.model import Reader, ReaderKind, ReaderLink, UnreadFile
from secopskit.secret import SecretValue
from secopskit.settings.options import FILE_NAME
from secopskit.sources.content import read_file
from secopskit.sources.worktree import WorktreeSource

_IGNORED: Final = re.compile(
    r"(?:^|/)(?:[^/]*\.env(?:\.[^/]+)?|\.env[-_][^/]+|(?:docker-)?compose[^/]*\.ya?ml)$"
)
_NO_TREE: Final = UnreadFile("all files", "a bare repository has no work tree")
_IGNORED_FILES: Final = "the files that git ignores"
_FOREIGN: Final = ("node_modules/", ".venv/", "venv/", "vendor/")
_DOTENV: Final = next(one for one in DETECTORS if one.name == "dotenv")
_YAML: Final = next(one for one in DETECTORS if one.name == "yaml")


class SoughtCredential(NamedTuple):
    """What readers of a credential are known by: its values, and its name if it has one that is declared."""

    id: str
    values: tuple[SecretValue, ...]
    name: str = ""


class FoundReaders(NamedTuple):
    """All readers of each credential, by its id, in the order of the files; `unread` were not looked into."""

    readers: dict[str, tuple[Reader, ...]]
    unread: tuple[UnreadFile, ...] = ()


def find_readers(
    repository: Repository, wanted: Sequence[SoughtCredential], *, limit: int, record: str = ""
) -> FoundReaders:
    """The readers of each credential in files of at most `limit` bytes; `record` is a file of ours."""
    found: dict[str, list[Reader]] = {one.id: [] for one in wanted}
    skipped = list[Skipped]()
    for blob in _files(repository, limit):
        if isinstance(blob, Skipped):
            skipped.append(blob)
            continue
        if blob.path == record:
            continue
        hits = [one for one in wanted if _may_stand(blob.data, one)]
        if not hits:
            continue
        kind, settings = _parsed(blob)
        for one in hits:
            found[one.id] += _in_file(blob, kind, settings, one)
    readers = {name: tuple(dict.fromkeys(each)) for name, each in found.items()}
    unread = unread_files(skipped, repository.root) if repository.work_tree else (_NO_TREE,)
    return FoundReaders(readers, unread)


# --- files ------------------------------------------------------------------------------------


def _files(repository: Repository, limit: int) -> Iterator[Blob | Skipped]:
    """Files of the work tree but our own configuration, and ignored ones that configure something."""
    if repository.work_tree is None:
        return
    for blob in WorktreeSource(repository, limit=limit, in_parts=False).blobs():
        if os.path.basename(blob.path) != FILE_NAME:
            yield blob
    try:
        ignored = _ignored(repository)
    except GitError:
        yield Skipped(_IGNORED_FILES, SkipReason.UNREADABLE)
        return
    for path in ignored:
        yield read_file(os.path.join(repository.work_tree, path), path, limit)


def _ignored(repository: Repository) -> list[str]:
    """The dotenv and Compose files that git ignores; not those of packages. Raises GitError."""
    listing = repository.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    names = (os.fsdecode(name) for name in listing.split(b"\0") if name)
    return [
        name
        for name in names
        if _IGNORED.search(name) and not any(f"/{part}" in f"/{name}" for part in _FOREIGN)
    ]


def _may_stand(data: bytes, one: SoughtCredential) -> bool:
    if one.name and one.name.encode() in data:
        return True
    return any(form in data for value in one.values for form in written_forms(value) if form)


# --- one file ---------------------------------------------------------------------------------


def _parsed(blob: Blob) -> tuple[ReaderKind, list[tuple[int, Setting]]]:
    """What kind of file it is, and its settings with their lines."""
    kind, settings = _settings(blob)
    kind = ReaderKind.REPORT if is_report(blob) else kind
    return kind, list(numbered(blob.data, settings))


def _settings(blob: Blob) -> tuple[ReaderKind, Iterable[Setting]]:
    if len(blob.data) > MAX_SIZE:
        return ReaderKind.TEXT, ()
    if _DOTENV.wants(blob.path):
        return ReaderKind.DOTENV, dotenv.settings(blob.data)
    if _YAML.wants(blob.path):
        return _yaml(blob)
    for detector in DETECTORS:
        if detector.is_format and detector not in (_DOTENV, _YAML) and detector.wants(blob.path):
            return ReaderKind.CONFIG, _read_as(detector.module, blob.data)
    return ReaderKind.TEXT, ()


def _read_as(module: str, data: bytes) -> Iterable[Setting]:
    read = getattr(import_module(f"secopskit.formats.{module}"), "settings", None)
    return read(data) if read else ()


def _yaml(blob: Blob) -> tuple[ReaderKind, Iterable[Setting]]:
    roots = documents(blob.data) or []
    if workflow.is_workflow(blob.path):
        return ReaderKind.WORKFLOW, [one for root in roots for one in workflow.settings(root)]
    composed = [root for root in roots if isinstance(root, Mapping) and compose.is_compose(root)]
    if composed:
        return ReaderKind.COMPOSE, [one for root in composed for one in compose.settings(root)]
    return ReaderKind.CONFIG, [one for root in roots for one in yaml_file.settings(root)]


def _in_file(
    blob: Blob, kind: ReaderKind, settings: Sequence[tuple[int, Setting]], one: SoughtCredential
) -> Iterator[Reader]:
    known, keys = set[int](), dict[int, str]()
    for line, setting in settings:
        keys.setdefault(line, setting.key)
        link = _link(setting.value, one)
        if link:
            known.add(line)
            yield Reader(blob.path, line, setting.key, kind, link)
    for line, link in _lines(blob.data, one):
        if line not in known:
            known.add(line)
            yield Reader(blob.path, line, keys.get(line, ""), kind, link)


def _link(text: bytes, one: SoughtCredential) -> ReaderLink | None:
    """How the value of a setting has one of the values, if it does."""
    for value in one.values:
        if same_text(text, value):
            return ReaderLink.EQUALS
    for value in one.values:
        if len(value) >= SHORTEST and any(form in text for form in written_forms(value)):
            return ReaderLink.CONTAINS
    return None


def _lines(data: bytes, one: SoughtCredential) -> Iterator[tuple[int, ReaderLink]]:
    """Lines outside of settings that have a value, and then those that have the name as a word."""
    for value in one.values:
        for form in written_forms(value) if len(value) >= SHORTEST else ():
            yield from ((line, ReaderLink.CONTAINS) for line in _lines_with(data, re.escape(form)))
    if one.name:
        word = rb"(?<![A-Za-z0-9_])" + re.escape(one.name.encode()) + rb"(?![A-Za-z0-9_])"
        yield from ((line, ReaderLink.NAMES) for line in _lines_with(data, word))


def _lines_with(data: bytes, pattern: bytes) -> Iterator[int]:
    """The 1-based lines on which a match of the pattern begins."""
    line, at = 1, 0
    for found in re.finditer(pattern, data):
        line += data.count(b"\n", at, found.start())
        at = found.start()
        yield line
