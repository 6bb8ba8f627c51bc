"""A plain client that keeps to the contract: for the server's own tests, and to set the scene for others."""

from __future__ import annotations

import base64
from types import TracebackType
from typing import Any, Self

import httpx
from nacl.public import PublicKey, SealedBox

from support.github.server import ContractServer

ACCEPTED = "application/vnd.github+json"
VERSION = "2022-11-28"


class Guest:
    """Requests with a token, as GitHub wants them. `headers` replaces some; an empty text leaves one out."""

    def __init__(self, server: ContractServer, token: str, headers: dict[str, str] | None = None) -> None:
        sent = {
            "Authorization": f"Bearer {token}",
            "Accept": ACCEPTED,
            "X-GitHub-Api-Version": VERSION,
            "User-Agent": "guest",
            **(headers or {}),
        }
        self._base = server.url
        self._client = httpx.Client(timeout=10, trust_env=False)
        self._client.headers.update(sent)
        for name in [name for name, text in sent.items() if not text]:
            del self._client.headers[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send a request, and do not follow where it leads."""
        if body is not None:
            more["json"] = body
        return self._client.request(method, self._base + path, **more)

    def sealed(self, root: str, value: bytes) -> dict[str, str]:
        """A body that holds a value for the key of the secrets below `root`."""
        key = self.call("GET", f"{root}/public-key").json()
        box = SealedBox(PublicKey(base64.b64decode(key["key"])))
        return {
            "encrypted_value": base64.b64encode(box.encrypt(value)).decode("ascii"),
            "key_id": key["key_id"],
        }

    def put(self, root: str, name: str, value: bytes, **more: Any) -> httpx.Response:
        """Write a secret below `root`."""
        return self.call("PUT", f"{root}/{name}", {**self.sealed(root, value), **more})
