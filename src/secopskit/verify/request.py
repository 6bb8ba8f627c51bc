"""An inquiry filled in: the request with the value in the place that its issuer wants it in."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from secopskit.rules.inquiry import SLOT, Inquiry
from secopskit.secret import REDACTED, SecretValue
from secopskit.verify.model import UnaskableError, VerifyRequest

_LABEL: Final = re.compile(rb"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IN_ADDRESSES: Final = ":-_.~"


def fill_in(inquiry: Inquiry, slots: Mapping[str, SecretValue], *, base_url: str = "") -> VerifyRequest:
    """The request that `inquiry` describes. Raises UnaskableError for a value that cannot stand in it.

    `base_url` is a server of one's own that is asked in the vendor's place. It may end with the beginning of
    the inquiry's path (`/api/v4`), or with one that its API has in front.
    """
    host = _filled(inquiry.host, slots, _as_label)
    path = inquiry.url.partition("://")[2].partition("/")[2]
    base = base_url or f"https://{host}"
    if (before := urlsplit(base).path.strip("/")) and path.startswith(f"{before}/"):
        path = path.removeprefix(f"{before}/")
    headers = {name: _filled(text, slots, _as_header) for name, text in inquiry.headers}
    headers.setdefault("Accept", "application/json")
    if inquiry.basic:
        user, password = (_filled(text, slots, _as_header) for text in inquiry.basic)
        headers["Authorization"] = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
    body = _body(inquiry, slots)
    if body is not None:
        headers["Content-Type"] = "application/json" if inquiry.body else "application/x-www-form-urlencoded"
    return VerifyRequest(
        method=inquiry.method,
        base_url=base,
        url=f"{base}/{_filled(path, slots, _in_address)}",
        what=f"{inquiry.method} /{SLOT.sub(REDACTED, path)} at {urlsplit(base).netloc}",
        headers=headers,
        body=body,
    )


def _body(inquiry: Inquiry, slots: Mapping[str, SecretValue]) -> bytes | None:
    if inquiry.body:
        return inquiry.body.encode()
    if inquiry.form:
        return urlencode({name: _filled(text, slots, _as_header) for name, text in inquiry.form}).encode()
    return b"" if inquiry.method == "POST" else None


def _filled(text: str, slots: Mapping[str, SecretValue], write: Callable[[bytes], str]) -> str:
    return SLOT.sub(lambda slot: write(slots[slot[1]].reveal()), text)


def _as_label(raw: bytes) -> str:
    if not _LABEL.fullmatch(raw):
        raise UnaskableError("what names its host is no part of a host's name")
    return raw.decode("ascii")


def _as_header(raw: bytes) -> str:
    if not raw or not all(0x21 <= byte < 0x7F for byte in raw):
        raise UnaskableError("it holds characters that no such value has")
    return raw.decode("ascii")


def _in_address(raw: bytes) -> str:
    return quote(_as_header(raw), safe=_IN_ADDRESSES)
