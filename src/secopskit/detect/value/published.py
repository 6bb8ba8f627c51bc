"""Values that everybody has: keys that vendors publish, and those that standards show in their examples.

Digests, so that the values stand in no source.
"""

from __future__ import annotations

from typing import Final

from secopskit.secret import plain_digest

_SIZE: Final = 8
_MOST: Final = 512


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Of Azurite, the emulator of Azure Storage:
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
# Of the emulator of Azure Cosmos DB: https://learn.microsoft.com/azure/cosmos-db/emulator
# Of the stack that Supabase's CLI starts locally: https://github.com/supabase/cli, `defaultSecretKey`
_OF_VENDORS: Final = _set("20e88191d76dc156 76449d3eb6d5ca57 6778227dd5ec9762")
# Clients, tokens, verifiers and secrets of the examples in https://www.rfc-editor.org/rfc/rfc5849
_OF_OAUTH_1: Final = _set(
    "2893bbb23f2ed79f bf8bfbf6c62533dc b3b1b085bcd9fd99 81ebb7bf259aa1f9 41f5c92277109764 6eb9aafb1f177f7c "
    "eb764dd303d29e47 c92204355aa1c098 37738809b2d5b75c 8c5321fdc8fcf422 5ccf5a9d7a9ab802 2d1b75f3aac2ca2a "
    "ad4a61cabb595d3a 1826b88ad0429991"
)
# Passwords of clients, whole Basic logins, codes and tokens of https://www.rfc-editor.org/rfc/rfc6749,
# of rfc6750 (bearer tokens), rfc7009 (revocation), rfc7515 (the key of its first example) and rfc7636.
_OF_OAUTH_2: Final = _set(
    "11c38988238e0512 cd5b49fcc80a6e3d fc9f94683b968d58 4db32671d1f03fd7 e6d1b65208cb54f6 9a119b06a213486f "
    "d8c462af6f52aa71 1b0759b472701a60 c2945bcd936cf1d3 df380581d518fcab fe29400357ab5967 bc80ed55f3789add "
    "f58ddb4b81ed1ff4"
)
_DIGESTS: Final = _OF_VENDORS | _OF_OAUTH_1 | _OF_OAUTH_2
_LENGTHS: Final = frozenset({10, 12, 15, 16, 20, 22, 28, 41, 43, 44, 86, 88})


def is_published(value: bytes) -> bool:
    """Whether everybody has `value`: it opens what runs on one's own machine, or nothing.

    Of several fields side by side (`token=…&hint=…`), the first or the last may be such a one.
    """
    if _is_known(value):
        return True
    if b"&" not in value:
        return False
    fields = value[:_MOST].split(b"&")
    return any(_is_known(field.rpartition(b"=")[2]) for field in (fields[0], fields[-1]))


def _is_known(value: bytes) -> bool:
    return len(value) in _LENGTHS and plain_digest(value, _SIZE) in _DIGESTS
