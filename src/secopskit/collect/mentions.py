"""Mentions: the names in capitals that stand in a file, whoever reads them and however.

A program may look a variable up in ways that no collector understands: through a wrapper, from a list, in
a language that is not parsed. Where its name stands, nobody can say that nothing reads it. And where it
stands in prose, nobody can say that no document has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.collect.facts import Fact, FileRole, MentionedNames
from secopskit.collect.interface import Collector
from secopskit.collect.roles import role_of
from secopskit.findings import Blob
from secopskit.lazy_regex import LazyRegex

# What is before the name is asked after its first letter: a search for a letter is quicker than for a place.
_NAME: Final = LazyRegex(rb"[A-Z](?<![A-Za-z0-9_].)[A-Z0-9]{0,40}_[A-Z0-9_]{1,80}(?![A-Za-z0-9_])")
_READ: Final = LazyRegex(
    r"(?i)\.(?:[cm]?[jt]sx?|vue|svelte|astro|py|pyi|rb|rake|erb|go|php|java|kts?|groovy|scala|clj|cs|fs|vb|exs?|eex|"
    r"erl|rs|swift|dart|lua|pl|pm|r|jl|c|cc|cpp|h|hpp|zig|nim|cr|hs|ml|sh|bash|zsh|fish|ps1|bat|"
    r"ya?ml|json|json5|toml|ini|cfg|conf|cnf|properties|xml|prisma|j2|jinja2?|tmpl|tpl|template|gotmpl|mustache|hbs|"
    r"ejs|twig|liquid|envsubst|hcl|cue|ncl|nix|mk)$"
    r"|(?:^|/)(?:[^/.]{1,80}|Dockerfile[^/]{0,60}|Makefile|Gemfile|Rakefile|Procfile|Caddyfile|Jenkinsfile)$"
)
_PROSE: Final = LazyRegex(r"(?i)\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt)$")
_SELDOM: Final = LazyRegex(
    r"(?i)compose[^/]{0,80}\.ya?ml$|[-.]lock\.|(?:^|/)(?:locales?|i18n|translations?)/|\.d\.ts$"
)


def _wants(path: str) -> bool:
    read = _READ.search(path) or _PROSE.search(path)
    # What a test names, the program names too.
    return read is not None and _SELDOM.search(path) is None and role_of(path) is not FileRole.TEST


def _collect(blob: Blob) -> Iterator[Fact]:
    data = blob.data
    if b"_" not in data or b"\0" in data[:1024]:
        return
    names = {found[0] for found in _NAME.finditer(data)}
    if names:
        kept = frozenset(name.decode() for name in names)
        yield MentionedNames(blob.path, kept, _PROSE.search(blob.path) is not None)


COLLECTOR: Final = Collector(name="mentions", wants=_wants, collect=_collect)
