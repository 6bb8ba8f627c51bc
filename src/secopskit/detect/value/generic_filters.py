"""The filters of generic rules: is the name before a value that of a secret, is the value random?

For the generic rules, which know no vendor and no file format: their expressions find a word
such as `token`, a sign and a value; what is judged here is the whole name and the value.

A filter returns what speaks against the value, in words that follow "it"; "" where nothing does.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.chance.bigrams import chance
from secopskit.detect.chance.randomness import counts_up, is_hammered, walks
from secopskit.detect.name.naming import Name, name_before
from secopskit.detect.value.elsewhere import is_drawn_among_signs
from secopskit.detect.value.fakes import against_documented
from secopskit.detect.value.hashes import HASH, is_password_hash
from secopskit.detect.value.made_up import connects, is_guessed, is_made_up, is_made_up_secret
from secopskit.detect.value.other_things import OTHER_THING, is_code, is_other_thing
from secopskit.detect.value.passwords import against_plausible
from secopskit.detect.value.vendors import is_called_live, is_issued
from secopskit.detect.value.web_tokens import is_any_token
from secopskit.detect.witness import NAME_SAYS_NOTHING
from secopskit.lazy_regex import LazyRegex

LONGEST_LINE: Final = 16 * 1024
"""Longer lines are data or minified code: names in them say little, and looking is dear."""

LINE_TOO_LONG: Final = "stands on a line of more than 16 KiB: data or minified code"
NEXT_OPTION: Final = "is the next option, not the value of the one before"
NOT_DRAWN: Final = "does not look drawn by a machine"

_DRAWN: Final = 12.0
_SURELY_DRAWN: Final = 20.0
_DRAWN_FOR_A_SECRET: Final = 8.0  # the name has said what it is


# The word before it says what was done, or which of them it is: `add-…`.
_HEX_OF_AN_OBJECT: Final = LazyRegex(
    rb"(?i:(?:[a-z][a-z_.]{0,40}[-:]){0,3}(?:[0-9a-f]{6,512}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))"
)


def is_drawn(value: bytes, *, least: float = _DRAWN) -> bool:
    """Whether `value` looks drawn by a machine, and is not a member access such as `a.b2.c3`."""
    evidence = chance(value)
    if evidence < least or counts_up(value):
        return False
    return evidence >= 2 * least or not is_code(value)


def against_secret(value: bytes, line: bytes) -> str:
    """The filter of rules for tokens: drops what its name or its look speaks against."""
    if against := _against_token(value, line, least=_least_for_a_secret(value, line)):
        return against
    if is_hammered(value.partition(b"&")[0]):
        return NOT_DRAWN
    name = name_before(value, line)
    if name in (Name.SECRET, Name.PASSWORD):
        # Passwords that are not drawn have a rule of their own.
        return NOT_DRAWN if name is Name.PASSWORD and not is_drawn(value) else ""
    if name is Name.OTHER:
        live = is_called_live(value) and is_drawn(value, least=_SURELY_DRAWN)
        return "" if live else NAME_SAYS_NOTHING
    against = _against_some_key(value, name)
    return "" if not against or (is_drawn(value) and is_issued(value, line)) else against


def _against_some_key(value: bytes, name: Name) -> str:
    """What speaks against a value that is called a key, of whatever it may be."""
    if _UUID.fullmatch(value):
        return "is a UUID under a name that may be that of any object"
    if not is_drawn(value, least=_SURELY_DRAWN):
        return "stands under a name that may mean anything, and is not random enough for that"
    # A key of hexadecimal digits alone is as often that of a cache or an object.
    is_hex = name is Name.BARE_KEY and _HEX_OF_AN_OBJECT.fullmatch(value)
    return "is hexadecimal under the bare name `key`, as keys of caches and objects are" if is_hex else ""


def _least_for_a_secret(value: bytes, line: bytes) -> float:
    """How much must speak for chance: less in quotes, unless all of it are letters."""
    at = line.find(value)
    quoted = at > 0 and line[at - 1] in b"\"'`"
    return _DRAWN_FOR_A_SECRET if quoted and not value.isalpha() else _DRAWN


def is_uuid(value: bytes) -> bool:
    """Whether `value` is a UUID as they are written, of which documents are full."""
    return _UUID.fullmatch(value) is not None


_MARKUP: Final = LazyRegex(rb"[^<]{0,160}<[A-Za-z/!][^<>]{0,160}>")
_UUID: Final = LazyRegex(rb"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def against_password(value: bytes, line: bytes) -> str:
    """The filter of rules for passwords in code: drops words, captions, weak ones and other things."""
    if len(line) > LONGEST_LINE:
        return LINE_TOO_LONG
    if (against := _against_password_itself(value)) and not (against == _WORD and connects(value, line)):
        return against
    if against := against_documented(value, line):
        return against
    name = name_before(value, line)
    # What signs sessions and tokens is made up by people as well.
    made_up = name is Name.SECRET and is_made_up_secret(value, sure=_signs(value, line))
    if made_up and _is_among_others(value, line):
        return "is one of several words in a list"
    return "" if name is Name.PASSWORD or made_up else NAME_SAYS_NOTHING


# What a secret is for that no service issues.
_SIGNING: Final = LazyRegex(rb"(?i)jwt|session|cookie|shared|signing|secret_?key")


def _is_among_others(value: bytes, line: bytes) -> bool:
    """Whether `value` is an item of a list that goes on behind it: `"Secret","fromBase32","valid"`."""
    at = line.find(value)
    return line[:at].rstrip(b"\"'` ").endswith(b",") and _GOES_ON.match(line, at + len(value)) is not None


_GOES_ON: Final = LazyRegex(rb"[\"'`],\s{0,4}[\"'`]")


def _signs(value: bytes, line: bytes) -> bool:
    """Whether the name before `value` says that something is signed with it."""
    at = max(line.find(value), 0)
    return _SIGNING.search(line, max(0, at - 60), at) is not None


def _against_password_itself(value: bytes) -> str:
    if not value.isascii() or is_guessed(value):
        return "is a word or a password anyone guesses, as code has them for other reasons"
    if is_other_thing(value) or is_code(value) or _MARKUP.match(value):
        return HASH if is_password_hash(value) else OTHER_THING
    if against := HASH if is_password_hash(value) else against_plausible(value):
        return against
    if is_drawn(value):
        return ""
    return "" if is_made_up(value) else _WORD


_WORD: Final = "reads as a word, a caption, or calls itself a password as examples do"
_LEAST_BYTES: Final = 12


def against_byte_string(value: bytes, line: bytes) -> str:
    """The filter of the rule for keys written as byte strings: many different bytes, and no sequence."""
    from secopskit.detect.value.bytes_text import plain_bytes

    if len(line) > LONGEST_LINE:
        return LINE_TOO_LONG
    if name_before(value, line) not in (Name.SECRET, Name.PASSWORD):
        return NAME_SAYS_NOTHING
    plain = plain_bytes(value)
    if len(plain) < _LEAST_BYTES:
        return "is too short for a key"
    regular = len(set(plain)) * 2 < len(plain) or walks(plain)[1] * 2 > len(plain)
    return NOT_DRAWN if regular else ""


# A SealedSecret: the length of an RSA block (512 bytes), the block, and what it encrypts.
_SEALED: Final = LazyRegex(rb"Ag[A-D][A-Za-z0-9+/]{400}")


def against_token(value: bytes, line: bytes) -> str:
    """The filter of rules whose expression names the place of a token: judges the value alone."""
    return _against_token(value, line, least=_DRAWN)


def _against_token(value: bytes, line: bytes, *, least: float) -> str:
    if len(line) > LONGEST_LINE:
        return LINE_TOO_LONG
    if against := _is_told_elsewhere(value, line):
        return against
    if is_other_thing(value) or (not _NO_TEXT.isdisjoint(value) and _is_text(value)):
        return OTHER_THING
    if not is_drawn(value, least=least):
        return NOT_DRAWN
    return "is base64 of words" if _says_words(value) else ""


_NO_TEXT: Final = frozenset(b"\"'`<")


def _is_text(value: bytes) -> bool:
    """Whether a value that holds quotes or brackets of tags is code or markup, not drawn from all signs."""
    return bool(_MARKUP.match(value)) or not is_drawn_among_signs(value)


def against_wrapped_secret(value: bytes, text: bytes) -> str:
    """The filter of the rule for values on a line after their name: as for passwords or for tokens."""
    if is_next_option(value):
        return NEXT_OPTION
    at = text.find(value)
    item = _ITEM_BEFORE.search(text[max(0, at - _LOOK_BACK) : max(at, 0)])
    if item and (not _OPTION_NAME.fullmatch(item[1]) or _is_like(value, item[1])):
        return "is the next item of a list"
    if at >= 0 and _NEXT_NAME.match(text, at + len(value)):
        return "is the next name, not the value of the one before"
    if name_before(value, text) is Name.PASSWORD:
        return against_password(value, text)
    return against_secret(value, text)


def is_next_option(value: bytes) -> bool:
    """Whether `value` is an option itself, behind one that takes none: `--passwd --name=…`."""
    return _NEXT_OPTION.match(value) is not None


def _is_like(value: bytes, item: bytes) -> bool:
    """Whether `value` is a name as the item before it is: `SMTP_OAUTH2_USER` behind `SMTP_PASSWORD`."""
    first, other = _FIRST_WORD.match(value), _FIRST_WORD.match(item)
    return bool(first and other and first[0] == other[0]) and not is_drawn(value, least=_SURELY_DRAWN)


_FIRST_WORD: Final = LazyRegex(rb"[A-Z]{2,30}(?=_)|[A-Za-z][a-z]{1,30}(?=[_.A-Z-])")
_NEXT_NAME: Final = LazyRegex(rb"[\"']\s{0,20}(?::|=>)")
# The value before it in a list, where the name of an option or of a variable would stand.
_ITEM_BEFORE: Final = LazyRegex(rb"[\"'`]([^\"'`\n]{1,80})[\"'`],[ \t]{0,4}\r?\n\s{0,80}[\"'`]$")
_OPTION_NAME: Final = LazyRegex(rb"-{0,2}[A-Za-z_][A-Za-z_.-]{0,60}\d?")
_LOOK_BACK: Final = 120
_NEXT_OPTION: Final = LazyRegex(rb"--?[A-Za-z][\w-]{1,40}(?:=|$)")


_IN_QUERY: Final = LazyRegex(rb"[?&;](?:access_?|api_?)?(?:token|key)=$")
# Its initializer holds drawn values that nothing uses: https://github.com/heartcombo/devise
_DEVISE: Final = LazyRegex(rb"(?m)^[ \t]{0,8}#[ \t]{0,4}config\.(?:secret_key|pepper)[ \t]{0,4}=")


def _is_told_elsewhere(value: bytes, line: bytes) -> str:
    """What speaks against values that are closed up, known, or have rules of their own."""
    if against := _against_place(value, line):
        return against
    if _SEALED.match(value):
        return "is sealed: only its cluster can read it"
    if is_password_hash(value):
        return HASH
    if is_any_token(value):
        return "is a JSON Web Token, which has a rule of its own"
    is_piece = value.startswith(_TOKEN_BEGINS) and value.count(b".") < 2
    return "is a piece of a JSON Web Token, without its signature" if is_piece else ""


# What the first part of a token begins with, `{"alg":`, `{"typ":` and `{"kid":` in base64.
_TOKEN_BEGINS: Final = (b"eyJhbGciOi", b"eyJ0eXAiOi", b"eyJraWQiOi")


def _against_place(value: bytes, line: bytes) -> str:
    """What the line says against a value: that it is shown, a digest, public or not in use."""
    if b'"hashed_secret"' in line:
        return "is a hash in a list of known findings"
    if b"@sha256:" + value in line:
        return "is the digest of an image"
    if value.startswith(b"pk_") and _IN_QUERY.search(line[: max(line.find(value), 0)]):
        return "is a publishable key, by its prefix, in an address that pages ask for"
    if _DEVISE.search(line):
        return "is commented out, as the generator of Devise leaves it"
    return against_documented(value, line)


def against_encoded_text(value: bytes, _line: bytes) -> str:
    """The filter of keys that are random bytes in base64: drops those that are a text in it."""
    from binascii import Error, a2b_base64

    try:
        return "is base64 of a text, and no random bytes" if a2b_base64(value).isascii() else ""
    except Error:
        return ""


_BASE64: Final = LazyRegex(rb"[A-Za-z0-9+/]{8,400}={0,2}")


def _says_words(value: bytes) -> bool:
    """Whether `value` is base64 of something that is not drawn itself: it looks so and is not."""
    from binascii import Error, a2b_base64

    padding = b"=" * (-len(value) % 4)
    if not _BASE64.fullmatch(value) or (padding and not value.startswith(b"eyJ")):  # of JSON alone
        return False
    try:
        plain = a2b_base64(value + padding)
    except Error:
        return False
    return plain.isascii() and plain.decode("ascii").isprintable() and not is_drawn(plain)
