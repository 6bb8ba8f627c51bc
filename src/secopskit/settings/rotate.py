"""The section `rotate`: which provider rotates which credential, and what it needs to know.

```yaml
rotate:
  drain_timeout: 30min
  environments:
    production:
      PROD_DATABASE_URL: {provider: postgres, roles: [shop_a, shop_b], admin_url_env: ADMIN_DATABASE_URL}
      INTERNAL_ADMIN_TOKEN: {provider: random}
```

The settings of a provider are checked by its own table; here they are texts and lists of texts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple
from secopskit.settings.declaration import check_secret_name
from secopskit.settings.duration import DURATION_SHAPE, parse_duration
from secopskit.settings.file import read_sections
from secopskit.settings.options import (
    SEE,
    Option,
    Text,
    ValueKind,
    as_text,
    defaults,
    one_text,
    parse_section,
    parse_variables,
)
from secopskit.state.smallfiles import StrPath

_ENVIRONMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
_PROVIDER: Final = re.compile(r"[a-z][a-z0-9-]{0,40}", re.ASCII)
_DURATION: Final = ValueKind(
    "duration (30s, 5min, 1h; 0: do not wait)", lambda value: parse_duration(one_text(value)), DURATION_SHAPE
)

OPTIONS: Final = (
    Option(
        "drain_timeout",
        _DURATION,
        "30min",
        "How long to wait for workflow runs and sessions that may still use the old value, before asking.",
        "rotate",
    ),
)


class DeclaredCredential(NamedTuple):
    """A credential whose provider is declared. `settings` are as written, for the provider's own table."""

    environment: str
    name: str
    provider: str
    settings: Mapping[str, Text]
    place: str


class RotateConfig(NamedTuple):
    """What is declared. `drain_timeout` is in ms; `file` is the configuration file, if there is one."""

    drain_timeout: int
    credentials: tuple[DeclaredCredential, ...] = ()
    file: str | None = None


def load_rotate(
    root: StrPath, *, file: StrPath | None = None, environ: Mapping[str, str] = os.environ
) -> RotateConfig:
    """What `.secops.yaml` (or `file`) and the variables say. Raises ConfigError."""
    name, sections = read_sections(os.fspath(root), file)
    values: dict[str, Any] = defaults(OPTIONS)
    section = dict(sections.get("rotate", {}))
    environments = section.pop("environments", None) or {}
    if name:
        values |= parse_section(section, OPTIONS, source=f"{name}: `rotate.")
    values |= parse_variables(OPTIONS, environ)
    return RotateConfig(**values, credentials=tuple(_credentials(name or "", environments)), file=name)


def _credentials(file: str, environments: object) -> list[DeclaredCredential]:
    where = f"{file}: `rotate.environments"
    found = list[DeclaredCredential]()
    if not isinstance(environments, dict):
        raise ConfigError(f"{where}` must be a mapping of environments", advice=SEE)
    for environment, names in environments.items():
        if not isinstance(environment, str) or not _ENVIRONMENT.fullmatch(environment):
            raise ConfigError(f"{where}` must map names of environments to credentials", advice=SEE)
        if names and not isinstance(names, dict):
            raise ConfigError(f"{where}.{environment}` must map names to providers", advice=SEE)
        found += [_credential(f"{where}.{environment}", environment, *item) for item in (names or {}).items()]
    return found


def _credential(where: str, environment: str, name: object, body: object) -> DeclaredCredential:
    try:
        place = f"{where}.{check_secret_name(_word(name))}"
    except (ValueError, TypeError):
        raise ConfigError(f"{where}`: a name has letters, digits and `_`", advice=SEE) from None
    if not isinstance(body, dict) or "provider" not in body:
        raise ConfigError(f"{place}` must say its `provider`", advice="`secops rotate providers` lists them.")
    try:
        settings = {_word(key): as_text(value) for key, value in body.items()}
        provider = _provider(settings.pop("provider"))
    except (ValueError, TypeError):
        raise ConfigError(f"{place}` must hold texts and lists of texts", advice=SEE) from None
    return DeclaredCredential(environment, str(name), provider, settings, f"{place}.")


def _word(key: object) -> str:
    if not isinstance(key, str):
        raise ValueError  # noqa: TRY004 - "not of this kind", as every parser says it
    return key


def _provider(value: Text) -> str:
    name = one_text(value)
    if not _PROVIDER.fullmatch(name):
        raise ValueError
    return name
