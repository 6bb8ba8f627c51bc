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
# Private parts of the keys in https://www.rfc-editor.org/rfc/rfc7515 (A.2 to A.4), rfc7517 (A.2, A.3),
# rfc7518 (appendix C), rfc8037, and rfc7520 with its cookbook, https://github.com/ietf-jose/cookbook.
_OF_JOSE: Final = _set(
    "e7bfd03f093f0311 07c560e8afbf0a44 032374206b99ef06 65ecc13470392ba1 b85f4ad09e909c64 ab77fd41b9e19d35 "
    "22e146082218306a 53e2d7ed58162426 99eab112177f61eb cd4d713c1255bbda bbe6bc16764821c3 60a797e14608da2a "
    "223e84c6dc972a32 b385aae6fe77520e 78477e99e67a578d 7b012842c9677bb6 9adb3cce943c97d6 fb57046db196b0d5 "
    "a5dd5106b98b1cb6 7764885b433cb1b0 d4cf1c7cf7c66427 86c8c06340f99d3d 3c1a7806bc7cfe39 4e2c3f58dd9499d9 "
    "9d44402a2b439f01 727dcb1caf800e69"
)
_DIGESTS: Final = _OF_VENDORS | _OF_OAUTH_1 | _OF_OAUTH_2 | _OF_JOSE
_LENGTHS: Final = frozenset({10, 12, 15, 16, 20, 22, 28, 41, 43, 44, 64, 86, 88, 342, 683})


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
