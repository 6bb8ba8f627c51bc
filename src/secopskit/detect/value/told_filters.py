"""The filters of passwords that are told: in a sentence, and in lines of an environment that any text holds.

A word may be one there, as nobody writes `DB_PASSWORD=whitecliff` for another reason; in code it may not.
"""

from __future__ import annotations

from typing import Final

from secopskit.detect.name.keys import sensitive_key
from secopskit.detect.name.naming import Name, name_before
from secopskit.detect.value.fakes import against_documented
from secopskit.detect.value.generic_filters import (
    LINE_TOO_LONG,
    LONGEST_LINE,
    is_drawn,
)
from secopskit.detect.value.hashes import HASH, is_password_hash
from secopskit.detect.value.made_up import SELF_NAMED, is_by_the_rules, is_made_up, is_made_up_secret
from secopskit.detect.value.other_things import is_code, is_other_thing
from secopskit.detect.value.passwords import against_plausible, is_weak_password
from secopskit.detect.witness import NAME_SAYS_NOTHING
from secopskit.lazy_regex import LazyRegex

_LEAST: Final = 6
_SHORT: Final = "is too short to be told from a word"
_WEAK: Final = "is a password anyone guesses, as texts have them for examples"
_EXAMPLE: Final = "calls itself a password or a value, as examples do"
_WORD: Final = "reads as a word"
_THING: Final = "is a number, a path, data or code"
# What is said of a password: `the password is "incorrect"`.
_SAID: Final = frozenset(
    b"wrong incorrect invalid correct valid required missing blank weak strong short expired "
    b"different optional mandatory unknown stored hashed masked visible changed updated deleted accepted "
    b"rejected checked ignored locked pending confirmed confirm match matches cleartext plaintext readonly "
    b"disabled enabled private public provided supplied entered typed prompted generated random "
    b"username userid".split()
)
_WORD_AND_DIGITS: Final = LazyRegex(rb"[A-Z][a-z]{2,40}\d{2,8}[!@#$.]{0,2}")
_COMMENTED: Final = LazyRegex(rb"^[ \t]{0,20}(?:#|//|;|REM\b|--)")


def against_told_password(value: bytes, line: bytes) -> str:
    """The filter of passwords that a sentence tells: drops what is said of them, and what anyone guesses."""
    if value.lower().strip(b".!?,:") in _SAID or _is_of_another(value, line):
        return "is what the sentence says of a password"
    # `Secret123` is guessed as soon as `secret`, but nobody means the word by it.
    if is_weak_password(value) and not _WORD_AND_DIGITS.fullmatch(value):
        return _WEAK
    return _against_word(value, line)


# What the sentence names right before it says what it is: `'update_password' is 'on_create'`.
_SUBJECT: Final = LazyRegex(
    rb"[\"'`](\w{1,40})[\"'`][ \t](?:is|was)(?:[ \t](?:now|set to))?[ \t]{1,3}[\"'`]$"
)


def _is_of_another(value: bytes, line: bytes) -> bool:
    """Whether the sentence says it of something that is named, and is no password by its name."""
    found = _SUBJECT.search(line[: max(line.find(value), 0)])
    return found is not None and b"_" in found[1] and sensitive_key(found[1]) is None


def against_variable_password(value: bytes, line: bytes) -> str:
    """The filter of `DB_PASSWORD=...` in a text: drops weak ones, examples, and words in a comment."""
    if name_before(value, line) is not Name.PASSWORD:
        return NAME_SAYS_NOTHING
    if is_by_the_rules(value):
        return ""
    if is_weak_password(value):
        return _WEAK
    if SELF_NAMED.search(value) and not is_drawn(value):
        return _EXAMPLE
    if against := _against_word(value, line):
        return against
    commented = _COMMENTED.match(line) and not (is_drawn(value) or is_made_up(value))
    return "is commented out, and reads as a word" if commented else ""


def against_text_password(value: bytes, line: bytes) -> str:
    """The filter of passwords behind a label in a text: drops all but drawn ones, and those with digits."""
    if is_weak_password(value):
        return _WEAK
    if not is_made_up_secret(value) and not is_drawn(value):
        return _WORD
    if against := _against_word(value, line):
        return against
    return _THING if is_code(value) else ""


def against_query_password(value: bytes, line: bytes) -> str:
    """The filter of passwords in the query of an address: words are examples there."""
    if against := against_text_password(value, line):
        return against
    return against_documented(value, line)


def _against_word(value: bytes, line: bytes) -> str:
    if len(line) > LONGEST_LINE:
        return LINE_TOO_LONG
    if len(value) < _LEAST:
        return _SHORT
    if is_password_hash(value):
        return HASH
    return _THING if is_other_thing(value) else against_plausible(value)
