"""Modules that run when something is asked of them: for imports of which a program needs a name or nothing.

Whoever imports such a module, then or later, has the real one: its code runs when an attribute is asked
for that it does not have yet, and fills in that very module.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any, Final

_one_at_a_time: Final = RLock()
_parts: Final[dict[str, Mapping[str, str]]] = {}
_running: Final[set[str]] = set()


class _LateModule(ModuleType):
    """A module whose code has not run yet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":  # the import system looks what there is
            raise AttributeError(name)
        if part := _parts[self.__name__].get(name):
            return getattr(import_module(f"{self.__name__}.{part}"), name)
        if hasattr(self, "__path__") and find_spec(f"{self.__name__}.{name}"):
            raise AttributeError(name)  # a module in it, which is then imported
        with _one_at_a_time:
            if self.__name__ in _running:  # by this thread: it asks for what it has not defined yet
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
            if isinstance(self, _LateModule):
                _run(self)
        return getattr(self, name)


def _run(module: _LateModule) -> None:
    name, spec = module.__name__, module.__spec__
    _running.add(name)
    try:
        if spec and spec.loader:
            spec.loader.exec_module(module)
        module.__class__ = ModuleType  # type: ignore[assignment]
    finally:
        _running.discard(name)


def import_late(name: str, parts: Mapping[str, str] | None = None) -> None:
    """Have the module `name` run later, unless it is imported already, or is not there.

    `parts` maps names that it exports to those of its modules that define them: to ask for such a name
    runs that one alone. A module's parent comes first.
    """
    spec = find_spec(name) if name not in sys.modules else None
    if spec is None:
        return
    module = module_from_spec(spec)
    module.__class__ = _LateModule
    _parts[name] = parts or {}
    sys.modules[name] = module
    parent, _, own_name = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own_name, module)
