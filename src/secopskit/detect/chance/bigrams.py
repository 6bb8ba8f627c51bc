"""Letter bigrams as a measure of randomness: bits of evidence that chance wrote a text, not a person.

Entropy does not tell `getDefaultResourceName` from a token of that length. What does: in words
some letters follow others, capitals begin words, and digits stand at the end. Every pair of
neighbours is evidence for the one or the other.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from secopskit.lazy_regex import LazyRegex

# For each letter: how often each letter follows it in the words of English and of source code.
# The digit is a power of two; 5 is what chance would do, 9 sixteen times as much, 0 never.
_PAIRS: Final = (
    b"25651351503756050767442241"
    b"74546310641733630663610041"
    b"72436216506531720547520030"
    b"64358421721533620553532130"
    b"53674441301557243776243520"
    b"62446721800633720655601040"
    b"62328356700546530763520021"
    b"82238201701443720546500040"
    b"54655550002558640566050304"
    b"72447420535031740261724020"
    b"52348442733525441475424041"
    b"72358220702622730255530060"
    b"75238110703452670253500020"
    b"62666472614324530267440020"
    b"44552441414668550755645210"
    b"71337234502612651756502040"
    b"32031111000633110452942010"
    b"73458341703454630565432040"
    b"51537326703433552267612040"
    b"61438326700432630665412050"
    b"56545440500667360767000100"
    b"72319220700122520143102010"
    b"72447226703416720663202200"
    b"53657434600453472357422541"
    b"54545342610566580476234034"
    b"61019112700331520333200045"
)
# Words with digits that everybody writes: their letters and digits side by side prove nothing.
_NUMBERED: Final = LazyRegex(
    rb"(?i)(?<![0-9])(?:lwm2m|i18n|l10n|a11y|k8s|e2e|b2b|b2c|m2m|p2p|oauth[12]|x509|sha(?:1|2|3|224|256|384|512)(?![0-9])|md5"
    rb"|base(?:32|58|62|64)|b64|utf_?(?:8|16|32)|u?int(?:8|16|32|64)|float(?:32|64)|ipv[46]|http[23]|log4j|neo4j|web3"
    rb"|aes_?(?:128|192|256)|[rhep]s(?:256|384|512)|ed25519|argon2(?:id)?|pbkdf2|pkcs_?\d{1,2}|h26[45]"
    rb"|es20\d\d|ec2|saml2|win(?:32|64)|x(?:86|64)|arm64|amd64)(?![0-9])"
)
_EVEN: Final = 5
_LONGEST_WORDS: Final = 80
_MOST: Final = 512  # bytes that are looked at
_SEPARATORS: Final = frozenset(b"-_./:, +=|")
_CAPITAL: Final = 1.5  # a capital within a word
_ACRONYM: Final = 1.0  # a small letter behind several capitals
_MIXED: Final = 1.7  # letters, digits and signs side by side
_SIGNS: Final = 0.5
_DIGITS: Final = 0.3


# The name of a class with the version of an interface in it: `AcmeStoreV1beta2AccessPolicy`.
_VERSIONED: Final = LazyRegex(
    rb"(?:[A-Z]{1,4}[a-z]{2,24}){2,12}V\d{1,2}(?:(?:alpha|beta|p)\d{1,2}){0,2}(?:[A-Z]{1,4}[a-z]{1,24}){0,12}"
)


@lru_cache(maxsize=32)  # one value is asked about by several filters
def chance(value: bytes) -> float:
    """Bits of evidence that the most random stretch of `value` was drawn, not composed.

    Words score about 0, whatever their number; tokens of 16 characters and more beyond 12, one
    in a hundred times less. A stretch, because tokens carry prefixes made up of words.
    """
    best = now = 0.0
    text = _plain(value[:_MOST])
    last = before = -1
    for after in text:
        now += _evidence(before, after, 0x41 <= last <= 0x5A)
        last, before = before, after
        if now < 0:
            now = 0.0
        elif now > best:
            best = now
    return best


def _plain(text: bytes) -> bytes:
    """`text` without well-known words that hold digits, where words may be all that it is."""
    if len(text) > _LONGEST_WORDS:
        return text
    return b"" if b"V" in text and _VERSIONED.fullmatch(text) else _NUMBERED.sub(b"-", text)


@lru_cache(maxsize=1 << 14)
def _evidence(before: int, after: int, capital: bool) -> float:
    """What a byte and the one `before` it (-1: none) speak for; positive means chance.

    `capital`: a capital letter stands before both.
    """
    if before < 0 or before in _SEPARATORS or after in _SEPARATORS or before > 0x7E or after > 0x7E:
        return 0.0
    kinds = _kind(before) + _kind(after)
    if kinds == "aA":
        return _CAPITAL
    if kinds == "Aa" and capital:
        return _ACRONYM
    if kinds in ("aa", "AA", "Aa"):
        return float(_EVEN - (_PAIRS[26 * ((before | 32) - 97) + (after | 32) - 97] - 48))
    if kinds[0] != kinds[1]:
        return _MIXED
    return _DIGITS if kinds == "00" else _SIGNS


def _kind(code: int) -> str:
    if 0x61 <= code <= 0x7A:
        return "a"
    if 0x41 <= code <= 0x5A:
        return "A"
    return "0" if 0x30 <= code <= 0x39 else "!"
