"""Values that stand behind a name in any text: is this name one of a secret, this value drawn?

For the generic rules, which know no vendor and no file format: their expressions find a word
such as `token`, a sign and a value; what is judged here is the whole name and the value.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from secops.detect.chance import chance
from secops.detect.expression import Expression
from secops.detect.keys import KeyKind, sensitive_key, words
from secops.detect.passwords import is_weak_password, plausible_password
from secops.detect.placeholders import is_path

LONGEST_LINE: Final = 16 * 1024
"""Longer lines are data or minified code: names in them say little, and looking is dear."""

_DRAWN: Final = 12.0
_SURELY_DRAWN: Final = 20.0
_LOOK_BACK: Final = 160


class Name(Enum):
    """What stands before a value."""

    SECRET = 1
    PASSWORD = 2
    SOME_KEY = 3
    """`acme_key`: of a vendor, perhaps; `key` alone says less, see `BARE_KEY`."""
    BARE_KEY = 4
    OTHER = 5


# Between a name and its value: no words, and a sign of assignment, a quote or a dash by itself.
_BETWEEN: Final = Expression(rb"[^\w]{1,24}$")
_SIGN: Final = Expression(rb"[=:>,(|?\"'`]|\s-{1,2}>?\s")
_NAME: Final = Expression(rb"[A-Za-z][\w.\x20-]{0,80}$")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Keys that are no secrets: of databases, caches, maps, keyboards; and the public ones.
_ORDINARY_KEYS: Final = _set(
    "primary foreign unique sort partition cache lookup map dict hash index object item row "
    "column field bucket s3 group routing message event idempotency shard range registry host ssh "
    "gpg pgp known i18n translation locale lang language string text json yaml xml config setting "
    "settings option property attribute attr meta metadata tag label node parent child tree "
    "composite natural surrogate candidate hot short accelerator arrow enter escape shift ctrl "
    "alt function return press down up left right by for of in the this that same other each "
    "every any no one first last next previous prev current old document record order product new "
    "test site publishable anon anonymous measurement verify verification verifying fingerprint "
    "cert certificate recaptcha captcha storage layout view state theme color style class type "
    "name file path url dir job artifact workspace session_cache restore compile build rule "
    "schema vector checksum etag"
)
_MENTIONS: Final = _set(
    "hash digest checksum integrity fingerprint sha sha1 sha256 sha512 md5 etag id ids name names "
    "length size count type types expiry expires ttl page cursor continuation pagination sync url "
    "uri path file dir version revision commit"
)
# Of one form or session on a page.
_FORMS: Final = _set(
    "csrf xsrf csrfmiddlewaretoken authenticity antiforgery requestverificationtoken askpass"
)


def name_before(value: bytes, line: bytes) -> Name:
    """What the name says that `value` is assigned to on `line`."""
    at = line.find(value)
    head = line[max(0, at - _LOOK_BACK) : max(at, 0)]
    between = _BETWEEN.search(head)
    if not between or not _SIGN.search(between[0]):
        return Name.OTHER
    found = _NAME.search(head[: between.start()])
    return _judged(found[0].decode("ascii", "replace")) if found else Name.OTHER


def _judged(name: str) -> Name:
    kind = sensitive_key(name)
    parts = words(name)
    if kind is KeyKind.PASSWORD:
        return Name.PASSWORD if _FORMS.isdisjoint(parts) else Name.OTHER
    if (
        not parts
        or not _MENTIONS.isdisjoint(parts[-3:])
        or not _FORMS.isdisjoint(parts)
        or _is_image_pull(parts)
    ):
        return Name.OTHER
    if kind in (KeyKind.SECRET, KeyKind.TOKEN, KeyKind.CREDENTIALS):
        return Name.SECRET
    if parts[-1] != "key" and not parts[-1].endswith("key"):
        return Name.OTHER
    if len(parts) == 1:
        return Name.BARE_KEY if parts[0] == "key" else Name.SOME_KEY
    if parts[-2] in {"using", "with", "param", "set", "my"}:
        return Name.BARE_KEY
    return Name.OTHER if parts[-2] in _ORDINARY_KEYS or "public" in parts else Name.SOME_KEY


def _is_image_pull(parts: list[str]) -> bool:
    return parts[-2:] == ["pull", "secret"]  # the name of a Kubernetes object


_ONLY_HEX: Final = Expression(rb"(?i:[0-9a-f]{6,512}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
# Not what the name promises, whatever it looks like: digests, keys' public halves, code, markup.
_OTHER_THING: Final = Expression(
    rb"(?i:sha(?:1|224|256|384|512)|md5)[-:=$]|ssh-(?:rsa|dss|ed25519)|AAAA[BCE]3NzaC|MI[IG][A-Za-z0-9][A-Za-z0-9+/]{40}"
    rb"|data:|https?:|urn:|0[xX][0-9A-Fa-f]{1,8}$|iVBORw0KGgo|R0lGOD|/9j/|\d{4}-\d\d-\d\dT|v?\d{1,4}(?:\.\d{1,6}){1,4}"
    rb"|[\d.,:+-]{1,40}$|[<&%#{@]|\$\{?[A-Za-z_]{2,40}\}?[/.:-]"
)
_CODE: Final = Expression(
    rb"[A-Za-z_]\w{0,60}(?:(?:\.|->|::)[A-Za-z_]\w{0,60}){1,8}[;,]?$|\w{1,60}\(|.{0,80}\\[nrtux0]|.{0,120}(?:\$\{|\{\{|<%|\$\()"
)


def is_other_thing(value: bytes) -> bool:
    """Whether `value` is a digest, a public key, a number, an address, data or code."""
    return bool(_OTHER_THING.match(value)) or is_path(value)


def is_drawn(value: bytes, *, least: float = _DRAWN) -> bool:
    """Whether `value` looks drawn by a machine, and is not a member access such as `a.b2.c3`."""
    evidence = chance(value)
    if evidence < least:
        return False
    return evidence >= 2 * least or not _CODE.match(value)


def secret_is_unlikely(value: bytes, line: bytes) -> bool:
    """The filter of rules for tokens: drops what its name or its look speaks against."""
    if token_is_unlikely(value, line):
        return True
    name = name_before(value, line)
    if name in (Name.SECRET, Name.PASSWORD):
        return False
    if name is Name.OTHER or not is_drawn(value, least=_SURELY_DRAWN):
        return True
    # A key of hexadecimal digits alone is as often that of a cache or an object.
    return name is Name.BARE_KEY and bool(_ONLY_HEX.fullmatch(value))


# A password that calls itself one is an example; one with brackets is a piece of code.
_SELF_NAMED: Final = Expression(
    rb"(?i)passw|secret|token|(?<![a-z])key(?![a-z])|string|[(),;|{}\[\]\\]|config"
)
_MIXED: Final = Expression(rb"(?=.{0,100}[A-Za-z])(?=.{0,100}(?:\d|[^\w\s.,:;/-]))")


def password_is_unlikely(value: bytes, line: bytes) -> bool:
    """The filter of rules for passwords in code: drops words, captions, weak ones and other things."""
    if len(line) > LONGEST_LINE or not value.isascii() or is_weak_password(value):
        return True
    if is_other_thing(value) or _CODE.match(value) or not plausible_password(value):
        return True
    if not is_drawn(value) and (_SELF_NAMED.search(value) or not _MIXED.match(value) or not _is_long(value)):
        return True
    return name_before(value, line) is not Name.PASSWORD


def _is_long(value: bytes) -> bool:
    return len(value) >= (8 if value.isalnum() else 6)


def token_is_unlikely(value: bytes, line: bytes) -> bool:
    """The filter of rules whose expression names the place of a token: judges the value alone."""
    if len(line) > LONGEST_LINE or is_other_thing(value) or not is_drawn(value):
        return True
    return _says_words(value)


_BASE64: Final = Expression(rb"[A-Za-z0-9+/]{8,400}={0,2}")


def _says_words(value: bytes) -> bool:
    """Whether `value` is base64 of something that is not drawn itself: it looks so and is not."""
    from binascii import Error, a2b_base64

    if len(value) % 4 or not _BASE64.fullmatch(value):
        return False
    try:
        plain = a2b_base64(value)
    except Error:
        return False
    return plain.isascii() and plain.decode("ascii").isprintable() and not is_drawn(plain)
