"""psycopg, imported without what its asynchronous half alone needs: in two thirds of the time.

Whoever imports it first imports it from here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from secopskit.postgres.late import import_late

_METADATA: Final = "importlib.metadata"
# Where the names are that psycopg takes from asyncio: none is in its event loops, which are most of it.
_ASYNCIO: Final = {
    "CancelledError": "exceptions",
    "Future": "futures",
    "Lock": "locks",
    "Queue": "queues",
    "Task": "tasks",
    "get_running_loop": "events",
    "sleep": "tasks",
}


class _Versions(ModuleType):
    """Stands in for `importlib.metadata`: knows versions by the names of directories."""

    def version(self, package: str) -> str:
        """The version of an installed package. Its METADATA says the same, and takes long to be parsed."""
        return _version_beside("psycopg", package.replace("-", "_")) or str(_metadata().version(package))

    def __getattr__(self, name: str) -> Any:
        return getattr(_metadata(), name)


def _metadata() -> Any:
    if isinstance(sys.modules.get(_METADATA), _Versions):
        del sys.modules[_METADATA]
    from importlib import metadata

    return metadata


def _version_beside(module: str, package: str) -> str:
    """The version of `package`, if it is installed once where `module` is; else empty."""
    spec = find_spec(module)
    if spec is None or not spec.origin:
        return ""
    try:
        names = os.listdir(os.path.dirname(os.path.dirname(spec.origin)))
    except OSError:
        return ""
    end = ".dist-info"
    found = [name for name in names if name.startswith(f"{package}-") and name.endswith(end)]
    return found[0][len(package) + 1 : -len(end)] if len(found) == 1 else ""


@contextmanager
def _lightly() -> Iterator[None]:
    """Within the block, what psycopg imports for little or nothing is not run."""
    import_late("asyncio", _ASYNCIO)
    import_late("ctypes")  # finds libpq where psycopg comes without
    import_late("ctypes.util")
    if find_spec("_ssl"):
        import_late("ssl")  # once made OpenSSL fit for threads, which it is by itself since 1.1
    if _METADATA in sys.modules:
        yield
        return
    sys.modules[_METADATA] = _Versions(_METADATA)
    try:
        yield
    finally:
        if isinstance(sys.modules.get(_METADATA), _Versions):
            del sys.modules[_METADATA]


with _lightly():
    import psycopg
    from psycopg import conninfo, pq, waiting
    from psycopg.rows import TupleRow

__all__ = ["TupleRow", "conninfo", "pq", "psycopg", "waiting"]
