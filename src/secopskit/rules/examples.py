"""Examples with generated values, so that no rule file holds anything that looks alive.

An example may hold `{{class:length}}`; each is replaced by pseudo-random characters of that
class, the same ones at every run. `{{name}}` with another meaning (a template reference in
a negative example) is left as it stands.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable
from typing import Final

_CLASSES: Final[dict[str, str]] = {
    "alnum": string.ascii_letters + string.digits,
    "alpha": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digits": string.digits,
    "loweralnum": string.ascii_lowercase + string.digits,
    "upperalnum": string.ascii_uppercase + string.digits,
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "base32": string.ascii_uppercase + "234567",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "word": string.ascii_letters + string.digits + "_",
}
_PLACEHOLDER: Final = re.compile(r"\{\{(?P<name>[A-Za-z0-9]+)(?::(?P<argument>[^{}]*))?\}\}")


def _uuid(rng: random.Random) -> str:
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _segment(value: object) -> str:
    raw = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _jwt(argument: str, rng: random.Random) -> str:
    """A JSON Web Token whose claims are `key=value` pairs: `{{jwt:role=anon,iss=supabase}}`."""
    claims = dict(pair.split("=", 1) for pair in argument.split(",") if "=" in pair)
    header = _segment({"alg": "HS256", "typ": "JWT"})
    return f"{header}.{_segment(claims)}.{_chars('base64url', 43, rng)}"


def _chars(name: str, length: int, rng: random.Random) -> str:
    """`length` characters of a class, with its kinds of character mixed as real tokens mix them."""
    alphabet = _CLASSES[name]
    kinds = (str.isdigit, str.islower, str.isupper)
    while True:
        value = "".join(rng.choice(alphabet) for _ in range(length))
        wanted = [kind for kind in kinds if any(map(kind, alphabet))]
        if length < 8 or all(any(map(kind, value)) for kind in wanted):
            return value


def expand(example: str, *, seed: str) -> str:
    """`example` with every `{{class:length}}`, `{{uuid}}` and `{{jwt:claims}}` filled in.

    The same `seed` gives the same values at every run and on every machine.
    """
    rng = random.Random(seed + "\0" + example)  # noqa: S311 - examples must be reproducible

    special: dict[str, Callable[[str], str]] = {
        "uuid": lambda _: _uuid(rng),
        "jwt": lambda argument: _jwt(argument, rng),
    }

    def fill(found: re.Match[str]) -> str:
        name, argument = found["name"], found["argument"] or ""
        if name in special:
            return special[name](argument)
        if name in _CLASSES and argument.isdigit():
            return _chars(name, int(argument), rng)
        return found[0]

    return _PLACEHOLDER.sub(fill, example)
