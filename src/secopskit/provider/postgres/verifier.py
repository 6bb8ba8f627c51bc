"""SCRAM-SHA-256 verifiers: what a server keeps instead of a password (RFC 5802, RFC 7677).

It is made here, so that the server and its log never see the password. A text that does not parse as
a verifier would be taken for a password in plain text: so it is parsed before it is sent
(https://www.postgresql.org/docs/current/catalog-pg-authid.html).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import string
from typing import Final, Self

from secopskit.errors import SecopsError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

ITERATIONS: Final = 4096  # the server's own default; 16 and later can be set to more
SALT_BYTES: Final = 16
STRENGTH_BITS: Final = 256
RAW: Final = "the server's log may show the verifier (a salted hash) of the new password, never the password"
_ALPHABET: Final = string.ascii_letters + string.digits
_LENGTH: Final = 43  # of 62 letters and digits: 256 bits, and nothing that a URL or a shell reads otherwise
_KEY_BYTES: Final = 32
_PRINTABLE_ASCII: Final = re.compile(rb"[ -~]+")
_FORM: Final = re.compile(
    r"SCRAM-SHA-256\$([1-9]\d{0,9}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+=?):([A-Za-z0-9+/]+=?)"
)


class ScramVerifier(NamedTuple):
    """A verifier. It opens nothing by itself, but guesses can be tried against it: as secret as a hash."""

    iterations: int
    salt: bytes
    stored_key: bytes
    server_key: bytes

    def __repr__(self) -> str:
        return f"ScramVerifier(iterations={self.iterations})"

    @classmethod
    def of(cls, password: SecretValue, *, salt: bytes, iterations: int = ITERATIONS) -> Self | None:
        """The verifier of a password; None for one that is not printable ASCII.

        RFC 4013 has other characters changed before they are hashed: that is libpq's to do.
        """
        word = password.reveal()
        if not _PRINTABLE_ASCII.fullmatch(word):
            return None
        salted = hashlib.pbkdf2_hmac("sha256", word, salt, iterations, _KEY_BYTES)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        return cls(
            iterations=iterations,
            salt=salt,
            stored_key=hashlib.sha256(client_key).digest(),
            server_key=hmac.digest(salted, b"Server Key", "sha256"),
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """The verifier that `text` is. Raises SecopsError for what a server would take for a password."""
        form = _FORM.fullmatch(text)
        if form is None:
            raise SecopsError("not a SCRAM-SHA-256 verifier; nothing was sent to the server")
        try:
            salt, stored, server = (base64.b64decode(part, validate=True) for part in form.groups()[1:])
        except ValueError:
            raise SecopsError("a SCRAM-SHA-256 verifier that cannot be decoded") from None
        if len(stored) != _KEY_BYTES or len(server) != _KEY_BYTES:
            raise SecopsError("a SCRAM-SHA-256 verifier of a wrong size; nothing was sent to the server")
        return cls(int(form[1]), salt, stored, server)

    @property
    def text(self) -> str:
        """The form that a server stores; read back before it is handed out. Raises SecopsError."""
        salt, stored, server = (base64.b64encode(part).decode() for part in self[1:])
        text = f"SCRAM-SHA-256${self.iterations}:{salt}${stored}:{server}"
        if ScramVerifier.parse(text) != self:
            raise SecopsError("a SCRAM-SHA-256 verifier that does not read as it was written")
        return text


def new_password() -> SecretValue:
    """A password of `STRENGTH_BITS` bits, in letters and digits."""
    return SecretValue("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)).encode())


def new_salt() -> str:
    """A salt, in hexadecimal. Kept with the plan of a rotation, it makes a repeated step the same step."""
    return secrets.token_hex(SALT_BYTES)
