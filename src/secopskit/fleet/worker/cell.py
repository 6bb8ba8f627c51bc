"""A cell: a process that scans one unit after the other, as the lines on its standard input say.

The first line is what it works with; each further one is a unit, answered by the line of an outcome. It ends
with its input. Who starts it is in `secopskit.fleet.executor.cells`.
"""

from __future__ import annotations

import json
import os
import select
from contextlib import closing, suppress
from functools import partial
from typing import BinaryIO, Final

from secopskit.errors import SecopsError
from secopskit.fleet.model import Outcome, RepositoryKind, WorkUnit, pack_outcome, unpack_unit
from secopskit.fleet.worker.address import parts_of
from secopskit.fleet.worker.credentials import Credentials
from secopskit.fleet.worker.examine import Workplace, examine, program_label
from secopskit.fleet.worker.isolation import CAN_FORK, Bounds, guarded, isolated
from secopskit.fleet.worker.scratch import ScratchPlace
from secopskit.fleet.worker.shelf import CloneShelf, size_of
from secopskit.scan.content.detectors import keep_open
from secopskit.scan.session import ScanSession
from secopskit.state.private import private_directory

_IN: Final = 0
_SCRATCH: Final = "scratch"


def main() -> None:
    """Work until standard input ends."""
    answers = _own_output()
    lines = open(_IN, "rb", buffering=0, closefd=False)  # noqa: SIM115 - for as long as we live
    workplace = _warm(_workplace(lines.readline()))
    credentials = Credentials()
    beside = os.path.join(os.path.dirname(workplace.directory), _SCRATCH)
    with closing(ScratchPlace.take(beside)) as scratch:
        while line := lines.readline():
            unit = unpack_unit(line)
            answers.write((pack_outcome(_outcome(unit, workplace, credentials)) + "\n").encode())
            answers.flush()
            scratch.clear()


def first_line(workplace: Workplace) -> bytes:
    """The line that a cell begins with."""
    key, shelf, directory, _ = workplace
    return json.dumps([key.hex(), [*shelf], directory]).encode() + b"\n"


def _workplace(line: bytes) -> Workplace:
    key, shelf, directory = json.loads(line)
    return Workplace(bytes.fromhex(key), CloneShelf(*shelf), directory)


def _own_output() -> BinaryIO:
    """Where answers go; whatever else is printed in this process goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return answers


def _outcome(unit: WorkUnit, workplace: Workplace, credentials: Credentials) -> Outcome:
    try:
        token = credentials.token(unit)
    except SecopsError as error:
        return guarded(unit.number, partial(_raise, error))
    work = partial(examine, unit, workplace, token)
    if not CAN_FORK:
        return guarded(unit.number, work)
    return isolated(unit.number, work, Bounds(unit.limits, partial(_taken, unit, workplace), _is_alone))


def _raise(error: SecopsError) -> Outcome:
    raise error


def _taken(unit: WorkUnit, workplace: Workplace) -> int:
    """The bytes that the clone of a unit takes; a directory of the user's is not our matter."""
    if unit.repository.kind is RepositoryKind.DIRECTORY:
        return 0
    path = os.path.join(workplace.shelf.directory, *parts_of(unit.repository.address))
    return size_of(os.path.join(path, "objects"))  # not of refs, of which there may be a hundred thousand


def _is_alone() -> bool:
    """Whether whoever gave us work has gone: our input has ended, for nothing else comes while we work."""
    ready, _, _ = select.select([_IN], [], [], 0)
    return bool(ready)


def _warm(workplace: Workplace) -> Workplace:
    """Load what every unit needs, once: the copies that do the work have it from us."""
    private_directory(workplace.directory)
    with suppress(SecopsError):  # each unit says it for itself
        session = ScanSession(workplace.directory)
        keep_open(session.detector_options)
        return workplace._replace(label=program_label(session))
    return workplace


if __name__ == "__main__":
    main()
