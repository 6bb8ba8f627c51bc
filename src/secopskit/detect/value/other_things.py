"""What is no secret whatever its name promises: digests, public keys, numbers, addresses, and code.

Bytes in, answer out, as in `secopskit.detect.value.generic_filters`, which asks.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.chance.bigrams import chance
from secopskit.detect.value.elsewhere import is_drawn_among_signs
from secopskit.detect.value.placeholders import is_path
from secopskit.lazy_regex import LazyRegex

OTHER_THING: Final = "is a digest, a public key, a number, a path, data or code"
_MAY_BE_DRAWN: Final = 24.0  # bits of evidence

# Not what the name promises, whatever it looks like: digests, hashes, keys' public halves, pictures.
_FORMAT: Final = LazyRegex(
    rb"(?i:sha(?:1|224|256|384|512)|md5)[-:=$]|ssh-(?:rsa|dss|ed25519)|AAAA[BCE]3NzaC"
    # An address of Ethereum, whose keys are longer; what GnuPG calls a key by.
    rb"|0x[0-9A-Fa-f]{16}(?:[0-9A-Fa-f]{24})?(?![0-9A-Za-z])"
    rb"|MI(?:IBIjANBg|GfMA0G|I[A-Za-z0-9+/]{3}CC)|MFkwEwYH|data:|https?:|urn:|mailto:|npm:|workspace:|iVBORw0KGgo|R0lGOD|/9j/"
    rb"|\$(?:2[abxy]?|argon2\w{0,2}|pbkdf2[\w-]{0,16}|scrypt|y|apr1|[156])\$|pbkdf2_sha\w{1,4}\$|pbkdf2:sha|scrypt:\d"
    rb"|\{(?:SSHA|SHA|CRYPT|BCRYPT)\w{0,4}\}|SCRAM-SHA-|Ag[A-Za-z0-9+/]{280}|(?:wc[BF]M|hQ[EI]M)A[A-Za-z0-9+/]{60}"
)
# The same of what does not look drawn beyond doubt: numbers, versions, times, markup, references.
_OTHER_THING: Final = LazyRegex(
    rb"0[xX][0-9A-Fa-f]{1,8}$|\d{4}-\d\d-\d\dT|[v^~<>=]{0,2}\d{1,4}(?:\.\d{1,6}){1,4}|[\d.,:+-]{1,40}$"
    rb"|(?:min|max|size|digits|between):\d|[<&%#{@]|\$\{?[A-Za-z_]{2,40}\}?[/.:$-]|[@\w./-]{1,60}@[\^~]?\d{1,4}\.\d"
    rb"|(?:application|audio|font|image|model|multipart|text|video)/[\w.+-]{2,80}$"
)
# Encodings of text, and ways to hash, encrypt or log in: `utf-16-le`, `PLAIN-MD5`, `mschapv2-and-ntlmv2`.
_METHOD: Final = LazyRegex(
    rb"(?i:utf|ucs|iso|latin|windows|koi8)[-_]?\d{1,5}(?:[-_][A-Za-z0-9]{1,5}){0,2}"
    rb"|(?:(?-i:[A-Za-z]{2,12})(?:v\d)?[-_/.]){0,4}(?i:md[45]|sha(?:[-_]?(?:1|2|3|224|256|384|512)){1,2}"
    rb"|(?:aes|camellia|aria|des)[-_]?(?:128|192|256|3|ede3)?|rc4|(?:ntlm|mschap|snmp|krb|oauth|tls|ssl)(?:v?\d(?:[._]\d)?))"
    rb"(?:[-_/.](?:[A-Za-z]{2,10}(?:v?\d)?|\d{2,4})){0,4}"
)
_CLASS: Final = LazyRegex(rb"\\{0,2}[A-Z]\w{1,60}(?:\\{1,2}[A-Z]\w{1,60}){1,8}")
_SIGNS_OF_CODE: Final = frozenset((b"<", b"&", b"%", b"#", b"{", b"@"))
_CODE: Final = LazyRegex(
    rb"[A-Za-z_]\w{0,60}(?:(?:\.|->|::)[A-Za-z_]\w{0,60}){1,8}[;,]?$|\w{1,60}\(|.{0,80}\\[nrtux0]|.{0,120}(?:\$\{|\{\{|<%|\$\()"
    rb"|.{0,120}\[[^\]]{0,40}[A-Za-z0-9]-[A-Za-z0-9][^\]]{0,40}\][{+*]"  # a regular expression
)
# A field that a format string fills by a call, as `{draw(8)}`; and a regular expression: `[a-z0-9]{20,}`.
_FILLED_IN: Final = LazyRegex(
    rb".{0,200}\{[A-Za-z_][\w.]{0,60}\([^(){}]{0,60}\)(?:![rsa])?(?::[^{}]{0,20})?\}"
    rb"|.{0,200}\[[^\[\]]{0,40}\w-\w[^\[\]]{0,40}\](?:\{\d{1,4}[,}]|[+*?)])"
)


def is_other_thing(value: bytes) -> bool:
    """Whether `value` is a digest, a public key, a number, an address, data or code."""
    if _FORMAT.match(value) or ((b"(" in value or b"]" in value) and _FILLED_IN.match(value)):
        return True
    if value[:1] in _SIGNS_OF_CODE:
        return not is_drawn_among_signs(value)
    if chance(value) >= _MAY_BE_DRAWN:
        return False
    return bool(_OTHER_THING.match(value) or _METHOD.fullmatch(value)) or _is_class(value) or is_path(value)


def _is_class(value: bytes) -> bool:
    """Whether `value` names a class below others, as PHP does."""
    return b"\\" in value and _CLASS.fullmatch(value) is not None


# Small and large letters and two digits around one dot: people put it between words, or a machine drew it.
_DOTTED: Final = LazyRegex(
    rb"(?=[^a-z]{0,40}[a-z])(?=[^A-Z]{0,40}[A-Z])(?=\D{0,40}\d\D{0,40}\d)[A-Za-z0-9]{1,40}\.[A-Za-z0-9]{1,40}"
)


def is_code(value: bytes) -> bool:
    """Whether `value` is a member access, a call or a template, and no password with a dot in it."""
    return _CODE.match(value) is not None and not _DOTTED.fullmatch(value)
