"""The generic rules: what a name, a sign and a value make of each other, in any text."""

from __future__ import annotations

import random
import string

import pytest

from secopskit.detect.chance.bigrams import chance
from secopskit.detect.name.naming import Name, name_before
from secopskit.detect.value.fakes import against_fake
from secopskit.detect.value.generic_filters import (
    against_password,
    against_secret,
    against_token,
    against_wrapped_secret,
    is_drawn,
)
from secopskit.detect.value.logins import against_url_password, is_slot, is_used_login
from support.effort import costs_little

_ALPHABETS = {
    "hex": "0123456789abcdef",
    "small": string.ascii_lowercase + string.digits,
    "large": string.ascii_uppercase + string.digits,
    "mixed": string.ascii_letters + string.digits,
    "base64url": string.ascii_letters + string.digits + "-_",
}


def _drawn(alphabet: str, length: int, seed: int) -> bytes:
    generator = random.Random(seed)
    return "".join(generator.choice(alphabet) for _ in range(length)).encode()


@pytest.mark.parametrize("alphabet", _ALPHABETS.values(), ids=_ALPHABETS)
def test_nearly_every_token_of_24_characters_looks_drawn(alphabet: str) -> None:
    found = sum(is_drawn(_drawn(alphabet, 24, seed)) for seed in range(300))
    assert found >= 290


@pytest.mark.parametrize(
    "text",
    [
        b"getDefaultResourceNameForApplication",
        b"APPLICATION_DEFAULT_CREDENTIALS_FILE",
        b"application/x-www-form-urlencoded",
        b"a-resource-name-of-some-length-and-3-words",
        b"utf8mb4_0900_ai_ci",
        b"SHA256withRSA/PSS",
        b"org.acme.http.client.DefaultRequestFactory",
        "Kennwort ge\u00e4ndert und best\u00e4tigt".encode(),
    ],
)
def test_words_do_not_look_drawn(text: bytes) -> None:
    assert not is_drawn(text)


def test_a_prefix_of_words_does_not_hide_a_token() -> None:
    token = _drawn(_ALPHABETS["mixed"], 32, 1)
    assert is_drawn(b"acme_cloud_organisation_" + token)


def test_letters_and_digits_that_count_up_are_no_token() -> None:
    assert not is_drawn(b"a1b2c3d4e5f6g7h8i9j0k1l2")


def test_chance_of_nothing_is_nothing() -> None:
    assert chance(b"") == chance(b"x") == 0.0


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"acme token = 'VALUE'", Name.SECRET),
        (b'"acme_api_key": "VALUE"', Name.SECRET),
        (b"CLIENT_SECRET=VALUE", Name.SECRET),
        (b"acme token - 'VALUE'", Name.SECRET),
        (b"db_password => 'VALUE'", Name.PASSWORD),
        (b"acme_key: VALUE", Name.SOME_KEY),
        (b"[DEBUG] Using Key=VALUE", Name.BARE_KEY),
        (b"cache_key: VALUE", Name.OTHER),
        (b"public_key = 'VALUE'", Name.OTHER),
        (b"next_page_token: 'VALUE'", Name.OTHER),
        (b"csrf_token: 'VALUE'", Name.OTHER),
        (b"token_hash = 'VALUE'", Name.OTHER),
        (b"secret_version: VALUE", Name.OTHER),
        (b"the token VALUE was found", Name.OTHER),
        (b"VALUE", Name.OTHER),
    ],
)
def test_the_name_before_a_value(line: bytes, name: Name) -> None:
    assert name_before(b"VALUE", line) is name


@pytest.mark.parametrize("name", ["token", "acme_secret", "ACME_API_KEY", "acmeKey"])
def test_a_drawn_value_of_a_telling_name_is_kept(name: str) -> None:
    value = _drawn(_ALPHABETS["mixed"], 32, 2)
    assert not against_secret(value, name.encode() + b' = "' + value + b'"')


@pytest.mark.parametrize("name", ["cache_key", "sha256", "integrity", "public_key", "etag", "keyboard"])
def test_a_drawn_value_of_another_name_is_dropped(name: str) -> None:
    value = _drawn(_ALPHABETS["mixed"], 32, 3)
    assert against_secret(value, name.encode() + b' = "' + value + b'"')


@pytest.mark.parametrize(
    "value",
    [b"response.data.access2.token", b"https://acme.test/a8f3k2j9d8", b"1234567890123456", b"v1.22.333.4444"],
)
def test_code_addresses_and_numbers_are_no_tokens(value: bytes) -> None:
    assert against_secret(value, b'token = "' + value + b'"')


