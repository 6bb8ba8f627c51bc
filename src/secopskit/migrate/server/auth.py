"""Who calls: bearer tokens, of which the server knows only digests.

A digest is plain SHA-256. A slow one protects words that can be guessed; a token is refused unless
it is long, so there is nothing to guess, and a slow one would let anybody keep the server busy. At
most two tokens are valid, so that one can replace the other without a gap.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from secopskit.errors import ConfigError
from secopskit.secret import SecretValue

SHORTEST: Final = 32
LONGEST: Final = 512
_FEWEST_DIFFERENT: Final = 12
_TOKEN: Final = re.compile(rb"[A-Za-z0-9._~+/-]+=*")
_BEARER: Final = re.compile(rb"bearer +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
_DIGEST: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_MAKE_ONE: Final = "Make one with: openssl rand -hex 32"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A valid token. `mark` tells it from others in logs and history, and is of no use to a guesser:
    eight digits, of a digest of the digest.
    """

    name: str
    digest: bytes = field(repr=False)

    @property
    def mark(self) -> str:
        """Name and fingerprint."""
        short = hashlib.sha256(b"secops token\0" + self.digest).hexdigest()[:8]
        return f"{self.name} {short}"


def token_of(name: str, value: SecretValue, *, origin: str) -> Token:
    """The token itself, of which only the digest is kept. Raises ConfigError if it could be guessed."""
    text = value.reveal()
    if not SHORTEST <= len(text) <= LONGEST:
        raise ConfigError(
            f"{origin}: a token has {SHORTEST} to {LONGEST} characters, and this one {len(text)}",
            advice=_MAKE_ONE,
        )
    if not _TOKEN.fullmatch(text):
        raise ConfigError(f"{origin}: a token is made of letters, digits and -._~+/=", advice=_MAKE_ONE)
    if len(set(text)) < _FEWEST_DIFFERENT:
        raise ConfigError(f"{origin}: this token is not random", advice=_MAKE_ONE)
    return Token(name=name, digest=hashlib.sha256(text).digest())


def token_of_digest(name: str, value: SecretValue, *, origin: str) -> Token:
    """The token whose SHA-256, in hexadecimal, is `value`. Raises ConfigError."""
    text = value.reveal().decode("ascii", "replace").strip().lower()
    if not (match := _DIGEST.fullmatch(text)):
        raise ConfigError(
            f"{origin}: not a SHA-256 in hexadecimal", advice="Make it with: printf %s TOKEN | sha256sum"
        )
    return Token(name=name, digest=bytes.fromhex(match[1]))


@dataclass(frozen=True, slots=True)
class TokenRing:
    """The tokens that are valid."""

    tokens: Sequence[Token]

    def recognise(self, credentials: Sequence[bytes]) -> Token | None:
        """The token in the Authorization headers of a request, or None.

        Every digest is compared, each in constant time; more than one header is no credential.
        """
        match = _BEARER.fullmatch(credentials[0]) if len(credentials) == 1 else None
        text = match[1] if match else b""
        given = hashlib.sha256(text if len(text) <= LONGEST else b"").digest()
        found = [token for token in self.tokens if hmac.compare_digest(token.digest, given)]
        return found[0] if found and text else None
