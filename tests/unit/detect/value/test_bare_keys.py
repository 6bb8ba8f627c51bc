"""Private keys without the lines of PEM, on both engines, and what looks like one."""

from __future__ import annotations

import base64
import json
import random
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import ruleset_of
from secopskit.detect.value.bare_keys import bare_key, web_key
from secopskit.detect.value.published import is_published
from secopskit.findings import Blob
from secopskit.rules.load import load
from support.cli import ROOT
from support.effort import costs_little

DER, PKCS8, PKCS1 = Encoding.DER, PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
# Of RFC 7517, appendix A.2.
SHOWN = "870MB6gfuTJ4HtUnUvYMy" + "Jpr5eUZNP4Bk43bVdj3eAE"
KINDS = ("rsa-pkcs8", "rsa-pkcs1", "p256", "p256-sec1", "p384", "p521-sec1", "ed25519", "small")


@cache
def detector(engine: str) -> PatternDetector:
    if engine == "hyperscan":
        pytest.importorskip("hyperscan")
    rules = load([ROOT / "rules" / "private-key.yml", ROOT / "rules" / "bind.yml"])
    return PatternDetector(ruleset_of(rules, engine=engine))


def found(text: str | bytes, path: str = "a.txt") -> list[tuple[str, bytes]]:
    data = text.encode() if isinstance(text, str) else text
    each = [
        sorted(
            (m.rule_id, m.secret.reveal())
            for m in detector(engine).detect(Blob(path=path, data=data))
            if m.secret
        )
        for engine in ("re", "hyperscan")
    ]
    assert each[0] == each[1]
    return each[0]


def rules_in(text: str | bytes, path: str = "a.txt") -> set[str]:
    return {rule for rule, _ in found(text, path)}


@cache
def key(kind: str) -> bytes:
    form = PKCS1 if kind.endswith(("1", "sec1")) and kind != "ed25519" else PKCS8
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, 2048).private_bytes(DER, form, NoEncryption())
    if kind == "small":
        return rsa.generate_private_key(65537, 1024).private_bytes(DER, PKCS8, NoEncryption())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate().private_bytes(DER, PKCS8, NoEncryption())
    curve = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}[kind.partition("-")[0]]
    return ec.generate_private_key(curve).private_bytes(DER, form, NoEncryption())


def text_of(kind: str) -> str:
    return base64.b64encode(key(kind)).decode()


def number(size: int, seed: int = 1) -> str:
    return base64.urlsafe_b64encode(random.Random(seed).randbytes(size)).rstrip(b"=").decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_needs_no_name_whatever_its_kind(kind: str) -> None:
    text = text_of(kind)
    for line in (
        f"rsa.private={text}\n",
        f'const k = "{text}";',
        f"{text}\n",
        f"a: [{text}]",
        f"<k>{text}</k>",
    ):
        assert found(line) == [("private-key-der", text.encode())]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [60, 64, 76])
def test_a_key_of_several_lines(kind: str, width: int) -> None:
    text = text_of(kind)
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    java = 'String k = ""\n  + ' + "\n  + ".join(f'"{line}"' for line in lines) + ";\nString other = null;\n"
    python = "K = (\n" + "\n".join(f"    '{line}'" for line in lines) + "\n)\nlongNameOfAnother = 3\n"
    for whole in (
        "\n".join(lines) + "\n",
        "\r\n".join(lines),
        "\n  ".join(lines),
        java,
        python,
        "\\n".join(lines),
    ):
        ((rule, secret),) = found(whole)
        assert rule == "private-key-der"
        assert b"other" not in secret.lower()
        assert bare_key(secret)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_in_hexadecimal(kind: str) -> None:
    for text in (key(kind).hex(), key(kind).hex().upper()):
        assert found(f"seed: {text}\n") == [("private-key-hex", text.encode())]


