"""SCRAM verifiers against published vectors, libpq's own, and texts that are none."""

from __future__ import annotations

import base64
import hashlib
import hmac
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.errors import SecopsError
from secopskit.provider.postgres.verifier import ScramVerifier, new_password, new_salt
from secopskit.secret import SecretValue

# RFC 7677, section 3: password, salt, the messages that are signed, and both signatures.
_WORD = b"pencil"
_SALT = "W22ZaJ0SNY7soEsUEjb6gQ=="
_NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
_MESSAGE = f"n=user,r=rOprNGfwEbeRWgbNEkqO,r={_NONCE},s={_SALT},i=4096,c=biws,r={_NONCE}".encode()
_SERVER_SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
_PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="


def verifier(word: bytes, salt: bytes, iterations: int = 4096) -> ScramVerifier:
    made = ScramVerifier.of(SecretValue(word), salt=salt, iterations=iterations)
    assert made is not None
    return made


def test_the_example_of_rfc_7677() -> None:
    made = verifier(_WORD, base64.b64decode(_SALT))
    signed = hmac.digest(made.server_key, _MESSAGE, "sha256")
    assert base64.b64encode(signed).decode() == _SERVER_SIGNATURE
    mask = hmac.digest(made.stored_key, _MESSAGE, "sha256")
    client_key = bytes(a ^ b for a, b in zip(base64.b64decode(_PROOF), mask, strict=True))
    assert hashlib.sha256(client_key).digest() == made.stored_key
    assert made.text.startswith(f"SCRAM-SHA-256$4096:{_SALT}$")


@given(st.text(string.printable[:95], min_size=1, max_size=30), st.binary(min_size=1, max_size=20))
def test_what_is_sent_reads_as_it_was_written(word: str, salt: bytes) -> None:
    made = verifier(word.encode(), salt, 1)
    assert ScramVerifier.parse(made.text) == made


@pytest.mark.parametrize("word", ["é", "a\tb", "\u00aa1", "", "\x7f"])
def test_what_must_be_prepared_is_left_to_libpq(word: str) -> None:
    assert ScramVerifier.of(SecretValue(word.encode()), salt=b"s") is None


def test_what_a_server_would_take_for_a_password_is_not_sent() -> None:
    good = verifier(_WORD, b"salt" * 4).text
    head, _, keys = good.rpartition("$")
    for bad in (
        "",
        "pencil",
        good[:-1],
        good + "=",
        good + "\n",
        good.replace("SCRAM-SHA-256", "SCRAM-SHA-512"),
        good.replace("4096", "0"),
        good.replace("4096", "-1"),
        head,
        f"{head}${keys.split(':', maxsplit=1)[0]}",
        f"{head}$AAAA:AAAA",
        "md5" + "0" * 32,
    ):
        with pytest.raises(SecopsError):
            ScramVerifier.parse(bad)


def test_it_prints_no_key() -> None:
    made = verifier(_WORD, b"salt" * 4)
    assert repr(made) == "ScramVerifier(iterations=4096)"


def test_passwords_are_letters_and_digits_and_never_the_same() -> None:
    made = {new_password().reveal() for _ in range(50)}
    assert len(made) == 50
    assert {len(word) for word in made} == {43}
    assert set(b"".join(made)) <= set((string.ascii_letters + string.digits).encode())
    assert len(bytes.fromhex(new_salt())) == 16
