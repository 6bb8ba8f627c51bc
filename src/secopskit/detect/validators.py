"""Checks a rule may ask for beyond its pattern: is this value plausible as what it claims to be?

A validator is pure and cheap, takes the secret's bytes and says yes or no. It never raises:
content is hostile, and a value that cannot be decoded is simply not plausible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from secopskit.detect.value import bare_keys, web_tokens
from secopskit.detect.value.web_tokens import decoded
from secopskit.lazy_regex import LazyRegex

_MAX_BASIC: Final = 4_096
_MOST_OF_KEY: Final = 4_096
_LEAST_OF_KEY: Final = 3.5  # bits per character
_PEM_LINE: Final = 64
Validator = Callable[[bytes], bool]


def basic_auth(secret: bytes) -> bool:
    """Base64 of `user:password`, both printable and not empty."""
    raw = decoded(secret, limit=_MAX_BASIC)
    user, colon, password = (raw or b"").partition(b":")
    return bool(colon and user.strip() and password.strip() and _printable(user) and _printable(password))


def basic_login(secret: bytes) -> bool:
    """Base64 of a `user:password` that is no example from documentation."""
    from secopskit.detect.value.logins import is_used_login

    return basic_auth(secret) and is_used_login(decoded(secret, limit=_MAX_BASIC) or b"")


_PEM_ENDS: Final = LazyRegex(rb"-{4,5} ?(?:BEGIN|END)[A-Z0-9 ]{0,40}-{4,5}")
_PEM_HEADERS: Final = LazyRegex(rb"[A-Z][A-Za-z-]{3,20}: [^\r\n\\\"]{1,120}")
_ESCAPED_ENDS: Final = LazyRegex(rb"\\{1,4}[nrt]")
_NOT_BASE64: Final = LazyRegex(rb"[^A-Za-z0-9+/]")
_PEM_WORDS: Final = LazyRegex(
    rb"(?i)example|placeholder|redacted|truncated|fakekey|dummy|private_?key|your_?key|notareal|snipped|omitted"
)


def private_key(secret: bytes) -> bool:
    """The text of a private key whose body is drawn: no words, no repetition, nothing left to fill in."""
    from secopskit.detect.chance.randomness import entropy, walks

    body = _PEM_HEADERS.sub(b"", _PEM_ENDS.sub(b"", secret))
    body = _NOT_BASE64.sub(b"", _ESCAPED_ENDS.sub(b"", body))
    text = body[:_MOST_OF_KEY]
    if _PEM_WORDS.search(text) or entropy(text[:512]) < _LEAST_OF_KEY:
        return False
    _, walked = walks(text.replace(b"A", b""))  # zeros are As, and keys hold runs of them
    return walked * 4 < len(text) and (len(text) < 2 * _PEM_LINE or text[:_PEM_LINE] not in text[_PEM_LINE:])


def mixed(secret: bytes) -> bool:
    """Letters and digits both: a random value of some length has them, a word or a number has not."""
    return any(48 <= c <= 57 for c in secret) and any(65 <= c & 0xDF <= 90 for c in secret)


VALIDATORS: Final[dict[str, Validator]] = {
    "bare-key": bare_keys.bare_key,
    "basic-auth": basic_auth,
    "basic-login": basic_login,
    "jwt": web_tokens.is_token,
    "mixed": mixed,
    "private-key": private_key,
    "supabase-anon": web_tokens.is_supabase_anon,
    "supabase-demo": web_tokens.is_supabase_demo,
    "supabase-service-role": web_tokens.is_supabase_service_role,
    "web-key": bare_keys.web_key,
}


TELLERS: Final[dict[str, Callable[[bytes], web_tokens.TokenSays]]] = {
    "jwt": web_tokens.told,
    "supabase-anon": web_tokens.told,
    "supabase-service-role": web_tokens.told,
}
"""By the name of a validator: what else the value says, for the match."""


def _printable(text: bytes) -> bool:
    return all(32 <= c < 127 or c >= 160 for c in text)
