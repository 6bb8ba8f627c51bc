"""Addresses of repositories: which may be cloned from, and where in a directory their clones lie."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from secopskit.errors import RefusedError
from secopskit.web.wire import is_loopback

_SCHEMES: Final = ("https", "ssh")
_SCP: Final = re.compile(
    r"[A-Za-z0-9._-]+@(?P<host>[A-Za-z0-9.-]+):(?P<path>(?!/)[A-Za-z0-9._/~+-]+)", re.ASCII
)
_SAFE: Final = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9_.@:+~ -]{0,254}", re.ASCII)


def scheme_of(url: str) -> str:
    """The scheme of an address that may be cloned from: https and ssh, or http on this machine.

    `user@host:path` is ssh. Raises RefusedError for all others, and for one that may have credentials in it:
    it tells no part of such an address, and of none more than its host.
    """
    if _SCP.fullmatch(url):
        return "ssh"
    parts = _split(url)
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise RefusedError(
            f"the address of {parts.hostname} holds credentials",
            advice="Take them out: GITHUB_TOKEN has them.",
        )
    if "?" in url or "#" in url:
        raise RefusedError(
            f"the address of {parts.hostname} goes on behind a ? or #",
            advice="Leave that out: where it is a token, GITHUB_TOKEN has it.",
        )
    plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not plain and (parts.scheme not in _SCHEMES or not parts.hostname):
        raise RefusedError("repositories are cloned by https and ssh only", advice="Correct the address.")
    return parts.scheme


def parts_of(url: str) -> tuple[str, ...]:
    """The directories that the clone of `url` lies in; the last of them is the clone.

    Raises RefusedError where they could lead elsewhere.
    """
    scp = _SCP.fullmatch(url)
    parts = _split(f"ssh://{scp['host']}/{scp['path']}" if scp else url)
    host = parts.netloc.rpartition("@")[2].lower().replace(":", "_")
    names = [one for one in parts.path.removesuffix(".git").split("/") if one]
    if not names or not all(_SAFE.fullmatch(one) for one in (host, *names)):
        raise RefusedError(
            f"the address of {parts.hostname or 'no host'} cannot be that of a repository",
            advice="Correct it.",
        )
    return (host, *names[:-1], f"{names[-1]}.git")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise RefusedError("it cannot be an address", advice="Correct it.") from None
