"""JSON Web Tokens: what their claims say, without a clock and without asking anybody.

Claims are those of RFC 7519. Tokens that documentation shows are known by the keys it signs them with.
"""

from __future__ import annotations

from typing import Any, Final

from secopskit.findings import Severity
from secopskit.named_tuple import NamedTuple

EXPIRES: Final = "expires "
"""Begins what a note says of the day, an ISO date, on which a token expires."""

_MAX_TOKEN: Final = 16_384
_DEMO_ISSUER: Final = "supabase-demo"
_SUPABASE_ROLES: Final = ("anon", "service_role")
# Keys that documentation signs with, of jwt.io and of libraries' first pages: anybody can make such a token.
_PUBLIC_KEYS: Final = (
    b"your-256-bit-secret",
    b"your-384-bit-secret",
    b"your-512-bit-secret",
    b"a-string-secret-at-least-256-bits-long",
    b"a-valid-string-secret-that-is-at-least-384-bits-long",
    b"a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    b"secret",
    b"shhhhh",
)
_HASHES: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
# The subject and the moment of issue that jwt.io shows, which examples keep whatever they are signed with.
_SHOWN_SUBJECT: Final = "1234567890"
_SHOWN_NAME: Final = "John Doe"
_SHOWN_MOMENT: Final = 1516239022
_LATEST: Final = 253_402_300_799  # seconds: the end of the year 9999


def is_token(secret: bytes) -> bool:
    """A JSON Web Token that is none of Supabase's API keys (those have their own rules)."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") not in _SUPABASE_ROLES and not _is_unsigned(secret)


def is_any_token(value: bytes) -> bool:
    """Whether `value` is a JSON Web Token, whoever made it."""
    return value.startswith(b"eyJ") and _claims(value) is not None


def is_supabase_service_role(secret: bytes) -> bool:
    """A JSON Web Token that bypasses row level security, and is not the published demo key."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") == "service_role" and not _is_demo(claims)


def is_supabase_anon(secret: bytes) -> bool:
    """A JSON Web Token of Supabase's role for the public."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") == "anon"


def is_supabase_demo(secret: bytes) -> bool:
    """The service role key that Supabase publishes for local development."""
    claims = _claims(secret)
    return claims is not None and claims.get("role") == "service_role" and _is_demo(claims)


class TokenSays(NamedTuple):
    """What a value says beyond being a secret: a phrase for the note, a severity if it is another."""

    note: str = ""
    severity: Severity | None = None


def told(value: bytes) -> TokenSays:
    """When the token expires: "expires 2031-05-01" or "never expires"; or that documentation shows it."""
    value = value.removeprefix(b"Bearer ")
    claims = _claims(value) if value.startswith(b"eyJ") else None
    if claims is None:
        return TokenSays()
    if _is_shown(claims) or _is_signed_by_anybody(value):
        return TokenSays("as documentation shows: anybody can make it", Severity.INFO)
    return TokenSays(_expiry(claims))


def _expiry(claims: dict[str, Any]) -> str:
    from datetime import UTC, datetime

    moment = claims.get("exp")
    if moment is None:
        return "never expires"
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not 0 <= moment <= _LATEST:
        return ""
    return f"{EXPIRES}{datetime.fromtimestamp(moment, UTC).date().isoformat()}"


def _is_shown(claims: dict[str, Any]) -> bool:
    """Whether the claims are those that documentation shows."""
    if claims.get("sub") == _SHOWN_SUBJECT and (
        claims.get("name") == _SHOWN_NAME or claims.get("iat") == _SHOWN_MOMENT
    ):
        return True
    from secopskit.detect.value.placeholders import is_of_example_host

    parties = [claims.get(name) for name in ("iss", "aud", "sub", "email")]
    return any(isinstance(party, str) and is_of_example_host(party.encode()) for party in parties)


def _is_unsigned(token: bytes) -> bool:
    return _algorithm(token).lower() == "none"


def _algorithm(token: bytes) -> str:
    header = _json_object(token.partition(b".")[0]) or {}
    return str(header.get("alg"))


def _is_signed_by_anybody(token: bytes) -> bool:
    """Whether the key that signs the token is one that documentation shows."""
    import hmac

    head, _, signature = token.rpartition(b".")
    made, algorithm = decoded(signature, limit=_MAX_TOKEN), _algorithm(token)
    if algorithm not in _HASHES or made is None:
        return False
    digests = (hmac.digest(key, head, _HASHES[algorithm]) for key in _PUBLIC_KEYS)
    return any(hmac.compare_digest(made, digest) for digest in digests)


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

    raw = decoded(segment, limit=_MAX_TOKEN)
    if raw is None:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def decoded(text: bytes, *, limit: int) -> bytes | None:
    """`text` from base64 of either alphabet, padded or not; None if it is none of them."""
    import binascii

    body = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    if not body or len(body) > limit:
        return None
    try:
        return binascii.a2b_base64(body + b"=" * (-len(body) % 4), strict_mode=True)
    except binascii.Error:
        return None
