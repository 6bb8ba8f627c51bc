"""Passwords made by people: the ones anyone guesses, and the ones that merely can be one."""

from __future__ import annotations

from typing import Final

from secopskit.detect.chance.randomness import looks_random, walks
from secopskit.detect.value.placeholders import PATH, against_value, is_path
from secopskit.lazy_regex import LazyRegex


def _set(words: str) -> frozenset[bytes]:
    return frozenset(words.encode().split())


# Defaults of images and installers, and what people type first. Lower case; digits and signs
# behind a word are allowed for below.
_WEAK: Final = _set(
    "password passwd pass pwd passw passwort motdepasse passme secret root toor admin administrator "
    "adminadmin rootroot user username guest test tester testing testtest default changeme changeit "
    "change-me change_me changethis demo odoo postgres postgresql mysql mariadb mongo mongodb redis "
    "rabbitmq rabbit elastic elasticsearch kibana minio minioadmin keycloak grafana jenkins nexus sonar "
    "gitea gitlab wordpress drupal joomla magento django laravel rails symfony spring tomcat oracle sa "
    "db database mssql cassandra neo4j influx influxdb clickhouse airflow superset metabase n8n zabbix "
    "nagios prometheus docker vagrant ubuntu pi raspberry alpine welcome letmein qwerty qwertz azerty "
    "asdf asdfgh zxcvbn abc iloveyou monkey dragon sunshine princess master login hello helloworld "
    "superman batman football baseball shadow trustno whatever freedom starwars hunter swordfish secure "
    "supersecret topsecret mysecret mypassword mysecretpassword my-secret-pw my-secret-password "
    "secretpassword secret-password verysecret secretkey secret-key secret_key 1q2w3e4r 1qaz2wsx "
    "zaq12wsx q1w2e3r4 qazwsx temp temporary dev devel develop development local app api server service "
    "super system manager operator public private nopassword example foobar foo bar insecure dbuser "
    "dbpass dbpassword userpass userpassword rootpass rootpassword adminpass adminpassword testpass "
    "testpassword rootpw adminpw apppassword exampleuser examplepass strongpassword securepassword "
    "salt pepper mysalt my-salt my_salt secretsalt randomsalt somesalt yoursalt mypepper "
    "superpassword newpassword defaultpassword password-here your-password yourpassword"
)
_WORD_DIGITS: Final = LazyRegex(rb"([a-z@!$0-9_-]{2,24}?)[-_@!.#]?(?:\d{0,4}|12345\d{0,5})[!@#$.]{0,2}")
LEET: Final = bytes.maketrans(b"@0134$5!", b"aoieassi")
"""Letters for the signs and digits that people write for them."""
_LONGEST_WEAK: Final = 24


def is_weak_password(value: bytes) -> bool:
    """Whether anyone would guess `value`: a default, a word with digits behind, `123456`, `aaaa`."""
    text = value.strip().lower()
    if not 1 <= len(text) <= _LONGEST_WEAK:
        return False
    if text in _WEAK or (text not in _NOT_VALUES and _is_simple(text)):
        return True
    found = _WORD_DIGITS.fullmatch(text)
    return bool(found and (found[1] in _WEAK or found[1].translate(LEET) in _WEAK))


def _is_simple(text: bytes) -> bool:
    longest, total = walks(text)
    if text.isdigit():
        return len(text) <= 6 or total * 2 > len(text)
    if not text.isalnum() or (text[:1] in (b"x", b"y", b"z") and len(set(text)) == 1):
        return False  # `xxxx` fills in
    return len(set(text)) <= 3 or (longest >= 5 and total * 2 > len(text))


_NOT_VALUES: Final = _set(
    "none null nil nul undefined value false true yes no on off n/a na string str text bytes int integer "
    "number boolean bool object array any void required optional varchar secure securestring sensitive "
    "hidden encrypted unset empty disabled enabled auto random env environment md5 sha256 sha512 bcrypt "
    "scram-sha-256 trust prompt ask file vault keyring email basic bearer digest uuid jwt opaque token "
    "apikey api_key"
)


def plausible_password(value: bytes) -> bool:
    """Whether `value`, standing where a password belongs, can be one: also one made by a person."""
    return not against_plausible(value)


def against_plausible(value: bytes, *, phrases: bool = False, literal: bool = False) -> str:
    """What speaks against `value` being a password, in words that follow "it"; "" if it can be one.

    `phrases`: several words may be one, as under the very name of a password in what is deployed.
    `literal` is as in `is_reference`.
    """
    text = value.strip()
    if not 3 <= len(text) <= 512 or b"\n" in text or _is_empty(text):
        return "is too short, too long, a word of settings or signs alone, and no password"
    if text.isdigit() and len(text) < 6:  # a port, a time, a flag
        return "is a small number: a port, a time, a flag"
    if len(text.split()) >= 3 and not _may_be_phrase(text, phrases=phrases):
        return "is a sentence"
    if against := against_value(text, literal=literal):
        return against
    return _against_looks(text)


def _against_looks(text: bytes) -> str:
    if _ANONYMOUS.fullmatch(text):
        return "is what anybody sends for a password who logs in without one"
    if _SHOWN_TEXT.search(text):
        return "is a text to be shown: it holds a colour of the terminal or a slot to format"
    return PATH if is_path(text) else ""


def _is_empty(text: bytes) -> bool:
    """Whether it stands for nothing (`none`, `off`), or holds neither a letter nor a digit."""
    if text.lower().rstrip(b",;") in _NOT_VALUES:
        return True
    return not text.isalnum() and not any(map(str.isalnum, text.decode("utf-8", "replace")))


# To servers for files, which ask for an address (RFC 1635).
_ANONYMOUS: Final = LazyRegex(rb"(?i)-?(?:anonymous|guest|ftp)@[\w.-]{0,80}")
# An escape of colour as source writes it, `%1$s` and `%@` of translations.
_SHOWN_TEXT: Final = LazyRegex(rb"\\(?:e|033|x1[bB]|u001[bB])\[\d|%\d\$[sd@]")


def _may_be_phrase(text: bytes, *, phrases: bool) -> bool:
    return looks_random(text.replace(b" ", b"")) or (phrases and is_passphrase(text))


# Words of sentences and captions, which no list of words for passphrases holds.
_OF_SENTENCES: Final = _set(
    "a an the this that these your you our my its is are was be been must may can should will not no and "
    "or if of to for in on at by from with as it enter type choose set use used using please new old current "
    "forgot forgotten reset change changed invalid wrong incorrect required optional least characters "
    "password passwords passphrase username user secret token key value here when which who how "
    "what than more only leave empty"
)
_WORD: Final = LazyRegex(rb"[A-Za-z]{2,16}\d{0,4}|\d{1,4}")


def is_passphrase(text: bytes) -> bool:
    """Whether `text` is three to twelve words side by side that make no sentence, as Diceware draws them."""
    parts = text.split()
    if not 3 <= len(parts) <= 12 or not all(map(_WORD.fullmatch, parts)):
        return False
    sentence = parts[0][:1].isupper() and not any(part[:1].isupper() for part in parts[1:])
    return not sentence and _OF_SENTENCES.isdisjoint(part.lower() for part in parts)
