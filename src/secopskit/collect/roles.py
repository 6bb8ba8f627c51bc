"""What a file is for, by its path: product, test, example, document, or somebody else's work."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from secopskit.collect.facts import FileRole
from secopskit.detect.role import is_test
from secopskit.lazy_regex import LazyRegex

# Copies of what others wrote, as package managers of many languages leave them.
_VENDORED: Final = LazyRegex(
    r"(?i)(?:^|/)(?:node_modules|bower_components|jspm_packages|vendor|vendors|vendored|third[_-]?party|"
    r"site-packages|\.venv|venv|virtualenv|\.yarn|\.pnpm(?:-store)?|pods|carthage|\.bundle|\.terraform|"
    r"\.gradle|\.m2|__pypackages__|deps/(?=[^/]+/(?:lib|src)/))/"
    r"|(?:^|/)(?:gradlew|mvnw)(?:\.bat|\.cmd)?$"
)
# What a program wrote: bundles, locks, stubs made of an interface description.
_GENERATED: Final = LazyRegex(
    r"(?i)(?:^|/)(?:\.next|\.nuxt|\.output|\.svelte-kit|\.turbo|\.parcel-cache|\.docusaurus|__generated__|"
    r"__pycache__|\.mypy_cache|\.pytest_cache|coverage|htmlcov|storybook-static)/"
    r"|(?:^|/)(?:dist|bundle|bundles|build/static|public/build|staticfiles)/.{0,400}\.(?:[cm]?js|"
    r"css|map|html|d\.ts)$"
    r"|\.(?:min|bundle|chunk)\.(?:[cm]?js|css)$|\.(?:map|snap)$"
    r"|(?:_pb2(?:_grpc)?\.pyi?|\.pb(?:\.gw)?\.go|\.g\.dart|\.designer\.cs|[._-]generated\.[a-z]{1,5})$"
    r"|(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|poetry\.lock|"
    r"uv\.lock|pdm\.lock|pipfile\.lock|cargo\.lock|gemfile\.lock|composer\.lock|mix\.lock|go\.sum|"
    r"go\.work\.sum|"
    r"packages\.lock\.json|\.terraform\.lock\.hcl|flake\.lock|deno\.lock)$"
)
_EXAMPLE: Final = LazyRegex(
    r"(?i)(?:^|/)(?:examples?|samples?|demos?|playgrounds?|tutorials?|[\w.-]{1,40}[_-](?:examples?|"
    r"samples?|demo))/"
)
_DOCUMENT: Final = LazyRegex(
    r"(?i)(?:^|/)(?:docs?|documentation|wiki|website)/|\.(?:md|mdx|markdown|rst|adoc|asciidoc)$"
)


@lru_cache(maxsize=1 << 15)
def role_of(path: str) -> FileRole:
    """The role of the file at `path`, which is relative to the project's top.

    Directories above that do not count: a project that is an example has a product of its own. Nor does
    a name as such make an example: `compose.example.yml` is there to be copied and used.
    """
    if _VENDORED.search(path):
        return FileRole.VENDORED
    if _GENERATED.search(path):
        return FileRole.GENERATED
    if is_test(path):
        return FileRole.TEST
    if _EXAMPLE.search(path):
        return FileRole.EXAMPLE
    return FileRole.DOCUMENT if _DOCUMENT.search(path) else FileRole.PRODUCT


def is_read(path: str) -> bool:
    """Whether facts are looked for in the file at all: not in copies of others' work, nor in output."""
    return role_of(path) not in (FileRole.VENDORED, FileRole.GENERATED)
