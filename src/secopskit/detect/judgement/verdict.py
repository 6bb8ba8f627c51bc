"""What a value is worth: real, weak, or nothing, and why."""

from __future__ import annotations

from typing import Final

from secopskit.detect.chance.randomness import counts_up
from secopskit.detect.judgement.candidate import SecretCandidate
from secopskit.detect.judgement.place import Trust
from secopskit.detect.value.filters import (
    PATH,
    PLACEHOLDER,
    KeyKind,
    against_plausible,
    against_value,
    is_drawn_among_signs,
    is_made_up,
    is_made_up_secret,
    is_path,
    is_weak_password,
    looks_random,
    plausible_password,
)
from secopskit.detect.value.generic_filters import NOT_DRAWN
from secopskit.detect.value.other_things import is_code
from secopskit.findings import Confidence, Severity
from secopskit.formats.encoding import from_base64
from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


class ValueVerdict(NamedTuple):
    """What a value is worth. `against` says why it is nothing, in words that follow "it"; "" for a match."""

    against: str = ""
    confidence: Confidence | None = None
    weak: bool = False
    severity: Severity | None = None


_PERCENT: Final = LazyRegex(rb"%([0-9A-Fa-f]{2})")
_WEAK: Final = ValueVerdict(weak=True)
_REAL: Final = ValueVerdict(confidence=Confidence.HIGH)
_LIKELY: Final = ValueVerdict(confidence=Confidence.MEDIUM)


def verdict_on(candidate: SecretCandidate, kind: KeyKind, trust: Trust) -> ValueVerdict:
    """Whether the candidate's value, held by a key of that kind, is a secret at a place of that trust."""
    if _is_label(candidate):
        return ValueVerdict("is a caption: it repeats the name, or is the word for it in some language")
    text = _unescaped(candidate.value.strip())
    if is_weak_password(text):
        return _weak_verdict(text, candidate.key, kind, trust)
    if kind is KeyKind.PASSWORD:
        return _password_verdict(text, trust, literal=candidate.literal)
    if kind is KeyKind.CREDENTIALS and _NAMES_THEM.fullmatch(text):
        return ValueVerdict("is the name of a file or a way to log in, not the credentials themselves")
    verdict = _token_verdict(text, trust, literal=candidate.literal)
    if verdict.against == NOT_DRAWN and kind is KeyKind.SECRET and trust in (Trust.SETTINGS, Trust.CODE):
        sure = _SIGNING.search(candidate.key) is not None
        return _LIKELY if is_made_up_secret(text, sure=sure) and not is_code(text) else verdict
    return verdict


# What a secret is for that no service issues.
_SIGNING: Final = LazyRegex(r"(?i)jwt|session|cookie|shared|signing|secret_?key|^secret key$")


# The name of a file or a key store that holds them; what a server asks of its clients.
_NAMES_THEM: Final = LazyRegex(
    rb"(?i)[a-z][a-z0-9]{0,40}(?:[._-][a-z0-9]{1,40}){0,6}[._-](?:creds?|credentials?)(?:[._-][a-z]{2,8})?"
    rb"|request(?:ed)?|required?|optional|preferred|want|need"
)


def _unescaped(text: bytes) -> bytes:
    """`text` with the signs that it holds as URLs write them; as it is where that makes no text."""
    if b"%" not in text or text.count(b"%") != sum(1 for _ in _PERCENT.finditer(text)):
        return text
    plain = _PERCENT.sub(lambda found: bytes([int(found[1], 16)]), text)
    try:
        return plain if plain.decode().isprintable() else text
    except UnicodeDecodeError:
        return text


# The certificates in a trust store are public, and Java's own has this password everywhere.
_TRUST_STORE: Final = LazyRegex(r"(?i)trust[-_.]?store|src-?storepass")


def _weak_verdict(text: bytes, key: str, kind: KeyKind, trust: Trust) -> ValueVerdict:
    if text == b"changeit" and _TRUST_STORE.search(key):
        return ValueVerdict("is the usual password of a store of public certificates")
    if trust is Trust.SETTINGS and _ASKS.fullmatch(text):
        return ValueVerdict(PLACEHOLDER)
    if _weak_counts(text, kind, trust):
        return _WEAK
    return ValueVerdict("is weak, at a place where such words mean other things")


# Asks to be replaced, in a way that nobody types as a password: "CHANGE_ME", "change-me", "yourPassword".
# What servers are really shipped with is "changeme" and "changeit".
_ASKS: Final = LazyRegex(
    rb"(?:CHANGE[-_]?(?:ME|THIS|IT)|[Cc]hange[-_](?:me|this|it)|ChangeMe)[!.]?"
    rb"|(?:(?:YOUR|MY|THE)[-_]?)?(?:SECRET|PASSWORD|PASSWD|PASSPHRASE|TOKEN)(?:[-_]?(?:KEY|HERE))?"
    rb"|(?i:your[-_]?(?:own[-_]?)?(?:password|secret|passphrase|salt)|password[-_]here)"
)

