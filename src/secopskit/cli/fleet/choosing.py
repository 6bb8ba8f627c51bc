"""What a fleet consists of, as the command line says it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from secopskit.cli.extras import require_extra
from secopskit.cli.help import options_of
from secopskit.errors import ConfigError, UsageError
from secopskit.fleet.model import MEBIBYTE
from secopskit.fleet.select.directories import matching
from secopskit.fleet.select.filters import Filters
from secopskit.fleet.select.listed import listed
from secopskit.fleet.select.selection import FleetSelection, Listing, undated
from secopskit.settings.environment import exact_variable, inherited, program_directories

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice
    from secopskit.fleet.model import FleetRepository
    from secopskit.github.access import GitHubSurroundings

_Command = TypeVar("_Command", bound=Callable[..., Any])
_which = options_of("Which repositories")
_of_these = options_of("Which of these")
_VISIBILITIES: Final = ("public", "private", "internal")


def selection_options(command: _Command) -> _Command:
    """Give a command the options that say which repositories are meant."""
    for decorate in reversed(
        (
            _which("--org", "organizations", multiple=True, metavar="NAME", help="All of an organisation."),
            _which("--user", "users", multiple=True, metavar="NAME", help="All that a user owns."),
            _which(
                "--repos",
                "lists",
                multiple=True,
                type=click.Path(dir_okay=False, allow_dash=True),
                metavar="FILE",
                help="Those that a file lists: owner/name, an address, or a directory; one a line.",
            ),
            _which(
                "--path",
                "patterns",
                multiple=True,
                metavar="GLOB",
                help="Those in directories of this machine; quote the pattern.",
            ),
            _which(
                "--api-url",
                "api",
                default="",
                metavar="URL",
                help="The API of your own GitHub [default: GITHUB_API_URL, GH_HOST or github.com].",
            ),
            _of_these("--no-archived", is_flag=True, help="Leave out archived ones."),
            _of_these("--no-forks", is_flag=True, help="Leave out forks."),
            _of_these(
                "--visibility",
                multiple=True,
                type=click.Choice(_VISIBILITIES),
                help="Those that are so; repeatable.",
            ),
            _of_these(
                "--max-size", type=click.IntRange(1), metavar="MIB", help="Leave out larger ones, as listed."
            ),
            _of_these(
                "--pushed-since",
                type=click.DateTime(("%Y-%m-%d",)),
                metavar="DATE",
                help="Those pushed to since a day.",
            ),
            _of_these("--include", multiple=True, metavar="GLOB", help="Those of such a name; repeatable."),
            _of_these("--exclude", multiple=True, metavar="GLOB", help="None of such a name; repeatable."),
        )
    ):
        command = decorate(command)
    return command


def selection(options: dict[str, Any], api: str, voice: Voice) -> FleetSelection:
    """What is meant, at the host of `api` (see `api_address`). Talks to nobody yet.

    Raises UsageError where nothing is said.
    """
    listings: list[Listing] = []
    words: list[str] = []
    for pattern in options["patterns"]:
        listings.append(partial(_directories, os.path.expanduser(pattern)))
        words.append(f"directories {os.path.abspath(os.path.expanduser(pattern))}")
    for name in options["lists"]:
        listings.append(partial(_list, name, api))
        words.append(f"list {'-' if name == '-' else os.path.abspath(name)}")
    if options["organizations"] or options["users"]:
        require_extra("sync")
        listings += _hosted(options, api, voice)
        words += [f"organisation {name}" for name in options["organizations"]]
        words += [f"user {name}" for name in options["users"]]
        words += [f"at {api}"] if api else []
    if not listings:
        raise UsageError(
            "which repositories?",
            advice="Say it with --org, --user, --repos or --path; see `secops fleet scan -h`.",
        )
    if options["no_baseline"]:
        words.append("whatever their baselines say")
    return FleetSelection(words=tuple(words), listings=tuple(listings), filters=_filters(options))


def _filters(options: dict[str, Any]) -> Filters:
    since = options["pushed_since"]
    return Filters(
        archived=not options["no_archived"],
        forks=not options["no_forks"],
        visibility=options["visibility"],
        largest=(options["max_size"] or 0) * MEBIBYTE,
        pushed_since=since.date().isoformat() if since else "",
        include=options["include"],
        exclude=options["exclude"],
    )


def _directories(pattern: str) -> Iterator[tuple[FleetRepository, str]]:
    return undated(matching(pattern))


def _list(name: str, api: str) -> Iterator[tuple[FleetRepository, str]]:
    from secopskit.github.access import find_address

    host = find_address(_surroundings(), chosen=api).host
    try:
        opened = nullcontext(sys.stdin.buffer) if name == "-" else open(name, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise ConfigError(f"{name}: cannot be read: {error.strerror}", advice="Check the path.") from None
    with opened as file:
        yield from undated(listed(file, name, host, api))


def api_address(given: str) -> str:
    """The address of the API that is meant, for workers, who may have other variables; empty for github.com.

    Raises ConfigError where it is none.
    """
    from secopskit.github.access import PUBLIC_API, find_address

    found = find_address(_surroundings(), chosen=given).base_url
    return "" if found == PUBLIC_API else found


def _hosted(options: dict[str, Any], api: str, voice: Voice) -> Iterator[Listing]:
    from secopskit.fleet.select.hosted import of_organization, of_user
    from secopskit.github.access import connect

    client = connect(_surroundings(voice), chosen=options["api"])
    for name in options["organizations"]:
        yield partial(of_organization, client, api, name)
    for name in options["users"]:
        yield partial(of_user, client, api, name)


def _surroundings(voice: Voice | None = None) -> GitHubSurroundings:
    from secopskit.conduct.tell import SILENCE
    from secopskit.github.access import GitHubSurroundings

    return GitHubSurroundings(
        variable=exact_variable,
        tell=voice or SILENCE,
        directories=program_directories(),
        environ=inherited(),
    )
