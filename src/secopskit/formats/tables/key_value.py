"""Tables of settings: a column that names a setting, beside one that holds its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_FRAMEWORKS: Final = ("option_name", "setting_name", "config_key")
NAMES: Final = frozenset(["name", "key", "setting", "property", "code", "param", "variable", *_OF_FRAMEWORKS])
"""Columns that name a setting, in small letters."""
VALUES: Final = frozenset(["value", "option_value", "setting_value", "config_value", "val"])
"""Columns with its value, in small letters."""


def pair_of(columns: Sequence[str]) -> tuple[int, int] | None:
    """The numbers of the columns of names and of values; None where a table has not both."""
    low = [column.lower() for column in columns]
    name = next((number for number, column in enumerate(low) if column in NAMES), None)
    value = next((number for number, column in enumerate(low) if column in VALUES), None)
    return None if name is None or value is None else (name, value)
