"""New values: as strong as is said, of the characters that are said, and none of them favoured."""

from __future__ import annotations

import base64
import itertools
import math
import random
import re
import uuid
from collections import Counter

import pytest

from secopskit.provider import generators
from secopskit.provider.generators import (
    ALPHABET,
    CLASSES,
    generate_base64,
    generate_hex,
    generate_password,
    generate_token,
    generate_uuid,
    password_bits,
)


def test_tokens_have_the_bytes_that_are_said() -> None:
    for size in (16, 32, 100):
        token, plain, digits = generate_token(size), generate_base64(size), generate_hex(size)
        assert re.fullmatch(rb"[A-Za-z0-9_-]+", token.value.reveal())
        assert len(base64.b64decode(plain.value.reveal(), validate=True)) == size
        assert len(bytes.fromhex(digits.value.reveal().decode())) == size
        assert token.bits == plain.bits == digits.bits == 8 * size
    assert len(generate_base64().value) == 44  # what `openssl rand -base64 32` prints, without its line end
    made = uuid.UUID(generate_uuid().value.reveal().decode())
    assert (made.version, made.variant, generate_uuid().bits) == (4, uuid.RFC_4122, 122)


def test_no_two_values_are_the_same() -> None:
    makers = (generate_token, generate_base64, generate_hex, generate_uuid, generate_password)
    for make in makers:
        assert len({make().value for _ in range(200)}) == 200


@pytest.mark.parametrize("length", [4, 5, 16, 32, 200])
def test_a_password_has_all_classes_and_begins_with_no_sign(length: int) -> None:
    for _ in range(100):
        text = generate_password(length=length).value.reveal().decode()
        assert len(text) == length
        assert all(set(text) & set(one) for one in CLASSES)
        assert text[0].isalnum()
        assert set(text) <= set(ALPHABET)
    assert not set(ALPHABET) & set("0Oo1lI:/?#[]@!$&'()*+,;=%\"\\`<>|{}^ ")


@pytest.mark.parametrize("bits", [64, 128, 190, 256])
def test_a_password_is_as_strong_as_is_asked_and_no_longer(bits: int) -> None:
    made = generate_password(bits=bits)
    length = len(made.value)
    assert made.bits == password_bits(length) >= bits > password_bits(length - 1)


def test_the_strength_is_the_count_of_all_that_may_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over an alphabet that is small enough to be counted out."""
    monkeypatch.setattr(generators, "CLASSES", ("ab", "C", "2", "-"))
    monkeypatch.setattr(generators, "ALPHABET", "abC2-")
    monkeypatch.setattr(generators, "_FIRST", "abC2")
    possible = {
        "".join(text)
        for text in itertools.product("abC2-", repeat=5)
        if text[0] != "-" and {"C", "2", "-"} <= set(text) and set("ab") & set(text)
    }
    assert password_bits(5) == math.floor(math.log2(len(possible)))
    drawn = Counter(generate_password(length=5).value.reveal().decode() for _ in range(40 * len(possible)))
    assert set(drawn) == possible
    # Each is expected 40 times. Pearson's statistic has mean n-1 and deviation sqrt(2(n-1)): six of them.
    freedom = len(possible) - 1
    statistic = sum((count - 40) ** 2 / 40 for count in drawn.values())
    assert statistic < freedom + 6 * math.sqrt(2 * freedom)


def test_a_password_too_short_for_its_classes_is_an_error() -> None:
    with pytest.raises(ValueError, match="3 characters"):
        generate_password(length=3)


def test_the_seed_of_a_program_does_not_decide() -> None:
    values = set()
    for _ in range(2):
        random.seed(7)
        values |= {make().value for make in (generate_token, generate_password, generate_uuid)}
    assert len(values) == 6
