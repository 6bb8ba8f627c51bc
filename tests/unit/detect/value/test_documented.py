"""What documentation, logs and lists hold beside names of secrets, and what only resembles it."""

from __future__ import annotations

import random
from base64 import b64encode

import pytest

from secopskit.detect.chance.bigrams import chance
from secopskit.detect.chance.randomness import is_hammered
from secopskit.detect.value.filters import FILTERS, is_placeholder, plausible_password
from secopskit.detect.value.logins import is_used_login
from secopskit.detect.value.published import is_published
from support.values import alnum

DRAWN = "k7" + alnum(30)
HEX = "".join(random.Random(31).choices("0123456789abcdef", k=64))
# Of RFC 6749, sections 2.3.1 and 4.1.4.
CLIENT = "s6BhdRkqt3:" + "gX1fBat3bV"
ISSUED = "2YotnFZFEjr1z" + "CsicMWpAA"


def kept(rule_filter: str, line: str, value: str = DRAWN) -> bool:
    return not FILTERS[rule_filter](value.encode(), line.format(value).encode())


def test_what_standards_show() -> None:
    assert is_published(ISSUED.encode())
    assert is_published(f"{ISSUED}&token_type=bearer".encode())
    assert is_published(f"grant_type=refresh_token&refresh_token={ISSUED}".encode())
    assert is_published(b64encode(CLIENT.encode()))
    assert not is_used_login(CLIENT.encode())
    assert is_placeholder(ISSUED.encode())


def test_what_stands_beside_it_counts() -> None:
    assert not is_published(f"{DRAWN}&next={ISSUED}&user=7".encode())
    assert not is_published(ISSUED[::-1].encode())
    assert not is_published(f"client={ISSUED}&secret={DRAWN}".replace(ISSUED, "one").encode())
    assert is_used_login(f"s6BhdRkqt3:{DRAWN}".encode())


@pytest.mark.parametrize("head", [">>> ", "        >>> ", "    ... "])
def test_a_session_in_a_docstring(head: str) -> None:
    assert not kept("unlikely-secret", head + "client = Client(api_key='{}')")
    assert not kept("unlikely-password", head + "login(password='{}')", "Falcon_51!Mar")


@pytest.mark.parametrize("head", ["> ", "x >>= y; ", "...", "    "])
def test_what_is_no_session(head: str) -> None:
    assert kept("unlikely-secret", head + "api_key = '{}'")


def test_what_is_typed_without_looking() -> None:
    """Letters under the fingers at rest, and a few digits."""
    hammered = "".join(random.Random(5).choices("asdfghjkl", k=14)) + "4711"
    assert is_hammered(hammered.encode())
    assert not kept("unlikely-secret", "access_token = '{}'", hammered)
    assert not is_hammered(hammered.title().encode())
    assert not is_hammered(b"adfadfad-dfa1-fad2faadd3")  # digits of hexadecimal
    assert not is_hammered(b"kj4711")


def test_few_drawn_texts_look_so() -> None:
    draw = random.Random(6)
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    texts = ("".join(draw.choices(alphabet, k=20)).encode() for _ in range(2000))
    assert sum(map(is_hammered, texts)) <= 5


@pytest.mark.parametrize(
    "value", ["lib.base/a2-run.exp:", "tests/auth2/t_x86.sh", "check2b.test", "t/2x-b.t"]
)
def test_the_verdict_on_a_test(value: str) -> None:
    for head in ("PASS: ", "XPASS: ", "[3] PASS: "):
        assert not kept("unlikely-secret", head + "{}", value)


def test_a_pass_beside_a_user() -> None:
    assert kept("unlikely-secret", "PASS: {}")
    assert kept("unlikely-secret", "PASS={}", f"{DRAWN}/x")
    assert kept("unlikely-secret", "PASS: {}", f"{DRAWN[:16]}/{DRAWN[16:]}")
    assert kept("unlikely-password", "PASS: '{}'", "Falcon_51!Mar")


@pytest.mark.parametrize(
    "value", ["AcmeCloudHubV1Secret", "AcmeStoreV1beta2ApiKeyConfig", "AcmeVaultV2p1beta1Key"]
)
def test_classes_with_versions(value: str) -> None:
    assert chance(value.encode()) == 0
    assert not kept("unlikely-secret", "clientSecret = MessageField('{}', 1)", value)


def test_a_version_in_what_is_drawn() -> None:
    assert chance(f"{DRAWN}V1{DRAWN}".encode()) > 24


@pytest.mark.parametrize("item", ["pwd$", "pwd|x", "passw*rd"])
def test_an_item_that_names_nothing(item: str) -> None:
    assert not kept("unlikely-password", f"('{item}', '{{}}', 'res$et')", "re$read")


def test_an_item_that_names_the_next() -> None:
    assert kept("unlikely-password", "run('--password', '{}')", "Falcon_51!Mar")
    assert kept("unlikely-password", "set('db password', '{}')", "Falcon_51!Mar")
    assert kept("unlikely-password", "set('${{db.password}}', '{}')", "Falcon_51!Mar")


def test_keys_of_objects_and_of_pages() -> None:
    assert not kept("unlikely-secret", "<Job: done, key: {}>", f"add-{HEX}")
    assert not kept("unlikely-secret", "key = '{}'", f"load_table-sum:{HEX}")
    assert not kept("unlikely-secret", "Next page token: {}")
    assert kept("unlikely-secret", "api_key: {}", f"add-{HEX}")
    assert kept("unlikely-secret", "key: {}", f"add-{DRAWN}")
    assert kept("unlikely-secret", "Bot token: {}")


def test_the_key_of_a_signature_by_its_number() -> None:
    number = "0x" + HEX[:16].upper()
    assert not kept("unlikely-secret", "(GnuPG key: {})", number)
    assert kept("unlikely-secret", "secret_key = '{}'", "0x" + HEX)


@pytest.mark.parametrize("value", ["-anonymous@", "anonymous@", "ftp@mirror.test", "Guest@"])
def test_what_anonymous_users_send(value: str) -> None:
    assert not plausible_password(value.encode())
    assert not kept("unlikely-password", "$pass = '{}'", value)


def test_an_address_that_somebody_uses() -> None:
    for address in (b"anonymous!47" + b"@Cedar", b"ann.cedar" + b"@mirror"):
        assert plausible_password(address)
