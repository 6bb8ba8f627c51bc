"""The judgement of single values and names."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.detect.value.filters import (
    FILTERS,
    KeyKind,
    entropy,
    is_path,
    is_placeholder,
    is_reference,
    is_weak_password,
    looks_random,
    plausible_password,
    sensitive_key,
)

ALPHABETS = {
    "base62": string.ascii_letters + string.digits,
    "hex": "0123456789abcdef",
    "base36": string.ascii_lowercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "base64": string.ascii_letters + string.digits + "+/",
}


def tokens(alphabet: str, length: int, count: int = 400) -> list[bytes]:
    rng = random.Random(f"{alphabet}{length}")
    return ["".join(rng.choice(ALPHABETS[alphabet]) for _ in range(length)).encode() for _ in range(count)]


@pytest.mark.parametrize("alphabet", ALPHABETS)
@pytest.mark.parametrize("length", [16, 20, 32, 40, 64])
def test_random_tokens_are_kept(alphabet: str, length: int) -> None:
    values = tokens(alphabet, length)
    assert sum(map(is_placeholder, values)) <= 1
    assert sum(map(is_reference, values)) == 0
    assert sum(map(is_weak_password, values)) == 0
    assert sum(map(looks_random, values)) >= len(values) * 0.85


@pytest.mark.parametrize("prefix", [b"ghp_", b"sk_live_", b"sk-test-", b"xoxb-", b"AKIA", b"my", b"todo"])
def test_a_token_with_a_short_word_is_kept(prefix: bytes) -> None:
    assert not any(map(is_placeholder, [prefix + token for token in tokens("base62", 32, 50)]))


@pytest.mark.parametrize(
    "value",
    [
        b"AKIAIOSFODNN7EXAMPLE",
        b"ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        b"ghp_************************************",
        b"<your-token>",
        b"${API_KEY}",
        b"$API_KEY",
        b"{{ api_key }}",
        b"%(api_key)s",
        b"your-api-key",
        b"YOUR_API_KEY",
        b"my-token-123",
        b"insert-here",
        b"changeme",
        b"CHANGE_ME",
        b"replace-with-token",
        b"abcdef1234567890",
        b"0123456789abcdef",
        b"00000000-0000-0000-0000-000000000000",
        b"aaaaaaaaaaaaaaaa",
        b"abcabcabcabcabcabc",
        b"Zk9d...q81s",
        b"__API_KEY__",
        b"[API_KEY]",
        b"#{api_key}",
        b"some-token",
        b"SECRET_KEY_GOES",
        b"RVhBTVBMRS1hY2Nlc3Mta2V5",  # EXAMPLE-… in base64
        b"",
    ],
)
def test_placeholders(value: bytes) -> None:
    assert is_placeholder(value)
    assert FILTERS["placeholder"](value, b"key = " + value)


@pytest.mark.parametrize(
    "value",
    [
        b"${X}",
        b"$X",
        b"{{ x }}",
        b"file:/run/x",
        b"vault:secret/data/x",
        b"!secret x",
        b"op://vault/item/field",
        b"ssm:/app/password",
        b"arn:aws:secretsmanager:eu-west-1:1:secret:x",
        b'os.environ["X"]',
        b"process.env.X",
        b"getenv('X')",
        b'System.getenv("X")',
        b"secrets.TOKEN",
        b"config('X')",
        b"$(pass show x)",
        b"`cat x`",
        b"%PASSWORD%",
        b"ENC[AES256_GCM,data:x]",
        b"{cipher}abc",
        b"@Microsoft.KeyVault(SecretUri=x)",
        b"var.password",
        b"$env:PASSWORD",
        b"sys.argv[1]",
        b"<%= ENV['X'] %>",
    ],
)
def test_references(value: bytes) -> None:
    assert is_reference(value)
    assert not plausible_password(value)


@pytest.mark.parametrize(
    "value", [b"$Q7tX2mVb9Lr4Kz1", b"pa$$w0rd!Q", b"hunter$2", b"a{b}c9Xq2", b"50%off-Qx7"]
)
def test_passwords_with_signs_are_no_references(value: bytes) -> None:
    assert not is_reference(value)


@pytest.mark.parametrize(
    "value",
    [
        b"odoo",
        b"admin",
        b"postgres",
        b"changeme",
        b"password",
        b"root",
        b"123456",
        b"admin123",
        b"P@ssw0rd",
        b"Password1!",
        b"odoo17",
        b"aaaa",
        b"qwerty123",
        b"secret_2024",
    ],
)
def test_weak_passwords(value: bytes) -> None:
    assert is_weak_password(value)


@pytest.mark.parametrize(
    "value", [b"Blue-Harbor-77", b"kT7vQ2mX9pLs", b"correct horse", b"xxxx", b"", b"Tr0ub4dor&3"]
)
def test_not_weak(value: bytes) -> None:
    assert not is_weak_password(value)


@pytest.mark.parametrize(
    "value",
    [
        b"None",
        b"null",
        b"false",
        b"True",
        b"8080",
        b"30",
        b"string",
        b"/run/secrets/db",
        b"./key.pem",
        b"https://acme.io/x",
        b"",
        b"a\nb",
        b"Enter a new password",
        b"ab",
    ],
)
def test_what_cannot_be_a_password(value: bytes) -> None:
    assert not plausible_password(value)


@pytest.mark.parametrize(
    "value", [b"Blue-Harbor-77", b"wordpress", b"90210417", b"p@ss/word", b"green_kettle_17"]
)
def test_what_can_be_a_password(value: bytes) -> None:
    assert plausible_password(value)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PASSWORD", KeyKind.PASSWORD),
        ("db_passwd", KeyKind.PASSWORD),
        ("dbPassword", KeyKind.PASSWORD),
        ("user-pwd", KeyKind.PASSWORD),
        ("spring.datasource.password", KeyKind.PASSWORD),
        ("PGPASSWORD", KeyKind.PASSWORD),
        ("requirepass", KeyKind.PASSWORD),
        ("sshPassphrase", KeyKind.PASSWORD),
        ("SMTP_PASS", KeyKind.PASSWORD),
        ("PASSWORD_PROD", KeyKind.PASSWORD),
        ("client_secret", KeyKind.SECRET),
        ("SECRET_KEY_BASE", KeyKind.SECRET),
        ("privateKey", KeyKind.SECRET),
        ("AWS_SECRET_ACCESS_KEY", KeyKind.SECRET),
        ("jwt-secret-key", KeyKind.SECRET),
        ("api_key", KeyKind.TOKEN),
        ("apiKey", KeyKind.TOKEN),
        ("GITHUB_TOKEN", KeyKind.TOKEN),
        ("_authToken", KeyKind.TOKEN),
        ("credentials", KeyKind.CREDENTIALS),
        ("_auth", KeyKind.CREDENTIALS),
        ("DATABASE_URL", KeyKind.URL),
        ("SENTRY_DSN", KeyKind.URL),
    ],
)
def test_names_that_hold_secrets(name: str, kind: KeyKind) -> None:
    assert sensitive_key(name) is kind
    assert sensitive_key(name.encode()) is kind


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD_FILE",
        "PASSWORD_MIN_LENGTH",
        "TOKEN_URL",
        "TOKEN_TTL",
        "secretName",
        "secretKeyRef",
        "public_key",
        "key_id",
        "tokenizer",
        "max_tokens",
        "password_reset_url",
        "PASSWORD_HASHERS",
        "KEYBOARD",
        "PWD",
        "OLDPWD",
        "primary_key",
        "author",
        "compass",
        "token-style",
        "POSTGRES_HOST_AUTH_METHOD",
        "AWS_ACCESS_KEY_ID",
        "key",
        "monkey",
        "secrets",
        "",
    ],
)
def test_names_that_only_mention_them(name: str) -> None:
    assert sensitive_key(name) is None


def test_entropy() -> None:
    assert entropy(b"") == 0
    assert entropy(b"aaaa") == 0
    assert entropy(b"ab") == pytest.approx(1)
    assert entropy(bytes(range(256))) == pytest.approx(8)


def test_words_do_not_look_random() -> None:
    for value in (
        b"TheQuietHarbourMaster!",
        b"staging-postgres-client",
        b"GreenKettle2024",
        b"SHARED_FOLDER_NAMES",
    ):
        assert not looks_random(value)


def test_paths() -> None:
    assert is_path(b"/etc/app/password-file")
    assert is_path(b"shared/team/folder")
    assert not is_path(b"k7Qz/9xLw2/Vb3NnT8yR1+pD5sFg")
    assert not is_path(b"postgres://u:%s@h/d" % b"p")


@given(st.binary(max_size=300))
def test_any_bytes_are_judged(value: bytes) -> None:
    for judge in (is_placeholder, is_reference, is_weak_password, is_path, looks_random, plausible_password):
        assert judge(value) in (True, False)
    sensitive_key(value)


@pytest.mark.parametrize("value", ["✔", "✓ ✗", "----", "?!?!?!", "=>", "…"])
def test_signs_alone_are_no_password(value: str) -> None:
    assert not plausible_password(value.encode())


@pytest.mark.parametrize("value", ["пароль-лето", "!?a?!", "密码很长很长", "7!!!!!"])
def test_one_letter_or_digit_makes_a_password_possible(value: str) -> None:
    assert plausible_password(value.encode())