def test_what_is_no_private_key() -> None:
    public = rsa.generate_private_key(65537, 1024).public_key()
    spki = base64.b64encode(public.public_bytes(DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    whole = text_of("rsa-pkcs8")
    broken = base64.b64encode(key("ed25519")[:16] + bytes(32)).decode()
    for text in (spki, whole[:-40], whole[8:], broken, "A" + text_of("ed25519")):
        assert not found(f'k = "{text}"\n')


def test_a_key_in_pem_is_told_once() -> None:
    body = text_of("rsa-pkcs8")
    pem = "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n"
    assert rules_in(pem) == {"private-key-pem"}
    assert rules_in(pem.replace("\n", "\\n")) == {"private-key-pem"}
    assert not rules_in("FAKE_KEY = '''" + pem + "'''")
    public = "-----BEGIN PUBLIC KEY-----\nMIIBIj\n-----END PUBLIC KEY-----\n"
    assert rules_in(public + text_of("ed25519")) == {"private-key-der"}


PRIVATE = (
    {"kty": "EC", "crv": "P-256", "x": number(32), "y": number(32, 2), "d": number(32, 3)},
    {"kty": "EC", "crv": "P-384", "x": number(48), "y": number(48, 2), "d": number(48, 3)},
    {"kty": "EC", "crv": "P-521", "x": number(66), "y": number(66, 2), "d": number(66, 3)},
    {"kty": "OKP", "crv": "Ed25519", "x": number(32), "d": number(32, 3)},
    {"kty": "OKP", "crv": "Ed448", "x": number(57), "d": number(57, 3)},
    {"kty": "RSA", "n": number(256), "e": "AQAB", "d": number(256, 3), "p": number(128, 4)},
    {"kty": "oct", "k": number(32, 3), "alg": "HS256"},
)
ORDERS = (lambda pairs: pairs, lambda pairs: pairs[::-1], sorted)


@pytest.mark.parametrize("order", range(len(ORDERS)))
@pytest.mark.parametrize("which", range(len(PRIVATE)))
def test_a_web_key_in_any_order_and_any_spelling(which: int, order: int) -> None:
    whole = dict(ORDERS[order](list(PRIVATE[which].items())))
    secret = (whole.get("d") or whole["k"]).encode()
    line = json.dumps(whole)
    javascript = "const k = {" + ", ".join(f"{name}: '{value}'" for name, value in whole.items()) + "};"
    yaml = "key:\n" + "".join(f"  {name}: {value}\n" for name, value in whole.items())
    for text in (line, json.dumps(whole, indent=2), f"JWK='{line}'", json.dumps(line), javascript, yaml):
        assert ("private-key-jwk", secret) in found(text)
    both = json.dumps(
        {"keys": [whole, {**whole, "d" if "d" in whole else "k": number(len(secret) * 3 // 4, 9)}]}
    )
    assert len(found(both)) == 2
    assert rules_in(base64.b64encode(line.encode())) == {"private-key-jwk"}


def test_a_public_web_key_is_none_and_neither_is_a_shown_one() -> None:
    for private in PRIVATE[:-1]:
        assert not found(json.dumps({name: value for name, value in private.items() if name not in "dp"}))
    assert is_published(SHOWN.encode())
    assert not web_key(SHOWN.encode())
    assert not found(json.dumps({**PRIVATE[0], "d": SHOWN}))
    assert not found(json.dumps({**PRIVATE[0], "d": "A" * 43}))
    assert not found(json.dumps([{"kty": "EC"}, {"d": number(32)}]))


def test_a_key_of_a_zone_is_called_so() -> None:
    body = base64.b64encode(random.Random(5).randbytes(32)).decode()
    text = f"Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: {body}\nCreated: 2026\n"
    assert found(text) == [("bind-dnssec-key", body.encode())]


@pytest.mark.parametrize(
    "piece",
    [b'{"kty":"EC",', b'{"d":"' + b"x" * 43 + b'",', b"MIIEvgIBADANBgkqhkiG9w0BAQ", b"MC4CAQAwBQYDK2Vw\n"],
)
def test_hostile_text_costs_little(piece: bytes) -> None:
    data = piece * (400_000 // len(piece))
    costs_little(lambda: list(detector("re").detect(Blob(path="a", data=data))), 2)
