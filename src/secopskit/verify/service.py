"""Logins of services that stand in URLs, tried once at an address that may be spoken to.

Which services can be tried is the table below; others (MySQL, MongoDB, AMQP and more) need a library each,
and are said to be unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from secopskit.findings import VerificationState
from secopskit.verify.address import pinned_address
from secopskit.verify.model import IssuerAnswer
from secopskit.verify.redis import try_redis
from secopskit.verify.service_url import ServiceUrl


def try_service(url: ServiceUrl, admitted: Collection[str]) -> IssuerAnswer:
    """Log in once. Raises UnaskableError for a host that may not be spoken to."""
    address = pinned_address(url.host, url.port, admitted=admitted)
    return _TRIED[url.scheme](replace(url, address=address))


def _postgres(url: ServiceUrl) -> IssuerAnswer:
    try:
        from secopskit.postgres.login import LoginAttempt, try_login
    except ImportError:
        words = "the extra `migrate` is not installed, with which PostgreSQL is asked"
        return IssuerAnswer(VerificationState.UNKNOWN, words, answered=False)
    seen = try_login(LoginAttempt(url.host, url.address, url.port, url.user, url.password, url.database))
    words = f"login at {url.where}: {seen.words}"
    if seen.admitted is None:
        return IssuerAnswer(VerificationState.UNKNOWN, words)
    state = VerificationState.ACTIVE if seen.admitted else VerificationState.INACTIVE
    return IssuerAnswer(state, words, account=seen.account, scopes=seen.rights)


_TRIED: Final[dict[str, Callable[[ServiceUrl], IssuerAnswer]]] = {
    "postgres": _postgres,
    "postgresql": _postgres,
    "redis": try_redis,
    "rediss": try_redis,
}
