"""Turns settings into matches: the one place that decides whether a value is a secret.

`secopskit.formats` only parses: it yields `Setting`s. What the key says, whether the value is a
reference, a placeholder, weak or real, and which rule that makes, is decided here. A detector that
knows more of a setting than its key makes a `SecretCandidate` of it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from secopskit.detect import witness
from secopskit.detect.structure.place import SettingPlace, Trust
from secopskit.detect.value.filters import (
    PATH,
    PLACEHOLDER,
    KeyKind,
    against_plausible,
    against_value,
    is_drawn_among_signs,
    is_made_up,
    is_password_hash,
    is_path,
    is_weak_password,
    kind_below,
    kind_of_several,
    looks_random,
    plausible_password,
    sensitive_key,
)
from secopskit.detect.web_tokens import told
from secopskit.findings import Confidence, Match, Severity, Span
from secopskit.formats.encoding import from_base64
from secopskit.formats.references import default_of
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import LazyRegex
from secopskit.secret import SecretValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WEAK_RULE: Final = "weak-password"
HASH_RULE: Final = "password-hash"
CONNECTION_RULE: Final = "connection-string-password"
_LONGEST: Final = 8192  # bytes of one value
_PASSWORDS: Final = (SettingForm.PASSWORD, SettingForm.PASSWORD_OPTION)


class SecretCandidate(NamedTuple):
    """A value that may be a secret, and what its detector knows of it beyond what a `Setting` says.

    `kind` is what it holds if it is one, None if only what stands inside it counts. `rule`
    overrides the place's rule. `note` replaces the usual note that names the key. `literal`: it
    stands in single quotes, in which nothing is expanded.
    """

    key: str
    value: bytes
    span: Span
    kind: KeyKind | None
    rule: str = ""
    note: str = ""
    literal: bool = False


def judge(settings: Iterable[Setting], place: SettingPlace) -> Iterator[Match]:
    """The matches among `settings`, by what their keys and values say."""
    for setting in settings:
        if candidates := _candidates_of(setting, place.trust):
            yield from judge_candidates(candidates, place)
        else:
            key, against = _shown(setting.key), witness.NAME_SAYS_NOTHING
            witness.tell(setting.span, setting.value, place.rule, name=key, against=against)


_SALT: Final = LazyRegex(r"(?i)(?:^|[_.-])salt$")


def _candidates_of(setting: Setting, trust: Trust) -> list[SecretCandidate]:
    """What may be a secret in `setting`: it, its items, or the salt that the environment of a program has."""
    candidate = candidate_of(setting)
    if candidate and candidate.kind:
        return [candidate]
    if several := _several(setting, trust):
        return several
    if trust is Trust.DEPLOYED and _SALT.search(setting.key):
        return [SecretCandidate(setting.key, setting.value, setting.span, KeyKind.SECRET)]
    return [candidate] if candidate else []


def candidate_of(setting: Setting, *, rule: str = "", note: str = "") -> SecretCandidate | None:
    """`setting` as a candidate; None where neither its key nor its value gives a reason to look."""
    key, value, form = setting.key, setting.value, setting.form
    if form in _PASSWORDS:
        kind: KeyKind | None = KeyKind.PASSWORD
    else:
        kind = sensitive_key(key)
        if kind is None and setting.path:
            kind = kind_below(setting.path[-1], key)
        if kind is None and (form is SettingForm.OPTION or not (b"://" in value or b"=" in value)):
            return None
    literal = setting.quote == "'"
    return SecretCandidate(key, value, setting.span, kind, rule, note or _note(setting), literal)


_ITEM: Final = LazyRegex(rb"[^\s,;\"'\[\]]{6,400}")
_MOST_ITEMS: Final = 64


def _several(setting: Setting, trust: Trust) -> list[SecretCandidate]:
    """The items of a setting that holds several: `API_TOKENS=a,b`. Words are items of `…PASSWORDS` alone."""
    kind, key, value = kind_of_several(setting.key), setting.key, setting.value
    if kind is None or len(value) > _LONGEST or b"://" in value:
        return []
    whole = SecretCandidate(key, value, setting.span, kind, literal=setting.quote == "'")
    found = islice(_ITEM.finditer(value), _MOST_ITEMS)
    parts = [_part(whole, item.start(), item[0], f"one of {_shown(key)}", "") for item in found]
    in_use = kind is KeyKind.PASSWORD and trust is Trust.DEPLOYED
    return parts if in_use else [part for part in parts if looks_random(part.value)]


def _note(setting: Setting) -> str:
    """What the way in which a setting is written says to the reader; "" for the usual note."""
    if setting.encoding:
        return f"key {setting.key[:60]}, decoded from {setting.encoding}"
    match setting.form:
        case SettingForm.OPTION | SettingForm.PASSWORD_OPTION:
            return f"option {setting.key}"
        case SettingForm.DEFAULT:
            return f"default of variable {setting.key[:60]}"
        case _:
            return ""


def judge_candidates(candidates: Iterable[SecretCandidate | None], place: SettingPlace) -> Iterator[Match]:
    """The matches among `candidates`."""
    for candidate in candidates:
        if candidate:
            yield from judge_candidate(candidate, place)


def judge_candidate(candidate: SecretCandidate, place: SettingPlace) -> Iterator[Match]:
    """The matches in one candidate: its value, or the passwords in URLs and connection strings it holds."""
    if not 0 < len(candidate.value) <= _LONGEST:
        return
    inner = list(_inner(candidate))
    if inner:
        for part in inner:
            yield from _judge_value(part, KeyKind.PASSWORD, place)
    elif candidate.kind is not None and candidate.kind is not KeyKind.URL:
        yield from _judge_value(candidate, candidate.kind, place)


# --- values inside values ---------------------------------------------------------------------

# The user may be empty (redis://:password@host). The password ends at the last @ before the host.
_URL: Final = LazyRegex(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,40}://(?:[^\s:/@\"'<>{}]{0,120}|\$\{[^{}]{1,100}\}):"
    rb"((?:\$\{[^{}]{1,200}\}|[^\s/\"'<>${}]|\$(?!\{)){1,200})@(?=[\w.\[${*%-])"
)
_CONNECTION: Final = LazyRegex(
    rb"(?i)(?:^|[;\s\"'?&])(?:password|pwd|accountkey|sharedaccesskey|sharedsecret)\s{0,3}=\s{0,3}([^;\"'&\s]{1,300})"
)
_CONNECTION_SIGN: Final = LazyRegex(
    rb"(?i)(?:server|data source|host|addr(?:ess)?|endpoint|accountname|database|initial catalog|dbname"
    rb"|user id|uid|user)"
    rb"\s{0,3}=[^;]{0,200}[;\s&]|jdbc:"
)


# Its image takes user and password in one variable: https://neo4j.com/docs/operations-manual/current/docker/
_OF_NEO4J: Final = LazyRegex(rb"neo4j/(\S{3,200})")


def _inner(candidate: SecretCandidate) -> Iterator[SecretCandidate]:
    value = candidate.value
    if b"://" in value:
        for found in _URL.finditer(value):
            note = f"password in the URL of {_shown(candidate.key)}"
            yield _part(candidate, found.start(1), found[1], note, "")
    if login := _OF_NEO4J.fullmatch(value):
        note = f"password in {_shown(candidate.key)}"
        yield _part(candidate, login.start(1), login[1], note, "")
    if b"=" in value and _CONNECTION_SIGN.search(value):
        for found in _CONNECTION.finditer(value):
            note = f"connection string {_shown(candidate.key)}"
            yield _part(candidate, found.start(1), found[1], note, CONNECTION_RULE)


def _part(candidate: SecretCandidate, offset: int, value: bytes, note: str, rule: str) -> SecretCandidate:
    return SecretCandidate(
        key=candidate.key,
        value=value,
        span=_narrow(candidate, offset, len(value)),
        kind=candidate.kind,
        note=note,
        rule=rule or candidate.rule,
    )


def _narrow(candidate: SecretCandidate, offset: int, length: int) -> Span:
    """The span of a part of the value, where the value stands as it is; else the whole span."""
    start, end = candidate.span
    if end - start != len(candidate.value):
        return candidate.span
    return Span(start + offset, start + offset + length)


# --- the verdict ------------------------------------------------------------------------------


def _judge_value(candidate: SecretCandidate, kind: KeyKind, place: SettingPlace) -> Iterator[Match]:
    candidate = _in_use(candidate)
    if place.trust is not Trust.TEMPLATE and _is_hash(candidate.value):
        yield from _hash(candidate)
        return
    verdict = verdict_on(candidate, kind, place.trust)
    if verdict.against == PLACEHOLDER and place.weak is None and _runs_with(candidate, kind, place.trust):
        verdict = ValueVerdict(weak=True, confidence=Confidence.MEDIUM)
    elif (candidate.rule or place.trust is Trust.DEPLOYED) and _is_made_at_start(candidate, kind):
        verdict = ValueVerdict(confidence=Confidence.MEDIUM, severity=Severity.MEDIUM)
    rule = WEAK_RULE if verdict.weak else candidate.rule or place.rule
    witness.tell(candidate.span, candidate.value, rule, name=_shown(candidate.key), against=verdict.against)
    if verdict.against:
        return
    note, says = candidate.note or f"key {_shown(candidate.key)}", told(candidate.value)
    yield Match(
        rule_id=rule,
        span=candidate.span,
        secret=SecretValue(candidate.value),
        confidence=verdict.confidence,
        severity=place.weak if verdict.weak else verdict.severity or says.severity,
        note=f"{note}, {says.note}" if says.note else note,
    )


_LOGIN: Final = LazyRegex(rb"[\w.@-]{1,64}:(?=[${*\\])")


def _is_hash(value: bytes) -> bool:
    """Whether `value` is the hash of a password, perhaps with its user before it."""
    text = value.strip()
    login = _LOGIN.match(text)
    return is_password_hash(text[login.end() :] if login else text)


def _hash(candidate: SecretCandidate) -> Iterator[Match]:
    note = candidate.note or f"key {_shown(candidate.key)}"
    witness.tell(candidate.span, candidate.value, HASH_RULE, name=_shown(candidate.key))
    yield Match(
        rule_id=HASH_RULE,
        span=candidate.span,
        secret=SecretValue(candidate.value),
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        note=note,
    )


def _in_use(candidate: SecretCandidate) -> SecretCandidate:
    """The default behind a variable, where the value is one with a default."""
    default = default_of(candidate.value)
    if default is None:
        return candidate
    note = f"default value of {_shown(candidate.key)}"
    return _part(candidate, default.offset, default.value, note, candidate.rule)


_AT_START: Final = b"django-insecure-"


def _is_made_at_start(candidate: SecretCandidate, kind: KeyKind) -> bool:
    """Whether `django-admin startproject` has drawn the value: it signs, and Django warns of it."""
    value = candidate.value
    return (
        kind is KeyKind.SECRET
        and value.startswith(_AT_START)
        and is_drawn_among_signs(value.removeprefix(_AT_START))
    )


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
    return _token_verdict(text, trust, literal=candidate.literal)


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
    if _weak_counts(text, kind, trust):
        return _WEAK
    return ValueVerdict("is weak, at a place where such words mean other things")


# What is filled in before anything runs: a name in capitals, a slot between signs.
_TO_FILL_IN: Final = LazyRegex(rb"[A-Z0-9_-]{2,200}|.{0,200}[<>{}\[\]$%|`()].{0,200}")
_LEAST_RUN: Final = 5


def _runs_with(candidate: SecretCandidate, kind: KeyKind, trust: Trust) -> bool:
    """Whether a program would start with that placeholder: of a secret that nobody issues."""
    text = candidate.value.strip()
    if trust is not Trust.DEPLOYED or kind not in (KeyKind.PASSWORD, KeyKind.SECRET):
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
    if looks_random(text.replace(b" ", b"")) and (len(text) >= 12 or trust is Trust.DEPLOYED):
        return _REAL
    wordy = trust is Trust.DEPLOYED and plausible_password(text)
    return _LIKELY if wordy else ValueVerdict("does not look drawn by a machine")


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


def _shown(key: str) -> str:
    """The key as a note may show it: short and printable."""
    return "".join(c if c.isprintable() else "?" for c in key[-60:]) or "?"
