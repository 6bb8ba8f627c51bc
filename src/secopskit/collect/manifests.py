"""Package manifests: what a component is called, what it depends on, which commands it has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from secopskit.collect.facts import Manifest
from secopskit.collect.interface import Collector
from secopskit.findings import Skipped, SkipReason
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

_MOST: Final = 5000
_WORD: Final = LazyRegex(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_REQUIREMENTS: Final = LazyRegex(
    r"(?i)(?:^|/)(?:[\w.-]{0,40}requirements?[\w.-]{0,40}\.(?:txt|in)|"
    r"requirements/[\w.-]{1,60}\.(?:txt|in))$"
)


class ManifestParts(NamedTuple):
    """What is read from a manifest."""

    name: str = ""
    dependencies: tuple[str, ...] = ()
    scripts: tuple[tuple[str, str], ...] = ()


def wants(path: str) -> bool:
    """Whether it is a manifest, by its name."""
    return _reader_for(path) is not None


def collect(blob: Blob) -> Iterator[Fact]:
    """The manifest, unless it cannot be parsed."""
    found = _reader_for(blob.path)
    if found is None:
        return
    ecosystem, read = found
    try:
        parts = read(blob.data)
    except (ValueError, RecursionError):  # JSON's and TOML's errors are ValueErrors
        yield Skipped(path=blob.path, reason=SkipReason.TOO_COMPLEX, detail=f"no {ecosystem} manifest")
        return
    yield Manifest(
        path=blob.path,
        ecosystem=ecosystem,
        name=parts.name,
        dependencies=frozenset(parts.dependencies[:_MOST]),
        scripts=parts.scripts[:_MOST],
    )


def _json(data: bytes) -> dict[str, Any]:  # parsed JSON has any shape
    return _mapping(json.loads(data.decode("utf-8-sig")))


def _toml(data: bytes) -> dict[str, Any]:  # parsed TOML has any shape
    import tomllib

    return tomllib.loads(data.decode("utf-8-sig"))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _npm(data: bytes) -> ManifestParts:
    document = _json(data)
    kinds = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
    dependencies = [name for kind in kinds for name in _mapping(document.get(kind))]
    scripts = [
        (name, command)
        for name, command in _mapping(document.get("scripts")).items()
        if isinstance(command, str)
    ]
    return ManifestParts(_text(document.get("name")), tuple(dependencies), tuple(scripts))


def _pyproject(data: bytes) -> ManifestParts:
    document = _toml(data)
    project = _mapping(document.get("project"))
    poetry = _mapping(_mapping(document.get("tool")).get("poetry"))
    listed = _texts(project.get("dependencies"))
    for group in (
        _mapping(project.get("optional-dependencies")),
        _mapping(document.get("dependency-groups")),
    ):
        for items in group.values():
            listed += _texts(items)
    names = [found for item in listed if (found := _requirement(item.encode()))]
    names += [name for name in _mapping(poetry.get("dependencies")) if name != "python"]
    for group in _mapping(poetry.get("group")).values():
        names += _mapping(_mapping(group).get("dependencies"))
    scripts = _mapping(project.get("scripts")) or _mapping(poetry.get("scripts"))
    commands = [(name, target) for name, target in scripts.items() if isinstance(target, str)]
    return ManifestParts(_text(project.get("name") or poetry.get("name")), tuple(names), tuple(commands))


def _requirement(line: bytes) -> str:
    found = _WORD.match(line.strip())
    return found[0].decode().lower() if found else ""


def _requirements(data: bytes) -> ManifestParts:
    lines = (line.strip() for line in data.splitlines()[: 2 * _MOST])
    return ManifestParts(dependencies=tuple(name for line in lines if (name := _requirement(line))))


def _composer(data: bytes) -> ManifestParts:
    document = _json(data)
    names = [name for kind in ("require", "require-dev") for name in _mapping(document.get(kind))]
    return ManifestParts(_text(document.get("name")), tuple(names))


def _cargo(data: bytes) -> ManifestParts:
    document = _toml(data)
    kinds = ("dependencies", "dev-dependencies", "build-dependencies")
    names = [name for kind in kinds for name in _mapping(document.get(kind))]
    names += _mapping(_mapping(document.get("workspace")).get("dependencies"))
    return ManifestParts(_text(_mapping(document.get("package")).get("name")), tuple(names))


def _pattern(name: bytes, dependency: bytes) -> Callable[[bytes], ManifestParts]:
    """A reader by two expressions, whose first group that took part is what is looked for."""
    named, needed = LazyRegex(name), LazyRegex(dependency)

    def read(data: bytes) -> ManifestParts:
        first = named.search(data)
        found = [next((text for text in each.groups() if text), b"") for each in needed.finditer(data)]
        names = (text.decode("utf-8", "replace") for text in found[:_MOST])
        return ManifestParts(first[1].decode("utf-8", "replace") if first else "", tuple(names))

    return read


_NONE: Final = rb"(?!)()"
_READERS: Final[dict[str, tuple[str, Callable[[bytes], ManifestParts]]]] = {
    "package.json": ("npm", _npm),
    "pyproject.toml": ("python", _pyproject),
    "Pipfile": (
        "python",
        lambda data: ManifestParts(dependencies=tuple(_mapping(_toml(data).get("packages")))),
    ),
    "setup.py": ("python", _pattern(rb"\bname[ \t]{0,4}=[ \t]{0,4}[\"']([\w.-]{1,80})", _NONE)),
    "setup.cfg": ("python", _pattern(rb"(?m)^name[ \t]{0,4}=[ \t]{0,4}([\w.-]{1,80})", _NONE)),
    "composer.json": ("php", _composer),
    "Cargo.toml": ("rust", _cargo),
    "go.mod": (
        "go",
        _pattern(
            rb"(?m)^module[ \t]{1,8}(\S{1,200})",
            rb"(?m)^(?:require)?[ \t]{1,8}([\w.-]{1,80}"
            rb"/[^\s]{1,200})[ \t]{1,8}v\d",
        ),
    ),
    "Gemfile": ("ruby", _pattern(_NONE, rb"(?m)^[ \t]{0,40}gem[ \t(]{1,8}[\"']([\w.-]{1,80})")),
    "pom.xml": (
        "jvm",
        _pattern(
            rb"<artifactId>[ \t]{0,8}([\w.-]{1,80})",
            rb"<dependency>\s{0,40}(?:<groupId>[^<]{0,120}</groupId>\s{0,40})?<artifactId>[ \t]{0,8}"
            rb"([\w.-]{1,80})",
        ),
    ),
    "mix.exs": (
        "elixir",
        _pattern(
            rb"\bapp:[ \t]{0,4}:(\w{1,80})",
            rb"\{[ \t]{0,4}:(\w{1,80})[ \t]{0,4},[ \t]{0,4}"
            rb"(?:\"|git|path|github)",
        ),
    ),
}
_GRADLE: Final = _pattern(
    _NONE,
    rb"\b(?:implementation|api|compileOnly|runtimeOnly|testImplementation)[ (]{1,4}"
    rb"[\"'][\w.-]{1,120}:([\w.-]{1,120})",
)
_DOTNET: Final = _pattern(
    rb"<AssemblyName>([\w.-]{1,120})", rb"<PackageReference[ \t\r\n]{1,8}Include=\"([\w.-]{1,120})\""
)


def _reader_for(path: str) -> tuple[str, Callable[[bytes], ManifestParts]] | None:
    name = path.rpartition("/")[2]
    if known := _READERS.get(name):
        return known
    if name in ("build.gradle", "build.gradle.kts"):
        return "jvm", _GRADLE
    if name.endswith((".csproj", ".fsproj")):
        return "dotnet", _DOTNET
    is_list = name.endswith((".txt", ".in")) and _REQUIREMENTS.search(path)
    return ("python", _requirements) if is_list else None


COLLECTOR: Final = Collector("manifests", wants, collect)
