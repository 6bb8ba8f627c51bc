"""The name that stands before a value in any text, and what it says about the value."""

from __future__ import annotations

from enum import Enum
from typing import Final

from secopskit.detect.chance.bigrams import chance
from secopskit.detect.name.declaration import identifiers
from secopskit.detect.name.keys import KeyKind, sensitive_key, words
from secopskit.lazy_regex import LazyRegex


class Name(Enum):
    """What stands before a value."""

    SECRET = 1
    PASSWORD = 2
    SOME_KEY = 3
    """`acme_key`: of a vendor, perhaps; `key` alone says less, see `BARE_KEY`."""
    BARE_KEY = 4
    OTHER = 5


_LOOK_BACK: Final = 200
_PLACES: Final = 3


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Keys that are no secrets: of databases, caches, maps, keyboards; and the public ones.
_ORDINARY_KEYS: Final = _set(
    "primary foreign unique resource sort partition cache lookup map dict hash index object item row "
    "column field bucket s3 group routing message event idempotency shard range registry host ssh "
    "gpg pgp known i18n translation locale lang language string text json yaml xml config setting "
    "settings option property attribute attr meta metadata tag label node parent child tree "
    "composite natural surrogate candidate hot short accelerator arrow enter escape shift ctrl "
    "alt function return press down up left right by for of in the this that same other each "
    "every any no one first last next previous prev current old document record order product new "
    "test site publishable anon anonymous measurement verify verification verifying fingerprint "
    "cert certificate recaptcha captcha storage layout view state theme color style class type "
    "name file path url dir job artifact workspace session_cache restore compile build rule "
    "schema vector checksum etag repo repository apt rpm yum keyring"
)
_MENTIONS: Final = _set(
    "hash hashed digest checksum integrity fingerprint sha sha1 sha256 sha512 md5 etag id ids name names "
    "length size count type types expiry expires ttl page cursor continuation pagination sync url "
    "uri path file dir version revision commit"
)
# The public half of a key, and words that end so and are none.
_PUBLIC_KEYS: Final = _set(
    "pubkey pushkey repokey gpgkey aptkey rpmkey resourcekey valkey monkey donkey turkey hockey jockey "
    "whiskey"
)
# In front of `key` they make it no more of a name.
_FILLERS: Final = frozenset(("", "using", "with", "param", "set", "my"))
# Of one form or session on a page.
_FORMS: Final = _set(
    "csrf xsrf csrfmiddlewaretoken authenticity antiforgery requestverificationtoken askpass"
)


# The address of a picture or a film: what its query holds is no more secret than the page around it.
_MEDIA: Final = LazyRegex(
    rb"(?i)\.(?:svg|png|jpe?g|gif|webp|avif|ico|mp[34]|webm|pdf|woff2?)\?[^\s\"'<>]{0,160}$"
    # Of one object, as storage hands it out; signed until a moment; of a proxy for films.
    rb"|[?&;](?:alt=media|e=\d{9,11})&(?:amp;)?token=$"
    rb"|/(?:media|image|camera|thumbnail)s?(?:_[a-z]{1,20}){0,3}/[^\s\"'<>?]{1,120}\?token=$"
)


def name_before(value: bytes, text: bytes) -> Name:
    """What the name says that `value` is assigned to in `text`, a line or a few."""
    at = -1
    for _ in range(_PLACES):  # the same word may stand before, as a part of another
        at = text.find(value, at + 1)
        if at < 0:
            break
        if _is_verdict(value, text[max(0, at - _LOOK_BACK) : at]):
            continue
        if (name := _name_at(text[max(0, at - _LOOK_BACK) : at])) is not Name.OTHER:
            return name
    return Name.OTHER


# What a run of tests says of one of them, before the name of its file.
_VERDICT: Final = LazyRegex(rb"(?:^|[\s>\])])X?PASS:[ \t]{1,4}$")
_OF_A_TEST: Final = LazyRegex(
    rb"[\w.+-]{1,60}(?:/[\w.+-]{1,80}){1,8}:?|[\w.+-]{1,60}\.(?:exp|sh|test|t|c|cc|cpp|py|js|ts|go|pl|rb|rs|java):?"
)
_SURELY_DRAWN: Final = 24.0  # bits of evidence


def _is_verdict(value: bytes, head: bytes) -> bool:
    """Whether `PASS` before a value is no name: of the file of a test."""
    if not head.endswith((b" ", b"\t")) or not _VERDICT.search(head):
        return False
    return _OF_A_TEST.fullmatch(value) is not None and chance(value) < _SURELY_DRAWN


def _name_at(head: bytes) -> Name:
    if _MEDIA.search(head):
        return Name.OTHER
    judged = (_judged(each.decode("utf-8", "replace")) for each in identifiers(head))
    return next((name for name in judged if name is not Name.OTHER), Name.OTHER)


def _judged(name: str) -> Name:
    if name.lower() == "data-key":  # an attribute of an element: whoever has the page has it
        return Name.OTHER
    kind = sensitive_key(name)
    parts = words(name)
    if kind is KeyKind.PASSWORD:
        return Name.PASSWORD if _FORMS.isdisjoint(parts) else Name.OTHER
    if not parts or _only_mentions(parts):
        return Name.OTHER
    if kind in (KeyKind.SECRET, KeyKind.TOKEN, KeyKind.CREDENTIALS):
        return Name.SECRET
    return _kind_of_key(parts) if parts[-1].endswith("key") else Name.OTHER


def _only_mentions(parts: list[str]) -> bool:
    if parts[-1] in ("salt", "pepper"):  # of hashes
        return False
    if not _MENTIONS.isdisjoint(parts[-3:]) or not _FORMS.isdisjoint(parts):
        return True
    return parts[-2:] == ["pull", "secret"]  # the name of a Kubernetes object


def _kind_of_key(parts: list[str]) -> Name:
    before = parts[-2] if len(parts) > 1 else ""
    if parts[-1] == "key" and before in _FILLERS:
        return Name.BARE_KEY
    public = "public" in parts or parts[-1] in _PUBLIC_KEYS
    return Name.OTHER if before in _ORDINARY_KEYS or public else Name.SOME_KEY
