"""Logins of Redis: AUTH and a question who that is. Three commands of its protocol, which need no library.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from io import BufferedRWPair
from typing import Final

from secopskit.findings import VerificationState
from secopskit.secret import SecretValue
from secopskit.verify.model import IssuerAnswer
from secopskit.verify.service_url import ServiceUrl

_TIMEOUT: Final = 10.0  # seconds
_LONGEST: Final = 512
_DEAD: Final = (b"-WRONGPASS", b"-ERR invalid password")
# A server that wants no password refuses AUTH with one: whatever the value, it opens nothing.
_NO_PASSWORD: Final = b"-ERR AUTH"


def try_redis(url: ServiceUrl) -> IssuerAnswer:
    """Log in at `url.address`; with `rediss` over TLS, whose certificate must be that of `url.host`."""
    what = f"AUTH at {url.where}"
    try:
        with _connected(url) as stream:
            said = _asked(stream, *_login(url))
            account = (
                _name(_asked(stream, SecretValue(b"ACL"), SecretValue(b"WHOAMI"))) if said == b"+OK" else ""
            )
    except (OSError, ValueError) as error:
        words = "no answer" if isinstance(error, TimeoutError) else f"no connection ({type(error).__name__})"
        return IssuerAnswer(VerificationState.UNKNOWN, f"{what}: {words}", answered=False)
    if said == b"+OK":
        return IssuerAnswer(VerificationState.ACTIVE, f"{what}: OK", account=account)
    if said.startswith(_DEAD):
        return IssuerAnswer(VerificationState.INACTIVE, f"{what}: wrong password")
    words = (
        "the server asks for no password" if said.startswith(_NO_PASSWORD) else "an answer that says neither"
    )
    return IssuerAnswer(VerificationState.UNKNOWN, f"{what}: {words}")


def _login(url: ServiceUrl) -> tuple[SecretValue, ...]:
    named = (SecretValue(url.user.encode("utf-8", "surrogateescape")),) if url.user else ()
    return (SecretValue(b"AUTH"), *named, url.password)


def _connected(url: ServiceUrl) -> BufferedRWPair:
    plain = socket.create_connection((url.address, url.port), timeout=_TIMEOUT)
    if url.scheme != "rediss":
        return plain.makefile("rwb")
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=url.host).makefile("rwb")
    except BaseException:
        plain.close()
        raise


def _asked(stream: BufferedRWPair, *words: SecretValue) -> bytes:
    """The first line of the answer to a command; of a bulk string, its text."""
    raw = [word.reveal() for word in words]
    stream.write(b"*%d\r\n" % len(raw) + b"".join(b"$%d\r\n%s\r\n" % (len(one), one) for one in raw))
    stream.flush()
    line = stream.readline(_LONGEST).strip()
    return stream.readline(_LONGEST).strip() if line.startswith(b"$") and line != b"$-1" else line


def _name(answer: bytes) -> str:
    with suppress(UnicodeDecodeError):
        text = answer.decode("ascii")
        return text[:64] if text.isprintable() and not text.startswith("-") else ""
    return ""
