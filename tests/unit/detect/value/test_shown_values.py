"""Values that are only shown: in comments that document, in fields of forms, in lists, as types."""

from __future__ import annotations

import pytest

from secopskit.detect.value.fakes import against_named_example
from secopskit.detect.value.filters import FILTERS, is_placeholder
from secopskit.detect.value.published import is_published
from support.values import alnum

DRAWN = "k7" + alnum(30)


def kept(rule_filter: str, line: str, value: str = DRAWN) -> bool:
    return not FILTERS[rule_filter](value.encode(), line.format(value).encode())


@pytest.mark.parametrize(
    "line",
    [
        ' *     "api_key": "{}",',
        '/** `api_key = "{}"` */',
        '/// let api_key = "{}";',
        '    //! api_key = "{}"',
        '"//": "the api_key is {}"',
        '"_comment": "api_key = {}"',
        "# config.pepper = '{}'",
        "  # config.secret_key = '{}'",
        "image: acme/api-key:9@sha256:{}",
        "docker_repo_repokey: '{}'",
        "valkey: {}",
        "script.src = '/v1'; 'data-key': '{}'",
    ],
)
def test_shown_tokens_are_dropped(line: str) -> None:
    assert not kept("unlikely-secret", line)


@pytest.mark.parametrize(
    "line",
    [
        '# api_key = "{}"',
        '// api_key = "{}";',
        '/* api_key = "{}" */',
        "* api_key: {}",
        "config.pepper = '{}'",
        '"comment_api_key": "{}"',
        "acmekey = '{}'",
        "'data-api-key': '{}'",
        "donkey_token = '{}'",
    ],
)
def test_what_is_commented_out_or_listed_is_kept(line: str) -> None:
    assert kept("unlikely-secret", line)


def test_an_address_on_a_chain_is_no_key() -> None:
    address, key = "36435796Ca9be2bf150CE0dECc2D8Fab5C4d6E13", alnum(24)
    assert not kept("unlikely-secret", "Token public token = Token({});", "0x" + address)
    assert kept("unlikely-secret", "token = '{}'", "0x" + address + key)


def test_a_password_in_a_comment_that_documents() -> None:
    assert not kept("unlikely-password", ' * password = "{}"', "Cedar-4711!")
    assert kept("unlikely-password", '# password = "{}"', "Cedar-4711!")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('    "Password123!",\n    "{}",', False),
        ('    "secret word 7",\n    "{}",', False),
        ('    "--password",\n    "{}",', True),
        ('    "ACME_PASSWORD",\n    "{}",', True),
    ],
)
def test_the_next_item_of_a_list_has_no_name(text: str, told: bool) -> None:
    assert kept("unlikely-wrapped-secret", text, "Cedar-4711!x") is told


@pytest.mark.parametrize(
    ("head", "shown"),
    [
        ('placeholder: "', True),
        ('<input placeholder="', True),
        ("'example' => '", True),
        ("example: ", True),
        ('EXAMPLE_TOKEN = "', False),
        ('counterexample: "', False),
        ('token: "', False),
    ],
)
def test_fields_called_example(head: str, shown: bool) -> None:
    assert bool(against_named_example(DRAWN.encode(), f"{head}{DRAWN}".encode())) is shown


def test_a_hash_in_a_comment() -> None:
    assert not kept("commented", "#   - bot:{}")
    assert kept("commented", "  - bot:{} # of the proxy")


@pytest.mark.parametrize(
    "value",
    [
        b"list<ApiKeySummary>",
        b"Map<String, Token>?",
        b"(login|logout|session|oauth2)",
        rb"\b\d{4}(?:\.|/|-)\d{1,2}\b",
        rb"\d+(?:st|nd|rd|th)",
        b"not-a-secret--read-the-doc!",
        b"GMAIL-ACCT-PASSWORD",
        b"passphrase_or_token",
        b"48E92789-57A3-466A-9959-1A1A1A1A1A1A",
        b"whsec_VGhpcyBpcyBhbiBleGFtcGxlIHNlY3JldA==",
    ],
)
def test_types_choices_and_names(value: bytes) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    [
        b"QKRZ-MWXP-TLVB-HDJN",
        b"list<" + alnum(24).encode(),
        rb"q7\dT[^mZx9!kL2w",
        b"whsec_" + alnum(32).encode(),
        b"(k7Qz|9xLw|Vt3p)" + alnum(12).encode(),
    ],
    ids=["groups", "list", "signs", "prefix", "choice"],
)
def test_what_only_looks_like_them(value: bytes) -> None:
    assert not is_placeholder(value)


def test_published_keys_are_known_by_their_digests() -> None:
    assert not is_published(b"A" * 88)


def test_random_bytes_are_no_text() -> None:
    from base64 import b64encode

    assert FILTERS["encoded-text"](b64encode(b"q7" * 32), b"")
    assert not FILTERS["encoded-text"](b64encode(bytes(range(190, 254))), b"")


def test_types_of_media_and_base64_of_words() -> None:
    assert not kept("unlikely-password", '{{ "espass", "{}"}},', "application/vnd.espass-espass+zip")
    assert not kept("unlikely-secret", 'DEFAULT_TOKEN="{}"', "eyJzZXNzaW9uX2lkIjogImRlZmF1bHQifQ")


@pytest.mark.parametrize(
    ("line", "value", "told"),
    [
        ("# DATABASE_URL=mysql://root:{}@mariadb/shop", "wallaroot", False),
        (" * imap://auth:{}@server:993", "user:password", False),
        ("# DATABASE_URL=mysql://root:{}@mariadb/shop", "Cedar-4711!", True),
        ("DATABASE_URL=mysql://root:{}@mariadb/shop", "wallaroot", True),
    ],
)
def test_urls_in_comments(line: str, value: str, told: bool) -> None:
    assert kept("unlikely-url-password", line, value) is told


def test_a_publishable_key_in_an_address() -> None:
    assert not kept("unlikely-secret", "fetch('https://img.acme.io/a?size=2&token={}')", f"pk_{DRAWN}")
    assert kept("unlikely-secret", "acme_token = '{}'", f"pk_{DRAWN}")
    assert kept("unlikely-secret", "fetch('https://img.acme.io/a?size=2&token={}')", f"sk_{DRAWN}")
