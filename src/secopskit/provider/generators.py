"""New values, made of the system's randomness alone, with their strength in bits.

The strength is the entropy of the choice: the logarithm to base 2 of how many values were equally likely.
"""

from __future__ import annotations

import base64
import math
import secrets
import string
import uuid
from itertools import combinations
from typing import Final

from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue

TOKEN_BYTES: Final = 32
PASSWORD_BITS: Final = 190

# Without 0 O o, 1 l I; the signs are those that a URL takes as they are (RFC 3986, section 2.3).
CLASSES: Final = (
    "".join(sorted(set(string.ascii_lowercase) - set("lo"))),
    "".join(sorted(set(string.ascii_uppercase) - set("IO"))),
    "23456789",
    "-._~",
)
ALPHABET: Final = "".join(CLASSES)
# A leading sign would make an option of it, or a hidden or a home directory.
_FIRST: Final = "".join(CLASSES[:3])


class GeneratedValue(NamedTuple):
    """A new value and its strength in whole bits, rounded down."""

    value: SecretValue
    bits: int


def generate_token(size: int = TOKEN_BYTES) -> GeneratedValue:
    """`size` random bytes in URL-safe base64 without padding."""
    return GeneratedValue(SecretValue(secrets.token_urlsafe(size).encode()), 8 * size)


def generate_base64(size: int = TOKEN_BYTES) -> GeneratedValue:
    """`size` random bytes in base64 with `+`, `/` and padding, as `openssl rand -base64` writes them."""
    return GeneratedValue(SecretValue(base64.b64encode(secrets.token_bytes(size))), 8 * size)


def generate_hex(size: int = TOKEN_BYTES) -> GeneratedValue:
    """`size` random bytes in hexadecimal digits."""
    return GeneratedValue(SecretValue(secrets.token_hex(size).encode()), 8 * size)


def generate_uuid() -> GeneratedValue:
    """A UUID of version 4: 128 bits, of which 6 are always the same (RFC 9562, section 5.4)."""
    # `uuid4` takes its bytes from the system's generator too.
    return GeneratedValue(SecretValue(str(uuid.uuid4()).encode()), 122)


def generate_password(*, bits: int = PASSWORD_BITS, length: int | None = None) -> GeneratedValue:
    """A password of at least `bits`, or of `length` characters.

    It has lower and upper case, digits and signs, none that a URL, a shell or a person would misread, and
    begins with no sign. It is drawn again until it has all of them, which favours none of those that do.
    """
    wanted = length if length is not None else _length_for(bits)
    if wanted < len(CLASSES):
        raise ValueError(f"a password of {wanted} characters cannot have all classes")
    while True:
        text = secrets.choice(_FIRST) + "".join(secrets.choice(ALPHABET) for _ in range(wanted - 1))
        if all(set(text) & set(one) for one in CLASSES):
            return GeneratedValue(SecretValue(text.encode()), password_bits(wanted))


def password_bits(length: int) -> int:
    """The strength of a password of `length` characters, in whole bits."""
    return math.floor(math.log2(_how_many(length)))


def _length_for(bits: int) -> int:
    length = max(len(CLASSES), math.ceil(bits / math.log2(len(ALPHABET))))
    while password_bits(length) < bits:
        length += 1
    return length


def _how_many(length: int) -> int:
    """How many passwords of `length` have all classes: those without some of them, taken off in turn."""
    total = 0
    for number in range(len(CLASSES) + 1):
        for absent in combinations(CLASSES, number):
            left = len(ALPHABET) - sum(map(len, absent))
            first = len(_FIRST) - sum(len(one) for one in absent if one in CLASSES[:3])
            total += (-1) ** number * first * left ** (length - 1)
    return total
