"""One request, one answer: TLS that is verified, no redirect followed, time-outs, a bound on the size.

Whoever calls it decides what is tried again (`secopskit.web.retry`). `requests` reads the variables of
proxies; those of certificate authorities are read here beside, for it does not know `SSL_CERT_FILE`.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from secopskit import __version__
from secopskit.errors import ConfigError, UsageError
from secopskit.named_tuple import NamedTuple
from secopskit.web.errors import LostError, WebError

if TYPE_CHECKING:
    import requests

USER_AGENT: Final = f"secops/{__version__}"
# No user, query or fragment, and nothing that a terminal would not show.
_ADDRESS: Final = re.compile(r"[A-Za-z]+://[A-Za-z0-9._:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?", re.ASCII)
_CONNECT: Final = 10.0  # seconds
_READ: Final = 30.0  # seconds, for each piece
_WHOLE: Final = 120.0  # seconds, for all pieces of an answer
_LARGEST: Final = 16 * 1024 * 1024
_PIECE: Final = 65536
# At DEBUG these write addresses and, in part, headers: nothing of a conversation goes to a log.
_TALKATIVE: Final = ("urllib3.connectionpool", "urllib3.util.retry", "requests")


class WireAnswer(NamedTuple):
    """An answer of any status. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """A way to one host. Threads may share it: each has connections of its own."""

    def __init__(
        self,
        base_url: str,
        *,
        read_timeout: float = _READ,
        whole_timeout: float = _WHOLE,
        largest: int = _LARGEST,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._read_timeout = read_timeout
        self._whole = whole_timeout
        self._largest = largest
        self._mine = threading.local()
        for name in _TALKATIVE:
            logging.getLogger(name).disabled = True

    @property
    def host(self) -> str:
        """The host's name, with the port where there is one."""
        return urlsplit(self.base_url).netloc

    @property
    def origin(self) -> str:
        """Scheme and host, without the path of the base."""
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.base_url))

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> WireAnswer:
        """Send a request to an absolute `url` of this host.

        Raises LostError, WebError; UsageError where `requests` is not installed.
        """
        try:
            import requests
            from urllib3.exceptions import HTTPError
        except ImportError as error:
            raise UsageError(
                "requests is not installed: this needs the extra 'sync'",
                advice="pip install 'secopskit[sync]'",
            ) from error

        if not url.startswith(self.origin + "/"):
            raise WebError(f"a request meant for {self.host} would have gone elsewhere")
        begun = time.monotonic()
        try:
            with self._session().request(
                method,
                url,
                headers={"User-Agent": USER_AGENT, **headers},
                data=body,
                timeout=(_CONNECT, self._read_timeout),
                allow_redirects=False,
                verify=_authorities(),
                stream=True,
            ) as answer:
                content = self._content(answer, begun)
        except requests.exceptions.RequestException as error:
            raise _failure(error, self.host) from None  # its text may hold headers
        except HTTPError:
            raise LostError(f"the answer of {self.host} broke off or is damaged", sent=True) from None
        return WireAnswer(
            answer.status_code, {name.lower(): text for name, text in answer.headers.items()}, content
        )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._mine, "session", None)
        if session is None:
            session = self._mine.session = _new_session()
            # A proxy would see what goes to this machine in the open.
            session.trust_env = not is_loopback(urlsplit(self.base_url).hostname or "")
        return session

    def _content(self, answer: requests.Response, begun: float) -> bytes:
        pieces, size = list[bytes](), 0
        # What has come is given at once: a whole piece may take for ever, a byte at a time.
        while piece := answer.raw.read1(_PIECE, decode_content=True):
            size += len(piece)
            if size > self._largest:
                raise WebError(f"the answer of {self.host} is larger than {self._largest:,} bytes")
            if time.monotonic() - begun > self._whole:
                raise LostError(f"{self.host} took longer than {self._whole:.0f} s to answer", sent=True)
            pieces.append(piece)
        return b"".join(pieces)


def check_base_url(url: str) -> str:
    """`url`, if requests with a token may go there: scheme and host in lower case, no slash at its end.

    Raises ConfigError.
    """
    try:
        parts = urlsplit(url)
        sound = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        sound = False
    if not sound or not _ADDRESS.fullmatch(url):
        raise ConfigError(
            "the address of an API is no URL that we can use",
            advice="It has a scheme, a host and at most a path: https://github.example.com/api/v3.",
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ConfigError(
            f"{parts.scheme}://{parts.hostname} would show the token to everybody on the way",
            advice="Use https. Plain http is taken for this machine itself only.",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}".rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address means this machine."""
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _new_session() -> requests.Session:
    from http.cookiejar import DefaultCookiePolicy

    import requests

    keep_wire_quiet()
    session = requests.Session()
    session.auth = _as_it_is  # else a line in ~/.netrc would take the place of our token
    # It reads `Location` even where it follows none, and breaks at one that is no URL.
    session.get_redirect_target = _nowhere  # type: ignore[assignment]  # requests is not there to derive from
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def keep_wire_quiet() -> None:
    """Have nothing of a conversation printed: told to, `http.client` would print headers and bodies."""
    from urllib3.connection import HTTPConnection

    HTTPConnection.debuglevel = 0


def _nowhere(_: requests.Response) -> None:
    """Where a redirect leads, for `requests`."""


def _as_it_is(request: Any) -> Any:
    return request


def _authorities() -> bool | str:
    """The file of authorities' certificates, True for that of `requests`. Raises ConfigError."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        if file := os.environ.get(name):
            if not os.path.exists(file):
                raise ConfigError(f"{name} names a file that is not there", advice="Correct the variable.")
            return file
    return True


def _failure(error: requests.exceptions.RequestException, host: str) -> WebError:
    """What an exception of `requests` means. Nothing of its own text is kept."""
    from requests import exceptions
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, exceptions.SSLError):
        return WebError(
            f"the certificate of {host} is not trusted",
            advice="For an authority of your own name its file in SSL_CERT_FILE or REQUESTS_CA_BUNDLE.",
        )
    unsent = isinstance(error, exceptions.ProxyError | exceptions.ConnectTimeout) or isinstance(
        reason, NewConnectionError | ConnectTimeoutError
    )
    for kind, words in (
        (exceptions.ProxyError, f"the proxy on the way to {host} does not let us through"),
        (exceptions.ReadTimeout, f"{host} was too slow to answer"),
        (
            exceptions.ConnectionError,
            f"{host} cannot be reached" if unsent else f"the connection to {host} broke",
        ),
        (exceptions.ChunkedEncodingError, f"the connection to {host} broke"),
    ):
        if isinstance(error, kind):
            return LostError(words, sent=not unsent)
    return WebError(f"the request to {host} could not be made ({type(error).__name__})")
