"""Checks a rule may ask for beyond its pattern: is this value plausible as what it claims to be?

A validator is pure and cheap, takes the secret's bytes and says yes or no. It never raises:
content is hostile, and a value that cannot be decoded is simply not plausible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_MAX_TOKEN: Final = 16_384
_MAX_BASIC: Final = 4_096
_DEMO_ISSUER: Final = "supabase-demo"
_SUPABASE_ROLES: Final = ("anon", "service_role")
Validator = Callable[[bytes], bool]


def jwt(secret: bytes) -> bool:
    """A JSON Web Token that is none of Supabase's API keys (those have their own rules)."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") not in _SUPABASE_ROLES


def supabase_service_role(secret: bytes) -> bool:
    """A JSON Web Token that bypasses row level security, and is not the published demo key."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") == "service_role" and not _is_demo(claims)


def supabase_anon(secret: bytes) -> bool:
    """A JSON Web Token of Supabase's role for the public."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") == "anon"


def supabase_demo(secret: bytes) -> bool:
    """The service role key that Supabase publishes for local development."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") == "service_role" and _is_demo(claims)


def basic_auth(secret: bytes) -> bool:
    """Base64 of `user:password`, both printable and not empty."""
    raw = _decode(secret, limit=_MAX_BASIC)
    user, colon, password = (raw or b"").partition(b":")
    return bool(colon and user.strip() and password.strip() and _printable(user) and _printable(password))


def basic_login(secret: bytes) -> bool:
    """Base64 of a `user:password` that is no example from documentation."""
    from secopskit.detect.value.logins import is_used_login

    return basic_auth(secret) and is_used_login(_decode(secret, limit=_MAX_BASIC) or b"")


def mixed(secret: bytes) -> bool:
    """Letters and digits both: a random value of some length has them, a word or a number has not."""
    return any(48 <= c <= 57 for c in secret) and any(65 <= c & 0xDF <= 90 for c in secret)


VALIDATORS: Final[dict[str, Validator]] = {
    "basic-auth": basic_auth,
    "basic-login": basic_login,
    "jwt": jwt,
    "mixed": mixed,
    "supabase-anon": supabase_anon,
    "supabase-demo": supabase_demo,
    "supabase-service-role": supabase_service_role,
}


def _is_demo(claims: dict[str, Any]) -> bool:
    return claims.get("iss") == _DEMO_ISSUER


def _claims(token: bytes) -> dict[str, Any] | None:
    """The payload of a compact JWS whose header names an algorithm, or None."""
    segments = token.split(b".") if len(token) <= _MAX_TOKEN else []
    if len(segments) != 3:
        return None
    header = _json_object(segments[0])
    if header is None or not isinstance(header.get("alg"), str):
        return None
    return _json_object(segments[1])


def _json_object(segment: bytes) -> dict[str, Any] | None:
    import json

    raw = _decode(segment, limit=_MAX_TOKEN)
    if raw is None:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decode(text: bytes, *, limit: int) -> bytes | None:
    """`text` from base64 of either alphabet, padded or not; None if it is none of them."""
    import binascii

    body = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if not body or len(body) > limit:
        return None
    try:
        return binascii.a2b_base64(body + b"=" * (-len(body) % 4), strict_mode=True)
    except binascii.Error:
        return None


def _printable(text: bytes) -> bool:
    return all(32 <= c < 127 or c >= 160 for c in text)
