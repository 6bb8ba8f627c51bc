"""Names and passwords that we choose."""

from __future__ import annotations

import math
import secrets
import string
from datetime import UTC, datetime
from typing import Final

from secopskit.secret import SecretValue

# No character that a shell, a URL, an ini file or libpq would want quoted.
_ALPHABET: Final = string.ascii_letters + string.digits
PASSWORD_LENGTH: Final = 43
PASSWORD_BITS: Final = math.floor(PASSWORD_LENGTH * math.log2(len(_ALPHABET)))


def made_password() -> SecretValue:
    """A password of `PASSWORD_BITS` bits."""
    return SecretValue("".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH)).encode())


def made_name(now: float) -> str:
    """A name that no other entry at a vendor has: the day and 48 random bits."""
    return f"secops_{datetime.fromtimestamp(now, UTC):%Y%m%d}_{secrets.token_hex(6)}"
