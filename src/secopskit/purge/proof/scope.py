"""The scope of a search for values, in words: the writings that are looked for, and those that are not."""

from __future__ import annotations

from typing import Final

LOOKED_FOR: Final = (
    "as they are, with either line end, in UTF-8 and UTF-16",
    "any of their characters escaped with backslashes (JSON, JSON in JSON, C, Python, shells)",
    "any of their characters as references of XML and HTML, or percent-encoded (twice, too)",
    "in quoted-printable, as far as they must be; escaped in two of these ways (JSON in HTML or in a URL)",
    "with doubled quotes (SQL, CSV, YAML), backticks or carets",
    "cut by line continuations, folded lines, and texts side by side or added up",
    "in base64 at every alignment, wrapped or not, of UTF-16 as well",
    "in hexadecimal",
    "each line of a private key by itself",
)
"""The writings in which every value is looked for."""

NOT_LOOKED_FOR: Final = (
    "compressed or encrypted, but for archives that are looked into",
    "encoded twice (base64 of base64 or of an escaped text), or in base32, Ascii85 and the like",
    "escaped by the names of characters, or as in CSS, LDAP and SQL's U&'…'",
    "base64 of fewer than eight bytes, hexadecimal of fewer than six or with anything between the digits",
    "cut within an escape, or into parts all of which are shorter than eight characters",
    "put together by a program (lists, variables, character codes)",
    "cut by the pages of a database file",
    "escaped within UTF-16",
    "in pictures",
)
"""The writings that are not looked for, as far as is known: a value in one of these is still there."""
