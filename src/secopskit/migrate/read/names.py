"""What files of migrations are called: `<version>_<name>.sql`, and in which order their versions stand.

`<version>_<name>.sql` (also `.up.sql`) applies a version, `<version>_<name>.down.sql` undoes it. A
version is a number or a time. They are ordered as numbers, 2 < 010 < 20260101120000, and times among
themselves by time, however precise: 20240321000020 < 20250811 < 20250811093000.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from secopskit.named_tuple import NamedTuple

_NAME: Final = re.compile(r"(?P<version>[0-9]{1,20})(?:_(?P<name>.*))?", re.DOTALL | re.ASCII)
# Flyway's spelling: V1_2__name.sql is version 1.2, and U1_2__name.sql undoes it.
_FLYWAY: Final = re.compile(
    r"(?P<kind>[VU])(?P<version>[0-9]{1,20}(?:[._][0-9]{1,20}){0,4})__(?P<name>.*)", re.DOTALL | re.ASCII
)
_TIMESTAMP: Final = 14
# A day, with an hour, a minute, a second and its fraction if need be.
_DATE: Final = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?P<fraction>\d{1,6})?)?)?)?",
    re.ASCII,
)


class FileName(NamedTuple):
    """A file name, understood."""

    version: str
    name: str
    down: bool


@lru_cache(maxsize=100_000)
def version_key(version: str) -> tuple[int, ...]:
    """What versions are ordered by, and equal in: 7 is 007. A foreign spelling comes first.

    A date counts as the timestamp of its first moment, and stands right before that.
    """
    parts = version.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return ()
    if len(parts) == 1 and (date := _DATE.fullmatch(version.lstrip("0"))):
        return _time_key(date[0], date["fraction"] or "")
    return tuple(map(int, parts))


def _time_key(digits: str, fraction: str) -> tuple[int, ...]:
    """The key of a time: two that are spelled differently are never equal, if only by the last number."""
    second = int(digits[:_TIMESTAMP].ljust(_TIMESTAMP, "0"))
    if fraction:
        return second, int(fraction.ljust(6, "0")), len(fraction)
    return (second,) if len(digits) == _TIMESTAMP else (second - 1, 0, len(digits))


def parse_name(file: str) -> FileName | None:
    """The version and name that `file` spells, or None."""
    stem = file[: -len(".sql")]
    down = stem.endswith(".down")
    stem = stem.removesuffix(".down") if down else stem.removesuffix(".up")
    if flyway := _FLYWAY.fullmatch(stem):
        return FileName(flyway["version"].replace("_", "."), flyway["name"], down or flyway["kind"] == "U")
    plain = _NAME.fullmatch(stem)
    return FileName(plain["version"], plain["name"] or "", down) if plain else None
