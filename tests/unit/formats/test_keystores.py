"""Keystores and binary private keys are known by their shape, and what is public is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.formats.keystores.recognised import keystore

RSA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
PBES2 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"
PBKDF2 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
CURVE = b"\x2a\x86\x48\xce\x3d\x03\x01\x07"
DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
ENCRYPTED = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
KEY_BAG = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02"
FRIENDLY = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14"
NUMBER = bytes(range(1, 129))


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def integer(value: bytes) -> bytes:
    return der(2, value)


def oid(value: bytes) -> bytes:
    return der(6, value)


def octets(value: bytes) -> bytes:
    return der(4, value)


SEALED = sequence(sequence(oid(PBES2), sequence()), octets(NUMBER))
PKCS1 = sequence(integer(b"\0"), *(integer(NUMBER) for _ in range(8)))
PKCS8 = sequence(integer(b"\0"), sequence(oid(RSA), b"\5\0"), octets(PKCS1))
PUBLIC = sequence(sequence(oid(RSA), b"\5\0"), der(3, b"\0" + NUMBER))
CERTIFICATE = sequence(sequence(integer(b"\1"), sequence()), sequence(oid(RSA)), der(3, NUMBER))


def pkcs12(*bags: bytes) -> bytes:
    safe = sequence(oid(DATA), der(0xA0, octets(sequence(*bags))))
    return sequence(integer(b"\3"), safe, sequence(sequence(), octets(NUMBER)))


def key_bag(name: str = "server") -> bytes:
    named = sequence(oid(FRIENDLY), der(0x31, der(0x1E, name.encode("utf-16-be"))))
    return sequence(oid(KEY_BAG), der(0xA0, SEALED), der(0x31, named))


CERTIFICATES_ONLY = sequence(oid(ENCRYPTED), der(0xA0, sequence(integer(b"\0"), octets(NUMBER))))


def text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def block(value: bytes) -> bytes:
    return number(len(value)) + value


def java(magic: bytes, *entries: bytes) -> bytes:
    return magic + number(2) + number(len(entries)) + b"".join(entries) + bytes(20)


def trusted(alias: bytes) -> bytes:
    return number(2) + text(alias) + bytes(8) + text(b"X.509") + block(CERTIFICATE)


def private(alias: bytes) -> bytes:
    return number(1) + text(alias) + bytes(8) + block(SEALED) + number(0)


def bouncy(*entries: bytes) -> bytes:
    return number(2) + number(20) + bytes(20) + number(1024) + b"".join(entries) + b"\0" + bytes(20)


BC_CERTIFICATE = b"\1" + text(b"ca") + bytes(8) + number(0) + text(b"X.509") + block(CERTIFICATE)
BC_KEY = b"\4" + text(b"key") + bytes(8) + number(0) + block(NUMBER)
JKS, JCEKS = b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"
SECRET_PACKET = b"\x95" + (200).to_bytes(2, "big") + b"\4" + bytes(4) + b"\1" + bytes(194)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("private key in DER (PKCS #8)", PKCS8),
        ("private key in DER (PKCS #8)", PKCS8 + b"\n"),
        ("private key in DER (PKCS #8, encrypted)", SEALED),
        ("private key in DER (PKCS #1)", PKCS1),
        ("private key in DER (DSA)", sequence(integer(b"\0"), *(integer(NUMBER) for _ in range(5)))),
        (
            "private key in DER (SEC 1)",
            sequence(
                integer(b"\1"), octets(bytes(range(32))), der(0xA0, oid(CURVE)), der(0xA1, der(3, NUMBER))
            ),
        ),
        ("PKCS #12", pkcs12(key_bag())),
        ("PKCS #12", b"\x30\x80\x02\x01\x03\x30\x80" + oid(DATA) + b"\xa0\x80\x24\x80" + key_bag()),
        (
            "BCFKS",
            sequence(SEALED, sequence(sequence(oid(RSA)), sequence(oid(PBKDF2), sequence()), octets(NUMBER))),
        ),
        ("JKS", java(JKS, trusted(b"ca"), private(b"server"))),
        ("JCEKS", java(JCEKS, number(3) + text(b"aes") + bytes(8) + b"\xac\xed\0\5")),
        ("BKS", bouncy(BC_CERTIFICATE, BC_KEY)),
        ("BKS", number(1) + number(20) + bytes(20) + number(1100) + b"\x9f" * 99),
        ("KeePass", bytes.fromhex("03d9a29a 67fb4bb5 01000400") + bytes(99)),
        ("KeePass", bytes.fromhex("03d9a29a 65fb4bb5 03000000") + bytes(99)),
        ("keychain of macOS", b"kych\0\1\0\0" + bytes(99)),
        ("private key of GnuPG", b"(21:protected-private-key(3:rsa" + bytes(99)),
        ("secret key of OpenPGP", SECRET_PACKET),
        ("secret key of OpenPGP", SECRET_PACKET + b"\xb4\x05a@b.c"),
        ("secret key of OpenPGP", b"\xc5\x40\4" + bytes(4) + b"\x16" + bytes(58)),
    ],
)
def test_a_private_key_is_known_by_its_shape(name: str, data: bytes) -> None:
    kind = keystore(data)
    assert kind is not None
    assert (kind.name, kind.shared) == (name, False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        CERTIFICATE,
        PUBLIC,
        sequence(integer(NUMBER), integer(b"\1\0\1")),  # an RSA key's public half
        sequence(sequence(oid(RSA), b"\5\0"), octets(NUMBER)),  # a digest
        pkcs12(CERTIFICATES_ONLY),
        java(JKS, trusted(b"ca"), trusted(b"root")),
        java(JCEKS, trusted(b"ca")),
        java(JKS),
        bouncy(BC_CERTIFICATE),
        PKCS8 + b"and more behind it",
        PKCS8[:-5],
        b"\x99" + SECRET_PACKET[1:],  # the public half
        b"\x95\0\xc8" + bytes(300),
        SECRET_PACKET + b"not another packet",
        b"(20:shadowed-private-key(3:rsa" + bytes(99),
        number(2) + number(20) + bytes(200),
        b"\x30\x84\xff\xff\xff\xff" + bytes(99),
    ],
)
def test_what_is_public_or_only_begins_like_one_is_none(data: bytes) -> None:
    assert keystore(data) is None


@pytest.mark.parametrize("data", [java(JKS, private(b"androiddebugkey")), pkcs12(key_bag("androiddebugkey"))])
def test_the_key_that_androids_tools_give_everybody_is_told_apart(data: bytes) -> None:
    kind = keystore(data)
    assert kind is not None
    assert kind.shared


HEADS = (
    PKCS8,
    PKCS1,
    pkcs12(key_bag()),
    java(JKS, trusted(b"a"), private(b"b")),
    bouncy(BC_KEY),
    SECRET_PACKET,
)


@given(st.sampled_from(HEADS), st.integers(0, 400), st.binary(max_size=40))
def test_no_content_is_too_broken_to_be_looked_at(head: bytes, at: int, junk: bytes) -> None:
    keystore(head[:at] + junk + head[at + len(junk) :])
    keystore(head[:1] + junk)
    keystore(head[:8] + junk)
