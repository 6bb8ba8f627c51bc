"""Hashes of the master password, as passlib writes them and Odoo reads them.

`$pbkdf2-sha512$<rounds>$<salt>$<checksum>`, salt and checksum in base64 with `.` for `+` and without
padding: https://passlib.readthedocs.io/en/stable/lib/passlib.hash.pbkdf2_digest.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final

from secopskit.errors import ConfigError
from secopskit.secret import SecretValue

ROUNDS: Final = 600_000
SALT_BYTES: Final = 16
_MOST_ROUNDS: Final = 10_000_000  # more would keep us, and Odoo, for minutes
_FORM: Final = re.compile(r"\$pbkdf2-sha512\$([1-9]\d{0,8})\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]{86})")


def pbkdf2_hash(password: SecretValue, *, salt: bytes, rounds: int = ROUNDS) -> str:
    """The hash of a password."""
    checksum = hashlib.pbkdf2_hmac("sha512", password.reveal(), salt, rounds)
    return f"$pbkdf2-sha512${rounds}${_encoded(salt)}${_encoded(checksum)}"


def opens(stored: str, password: SecretValue) -> bool:
    """Whether `password` is what is stored: a hash, or the password itself. Raises ConfigError."""
    form = _FORM.fullmatch(stored)
    if form is None:
        return hmac.compare_digest(stored.encode("utf-8", "surrogateescape"), password.reveal())
    if int(form[1]) > _MOST_ROUNDS:
        raise ConfigError("the stored hash has more rounds than can be waited for")
    made = pbkdf2_hash(password, salt=_decoded(form[2]), rounds=int(form[1]))
    return hmac.compare_digest(made.encode(), stored.encode())


def is_hash(stored: str) -> bool:
    """Whether what is stored is a hash."""
    return _FORM.fullmatch(stored) is not None


def _encoded(data: bytes) -> str:
    return base64.b64encode(data, altchars=b"./").decode().rstrip("=")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"./", validate=True)
    except ValueError:
        raise ConfigError("the stored hash of the master password cannot be read") from None
