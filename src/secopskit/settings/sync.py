"""The section `sync`: which secrets and variables each environment needs, from where, and to where.

```yaml
sync:
  repositories: [acme/shop]
  environments:
    production:
      source: {dotenv: .env.production}
      sinks: [environment]
      secrets: [PROD_DATABASE_URL, SUPABASE_SERVICE_ROLE_KEY]
      variables:
        NEXT_PUBLIC_SUPABASE_URL: {key: SUPABASE_URL, sinks: [repository]}
```

What stands below `environments` is read in `secopskit.settings.declaration`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from secopskit.named_tuple import NamedTuple
from secopskit.settings.declaration import REPOSITORIES, DeclaredEnvironment, one_of, parse_environments
from secopskit.settings.file import read_sections
from secopskit.settings.options import (
    Option,
    Text,
    ValueKind,
    defaults,
    one_text,
    parse_section,
    parse_variables,
)
from secopskit.settings.shapes import TEXT, matching, words
from secopskit.state.smallfiles import StrPath

_URL: Final = re.compile(r"https?://[A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?", re.ASCII)
_LINE_ENDS: Final = ("keep", "lf")
_LONGEST: Final = 4096


def _url(value: Text) -> str:
    text = one_text(value)
    if text and not _URL.fullmatch(text):
        raise ValueError
    return text.rstrip("/")


def _path(value: Text) -> str:
    text = one_text(value)
    if "\0" in text or len(text) > _LONGEST:
        raise ValueError
    return text


_API_URL: Final = ValueKind(
    "URL of an API, such as https://github.example.com/api/v3", _url, matching(_URL.pattern, empty=True)
)
_RECORD: Final = ValueKind("file name, or nothing", _path, TEXT)
_ENDS: Final = ValueKind("keep or lf", one_of(_LINE_ENDS), words(_LINE_ENDS))


def _option(name: str, kind: ValueKind, default: str, text: str) -> Option:
    return Option(name, kind, default, text, "sync")


OPTIONS: Final = (
    _option(
        "api_url",
        _API_URL,
        "",
        "The base of GitHub's API. Else `GITHUB_API_URL`, else the host of the repository's remote.",
    ),
    _option(
        "repositories",
        REPOSITORIES,
        "",
        "The repositories whose sinks are filled. Without any, that of the repository's remote.",
    ),
    _option(
        "record",
        _RECORD,
        "",
        "A file, fit to be committed, that keeps what was written when (slow digests, no value). Without it "
        "the record stays in the git directory, where CI does not see it.",
    ),
    _option(
        "line_ends",
        _ENDS,
        "keep",
        "What becomes of CRLF in values: `keep` leaves every byte, `lf` writes line feeds.",
    ),
)


class SyncConfig(NamedTuple):
    """What is declared. `file` is the configuration file, None where there is none."""

    api_url: str
    repositories: tuple[str, ...]
    record: str
    line_ends: str
    environments: tuple[DeclaredEnvironment, ...] = ()
    file: str | None = None


def load_sync(
    root: StrPath, *, file: StrPath | None = None, environ: Mapping[str, str] = os.environ
) -> SyncConfig:
    """What `.secops.yaml` (or `file`) and the variables say. Raises ConfigError."""
    name, sections = read_sections(os.fspath(root), file)
    values: dict[str, Any] = defaults(OPTIONS)
    section = dict(sections.get("sync", {}))
    environments = section.pop("environments", None)
    if name:
        values |= parse_section(section, OPTIONS, source=f"{name}: `sync.")
    values |= parse_variables(OPTIONS, environ)
    declared = parse_environments(name or "", environments, values["repositories"])
    return SyncConfig(**values, environments=declared, file=name)
