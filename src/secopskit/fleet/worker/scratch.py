"""Temporary files of a cell in a place of its own: what a killed one has left, the next one removes."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from typing import Final, Self

from secopskit.settings.environment import use_temporary_directory
from secopskit.state.descriptor_lock import take_lock
from secopskit.state.private import create, private_directory

_LOCK: Final = ".lock"
_FILES: Final = "files"
_YOUNG: Final = 60.0  # seconds; it may not have been locked yet


class ScratchPlace:
    """The directory for temporary files of this process, of its copies and of what they start."""

    def __init__(self, path: str, held: int) -> None:
        self._path = path
        self._held = held

    @classmethod
    def take(cls, directory: str) -> Self:
        """One below `directory`, where what dead ones left is removed. Raises OSError, SecopsError."""
        private_directory(directory)
        _sweep(directory)
        path = os.path.join(directory, os.urandom(8).hex())
        private_directory(path)
        held = create(os.path.join(path, _LOCK))
        take_lock(held)
        place = cls(path, held)
        place.clear()
        use_temporary_directory(place.files)
        tempfile.tempdir = None  # what was chosen before
        return place

    @property
    def files(self) -> str:
        """Where the files are."""
        return os.path.join(self._path, _FILES)

    def clear(self) -> None:
        """Remove what a unit has left that was ended."""
        shutil.rmtree(self.files, ignore_errors=True)
        private_directory(self.files)

    def close(self) -> None:
        """Remove the place."""
        os.close(self._held)
        shutil.rmtree(self._path, ignore_errors=True)


def _sweep(directory: str) -> None:
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        with suppress(OSError):
            held = os.open(os.path.join(path, _LOCK), os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
            try:
                if time.time() - os.stat(path).st_mtime > _YOUNG and take_lock(held):
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(held)
