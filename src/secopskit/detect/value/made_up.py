"""Passwords that people made up to be used, as against words, captions, and examples of passwords."""

from __future__ import annotations

from typing import Final

from secopskit.detect.value.passwords import is_weak_password
from secopskit.lazy_regex import LazyRegex

SELF_NAMED: Final = LazyRegex(
    rb"(?i)passw|secret|(?<![a-z])pass(?![a-z])|token|(?<![a-z])key(?![a-z])|string|[(),;|{}\[\]\\]|config"
)
"""A password that calls itself one is an example; one with brackets is a piece of code."""
_MIXED: Final = LazyRegex(rb"(?=.{0,100}[A-Za-z])(?=.{0,100}(?:\d|[^\w\s.,:;/-]))")
_PLAIN_WORD: Final = LazyRegex(rb"[a-z]{7,24}")
_TO_HOST: Final = LazyRegex(
    rb"(?i)(?:host(?:name)?|server|data[-_ ]?source|database|dbname|db)[\\\"'\])]{0,4}\s{0,4}(?:=>|[=:,])"
    rb"\s{0,4}[\\\"']{1,4}\w"
)
_AS_USER: Final = LazyRegex(
    rb"(?i)(?:user(?:[_-]?name)?|usr|uid|login)[\\\"'\])]{0,4}\s{0,4}(?:=>|[=:,])\s{0,4}[\\\"']{1,4}"
    rb"(?!user|your|my|test|foo)\w"
)


def is_guessed(value: bytes) -> bool:
    """Whether `value` is a word or a password that anyone guesses, as code has them for other reasons."""
    # Letters written as signs are guessed too, but show that it is a password and not a word.
    return is_weak_password(value) and (value.isalnum() or not _MIXED.match(value))


def is_made_up(value: bytes) -> bool:
    """Whether `value` looks like a password that a person made up to be used, and not like a word."""
    if not _MIXED.match(value) or _LABEL.fullmatch(value):
        return False
    if SELF_NAMED.search(value):
        return is_by_the_rules(value) and not _SHOWN.search(value)
    return _is_long(value)


# `Pass2024!` calls itself a password, and is what people type where all kinds of characters are asked for.
_OF_ALL_KINDS: Final = LazyRegex(
    rb"(?=[^a-z]{0,40}[a-z])(?=[^A-Z]{0,40}[A-Z])(?=\D{0,40}\d)(?=[\w.-]{0,40}[!@#$%^&*?+~])[\w.!@#$%^&*?+~-]{8,40}"
)


# Words of those that documentation shows: `SuperSecret1!`.
_SHOWN: Final = LazyRegex(rb"(?i)secret|token|key|string|config|super|^my|your|strong|secure|example|test")


_LETTERS_AND_DIGITS: Final = LazyRegex(
    rb"(?=[^a-z]{0,100}[a-z])(?=[^A-Z]{0,100}[A-Z])(?=\D{0,100}\d)[A-Za-z0-9]{1,60}"
    rb"(?:[-_.][A-Za-z0-9]{1,60}){0,2}"  # more words are the name of something
)
_WORDS_AND_NUMBER: Final = LazyRegex(rb"[A-Za-z]{3,30}(?:[-_.]?[A-Za-z]{2,30}){0,2}[-_.]?\d{2,8}")
_SIGNS_OF_PHRASES: Final = frozenset(b"#@!$%^&*?+")
# Words of code joined by capitals, names of files, and base64 of words or of a piece of a web token.
_NAMED_OTHERWISE: Final = LazyRegex(
    rb"(?i:key|token|base(?:32|64)|sha\d|[rhep]s(?:256|384|512)|public|private|encod)|=$|^eyJ|\.[a-z]{2,4}$"
)
_LEAST_OF_SECRET: Final = 8


def is_made_up_secret(value: bytes, *, sure: bool = True) -> bool:
    """Whether a person made up `value` to sign with it, as people do with secrets of sessions and tokens.

    It has letters and digits of all kinds, or a sign that no word of settings has. If the name is not `sure`,
    which may be that of an object that holds a secret, one word and a number are not enough.
    """
    if (
        len(value) < _LEAST_OF_SECRET
        or not is_made_up(value)
        or is_guessed(value)
        or _NAMED_OTHERWISE.search(value)
    ):
        return False
    if _LETTERS_AND_DIGITS.fullmatch(value) or not _SIGNS_OF_PHRASES.isdisjoint(value[1:]):
        return True
    return sure and _WORDS_AND_NUMBER.fullmatch(value) is not None


def is_by_the_rules(value: bytes) -> bool:
    """Whether `value` has small and large letters, digits and signs, as rules for passwords want it."""
    return bool(_OF_ALL_KINDS.fullmatch(value))


# A word as a form shows it: with the sign that it must be filled in, or with a colon.
_LABEL: Final = LazyRegex(rb"[A-Z][a-z]{2,40}(?:-[a-z]{2,40})?[ \t]?[*:]")


def _is_long(value: bytes) -> bool:
    return len(value) >= (8 if value.isalnum() else 6)


def connects(value: bytes, line: bytes) -> bool:
    """Whether a word is the password of a connection: the line has a host or database and a user too."""
    if not _PLAIN_WORD.fullmatch(value) or SELF_NAMED.search(value) or is_weak_password(value):
        return False
    return bool(_AS_USER.search(line)) and bool(_TO_HOST.search(line))
