"""The scope of a search for values, in words: the writings that are looked for, and those that are not."""

from __future__ import annotations

from typing import Final

LOOKED_FOR: Final = (
    "as they are, with either line end, in UTF-8 and UTF-16",
    "any of their characters escaped with backslashes (JSON, JSON in JSON, C, Python, shells)",
    "any of their characters as references of XML and HTML, percent-encoded (twice, too), quoted-printable",
    "with doubled quotes (SQL, CSV, YAML), backticks or carets",
    "cut by line continuations, folded lines, and texts side by side or added up",
    "in base64 at every alignment, wrapped or not, of UTF-16 as well",
    "in hexadecimal",
    "each line of a private key by itself",
)
"""The writings in which every value is looked for."""

NOT_LOOKED_FOR: Final = (
    "compressed or encrypted, but for archives that are looked into",
    "encoded twice (base64 of base64), or in base32, Ascii85 and the like",
    "base64 of fewer than nine bytes, hexadecimal of fewer than six or with anything between the digits",
    "cut into parts all of which are shorter than eight characters",
    "put together by a program (lists, variables, character codes)",
    "cut by the pages of a database file",
    "escaped within UTF-16",
    "in pictures",
)
"""The writings that are not looked for, as far as is known: a value in one of these is still there."""
