"""Key pairs of SSH: a new one, and the public half of one that is at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from secopskit.errors import UsageError
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def made_key() -> SecretValue:
    """A private key as `ssh-keygen -t ed25519` writes it. Raises UsageError."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    except ImportError as error:
        raise UsageError(
            "cryptography is not installed: this needs the extra 'sync'",
            advice="pip install 'secopskit[sync]'",
        ) from error
    key = Ed25519PrivateKey.generate()
    return SecretValue(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))


def public_half(private: SecretValue) -> str:
    """The public half as GitHub has it, type and key; empty for what is no key without a passphrase."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        public = _loaded(key_lines(private)).public_key()
        return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        return ""


def _loaded(data: bytes) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    if b"OPENSSH PRIVATE KEY" in data:
        return load_ssh_private_key(data, None)
    return load_pem_private_key(data, None)


def key_lines(value: SecretValue) -> bytes:
    """The text of a key with the line ends that OpenSSH wants, one at its end."""
    return value.reveal().replace(b"\r\n", b"\n").strip() + b"\n"
