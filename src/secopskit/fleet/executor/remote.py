"""What a worker of the cluster does with a unit: hands it to a cell of its own machine.

The worker takes all that is secret from its own environment: the fleet's key from the file that
`SECOPS_FLEET_KEY_FILE` names, tokens from the variables that every command takes them from.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from secopskit import __version__
from secopskit.errors import ConfigError, SecopsError
from secopskit.fleet.executor.cells import Cell
from secopskit.fleet.key import KEY_VARIABLE, key_mark, read_fleet_key
from secopskit.fleet.model import Outcome, OutcomeKind, pack_outcome, unpack_unit
from secopskit.fleet.worker.examine import Workplace
from secopskit.fleet.worker.shelf import CloneShelf
from secopskit.settings.environment import read_environment, variable
from secopskit.state.private import private_directory

_idle: Final[list[Cell]] = []
_lent: Final[list[bytes]] = []
_lock: Final = threading.Lock()


def lend_key(key: bytes) -> None:
    """Let workers in this very process have the fleet's key: for a cluster made for the run."""
    _lent[:] = [key]


def dismiss() -> None:
    """End the cells of this process."""
    with _lock:
        cells, _idle[:] = list(_idle), []
    for cell in cells:
        cell.close()


def introduction(version: str) -> str:
    """The mark of the worker's key; or, behind `! `, why it cannot work."""
    try:
        _require(version)
        return key_mark(_workplace(0).key)
    except SecopsError as error:
        return f"! {error}. {error.advice}"


def do_unit(line: str, version: str, shelf_bound: int) -> str:
    """The outcome of a unit, both as lines. Raises nothing that a unit can cause."""
    unit = unpack_unit(line)
    try:
        _require(version)
        cell = _taken(_workplace(shelf_bound))
        try:
            return pack_outcome(cell.do(unit))
        finally:
            with _lock:
                _idle.append(cell)
    except SecopsError as error:
        return pack_outcome(Outcome(unit.number, OutcomeKind.FAILED, str(error), error.advice))


def workplace_of(key: bytes, shelf_bound: int, clones: str = "") -> Workplace:
    """What cells of this machine work with; clones are in `clones`, or in the user's cache directory.

    Its directories are made. Raises ConfigError where they cannot be.
    """
    cache = read_environment().cache_directory
    if cache is None:
        raise ConfigError("there is no directory for clones", advice="Name one: SECOPS_CACHE_DIR.")
    own = os.path.join(cache, "fleet")
    place = Workplace(
        key, CloneShelf(clones or os.path.join(own, "clones"), shelf_bound), os.path.join(own, "bin")
    )
    _make(place.directory, "SECOPS_CACHE_DIR")
    _make(place.shelf.directory, "--clones" if clones else "SECOPS_CACHE_DIR")
    return place


def _make(directory: str, named_by: str) -> None:
    """Make a directory that every unit needs: one error before the first, and not one for each."""
    try:
        private_directory(directory)
    except OSError as error:
        raise ConfigError(
            f"{directory}: cannot be made, or used: {error.strerror}",
            advice=f"Name a directory of your own: {named_by}.",
        ) from None


def _workplace(shelf_bound: int) -> Workplace:
    if _lent:
        return workplace_of(_lent[0], shelf_bound)
    path = variable(KEY_VARIABLE)
    if not path:
        raise ConfigError(
            f"{KEY_VARIABLE} is not set where the worker runs", advice="It names a copy of the fleet's key."
        )
    return workplace_of(read_fleet_key(path), shelf_bound)


def _taken(workplace: Workplace) -> Cell:
    with _lock:
        return _idle.pop() if _idle else Cell(workplace)


def _require(version: str) -> None:
    if version != __version__:
        raise ConfigError(
            f"the worker has secops {__version__}, and not {version}", advice="Install the same everywhere."
        )
