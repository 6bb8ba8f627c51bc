"""The kind of a keystore, told by what it holds, whatever its name is."""

from __future__ import annotations

from typing import Final

from secopskit.formats.keystores.java import java_keystore
from secopskit.formats.keystores.keys import der_key
from secopskit.named_tuple import NamedTuple

_KEEPASS: Final = b"\x03\xd9\xa2\x9a"
_KEYCHAIN: Final = b"kych\0\1"
# As GnuPG keeps them; a key that lies on a card is called otherwise.
_AGENT_KEYS: Final = (b"(11:private-key(", b"(21:protected-private-key(")
_PVK: Final = b"\x1e\xf1\xb5\xb0"
_BLOB: Final = b"\x07\x02\x00\x00"  # of a key pair, as Windows exports it
_FIRST: Final = frozenset(b"\x00\x03\x07\x1e\x28\x30\x6b\x94\x95\x96\xc5\xce\xfe")
# Kinds of OpenPGP packets that follow a secret key: signature, secret subkey, trust, user id, attribute.
_FOLLOW: Final = (2, 7, 12, 13, 17)
_ALGORITHMS: Final = (*range(1, 4), *range(16, 29))
_VERSIONS: Final = (3, 4, 5, 6)
# The store with which Android's tools sign what is only tried out: one for all, with a known password.
_ANDROID: Final = b"androiddebugkey"


class KeystoreKind(NamedTuple):
    """The name of a kind of keystore. `shared`: its key is the same for everybody, as documented."""

    name: str
    shared: bool = False


def keystore(data: bytes) -> KeystoreKind | None:
    """What keystore or binary private key `data` is; None for anything else, certificates alone included."""
    if len(data) < 16 or data[0] not in _FIRST:
        return None
    name = _name(data)
    return KeystoreKind(name, shared=_is_androids(data)) if name else None


def _name(data: bytes) -> str:
    if data.startswith(_KEEPASS) and data[4:8] in (
        b"\x65\xfb\x4b\xb5",
        b"\x66\xfb\x4b\xb5",
        b"\x67\xfb\x4b\xb5",
    ):
        return "KeePass"
    if data.startswith(_KEYCHAIN):
        return "keychain of macOS"
    if data.startswith(_AGENT_KEYS):
        return "private key of GnuPG"
    if data[0] == 0x30:
        return der_key(data)
    return _of_windows(data) or _of_others(data)


def _of_windows(data: bytes) -> str:
    """A key in a file of Microsoft's tools, or as Windows exports a pair."""
    paired = data.startswith(_BLOB) and data[8:12] in (b"RSA2", b"DSS2")
    return "private key of Windows" if paired or data.startswith(_PVK) else ""


def _of_others(data: bytes) -> str:
    if data[0] & 0x80 and _is_secret_ring(data):
        return "secret key of OpenPGP"
    return java_keystore(data)


def _is_androids(data: bytes) -> bool:
    wide = _ANDROID.decode().encode("utf-16-be")
    return _ANDROID in data[:4096] or wide in data


def _is_secret_ring(data: bytes) -> bool:
    """Whether it begins with a packet of a secret key, and goes on as a key does (RFC 9580)."""
    if (start := _packet(data, 0)) is None:
        return False
    body, end = start
    if data[body] not in _VERSIONS or data[body + 5 + 2 * (data[body] == 3)] not in _ALGORITHMS:
        return False
    return end == len(data) or (data[end] & 0x80 != 0 and _tag(data[end]) in _FOLLOW)


def _tag(first: int) -> int:
    return first & 0x3F if first & 0x40 else first >> 2 & 0xF


def _packet(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the body of the packet at `at` begins and ends; None where it is too short, or cut off."""
    if data[at] & 0x40:
        size = data[at + 1]
        if size < 192:
            body, length = at + 2, size
        elif size < 224:
            body, length = at + 3, (size - 192 << 8) + data[at + 2] + 192
        elif size == 255:
            body, length = at + 6, int.from_bytes(data[at + 2 : at + 6], "big")
        else:
            return None
    else:
        width = 1 << (data[at] & 3)
        body, length = at + 1 + width, int.from_bytes(data[at + 1 : at + 1 + width], "big")
    return (body, body + length) if length >= 16 and body + length <= len(data) else None
