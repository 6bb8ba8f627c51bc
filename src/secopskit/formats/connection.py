"""Connection texts: URLs and libpq's `key=value` pairs, taken apart with the place of each part.

A URL may have `jdbc:` before it, or a driver in its scheme as SQLAlchemy has it (`postgresql+asyncpg`).
Nothing is decoded or judged. libpq's form is that of
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.named_tuple import NamedTuple

URL: Final = re.compile(
    r"\s*(?P<prefix>(?:jdbc:)?)(?P<scheme>[a-z][a-z0-9]{0,24})(?P<driver>(?:\+[a-z0-9_]{1,24}){0,2})://"
    r"(?P<authority>[^/?#\s]*)(?P<path>(?:/[^?#\s]*)?)(?P<query>(?:\?[^#\s]*)?)(?:#\S*)?\s*",
    re.IGNORECASE,
)
_PAIR: Final = re.compile(r"\s*([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?=\s|\Z)\s*", re.DOTALL)
_PORT: Final = re.compile(r":(\d*)\Z")


class Spot(NamedTuple):
    """Where in the text a part stands; empty for one that is of no use to whoever replaces."""

    start: int
    end: int


class ConnectionPart(NamedTuple):
    """A part by libpq's keyword (`host`, `port`, `dbname`, `user`, `password`, …), as it is written."""

    name: str
    text: str
    spot: Spot


def url_parts(url: re.Match[str]) -> Iterator[ConnectionPart]:
    """The parts of a match of `URL`; parameters of its query come last, under their names."""
    login, at, place = url["authority"].rpartition("@")
    start = url.start("authority")
    user, colon, word = login.partition(":")
    nowhere = Spot(start, start)
    yield ConnectionPart("host", _PORT.sub("", place).strip("[]"), nowhere)
    if port := _PORT.search(place):
        yield ConnectionPart("port", port[1], nowhere)
    yield ConnectionPart("dbname", url["path"][1:], nowhere)
    if at:
        yield ConnectionPart("user", user, Spot(start, start + len(user)))
    if colon:
        yield ConnectionPart("password", word, Spot(start + len(user) + 1, start + len(login)))
    place_of_pair = url.start("query") + 1
    for pair in url["query"][1:].split("&"):
        name, _, text = pair.partition("=")
        end = place_of_pair + len(pair)
        yield ConnectionPart(name, text, Spot(end - len(text), end))
        place_of_pair = end + 1


def keyword_parts(text: str) -> tuple[ConnectionPart, ...]:
    """The parts of libpq's `key=value` text; none where it is something else."""
    position, found = 0, list[ConnectionPart]()
    while position < len(text):
        pair = _PAIR.match(text, position)
        if pair is None:
            return ()
        found.append(ConnectionPart(pair[1], pair[2], Spot(pair.start(2), pair.end(2))))
        position = pair.end()
    return tuple(found)
