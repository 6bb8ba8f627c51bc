"""The environment that the kernel gave this process, which `os.environ` is a copy of.

A variable that is no longer set stands there as before, and `/proc/PID/environ` shows it to every
process of the same user (and to a core dump). Linux says where it is (`proc_pid_stat(5)`, the fields
env_start and env_end); elsewhere nothing is done, and nothing else can be from Python.
"""

from __future__ import annotations

import re
import sys
from typing import Final

_STAT: Final = "/proc/self/stat"
_ENV_START: Final = 50  # fields are counted from 1, and the name of the program in parentheses is the second
_LARGEST: Final = 16 * 1024 * 1024


def wipe_variable(name: str) -> bool:
    """Overwrite the value of `name` with zeros; whether there was one. The caller has unset it before."""
    if not sys.platform.startswith("linux") or (where := _place()) is None:
        return False
    import ctypes

    start, size = where
    block = (ctypes.c_char * size).from_address(start)
    pattern = rb"(?:\A|\0)" + re.escape(name.encode()) + rb"=([^\0]+)"
    wiped = False
    for found in re.finditer(pattern, block):  # in place: no copy of it all is made
        ctypes.memset(start + found.start(1), 0, found.end(1) - found.start(1))
        wiped = True
    return wiped


def _place() -> tuple[int, int] | None:
    """Where the environment lies, and how many bytes it has; None where the kernel does not say."""
    try:
        with open(_STAT, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = int(fields[_ENV_START - 3]), int(fields[_ENV_START - 2])
    except (OSError, ValueError, IndexError):
        return None
    return (start, end - start) if start and 0 < end - start <= _LARGEST else None
