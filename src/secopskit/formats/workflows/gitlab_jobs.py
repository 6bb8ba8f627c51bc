"""Jobs of a GitLab pipeline: variables, scripts, containers beside them, with offsets.

https://docs.gitlab.com/ci/yaml/ has the grammar. `extends` is followed within the file, and so is
`!reference`; what `include` brings in is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.yaml_tree import Mapping, Node, Scalar, Sequence, documents, merged_pairs
from secopskit.named_tuple import NamedTuple

_NO_JOBS: Final = frozenset(
    {"default", "include", "stages", "variables", "workflow", "image", "services", "cache"}
    | {"before_script", "after_script", "spec", "types", "pages:deploy"}
)
_SCRIPTS: Final = ("before_script", "script", "after_script")
_DEEPEST: Final = 8
_MOST_LINES: Final = 20_000
_MOST_STEPS: Final = 20_000
"""What may be followed of `extends` and `!reference`."""
_CHEAP: Final = 16
"""Keys that cost as much as a step."""


class GitlabPair(NamedTuple):
    """A variable with its value."""

    key: Scalar
    value: Scalar


class GitlabService(NamedTuple):
    """A container beside a job. `names` are those it answers to."""

    place: Scalar
    image: str
    names: tuple[str, ...]
    variables: tuple[GitlabPair, ...]


class GitlabJob(NamedTuple):
    """A job. `environment` is as written, `script` has the lines of all its scripts."""

    key: Scalar
    environment: str
    variables: tuple[GitlabPair, ...]
    script: tuple[Scalar, ...]
    services: tuple[GitlabService, ...]


class GitlabPipeline(NamedTuple):
    """A pipeline. `included` tells that some of it stands in other files, `cut` that it has too much."""

    variables: tuple[GitlabPair, ...]
    jobs: tuple[GitlabJob, ...]
    included: bool
    cut: bool = False


def pipeline(data: bytes) -> GitlabPipeline | None:
    """The pipeline; None for what is none, or no YAML."""
    roots = [root for root in documents(data, expand=True) or () if isinstance(root, Mapping)]
    return _GitlabReader(_pairs(roots[-1])).pipeline(roots[-1]) if roots else None


class _GitlabReader:
    """Reads the jobs of one file."""

    def __init__(self, top: dict[str, Node]) -> None:
        self._top = top
        self._default = {**top, **_pairs(top.get("default"))}
        self._left = _MOST_LINES
        self._steps = _MOST_STEPS

    def pipeline(self, root: Mapping) -> GitlabPipeline:
        jobs = tuple(self._job(key, node) for key, node in merged_pairs(root) if self._is_job(key, node))
        cut = self._left < 0 or self._steps < 0
        return GitlabPipeline(_variables(self._top.get("variables")), jobs, "include" in self._top, cut)

    def _is_job(self, key: Scalar, node: Node) -> bool:
        name = text_of(key)
        return isinstance(node, Mapping) and name not in _NO_JOBS and not name.startswith(".")

    def _job(self, key: Scalar, node: Node) -> GitlabJob:
        pairs = self._extended(node, 0)
        script = [
            line
            for part in _SCRIPTS
            for line in self._lines(pairs.get(part, self._default.get(part) if part != "script" else None), 0)
        ]
        return GitlabJob(
            key=key,
            environment=_name_of(pairs.get("environment")),
            variables=_variables(pairs.get("variables")),
            script=tuple(script),
            services=tuple(_services(pairs.get("services", self._default.get("services")))),
        )

    def _extended(self, node: Node, depth: int) -> dict[str, Node]:
        """The keys of a job with those of what it extends; maps of variables are merged."""
        own = _pairs(node)
        extends = own.pop("extends", None)
        found = dict[str, Node]()
        for name in _scalars(extends) if depth < _DEEPEST else ():
            self._steps -= 1
            if self._steps < 0:
                break
            below = self._extended(self._top.get(text_of(name)), depth + 1)
            self._steps -= (len(found) + len(below) + _size(below.get("variables"))) // _CHEAP
            found = _over(found, below)
        return _over(found, own)

    def _lines(self, node: Node, depth: int) -> Iterator[Scalar]:
        """The lines of a script; lists within lists, as anchors make them, are taken apart."""
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            return
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence) and node.tag == "!reference":
            yield from self._lines(self._referred(node), depth + 1)
        elif isinstance(node, Sequence):
            for item in node.items:
                yield from self._lines(item, depth + 1)

    def _referred(self, node: Sequence) -> Node:
        found: Node = None
        for number, name in enumerate(_scalars(node)):
            self._steps -= _size(found) // _CHEAP
            if self._steps < 0:
                return None
            here = self._top if number == 0 else _pairs(found)
            found = here.get(text_of(name))
        return found


def _over(base: dict[str, Node], own: dict[str, Node]) -> dict[str, Node]:
    found = {**base, **own}
    before, after = base.get("variables"), own.get("variables")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        pairs = (*merged_pairs(before), *merged_pairs(after))
        found["variables"] = Mapping(list({key.value: (key, value) for key, value in pairs}.values()))
    return found


def _variables(node: Node) -> tuple[GitlabPair, ...]:
    """`variables`, whose values may be `{value, description}`."""
    found = list[GitlabPair]()
    for key, written in merged_pairs(node) if isinstance(node, Mapping) else ():
        value = _pairs(written).get("value") if isinstance(written, Mapping) else written
        if isinstance(value, Scalar):
            found.append(GitlabPair(key, value))
    return tuple(found)


def _services(node: Node) -> Iterator[GitlabService]:
    for item in node.items if isinstance(node, Sequence) else ():
        pairs = _pairs(item)
        name = item if isinstance(item, Scalar) else pairs.get("name")
        if not isinstance(name, Scalar):
            continue
        image = text_of(name)
        alias = pairs.get("alias")
        given = text_of(alias).replace(",", " ").split() if isinstance(alias, Scalar) else []
        names = (*given, *_default_names(image))
        yield GitlabService(name, image, names, _variables(pairs.get("variables")))


def _default_names(image: str) -> tuple[str, ...]:
    """The names that GitLab gives: the image's without its tag, `/` as `__` and as `-`."""
    path, slash, last = image.partition("@")[0].rpartition("/")
    bare = f"{path}{slash}{last.partition(':')[0]}"
    return tuple(dict.fromkeys((bare.replace("/", "__"), bare.replace("/", "-"))))


def _size(node: Node) -> int:
    return len(node.pairs) if isinstance(node, Mapping) else 0


def _name_of(node: Node) -> str:
    name = _pairs(node).get("name") if isinstance(node, Mapping) else node
    return text_of(name) if isinstance(name, Scalar) else ""


def _pairs(node: Node) -> dict[str, Node]:
    return {text_of(key): value for key, value in merged_pairs(node)} if isinstance(node, Mapping) else {}


def _scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    items = node.items if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Scalar)]
