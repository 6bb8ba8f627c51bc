"""Dockerfiles: stages, arguments, variables, what they take in of them, ports, copies and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import (
    DockerfileFacts,
    DockerfileStage,
    Fact,
    FactPlace,
    SettingKind,
    UseKind,
    VariableSetting,
    VariableUse,
)
from secopskit.collect.image import image_name
from secopskit.collect.interface import Collector
from secopskit.collect.place import FilePlaces
from secopskit.collect.value import ConfigValue
from secopskit.findings import Blob
from secopskit.formats.stacks.dockerfile_lines import DockerText, Instruction, instructions, pairs, words
from secopskit.formats.stacks.interpolation import interpolations
from secopskit.lazy_regex import LazyRegex

_NAMED: Final = LazyRegex(r"(?i)(?:^|/)(?:(?:[^/]{1,100}[.-])?(?:docker|container)file(?:[.-][^/]{1,100})?)$")
_NO_DOCKERFILE: Final = (".dockerignore", ".containerignore", ".md", ".py", ".sh", ".js", ".ts", ".go", ".rb")
_FROM: Final = re.compile(rb"(?i)(\S{1,500})(?:[ \t]+as[ \t]+(\S{1,200}))?")
_TAKES_IN: Final = frozenset(
    {"FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "LABEL", "WORKDIR", "USER", "EXPOSE", "VOLUME"}
)
_RUNS: Final = frozenset({"CMD", "ENTRYPOINT", "HEALTHCHECK"})
_MOST_PORTS: Final = 64
_MOST_STAGES: Final = 200
_MOST_EARLY: Final = 500
_MOST_USES: Final = 5000


def is_dockerfile(path: str) -> bool:
    """Whether a file is a Dockerfile by its name."""
    return _NAMED.search(path) is not None and not path.lower().endswith(_NO_DOCKERFILE)


def _collect(blob: Blob) -> Iterator[Fact]:
    reader = _DockerfileReader(blob)
    for instruction in instructions(blob.data):
        reader.take(instruction)
    if not reader.stages:
        return
    yield reader.facts(blob.path)
    yield from reader.arguments
    yield from reader.variables
    yield from reader.uses


class _Stage:
    """A stage while it is read. `known` has what its names are without anything set from outside."""

    def __init__(self, name: str, known: dict[str, bytes | None], arguments: set[str]) -> None:
        self.name = name
        self.known = known
        self.arguments = arguments
        self.entrypoint = ""
        self.command = ""
        self.health_check = False
        self.shipped: list[str] = []


class _DockerfileReader:
    """Reads instructions one after the other; before the first FROM, in a stage without a name."""

    def __init__(self, blob: Blob) -> None:
        self.stages: list[DockerfileStage] = []
        self.arguments: list[VariableSetting] = []
        self.variables: list[VariableSetting] = []
        self.uses: list[VariableUse] = []
        self._places = FilePlaces(blob.path, blob.data)
        self._top = self._stage = _Stage("", {}, set())
        self._by_name: dict[str, _Stage] = {}
        self._exposed: set[int] = set()
        self._copies: dict[str, None] = {}

    def facts(self, path: str) -> DockerfileFacts:
        """What was read."""
        last = self._stage
        return DockerfileFacts(
            path=path,
            stages=tuple(self.stages),
            arguments=tuple(self.arguments),
            variables=tuple(self.variables),
            exposed=tuple(sorted(self._exposed)),
            copies=tuple(self._copies),
            shipped=tuple(last.shipped),
            command=" ".join(filter(None, (last.entrypoint, last.command))),
            health_check=last.health_check,
        )

    def take(self, instruction: Instruction) -> None:
        """Read the next instruction."""
        if instruction.word in _TAKES_IN:
            self._take_in(instruction)
        elif instruction.word in _RUNS:
            self._look_up(instruction.text)
        match instruction.word:
            case "FROM":
                self._begin(instruction)
            case "ARG" | "ENV":
                self._declare(instruction)
            case "EXPOSE":
                self._expose(instruction)
            case "COPY" | "ADD":
                self._copy(instruction)
            case "CMD":
                self._stage.command = " ".join(words(instruction.text.value))
            case "ENTRYPOINT":
                self._stage.entrypoint = " ".join(words(instruction.text.value))
                self._stage.command = ""
            case "HEALTHCHECK":
                self._stage.health_check = words(instruction.text.value)[:1] != ["NONE"]

    # --- stages and names ---------------------------------------------------------------------

    def _begin(self, instruction: Instruction) -> None:
        found = _FROM.match(instruction.text.value)
        if found is None:
            return
        written = self._resolved(found[1], self._top)
        name = found[2].decode("utf-8", "replace") if found[2] else str(len(self.stages))
        parent = self._by_name.get(written.lower())
        place = self._places.at(instruction.start)
        image = None if parent or written == "scratch" else image_name(written)
        self.stages.append(DockerfileStage(name, image, place, parent.name if parent else ""))
        inherits = parent is not None and len(self.stages) <= _MOST_STAGES
        known, arguments = (dict(parent.known), set(parent.arguments)) if parent and inherits else ({}, set())
        self._stage = _Stage(name, known, arguments)
        if parent:
            self._stage.entrypoint, self._stage.command = parent.entrypoint, parent.command
            self._stage.health_check = parent.health_check
            self._stage.shipped = list(parent.shipped)
        self._by_name[name.lower()] = self._stage

    def _declare(self, instruction: Instruction) -> None:
        is_argument = instruction.word == "ARG"
        kind = SettingKind.DOCKERFILE_ARG if is_argument else SettingKind.DOCKERFILE_ENV
        for pair in pairs(instruction):
            value = None if pair.value is None else ConfigValue(pair.value)
            place = self._places.at(pair.start)
            fact = VariableSetting(pair.name, value, place, kind, self._stage.name)
            (self.arguments if is_argument else self.variables).append(fact)
            default = self._top.known.get(pair.name) if pair.value is None else pair.value
            self._stage.known[pair.name] = default
            if is_argument:
                self._stage.arguments.add(pair.name)
            else:
                self._stage.arguments.discard(pair.name)

    # --- what is taken in ---------------------------------------------------------------------

    def _take_in(self, instruction: Instruction) -> None:
        """What a build takes in of its arguments. Other names of a RUN are those of its script."""
        stage = self._top if instruction.word == "FROM" else self._stage
        early: dict[str, bool] = {}  # a name may stand often in a long instruction
        for text in (instruction.text, *instruction.documents):
            for name, place, _ in self._names(text):
                if name in stage.arguments:
                    self._use(name, place, stage, stage.known.get(name))
                    continue
                if name not in early:
                    early[name] = len(early) < _MOST_EARLY and self._is_early(name, instruction)
                if early[name]:
                    self._use(name, place, stage, None)

    def _is_early(self, name: str, instruction: Instruction) -> bool:
        """Whether an argument from before the first FROM is meant, which a stage does not have."""
        if self._stage is self._top or instruction.word == "FROM" or name in self._stage.known:
            return False
        assigned = name.encode() + b"="
        return name in self._top.arguments and assigned not in instruction.text.value

    def _look_up(self, text: DockerText) -> None:
        """What a command looks up when it runs: only a shell does."""
        if text.value.startswith(b"[") and b'"-c"' not in text.value:
            return
        for name, place, default in self._names(text):
            self._use(name, place, self._stage, self._stage.known.get(name, default))

    def _names(self, text: DockerText) -> Iterator[tuple[str, FactPlace, bytes | None]]:
        for found in interpolations(text.value):
            at = found.span.start
            if text.value[max(at - 1, 0) : at] != b"\\":
                yield found.name, self._places.at(text.start + at), found.default

    def _use(self, name: str, place: FactPlace, stage: _Stage, default: bytes | None) -> None:
        if len(self.uses) < _MOST_USES:
            given = None if default is None else ConfigValue(default)
            self.uses.append(
                VariableUse(name, place, UseKind.DOCKERFILE, "dockerfile", given, scope=stage.name)
            )

    def _resolved(self, text: bytes, stage: _Stage) -> str:
        """A text with what is known of its names; `${X}` where nothing is."""
        parts, at = list[bytes](), 0
        for found in interpolations(text):
            if not found.depth:
                known = stage.known.get(found.name)
                default = found.default if known is None else known
                parts += [text[at : found.span.start], default or f"${{{found.name}}}".encode()]
                at = found.span.end
        return b"".join((*parts, text[at:])).decode("utf-8", "replace")

    # --- ports and paths ----------------------------------------------------------------------

    def _expose(self, instruction: Instruction) -> None:
        for word in words(instruction.text.value):
            first, _, last = self._resolved(word.encode(), self._stage).partition("/")[0].partition("-")
            if first.isascii() and first.isdigit() and len(first) < 6:
                end = int(last) if last.isascii() and last.isdigit() and len(last) < 6 else int(first)
                self._exposed.update(range(int(first), min(end, int(first) + _MOST_PORTS) + 1))

    def _copy(self, instruction: Instruction) -> None:
        is_own = not any(name == "from" for name, _ in instruction.flags)
        for source in words(instruction.text.value)[:-1]:
            if not source.startswith("<<") and "://" not in source:
                path = source.removeprefix("./").strip("/")
                self._stage.shipped.append(path or ".")
                if is_own:
                    self._copies[path or "."] = None


COLLECTOR: Final = Collector("dockerfile", is_dockerfile, _collect)
