"""What a statement asks of extensions and of their settings, by PostgreSQL's grammar of these statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from secopskit.migrate.read.lexis import IN_NAME, LETTER, leading_words, skip_blank
from secopskit.named_tuple import NamedTuple

_PIECE: Final = re.compile(
    rf"""(?P<word>{LETTER}{IN_NAME}*+)|"(?P<name>(?:[^"]|"")+)"|'(?P<text>(?:[^']|'')*)'|(?P<other>.)""",
    re.DOTALL,
)
_IN_BLOCK: Final = re.compile(rf"(?<!{IN_NAME})create(?=\s+extension\s)[^;]*", re.IGNORECASE)


class ExtensionRequest(NamedTuple):
    """A CREATE EXTENSION: `schema` and `version` are empty where it names none."""

    name: str
    schema: str = ""
    version: str = ""
    unless_there: bool = False
    cascade: bool = False

    def statement(self, *, version: str | None = None) -> str:
        """It as SQL, of another `version` if that is not None; an empty one is the default version."""
        wanted = self.version if version is None else version
        parts = ["CREATE EXTENSION", "IF NOT EXISTS" if self.unless_there else "", quoted(self.name)]
        parts += [f"SCHEMA {quoted(self.schema)}" if self.schema else ""]
        parts += [f"VERSION {quoted(wanted)}" if wanted else "", "CASCADE" if self.cascade else ""]
        return " ".join(filter(None, parts))


class ExtensionChange(NamedTuple):
    """An ALTER EXTENSION. `updates`: whether it asks for another version."""

    name: str
    updates: bool


class _Piece(NamedTuple):
    """A word in lower case, or a name or string without its quotes."""

    text: str
    plain: bool


def creates(text: str) -> ExtensionRequest | None:
    """The request of a CREATE EXTENSION; None for every other statement."""
    if leading_words(text) != ("create", "extension"):
        return None
    pieces = list(_pieces(text))[2:]
    unless = [piece.text for piece in pieces[:3] if piece.plain] == ["if", "not", "exists"]
    pieces = pieces[3:] if unless else pieces
    if not pieces:
        return None
    options: dict[str, str] = {}
    rest = iter(pieces[1:])
    for piece in rest:
        if piece.plain and piece.text in ("schema", "version", "from"):
            options[piece.text] = next(rest, _Piece("", plain=False)).text
        elif piece.plain and piece.text == "cascade":
            options["cascade"] = "yes"
    return ExtensionRequest(
        name=pieces[0].text,
        schema=options.get("schema", ""),
        version=options.get("version", ""),
        unless_there=unless,
        cascade="cascade" in options,
    )


def creates_within(text: str) -> tuple[ExtensionRequest, ...]:
    """What a DO block may create. One that looks first at what the server has is left to itself."""
    if leading_words(text, 0, 1) != ("do",) or "pg_available_extension" in text.lower():
        return ()
    found = (creates(match[0]) for match in _IN_BLOCK.finditer(text))
    return tuple(request for request in found if request)


def changes(text: str) -> ExtensionChange | None:
    """The extension that an ALTER EXTENSION is about; None for every other statement."""
    if leading_words(text) != ("alter", "extension"):
        return None
    pieces = list(_pieces(text))[2:4]
    if not pieces:
        return None
    return ExtensionChange(pieces[0].text, pieces[-1] == _Piece("update", plain=True))


def sets_custom(text: str) -> bool:
    """Whether a role or a database is given a setting that is not PostgreSQL's own (`pgrst.db_schemas`)."""
    words = leading_words(text)
    if words[:1] != ("alter",) or words[-1] not in ("role", "user", "database"):
        return False
    pieces = [piece.text for piece in _pieces(text)]
    if "set" not in pieces:
        return False
    name = pieces[pieces.index("set") + 1 :][:2]
    return "." in name[0] or name[1:] == ["."] if name else False


def quoted(name: str) -> str:
    """A name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _pieces(text: str) -> Iterator[_Piece]:
    position = skip_blank(text, 0)
    while match := _PIECE.match(text, position):
        if (name := match["name"]) is not None:
            yield _Piece(name.replace('""', '"'), plain=False)
        elif (string := match["text"]) is not None:
            yield _Piece(string.replace("''", "'"), plain=False)
        else:
            yield _Piece(match[0].lower(), plain=True)
        position = skip_blank(text, match.end())
