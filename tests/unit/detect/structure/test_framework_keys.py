"""Keys, salts and lists of secrets as deployed frameworks and images take them."""

from __future__ import annotations

import secrets

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.findings import Blob, Match
from support.values import alnum


def matches(path: str, text: str) -> list[Match]:
    """The matches about values that parsers of settings make."""
    blob = Blob(path, text.encode())
    found = [match for each in DETECTORS if each.wants(path) for match in each.detect(blob)]
    return [match for match in found if match.secret is not None]


def values(path: str, text: str) -> set[str]:
    return {match.secret.reveal().decode() for match in matches(path, text) if match.secret}


def compose(line: str) -> str:
    return f"services:\n  a:\n    image: x\n    environment:\n      {line}\n"


def test_a_bare_key_means_what_the_map_around_it_says() -> None:
    key = secrets.token_hex(32)
    cake = (
        f"return [\n  'debug' => true,\n  'Security' => [\n    // drawn\n    'salt' => '{key}',\n  ],\n];\n"
    )
    assert values("config/app_local.php", cake) == {key}
    magento = f"return [\n 'crypt' => [\n  'key' => '{key}'\n ],\n 'cache' => ['key' => '{key[:40]}'],\n];\n"
    assert values("app/etc/env.php", magento) == {key}
    assert values("config/app.yml", f"security:\n  salt: {key}\njwt:\n  key: {key[:40]}\n") == {key, key[:40]}
    assert values("config/app.yml", f"crypt:\n  key: {key}\n") == {key}
    assert not values("config/app.yml", f"cache:\n  key: {key}\nrow:\n  salt: {key}\n")


@pytest.mark.parametrize("name", ["SALT", "HASHIDS_SALT", "USER_SALT", "PASSWORD_PEPPER", "CRYPT_KEY"])
def test_a_salt_in_the_environment_is_a_secret(name: str) -> None:
    salt = alnum(16)
    assert values("compose.yaml", compose(f"{name}: {salt}")) == {salt}
    assert values(".env", f"A=1\n{name}={salt}\n") == {salt}


def test_a_guessed_salt_is_weak() -> None:
    found = matches("compose.yaml", compose("SALT: ${SALT:-mysalt}"))
    assert [match.rule_id for match in found] == ["weak-password"]


def test_a_salt_elsewhere_is_that_of_one_hash() -> None:
    assert not values("users.json", f'{{"user": "a", "salt": "{secrets.token_hex(16)}"}}')


@pytest.mark.parametrize("sign", [",", ", ", ";", " "])
@pytest.mark.parametrize("name", ["APP_PASSWORDS", "API_TOKENS", "APP_KEYS", "COOKIE_SECRETS"])
def test_each_item_of_several_is_found(name: str, sign: str) -> None:
    pair = {alnum(20), alnum(24)}
    assert values("compose.yaml", compose(f'{name}: "{sign.join(pair)}"')) == pair
    assert values(".env", f'{name}="{sign.join(pair)}"\n') == pair


def test_base64_with_its_padding_is_an_item() -> None:
    pair = {f"{alnum(22)}==", f"{alnum(22)}=="}
    assert values(".env", f"APP_KEYS={','.join(pair)}\n") == pair


def test_lists_are_read_item_by_item() -> None:
    pair = {alnum(20), alnum(24)}
    one, two = sorted(pair)
    assert values("config/a.yml", f"passwords:\n  - {one}\n  - {two}\n") == pair
    assert values("config/a.json", f'{{"api_tokens": ["{one}", "{two}"]}}') == pair


@pytest.mark.parametrize(
    "line",
    [
        "MAX_TOKENS: 4096",
        "PUBLIC_KEYS: a,b",
        "SECRETS: inherit",
        "TOKENS: hello world",
        "SORT_KEYS: name,date",
    ],
)
def test_words_are_no_items(line: str) -> None:
    assert not values("compose.yaml", compose(line))


def test_neo4j_takes_user_and_password_in_one() -> None:
    password = alnum(14)
    assert values("compose.yaml", compose(f"NEO4J_AUTH: neo4j/{password}")) == {password}
    found = matches("compose.yaml", compose("NEO4J_AUTH: neo4j/password"))
    assert [match.rule_id for match in found] == ["weak-password"]
    assert not matches("compose.yaml", compose("NEO4J_AUTH: none"))


def test_a_manifest_indented_by_tabs_is_read() -> None:
    data = "YWRtaW46cGFzc3dvcmQ="  # admin:password
    text = f"apiVersion: v1\nkind: Secret\ndata:\n\textra: {data}\nmetadata:\n\tname: a\n"
    found = matches("secret.yaml", text)
    assert [match.rule_id for match in found] == ["weak-password"]
    assert text[slice(*found[0].span)] == data


def test_any_entry_of_a_manifest_may_be_a_weak_password() -> None:
    text = "apiVersion: v1\nkind: Secret\nstringData:\n  key: mypassword\n  mode: test\n  name: secret\n"
    assert [match.rule_id for match in matches("secret.yaml", text)] == ["weak-password"]


def test_sbt_takes_the_password_as_the_fourth() -> None:
    password = alnum(20)
    text = f'credentials += Credentials("Nexus", "nexus.acme.io", "deploy", "{password}")\n'
    assert values("build.sbt", text) == {password}


def test_a_key_of_a_wireless_network_is_a_password() -> None:
    key = alnum(16)
    assert values("wpa_supplicant.conf", f'network={{\n    ssid="office"\n    psk="{key}"\n}}\n') == {key}
