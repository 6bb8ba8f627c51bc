"""`secops migrate serve`: the HTTP API of one database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import click

from secopskit.cli.help import Example, HelpCommand, options_of
from secopskit.cli.migrate.shared.inputs import CommandInputs
from secopskit.cli.migrate.shared.options import (
    directory_option,
    order_option,
    shadow_options,
    target_options,
)
from secopskit.cli.options import settings_of
from secopskit.errors import ConfigError, ExitCode, UsageError
from secopskit.settings.environment import take_variable

if TYPE_CHECKING:
    from secopskit.migrate.server.auth import Token, TokenRing
    from secopskit.migrate.server.settings import ServerSettings

_TOKENS: Final = (("current", "INTERNAL_ADMIN_TOKEN"), ("previous", "INTERNAL_ADMIN_TOKEN_PREVIOUS"))


_serve_option = options_of("Who is served")


@click.command(
    cls=HelpCommand,
    examples=(
        Example(
            "secops migrate serve --port 8080",
            "Over HTTP on this machine alone; tokens come from the environment.",
        ),
    ),
)
@_serve_option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@_serve_option(
    "--port", type=click.IntRange(0, 65535), default=8484, show_default=True, help="The port; 0: any."
)
@_serve_option(
    "--expose-unencrypted",
    is_flag=True,
    help="Listen where other machines can reach it, although token and answers then cross the network in "
    "the clear.",
)
@_serve_option(
    "--allow-production-apply",
    is_flag=True,
    help="Apply to a guarded database, too: with the plan's hash, a fresh dry run and the database's name.",
)
@_serve_option(
    "--trust-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy whose X-Forwarded-For tells clients apart.",
)
@shadow_options
@directory_option
@order_option
@target_options
@click.pass_context
def serve(context: click.Context, /, **options: Any) -> ExitCode:
    """Serve status, plan, dry-run, apply and history over HTTP. See docs/MIGRATE_HTTP_API.md.

    A caller needs a bearer token: the variable INTERNAL_ADMIN_TOKEN holds it, or
    INTERNAL_ADMIN_TOKEN_SHA256 its SHA-256. While one token replaces another, the old one may stand in
    INTERNAL_ADMIN_TOKEN_PREVIOUS (or …_PREVIOUS_SHA256). Needs: pip install 'secopskit[server]'.
    """
    from secopskit.migrate.server import app, log, serving

    tokens = _tokens()  # before anything is started that would inherit them
    settings = _settings(CommandInputs(options), options, tokens)
    quiet = settings_of(context).quiet
    serving.serve(app.ApiServer.of(settings, log.silent if quiet else log.to_stderr))
    return ExitCode.OK


def _settings(inputs: CommandInputs, options: dict[str, Any], tokens: TokenRing) -> ServerSettings:
    """What the options say. Raises SecopsError, also where the database is the wrong one."""
    import ipaddress

    from secopskit.migrate.server.settings import ServerSettings, check_host

    host = check_host(options["host"], exposed=options["expose_unencrypted"])
    try:
        proxies = frozenset(str(ipaddress.ip_address(proxy)) for proxy in options["proxies"])
    except ValueError:
        raise UsageError("--trust-proxy needs an IP address", advice="Such as 127.0.0.1.") from None
    served = inputs.context_in(
        os.path.abspath(inputs.directory), apply_guarded=inputs.options["allow_production_apply"]
    )
    with served.opened():
        pass  # a server for the wrong database does not even start
    return ServerSettings(
        context=served,
        commit=inputs.record.git_sha,
        tokens=tokens,
        host=host,
        port=options["port"],
        proxies=proxies,
    )


def _tokens() -> TokenRing:
    """The valid tokens, of which nothing but digests stays in this process."""
    from secopskit.migrate.server.auth import TokenRing

    found = [token for name, variable in _TOKENS if (token := _token(name, variable))]
    if not any(token.name == "current" for token in found):
        raise ConfigError(
            "no token: neither INTERNAL_ADMIN_TOKEN nor INTERNAL_ADMIN_TOKEN_SHA256 is set",
            advice="Make one with: openssl rand -hex 32",
        )
    return TokenRing(found)


def _token(name: str, variable: str) -> Token | None:
    from secopskit.migrate.server.auth import token_of, token_of_digest

    value, digest = take_variable(variable), take_variable(f"{variable}_SHA256")
    if value and digest:
        raise ConfigError(f"{variable} and {variable}_SHA256 are both set", advice="Set one of them.")
    if digest:
        return token_of_digest(name, digest, origin=f"{variable}_SHA256")
    return token_of(name, value, origin=variable) if value else None