@pytest.mark.parametrize("value", [b"Tr0ub4dor&3", b"blue!canary7", b"p@ssw0rd"])
def test_passwords_made_by_people_are_kept_in_code(value: bytes) -> None:
    assert not against_password(value, b'password = "' + value + b'"')


@pytest.mark.parametrize(
    "value",
    [
        b"password",
        b"Passwort",
        b"required|min:8",
        b"my-password-1",
        b"$USER/pass1",
        b"secret1",
        b"Wagwoord*",
        b"Palavra-passe*",
        b"Lozinka:",
        b"Contrasenya *",
        rb"\e[32mfine7",
        b"PIN: %1$s 7",
        b"min:16",
        b"between:8,64",
    ],
)
def test_captions_and_examples_are_no_passwords(value: bytes) -> None:
    assert against_password(value, b'password = "' + value + b'"')


@pytest.mark.parametrize(
    "before",
    [
        b"https://storage.acme.test/o/a.json?alt=media&token=",
        b"https://film.acme.test/a?e=1576142006&token=",
        b"https://film.acme.test/a?e=1576142006&amp;token=",
        b"/api/media_player_proxy/player.hall?token=",
        b"/api/camera_proxy/door?token=",
        b'"pubkey": "',
        b'"pushkey": "',
        b'fake_token = "',
        b'DUMMY_SECRET = "',
    ],
)
def test_addresses_of_media_public_keys_and_fakes_are_no_secrets(before: bytes) -> None:
    value = _drawn(_ALPHABETS["mixed"], 40, 6)
    assert against_secret(value, before + value)
    assert not against_secret(value, b'access_token = "' + value)


@pytest.mark.parametrize("name", [b"TEST_FAKE_KEY_7", b"fakeKey", b"aDummyKey", b"mock_key", b"MOCK_RSA"])
def test_a_key_that_is_called_a_fake_is_none(name: bytes) -> None:
    key = b"--- KEY"
    assert against_fake(key, b"\n    const " + name + b': &str = "' + key)


@pytest.mark.parametrize("name", [b"KEY", b"unfakeableKey", b"hammockKey", b"DEMOCKEY", b"Mocking"])
def test_other_names_of_keys_are_no_fakes(name: bytes) -> None:
    key = b"--- KEY"
    assert not against_fake(key, b"// fake things\nconst " + name + b' = "' + key)
    assert not against_fake(key, key)


@pytest.mark.parametrize(
    "value", [b"{password}", b"<password>", b"%s", b"PASSWORD", b"my" + b"password", b"userpass" + b">"]
)
def test_slots_of_addresses(value: bytes) -> None:
    assert is_slot(value)


def test_urls_of_documentation_are_dropped_and_used_ones_kept() -> None:
    used = _drawn(_ALPHABETS["mixed"], 14, 4)
    assert not against_url_password(used, b"postgres://api:" + used + b"@db/app")
    assert against_url_password(b"abc123x", b"https://user:abc123x@host/")
    assert against_url_password(b"postgres", b"postgres://postgres:%s@db/app" % b"postgres")


def test_a_basic_header_needs_a_login_that_is_used() -> None:
    assert is_used_login(b"api:" + _drawn(_ALPHABETS["mixed"], 14, 5))
    assert not is_used_login(b"user:password")
    assert not is_used_login(b"nothing")


def test_a_hostile_line_is_not_searched() -> None:
    value = _drawn(_ALPHABETS["mixed"], 400, 6)
    line = (b'token="' + value + b'";') * 2000
    assert costs_little(lambda: against_secret(value, line), 0.25)


def test_what_is_sealed_or_a_hash_of_a_finding_is_no_token() -> None:
    sealed = b"AgB" + _drawn(_ALPHABETS["mixed"], 700, 1)
    assert "sealed" in against_token(sealed, b"password: " + sealed)
    assert not against_token(sealed[3:40], b"password: " + sealed[3:40])
    digest = _drawn(_ALPHABETS["hex"], 40, 2)
    assert "known findings" in against_token(digest, b'"hashed_secret": "' + digest + b'"')


@pytest.mark.parametrize("sign", [b'":', b'" :', b"' =>"])
def test_the_next_name_is_no_value_of_the_one_before(sign: bytes) -> None:
    value = _drawn(_ALPHABETS["mixed"], 40, 8)
    text = b'{"api_key": \n  "' + value
    assert against_wrapped_secret(value, text + sign)
    assert not against_wrapped_secret(value, text + b'",')
