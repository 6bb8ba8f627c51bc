"""Where a fleet is kept, and the store in it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from secopskit.cli.help import options_of
from secopskit.errors import ConfigError
from secopskit.fleet.store.reading import StoreReader
from secopskit.fleet.store.schema import DATABASE, damaged, opened
from secopskit.state.user_secret import state_directory

_Command = TypeVar("_Command", bound=Callable[..., Any])
_NAME = "fleet"


def fleet_option(command: _Command) -> _Command:
    """Give a command the option that says where the fleet is kept."""
    decorate = options_of("Place")(
        "--fleet",
        "directory",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Where the fleet is kept [default: fleet in your state directory].",
    )
    return decorate(command)


def fleet_directory(given: Path | None) -> str:
    """The directory of the fleet. Raises ConfigError where the user has none."""
    if given is not None:
        return os.path.abspath(given)
    directory = state_directory()
    if directory is None:
        raise ConfigError("you have no directory to keep a fleet in", advice="Name one: --fleet DIR.")
    return os.path.join(directory, _NAME)


@contextmanager
def store(directory: str, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """The store in `directory`. Raises ConfigError where there is none, SecopsError where it is damaged."""
    connection = opened(directory, create=create)
    try:
        yield connection
    except sqlite3.Error as error:
        raise damaged(os.path.join(directory, DATABASE), error) from None
    finally:
        connection.close()


@contextmanager
def reader(given: Path | None) -> Iterator[StoreReader]:
    """What reads the store."""
    with store(fleet_directory(given)) as connection:
        yield StoreReader(connection)
