"""Sealing values for GitHub: one public key a place, fetched once, and fetched again when it was replaced.

A sealed box of libsodium: https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
"""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode

from secopskit.github.client import GitHubClient
from secopskit.github.errors import GitHubError
from secopskit.named_tuple import NamedTuple
from secopskit.secret import SecretValue


class SealedValue(NamedTuple):
    """A value that only GitHub can open: in base64, with the id of the key it is sealed for."""

    encrypted_value: str
    key_id: str


class _Key(NamedTuple):
    key_id: str
    public: bytes


class Sealer:
    """The public key of a place of secrets. `path` is that of the key; threads may share it."""

    def __init__(self, client: GitHubClient, path: str) -> None:
        self._client = client
        self._path = path
        self._lock = threading.Lock()
        self._key: _Key | None = None

    def seal(self, value: SecretValue) -> SealedValue:
        """The value, sealed; every byte of it is kept. Raises GitHubError."""
        from nacl.public import PublicKey, SealedBox

        key = self._current()
        box = SealedBox(PublicKey(key.public)).encrypt(value.reveal())
        return SealedValue(b64encode(box).decode("ascii"), key.key_id)

    def renew(self, sealed: SealedValue) -> bool:
        """Fetch the key again, after one was refused: whether there is another one now."""
        with self._lock:
            if self._key is not None and self._key.key_id != sealed.key_id:
                return True  # another thread has fetched it
            self._key = self._fetch()
            return self._key.key_id != sealed.key_id

    def _current(self) -> _Key:
        with self._lock:  # whoever comes second waits, rather than fetch it, too
            if self._key is None:
                self._key = self._fetch()
            return self._key

    def _fetch(self) -> _Key:
        document = self._client.get(self._path)
        try:
            key = _Key(str(document["key_id"]), b64decode(document["key"], validate=True))
        except (TypeError, KeyError, ValueError):
            key = _Key("", b"")
        if len(key.public) != 32 or not key.key_id:
            raise GitHubError(f"GET {self._path}: the answer is no public key")
        return key