# What is filled in before anything runs: a name in capitals, a slot between signs.
_TO_FILL_IN: Final = LazyRegex(rb"[A-Z0-9_-]{2,200}|.{0,200}[<>{}\[\]$%|`()].{0,200}")
_CALLED_ONE: Final = LazyRegex(rb"(?i)(?:[\w-]{0,30}[-_])?placeholder(?:[-_][\w-]{0,30})?")
_LEAST_RUN: Final = 5


def runs_with(candidate: SecretCandidate, kind: KeyKind, trust: Trust) -> bool:
    """Whether a program would start with that placeholder: of a secret that nobody issues."""
    text = candidate.value.strip()
    if trust is not Trust.DEPLOYED or kind not in (KeyKind.PASSWORD, KeyKind.SECRET):
        return False
    if _CALLED_ONE.fullmatch(text):  # of a build, whose values nothing runs with
        return False
    return len(text) >= _LEAST_RUN and b" " not in text and not _TO_FILL_IN.fullmatch(text)


# The word for a password, as a form shows it.
_CAPTIONS: Final = _set(
    "passwort kennwort contraseña senha wachtwoord lösenord hasło heslo parola parole salasana "
    "adgangskode passord jelszó şifre пароль 密码 密碼 パスワード 비밀번호 lozinka geslo slaptažodis parool"
)


def _is_label(candidate: SecretCandidate) -> bool:
    """`password: Password` is a caption, and so is `password: Passwort`."""
    value = candidate.value.strip()
    text = value.rstrip(b" :*").decode("utf-8", "replace")
    if text.lower() in _CAPTIONS and text != text.lower():
        return True
    return value[:1].isupper() and candidate.key.lower().endswith(value.lower().decode("ascii", "replace"))


def _weak_counts(text: bytes, kind: KeyKind, trust: Trust) -> bool:
    if kind is KeyKind.PASSWORD:
        return trust is Trust.DEPLOYED or (trust is Trust.SETTINGS and len(text) >= 3)
    return len(text) >= 5 and (
        trust is Trust.DEPLOYED or (trust is Trust.SETTINGS and kind is KeyKind.SECRET)
    )


def _password_verdict(text: bytes, trust: Trust, *, literal: bool) -> ValueVerdict:
    in_use = trust in (Trust.DEPLOYED, Trust.SETTINGS)
    if against := against_plausible(text, phrases=in_use, literal=literal):
        return ValueVerdict(against)
    if looks_random(text):
        return _REAL
    if in_use or (trust is Trust.CODE and is_made_up(text)):
        return _LIKELY
    return ValueVerdict("reads as a word, in a file where such names are used for other things")


def _token_verdict(text: bytes, trust: Trust, *, literal: bool) -> ValueVerdict:
    if against := _against_token(text, trust, literal=literal):
        return ValueVerdict(against)
    if trust is not Trust.DEPLOYED and counts_up(text):
        return ValueVerdict("counts up, as examples do")
    if looks_random(text.replace(b" ", b"")) and (len(text) >= 12 or trust is Trust.DEPLOYED):
        return _REAL
    wordy = trust is Trust.DEPLOYED and plausible_password(text)
    return _LIKELY if wordy else ValueVerdict(NOT_DRAWN)


def _against_token(text: bytes, trust: Trust, *, literal: bool) -> str:
    solid = text.replace(b" ", b"")  # the salts of WordPress hold blanks
    if len(text) < 8 or not text.isascii():
        return "is too short for a token, or not of its characters"
    if against := against_value(text, literal=literal) or (PATH if is_path(text) else ""):
        return against
    if len(solid) < len(text) and not (len(text) >= 32 and looks_random(solid)):
        return "is several words"
    is_text = trust in (Trust.CODE, Trust.TEMPLATE) and _is_encoded_text(text)
    return "is base64 of words" if is_text else ""


def _is_encoded_text(text: bytes) -> bool:
    """Whether `text` is base64 of something made up of words: it looks random and is not."""
    plain = from_base64(text)
    return plain is not None and plain.isascii() and not looks_random(plain)


_AT_START: Final = b"django-insecure-"


def is_made_at_start(candidate: SecretCandidate, kind: KeyKind) -> bool:
    """Whether `django-admin startproject` has drawn the value: it signs, and Django warns of it."""
    value = candidate.value
    return (
        kind is KeyKind.SECRET
        and value.startswith(_AT_START)
        and is_drawn_among_signs(value.removeprefix(_AT_START))
    )
