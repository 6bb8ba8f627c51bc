"""Rotation providers: one module for each kind of credential, and a line in `PROVIDERS`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from secopskit.errors import ConfigError
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from secopskit.provider.interface import Credential, Provider, Surroundings
    from secopskit.settings.options import Option, Text


class ProviderEntry(NamedTuple):
    """Where a provider stands (a module with `SETTINGS` and `provider`), and what the overview says.

    `phase` is a value of `interface.RotationPhase`, or two of them where a setting decides. `reaching` are
    the settings that say where values and tokens are sent, or whose they are: the user is asked about them.
    """

    module: str
    phase: str
    summary: str
    reaching: tuple[str, ...] = ()


PROVIDERS: Final[dict[str, ProviderEntry]] = {
    "supabase": ProviderEntry(
        "secopskit.provider.supabase",
        "dual, single",
        "secret keys and the database password of a project",
        ("api_url", "project_url", "direct_url", "pooler_url", "token_env"),
    ),
    "digitalocean": ProviderEntry(
        "secopskit.provider.digitalocean",
        "dual, single, manual",
        "Spaces keys, users of managed databases, personal tokens",
        ("api_url", "spaces_url", "token_env"),
    ),
    "random": ProviderEntry(
        "secopskit.provider.random", "single", "a value of our own making: token, password, hex, UUID"
    ),
    "manual": ProviderEntry(
        "secopskit.provider.manual",
        "manual",
        "everything else: the steps for a person, and checks of both values",
        ("check_url",),
    ),
    "github": ProviderEntry(
        "secopskit.provider.github", "dual", "deploy keys of a repository", ("repository",)
    ),
    "aws": ProviderEntry(
        "secopskit.provider.aws", "dual", "access keys of an IAM user", ("api_url", "profile", "user")
    ),
    "odoo": ProviderEntry(
        "secopskit.provider.odoo.entry",
        "single",
        "password of an Odoo user over its remote interface; master password in odoo.conf",
        ("url", "config"),
    ),
    "postgres": ProviderEntry(
        "secopskit.provider.postgres.entry",
        "dual, single",
        "password of a PostgreSQL role, alone or in a connection string",
        ("url", "pooler_url"),
    ),
}


def settings_of(provider: str) -> tuple[Option, ...]:
    """The table of a provider's settings. Raises ConfigError for an unknown provider."""
    options: tuple[Option, ...] = _module(provider).SETTINGS
    return options


def parse_settings(provider: str, given: Mapping[str, Text], *, source: str) -> dict[str, Any]:
    """The settings of a declaration, checked. `source` begins their names in messages. Raises ConfigError."""
    from secopskit.settings.options import defaults, parse_section

    options = settings_of(provider)
    return defaults(options) | parse_section(dict[object, object](given.items()), options, source=source)


def build_provider(credential: Credential, surroundings: Surroundings) -> Provider:
    """The rotation of `credential` by its provider. Raises ConfigError."""
    built: Provider = _module(credential.provider).provider(credential, surroundings)
    return built


def _module(provider: str) -> Any:
    entry = PROVIDERS.get(provider)
    if entry is None:
        raise ConfigError(
            f"there is no rotation provider called `{provider}`",
            advice="`secops rotate providers` lists those that there are.",
        )
    return import_module(entry.module)
