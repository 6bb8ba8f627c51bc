"""Values from the keyring of the system (Keychain, Secret Service, …): `{keyring: [shop, KEY]}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.origin.interface import OriginSurroundings, OriginValue, SourceReach
from secopskit.origin.trust import require_trust, safe_words
from secopskit.secret import SecretValue

_ADVICE = (
    "Unlock it, or see https://pypi.org/project/keyring on how to set one up; or declare another source."
)


class KeyringOrigin:
    """Entries of the system's keyring under one service, by the key or by the second argument.

    The user must have agreed: a declaration could name any entry there. Several entries are written one
    after the other: a keyring has no way to write all or none.
    """

    writable = True
    apart = True

    def __init__(self, arguments: tuple[str, ...], surroundings: OriginSurroundings) -> None:
        if len(arguments) not in (1, 2) or not all(arguments):
            raise ConfigError(
                "the source `keyring` takes a service and, if it is not the key, a user",
                advice="Write {keyring: [service, user]}.",
            )
        self._arguments = arguments
        self._surroundings = surroundings

    @property
    def label(self) -> str:
        """See `Origin.label`."""
        return f"keyring {safe_words(self._arguments)}"

    def read(self, keys: Collection[str]) -> Mapping[str, OriginValue]:
        """See `Origin.read`. Raises SecopsError where there is no keyring, or it is locked."""
        self._require(keys)
        found = {key: self._call("get_password", self._user(key)) for key in keys}
        return {
            key: OriginValue(SecretValue(value.encode("utf-8", "surrogatepass")), self.label)
            for key, value in found.items()
            if value
        }

    def write(self, values: Mapping[str, SecretValue]) -> None:
        """See `Origin.write`. Raises ConfigError for a value that is no text: a keyring keeps text only."""
        self._require(values)
        try:
            texts = {key: value.reveal().decode() for key, value in values.items()}
        except UnicodeDecodeError:
            texts = {}
        if len(texts) != len(values):
            raise ConfigError(f"{self.label}: keeps text in UTF-8 only", advice="Keep the value as base64.")
        for key, text in texts.items():
            self._call("set_password", self._user(key), text)

    def _user(self, key: str) -> str:
        return self._arguments[1] if len(self._arguments) > 1 else key

    def _require(self, keys: Collection[str]) -> None:
        if len(self._arguments) > 1 and len(keys) > 1:
            raise ConfigError(
                f"{self.label} is one value, and {len(keys)} keys are to come from it",
                advice="Leave the user out: then a key is the user of its entry.",
            )
        danger = f"read entries of your keyring: {safe_words(self._arguments)}"
        require_trust(self._surroundings, SourceReach("keyring", self._arguments, danger))

    def _call(self, method: str, *arguments: str) -> Any:
        try:
            import keyring
            from keyring.errors import KeyringError
        except ImportError:
            raise RefusedError(
                "the package `keyring` is not installed", advice="pipx install 'secopskit[sync]'"
            ) from None
        # What the errors of a backend say could hold the value.
        try:
            return getattr(keyring, method)(self._arguments[0], *arguments)
        except (KeyringError, OSError) as error:
            kind = type(error).__name__
        raise SecopsError(f"{self.label}: the keyring cannot be used: {kind}", advice=_ADVICE)
