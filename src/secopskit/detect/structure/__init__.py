"""Detectors that parse a file as what it is. Each format is imported when a file of its kind is met.

`DETECTORS` is a table of names, the files they want, and modules. A module has `detect(blob)`; it
hands the settings that its twin in `secopskit.formats` parses to `judge`, which makes the matches.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from secopskit.detect.structure.signs import (
    CALL,
    CELL,
    COLUMN,
    COPIED,
    DIRECTIVE,
    HASH,
    INSTRUCTION,
    ITEM,
    KNOWN_USE,
    LOGIN,
    LOGIN_URL,
    MANIFEST,
    OPTION,
    OWNER,
    PASSED_ON,
    PREFIXED_USE,
    ROLE,
    SCRIPT,
    STATEMENT,
    TAGGED,
    USUAL,
    any_of,
)
from secopskit.formats.encoding import without_mark
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match, Span

__all__ = ["DETECTORS", "HINTS", "MAX_SIZE", "FormatDetector", "is_shell_script", "row_for"]

MAX_SIZE: Final = 2 * 1024 * 1024
"""Bytes of a file beyond which it is not parsed; lines of it are still matched by patterns."""

# `settings.ini.example` is an INI file.
_COPIES: Final = (
    "example",
    "sample",
    "dist",
    "template",
    "tmpl",
    "tpl",
    "j2",
    "jinja",
    "erb",
    "in",
    "bak",
    "old",
    "orig",
)


@lru_cache(maxsize=16)
def _name_and_suffix(path: str) -> tuple[str, str]:
    """The last part of the path in small letters, and its suffix: what twelve detectors ask in turn."""
    name = path.rpartition("/")[2].lower()
    stem, _, suffix = name.rpartition(".")
    if suffix in _COPIES and "." in stem:
        suffix = stem.rpartition(".")[2]
    return name, suffix


class FormatDetector:
    """A `Detector` for the files of one format, implemented by a module loaded on demand.

    `module` is one of this package with `detect(blob)`. A file is wanted by its suffix or its whole
    name (lists parted by blanks), or if its path matches `paths`, which is tried only where one of
    `marks` stands in its name; `unless` refuses paths. A wanted file is parsed where one of
    `signs` (see `secopskit.detect.structure.signs`) stands in it, or always if the row is
    `by_name`. `by_line` says that what it finds depends on the lines with a sign and those
    around them alone; with `in_parts` as well, its module has `wholes(data)`, the spans that are read as
    one, and all else can be read near its signs. With `bare`, files whose names have no suffix are wanted
    too; a row for `any_text` says nothing of what a file is. `outline` is a module of `secopskit.formats`
    with `outline(data)`, by which a purge sees that a file is still whole.
    """

    def __init__(  # noqa: PLR0913 - a row of the table
        self,
        name: str,
        module: str,
        suffixes: str = "",
        names: str = "",
        *,
        marks: tuple[str, ...] = (),
        paths: str = "",
        unless: str = "",
        signs: tuple[str, ...] = USUAL,
        by_name: bool = False,
        by_line: bool = False,
        in_parts: bool = False,
        bare: bool = False,
        any_text: bool = False,
        outline: str = "",
    ) -> None:
        self.name = name
        self.module = module
        self.marks = marks
        self.paths = paths
        self.unless = unless
        self.signs = signs
        self.by_name = by_name
        self.by_line = by_line
        self.in_parts = in_parts
        self.bare = bare
        self.is_format = not any_text
        self.outline = outline
        self._suffixes = frozenset(suffixes.split())
        self._names = frozenset(names.split())
        self._wanted = LazyRegex(paths, re.IGNORECASE)
        self._unwanted = LazyRegex(unless, re.IGNORECASE)

    @cached_property
    def sign_kinds(self) -> int:
        """The kinds of signs by which a file is parsed: bit n stands for `HINTS[n]`."""
        return sum(1 << kind for kind in {_kind(sign) for sign in self.signs})

    @cached_property
    def _sign(self) -> re.Pattern[bytes]:
        return re.compile(any_of(list(self.signs)).encode())

    def sign_ends(self, data: bytes) -> Iterator[int]:
        """Where its signs end in `data`, for an engine that does not tell all of them."""
        return (found.end() for found in self._sign.finditer(data))

    def is_named(self, path: str) -> bool:
        """Whether the path is that of a file of this format, wanted or not."""
        name, suffix = _name_and_suffix(path)
        if not name:
            return False
        if suffix in self._suffixes or name in self._names or (self.bare and "." not in name):
            return True
        return any(mark in name for mark in self.marks) and self._wanted.search(path) is not None

    def wants(self, path: str) -> bool:
        """Whether the path is that of a file to parse."""
        return self.is_named(path) and not (self.unless and self._unwanted.search(path))

    def wholes(self, data: bytes) -> list[Span]:
        """The spans of `data` that mean something as a whole alone, ascending by their starts."""
        return list(import_module(f"{__name__}.{self.module}").wholes(data))

    def detect(self, blob: Blob) -> Iterator[Match]:
        """The matches in `blob`."""
        if len(blob.data) > MAX_SIZE:
            return
        blob = blob._replace(data=without_mark(blob.data))
        seen: set[Span] = set()  # one value may be read in two ways
        for match in import_module(f"{__name__}.{self.module}").detect(blob):
            if match.span not in seen:
                seen.add(match.span)
                yield match


_LOCKS: Final = (
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|composer\.lock|pnpm-lock\.ya?ml|[^/]{1,40}\.lock\.json"
    r"|[^/]{1,80}\.min\.json)$|(?:^|/)node_modules/"
)
_DOTENV: Final = (
    r"(?:^|/)(?:[^/]{0,60}\.env(?:\.[^/]{1,60})?|\.env[-_][^/]{1,60}|\.envrc"
    r"|env\.(?:examples?|sample|dist|template|local|dev\w{0,8}|prod\w{0,8}|staging|test\w{0,4}|ci|docker|defaults?))$"
)
_NOT_DOTENV: Final = (
    r"\.(?:py|js|ts|tsx|jsx|mjs|cjs|go|rb|rs|java|kt|cs|php"
    r"|md|rst|sh|json|ya?ml|tf|html?|txt|h|c|cc|cpp|vue|svelte)$"
)
_SETTINGS_CODE: Final = (
    r"(?:^|/)(?:wp-config[^/]{0,40}\.php|(?:local_?|prod_?|dev_?|base_?)?(?:settings?|config|configuration|conf|secrets?"
    r"|credentials|database|production|development|local)(?:[._-](?:inc|local|prod|dev|base|production))?"
    r"\.(?:py|php|inc|rb|js|cjs|mjs|ts))$|(?:^|/)settings/[^/]{1,40}\.py$"
    r"|(?:^|/)config/app(?:_local)?\.php$|(?:^|/)app/etc/env\.php$"
)
_SETTINGS_MARKS: Final = (
    "conf",
    "setting",
    "secret",
    "credential",
    "database",
    "parameter",
    "product",
    "develop",
    "local",
    ".py",
    ".php",
)
# Scripts of tests make their passwords up; what looks drawn in them, patterns find.
_TESTS: Final = r"(?:^|/)(?:tests?|t|specs?|testdata|fixtures?)/"
_START_UP: Final = (
    ".bashrc .bash_profile .bash_login .bash_aliases .profile .zshrc .zshenv .zprofile .zlogin .kshrc .cshrc"
    " .tcshrc .exports bashrc bash_profile profile zshrc makefile justfile jenkinsfile"
)

DETECTORS: Final = (
    FormatDetector(
        "dotenv",
        "dotenv",
        marks=("env",),
        paths=_DOTENV,
        unless=_NOT_DOTENV,
        by_name=True,  # a committed one is a finding whatever it holds
        outline="dotenv",
    ),
    FormatDetector(
        "yaml",
        "yaml_file",
        "yml yaml",
        "hub .tugboat",
        unless=_LOCKS,
        signs=(*USUAL, OPTION, HASH, MANIFEST, ITEM, OWNER),
        outline="yaml_file",
    ),
    FormatDetector(
        "ini",
        "ini",
        "ini cfg conf cnf properties prefs rc nmconnection udl netdev network xcconfig",
        "config .pypirc .boto credentials .credentials .s3cfg .npmrc .esmtprc .msmtprc .muttrc hosts"
        " inventory",
        marks=("",),  # a folder tells it
        paths=r"(?:^|/)(?:inventor(?:y|ies)/(?:[\w-]{1,60}/){0,3}[\w-]{1,60}|(?:hosts|inventory)[._-][\w-]{1,40})$",
        unless=r"(?:^|/)nsswitch\.conf$",
        signs=(*USUAL, DIRECTIVE),
        outline="ini",
    ),
    FormatDetector(
        "dockerfile",
        "dockerfile",
        "dockerfile containerfile",
        marks=("dockerfile", "containerfile"),
        paths=r"(?:docker|container)file",
        signs=(*USUAL, INSTRUCTION, OPTION),
    ),
    FormatDetector(
        "json",
        "json_file",
        "json jsonc json5 jsonl ndjson ipynb tfstate webmanifest",
        ".ftpconfig .dockercfg .dockerconfigjson",
        unless=_LOCKS,
        signs=(*USUAL, MANIFEST, ITEM, OWNER),
        outline="json_file",
    ),
    FormatDetector("toml", "toml", "toml", "pipfile", signs=(*USUAL, ITEM), outline="toml"),
    FormatDetector("tables", "csv_file", "md markdown mdx", signs=(CELL,), any_text=True),
    FormatDetector("csv", "csv_file", "csv tsv psv", signs=(*USUAL, COLUMN, ITEM)),
    FormatDetector(
        "xml",
        "xml_file",
        "xml config csproj vbproj fsproj vcxproj props targets plist pubxml nuspec resx jmx runsettings"
        " ps1xml dtsx dtsconfig rdl rdlc xaml wsdl",
        signs=(*USUAL, TAGGED),
    ),
    FormatDetector("terraform", "terraform", "tf tfvars hcl nomad", signs=(*USUAL, ITEM)),
    FormatDetector(
        "shell",
        "shell",
        "sh bash zsh ksh fish csh bat cmd ps1 psm1 psd1",
        _START_UP,
        unless=_TESTS,
        signs=(*USUAL, INSTRUCTION, OPTION, PREFIXED_USE, KNOWN_USE, STATEMENT),
        by_line=True,
        in_parts=True,
    ),
    FormatDetector(
        "commands",
        "commands",
        "md markdown mdx rst adoc asciidoc txt text log out history ipynb service cron html",
        marks=("history", ".log."),
        paths=r"_history$|\.log\.\d{1,3}$",
        unless=_LOCKS,
        bare=True,
        signs=(SCRIPT, PASSED_ON, PREFIXED_USE, KNOWN_USE, OPTION, STATEMENT, ROLE),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "programs",
        "commands",
        "tf hcl groovy gradle rb py js ts mjs php pl mk json toml",
        unless=_LOCKS,
        signs=(KNOWN_USE,),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "scripts",
        "commands",
        "yml yaml",
        unless=_LOCKS,
        signs=(KNOWN_USE, PASSED_ON, PREFIXED_USE),  # what scripts of pipelines, playbooks and manifests run
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "calls",
        "calls",
        "py pyw pyi ipynb js jsx ts tsx mjs cjs vue svelte java kt kts scala sbt groovy cs vb fs go rb php"
        " phtml pl pm rs swift m c cc cpp h hpp lua ex exs dart ps1 psm1 sh md markdown rst txt html",
        bare=True,
        signs=(CALL,),
        by_line=True,
        any_text=True,
    ),
    FormatDetector(
        "sql", "sql", "sql psql pgsql mysql ddl", signs=(*USUAL, DIRECTIVE, STATEMENT, COPIED, ITEM)
    ),
    FormatDetector(
        "logins",
        "logins",
        names=".netrc _netrc netrc .pgpass pgpass.conf pgpass .git-credentials git-credentials"
        " .curlrc _curlrc shadow shadow- gshadow master.key chap-secrets pap-secrets"
        " sasl_passwd sasl_password userlist.txt users.acl .fetchmailrc fetchmailrc",
        marks=("passwd", ".key"),
        paths=r"(?:htpasswds?|passwd|/credentials/[a-z]{1,20}\.key)$",
        signs=(LOGIN, LOGIN_URL, HASH),
        by_name=True,  # it holds nothing but logins
    ),
    FormatDetector(
        "source",
        "source",
        marks=_SETTINGS_MARKS,
        paths=_SETTINGS_CODE,
        signs=(*USUAL, OWNER),
        by_line=True,
    ),
)
"""All of them, in no particular order. A row is all that a new detector needs beside its module."""

_SHELL: Final = next(row for row in DETECTORS if row.name == "shell")
_SHEBANG: Final = LazyRegex(rb"#![^\n]{0,100}\b(?:ba|z|k|da|a|fi|tc|c)?sh\b")


def is_shell_script(data: bytes) -> bool:
    """Whether a text is a shell script by its first line."""
    return data.startswith(b"#!") and _SHEBANG.match(data) is not None


def row_for(detector: FormatDetector, data: bytes) -> FormatDetector:
    """The row by which `detector` reads `data`: commands in a shell script are read as the script it is."""
    return _SHELL if detector.module == "commands" and is_shell_script(data) else detector


# Signs by which files are read that hold no settings for the most part. Those of one kind are looked for as
# one; what rows want of the rest is the first kind.
_KINDS: Final = ((CALL,), (KNOWN_USE,), (SCRIPT, PASSED_ON, PREFIXED_USE, OPTION, STATEMENT, ROLE))


def _kind(sign: str) -> int:
    """The number of the kind of signs that `sign` is of."""
    return next((number for number, kind in enumerate(_KINDS, 1) if sign in kind), 0)


_ALL: Final = tuple(dict.fromkeys(sign for detector in DETECTORS for sign in detector.signs))
HINTS: Final = tuple(
    any_of([sign for sign in _ALL if _kind(sign) == number]) for number in range(len(_KINDS) + 1)
)
"""Where none matches, no detector finds anything, apart from those that go `by_name` alone."""
