"""Documents: the variables that Markdown, reStructuredText, AsciiDoc, MDX and HTML pages explain."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import DocumentedName, FactPlace
from secopskit.collect.interface import Collector
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

_SUFFIXES: Final = (".md", ".mdx", ".markdown", ".rst", ".adoc", ".asciidoc", ".MD", ".RST")
_PAGES: Final = (".html", ".htm", ".html-fragment")
_PAGE: Final = LazyRegex(r"(?i)(?:^|/)(?:docs?|documentation|website)/.{0,400}\.html?(?:-fragment)?$")
# What tells of the past names what is gone; what is written for assistants explains nothing to users.
_PAST: Final = LazyRegex(
    r"(?i)(?:^|/)(?:change(?:s|log)|history|release(?:s|[_-]?notes)|news|"
    r"(?:[\w-]{1,40}-)?(?:upgrad(?:e|ing)|migrat(?:e|ion|ing))[\w-]{0,30}|"
    r"agents|claude|gemini)\.\w{1,10}$|(?:^|/)\.(?!github/)[^/]{1,60}/|(?:^|/)(?:changelogs?|releases?|blog)/"
)
_NAME: Final = rb"[A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){1,12}"
_ANY: Final = rb"[A-Z][A-Z0-9_]{2,120}"
_FOUND: Final = LazyRegex(
    # A code span, with or without a value; `<code>X</code>`; ``X`` and :envvar:`X` in reStructuredText.
    rb"(?:`{1,2}|<code[^<>\n]{0,80}>|\+\+?)\$?\{?("
    + _NAME
    + rb")(?:\}|(?:=|:[ \t])[^`<\n]{0,400})?(?:`|</code>|\+)"
    rb"|`{1,2}(" + _ANY + rb")=[^`\n]{0,400}`"
    # The first cell of a row, an item, a heading, a term: the name leads the line.
    rb"|^[ \t]{0,40}(?:\|[ \t]{0,8}|[-*+][ \t]{1,4}|\#{1,6}[ \t]{1,4})?(?:\*\*|__)?`{0,2}(" + _NAME + rb")"
    rb"(?=`|\*\*|[ \t\r]{0,40}(?:[|:(\xe2-]|=(?!\$[(?])|$))"  # \xe2 begins a dash or an arrow
    # The same, with a name of one word, in code.
    rb"|^[ \t]{0,40}(?:\|[ \t]{0,8}|[-*+][ \t]{1,4}|\#{1,6}[ \t]{1,4})(?:\*\*)?`("
    + _ANY
    + rb")(?:=[^`\n]{0,200})?`"
    # What is typed: `export X=…`, `X=… command`, `-e X=…`, `X: value` of a Compose file.
    rb"|(?:^|[ \t(])(?:export[ \t]{1,8}|ENV[ \t]{1,8}|-e[ \t]{1,8}|--env[= ][ \t]{0,8}|-[ \t]{1,8})[\"']?("
    + _ANY
    + rb")="
    rb"|^[ \t]{0,40}\#?[ \t]{0,4}(" + _ANY + rb")=(?!=|\$[(?])"
    rb"|^[ \t]{1,40}(" + _NAME + rb"):(?=[ \t\r]|$)",
    re.MULTILINE,
)
_TYPED: Final = (5, 6)
"""The groups of `_FOUND` that are assignments in a shell."""
_EXPANDED: Final = LazyRegex(rb"(?<!\\)\$\{?([A-Z][A-Z0-9_]{2,120})(?![A-Z0-9_])")
# A page that speaks of no environment lists other names: of errors, events, constants.
_ABOUT: Final = LazyRegex(rb"(?i)environment|\benv|export [A-Z]|-e [A-Z]|docker|helm|compose|secret")
_WORDS: Final = """
GET POST PUT HEAD PATCH DELETE OPTIONS TODO NOTE WARNING README LICENSE JSON HTTP HTTPS SQL NULL TRUE FALSE
"""
_METHODS: Final = frozenset(_WORDS.split())
_MOST: Final = 5000


def wants(path: str) -> bool:
    """Whether it is a document, and tells of how things are now."""
    is_document = path.endswith(_SUFFIXES) or (path.endswith(_PAGES) and bool(_PAGE.search(path)))
    return is_document and not _PAST.search(path)


def collect(blob: Blob) -> Iterator[Fact]:
    """The names in the document, each once, where it stands first."""
    if not _ABOUT.search(blob.data):
        return
    seen = set[bytes]()
    line, at = 1, 0
    expanded = {found[1] for found in islice(_EXPANDED.finditer(blob.data), _MOST)}
    for found in islice(_FOUND.finditer(blob.data), _MOST):
        group = found.lastindex or 1
        name = found[group]
        if name in expanded and b"_" in name and _is_typed(found, group):
            continue  # a shell's own, between two commands of the page
        line += blob.data.count(b"\n", at, found.start(group))
        at = found.start(group)
        if name in seen or name.decode() in _METHODS:
            continue
        seen.add(name)
        yield DocumentedName(name.decode(), FactPlace(blob.path, line))


def _is_typed(found: re.Match[bytes], group: int) -> bool:
    """Whether what was found is an assignment in a shell."""
    is_alone = found[0].lstrip() == found[group]
    return group in _TYPED or (is_alone and found.string[found.end() : found.end() + 1] == b"=")


COLLECTOR: Final = Collector("documents", wants, collect)
