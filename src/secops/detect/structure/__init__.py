"""Detectors that parse a file as what it is. Each format is imported when a file of its kind is met.

`DETECTORS` is a table of names, path patterns and modules. A module has `detect(blob)`; it yields
the settings it parses to `judge`, which makes the matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final

from secops.detect.structure.hint import HINT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secops.findings import Blob, Match, Span

__all__ = ["DETECTORS", "HINT", "MAX_SIZE", "FormatDetector"]

MAX_SIZE: Final = 2 * 1024 * 1024
"""Bytes of a file beyond which it is not parsed; lines of it are still matched by patterns."""


@dataclass(frozen=True)
class FormatDetector:
    """A `Detector` for the files whose path matches `paths`, implemented by a module loaded on demand."""

    name: str
    module: str
    paths: str
    unless: str = ""

    @cached_property
    def _wanted(self) -> re.Pattern[str]:
        return re.compile(self.paths, re.IGNORECASE)

    @cached_property
    def _unwanted(self) -> re.Pattern[str]:
        return re.compile(self.unless or r"(?!)", re.IGNORECASE)

    def wants(self, path: str) -> bool:
        """Whether the path is that of such a file."""
        return bool(path) and self._wanted.search(path) is not None and not self._unwanted.search(path)

    def detect(self, blob: Blob) -> Iterator[Match]:
        """The matches in `blob`."""
        if len(blob.data) > MAX_SIZE:
            return
        seen: set[Span] = set()  # one value may be read in two ways
        for match in import_module(f"{__name__}.{self.module}").detect(blob):
            if match.span not in seen:
                seen.add(match.span)
                yield match


_START: Final = r"(?:^|/)"
_LOCKS: Final = (
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|composer\.lock|yarn\.lock|pnpm-lock\.ya?ml|poetry\.lock|uv\.lock"
    r"|cargo\.lock|pipfile\.lock|.{1,40}\.lock\.json|.{1,80}\.min\.json|.{1,80}\.map)$|(?:^|/)(?:node_modules|vendor)/"
)

_DOTENV: Final = r"(?:[^/]{0,60}\.env|\.?env\.[^/]{1,60}|\.env[-_][^/]{1,60}|\.envrc)$"
_NOT_DOTENV: Final = (
    r"\.(?:py|js|ts|tsx|jsx|mjs|cjs|go|rb|rs|java|cs|php|md|rst|sh|json|ya?ml|tf|html?|txt|h|c)$"
)
_INI: Final = (
    r"\.(?:ini|cfg|conf|cnf|config|properties|prefs|rc)(?:\.[a-z0-9]{1,12})?$"
    r"|(?:^|/)(?:\.pypirc|\.boto|\.?credentials|\.s3cfg|\.npmrc|\.esmtprc|\.msmtprc|\.muttrc|config)$"
)
_XML: Final = r"\.(?:xml|config|csproj|props|targets|plist|pubxml|nuspec|resx)(?:\.[a-z0-9]{1,12})?$"
_JSON: Final = (
    r"\.(?:json|jsonc|json5|ipynb)(?:\.[a-z0-9]{1,12})?$|(?:^|/)\.(?:ftpconfig|dockercfg|dockerconfigjson)$"
)
_SHELL: Final = (
    r"\.(?:sh|bash|zsh|ksh|fish|csh|bat|cmd|ps1|psm1|psd1)(?:\.[a-z0-9]{1,12})?$"
    r"|(?:^|/)\.?(?:bash_?rc|bash_profile|bash_login|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc"
    r"|tcshrc|envrc|exports|makefile|justfile|jenkinsfile)$"
)
_LOGINS: Final = (
    r"(?:^|/)(?:[._]?netrc|\.?pgpass(?:\.conf)?|\.?git-credentials|[^/]{0,40}htpasswds?|[^/]{0,40}passwd|g?shadow-?|master\.key"
    r"|credentials/[a-z]{1,20}\.key)$"
)
_SOURCE: Final = (
    r"(?:^|/)(?:wp-config[^/]{0,40}\.php|(?:local_?|prod_?|dev_?|base_?)?(?:settings?|config|configuration|conf|secrets?"
    r"|credentials|database|parameters|production|development|local)(?:[._-](?:inc|local|prod|dev|base|production))?"
    r"\.(?:py|php|inc|rb|js|cjs|mjs|ts))$|(?:^|/)settings/[^/]{1,40}\.py$"
)

DETECTORS: Final = (
    FormatDetector("dotenv", "dotenv", _START + _DOTENV, _NOT_DOTENV),
    FormatDetector("yaml", "yaml_file", r"\.ya?ml(?:\.[a-z0-9]{1,12})?$|(?:^|/)(?:hub|\.tugboat)$", _LOCKS),
    FormatDetector("ini", "ini", _INI, r"(?:web|app|nuget|packages)[\w.]{0,20}\.config$"),
    FormatDetector(
        "dockerfile", "dockerfile", _START + r"[^/]{0,60}(?:docker|container)file(?:\.[^/]{1,60})?$"
    ),
    FormatDetector("json", "json_file", _JSON, _LOCKS),
    FormatDetector("toml", "toml", r"\.toml(?:\.[a-z0-9]{1,12})?$|(?:^|/)Pipfile$"),
    FormatDetector("xml", "xml_file", _XML),
    FormatDetector("terraform", "terraform", r"\.(?:tf|tfvars|hcl|nomad)(?:\.[a-z0-9]{1,12})?$"),
    FormatDetector("shell", "shell", _SHELL),
    FormatDetector("sql", "sql", r"\.(?:sql|psql|pgsql|mysql|ddl)(?:\.[a-z0-9]{1,12})?$"),
    FormatDetector("logins", "logins", _LOGINS),
    FormatDetector("source", "source", _SOURCE),
)
"""All of them, in no particular order."""
