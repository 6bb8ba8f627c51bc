"""Shell scripts that run within each other: a name that one assigns, another need not get from outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from secopskit.collect.facts import SettingKind, UseKind, VariableSetting, VariableUse


def from_outside(uses: Iterable[VariableUse], settings: Iterable[VariableSetting]) -> Iterator[VariableUse]:
    """`uses` without those by scripts of names that another script of the project assigns.

    Which of them runs within which is not known; a lookup that has a default, or fails without the
    variable, shows that it may come from outside.
    """
    assigned = {each.name for each in settings if each.kind is SettingKind.SHELL}
    for use in uses:
        is_bare = use.default is None and not use.required
        if not (use.kind is UseKind.SHELL and is_bare and use.name in assigned):
            yield use
