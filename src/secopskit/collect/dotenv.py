"""Dotenv files and the templates of them: every variable, those that are commented out among them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from secopskit.collect.facts import FactPlace, SettingKind, VariableSetting
from secopskit.collect.interface import Collector
from secopskit.collect.value import ConfigValue
from secopskit.detect.role import is_template
from secopskit.formats import dotenv
from secopskit.formats.setting import numbered
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.collect.facts import Fact
    from secopskit.findings import Blob

# `.env`, `.env.local`, `prod.env`, `env.example`, `.env-sample`, `.envrc`, `.flaskenv`.
_LEADING: Final = LazyRegex(
    r"(?i)^(?:\.?env(?:[._-].{0,100})?|\.?env(?:rc|file|s|ironment)|\.?flaskenv|\.?dotenv(?:[._-].{0,60})?"
    r"|.{0,100}[._-]env(?:[._-](?:[\w-]{1,30}[._-])?(?:examples?|samples?|templates?|tmpl|tpl|dist|"
    r"defaults?|local|"
    r"j2|jinja2?|erb|in|bak|orig|old|dev|development|prod|production|staging|test))?)$"
)
# Programs and documents about environments.
_OTHER: Final = LazyRegex(
    r"(?i)\.(?:[cm]?[jt]sx?|d\.ts|py|rb|php|go|rs|java|kts?|cs|exs?|sh|bash|zsh|fish|ps1|bat|cmd|"
    r"json5?|jsonc|ya?ml|toml|md|mdx|rst|"
    r"txt|html?|css|scss|sql|patch|diff|lock|vault|keys|enc|gpg|age|asc|png|svg|vue|svelte|lua|pl|"
    r"tf|hcl|xml|snap|conf|cfg|ini|golden|map|service)$"
)
_DIRECTORY: Final = LazyRegex(r"(?:^|/)\.?envs/(?:[\w.-]{1,60}/){0,3}\.?[\w-]{1,60}(?:\.env)?$")
_COMMENTED: Final = LazyRegex(
    rb"(?m)^[ \t]{0,8}#[# \t]{0,6}(?:export[ \t]{1,8})?([A-Z][A-Z0-9_]{1,120})=[ \t]{0,8}([^\r\n]{0,2000})"
)
_REMARK: Final = LazyRegex(rb"(?:^|[ \t])#.{0,2000}$")
_MOST: Final = 20_000


def wants(path: str) -> bool:
    """Whether it is a dotenv file or a template of one, by its name."""
    if "env" not in path and "ENV" not in path:
        return False
    name = path.rpartition("/")[2]
    if "env" not in name.lower() and "envs/" not in path:
        return False
    if _OTHER.search(name):
        return False
    return bool(_LEADING.match(name)) or ("envs/" in path and bool(_DIRECTORY.search(path)))


def is_local_environment(path: str) -> bool:
    """Whether it is a dotenv file with the values of one machine: wanted, and no template."""
    return wants(path) and not is_template(path)


def collect(blob: Blob) -> Iterator[Fact]:
    """The variables, then the lines that are commented out."""
    kind = SettingKind.TEMPLATE if is_template(blob.path) else SettingKind.DOTENV
    for line, setting in islice(numbered(blob.data, dotenv.settings(blob.data)), _MOST):
        place = FactPlace(blob.path, line)
        yield VariableSetting(name=setting.key, value=ConfigValue(setting.value), place=place, kind=kind)
    at, line = 0, 1
    for found in islice(_COMMENTED.finditer(blob.data), _MOST):
        line += blob.data.count(b"\n", at, found.start(1))
        at = found.start(1)
        value = _REMARK.sub(b"", found[2]).strip().strip(b"\"'")
        yield VariableSetting(
            name=found[1].decode(),
            value=ConfigValue(value),
            place=FactPlace(blob.path, line),
            kind=kind,
            commented=True,
        )


COLLECTOR: Final = Collector("dotenv", wants, collect)
