"""Values with any sign in them, as frameworks and people draw them: found in the files that hold them."""

from __future__ import annotations

import json
import random
import string
from base64 import urlsafe_b64encode
from importlib import import_module

import pytest

from secopskit.detect.value.filters import is_path, is_placeholder, is_reference, plausible_password
from secopskit.findings import Blob
from support.engines import detectors

LETTERS = string.ascii_letters + string.digits
ALPHABETS = {
    # Django's `get_random_secret_key`, the salts of api.wordpress.org, Laravel's `key:generate`.
    "django": ("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50),
    "wordpress": (LETTERS + "!@#$%^&*()-_ []{}<>~`+=,.;:/?|", 64),
    "laravel": (LETTERS + "+/", 43),
    "password": (LETTERS + "!@#$%^&*(){}[]-_=+.,?;:/|~", 16),
}
FORMS = {
    "settings": ("code.source", "app/settings.py", 'MIDDLEWARE = []\nSECRET_KEY = "{}"\n'),
    "dotenv": ("dotenv", ".env", "APP_SECRET_KEY='{}'\n"),
    "yaml": ("trees.yaml_file", "config/app.yml", "app:\n  secret_key: '{}'\n"),
    "compose": (
        "trees.yaml_file",
        "compose.yaml",
        "services:\n  web:\n    environment:\n      SECRET_KEY: '{}'\n",
    ),
    "wp-config": ("code.source", "wp-config.php", "define('AUTH_KEY', '{}');\n"),
}


def draw(name: str, count: int) -> list[str]:
    signs, length = ALPHABETS[name]
    rng = random.Random(name)
    return ["".join(rng.choices(signs, k=length)) for _ in range(count)]


def found(form: str, value: str) -> bool:
    module, path, text = FORMS[form]
    detect = import_module(f"secopskit.detect.structure.{module}").detect
    blob = Blob(path, text.format(value).encode())
    return any(match.secret and match.rule_id != "weak-password" for match in detect(blob))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["django", "wordpress", "laravel"])
def test_keys_of_frameworks_are_found(name: str, form: str) -> None:
    values = draw(name, 140)
    assert sum(found(form, value) for value in values) >= 0.99 * len(values)


@pytest.mark.parametrize(("name", "least"), [("django", 0.99), ("wordpress", 0.99), ("password", 0.97)])
def test_no_sign_within_makes_it_a_reference_a_mask_or_a_path(name: str, least: float) -> None:
    values = [value.encode() for value in draw(name, 2000)]
    assert sum(map(plausible_password, values)) >= least * len(values)
    assert sum(is_path(value) for value in values) <= 0.005 * len(values)


@pytest.mark.parametrize("inside", ["$(", "${", "{{", "}}", "...", "____", "(", "****", "@@", "%{", "<%"])
def test_a_long_drawn_value_may_hold_any_sign(inside: str) -> None:
    value = f"q7!Kd{inside}w2x^Zp9@mR4t&Ls8vB#3nH6"
    assert not is_placeholder(value.encode())


@pytest.mark.parametrize(
    "value",
    [
        b"Zk9d...q81s",
        b"ghp_q7Kd...9sLw",
        b"prefix-${NAME}-suffix",
        b"host$(cat",
        b"{{ .Values.db | quote }}",
        b"a{{x}}b",
        b"%env(resolve:DB_PASSWORD)%",
        b"%env(DB_PASSWORD)%",
        b"${db-password}",
        b"${db.password}",
        b"!PASSWORD!",
        b"%~2",
        b"%1",
        b"$1",
        b"$args[0]",
        b"$row['password']",
        b"$this->password",
        b"@db.password@",
        b"@@DB_PASSWORD@@",
        b"#{db.password}#",
        b"__DB-PASSWORD__",
        b"$(DB_PASSWORD)",
        b"$[variables.password]",
        b"{COQLCE6DU6GtcS5PabcdefgQ9w==}",
        b"ENC(Kd92mfkQ8sW2)",
        b"RU5DW0FFUzI1Nl9HQ00sZGF0YTpxN1dd",  # ENC[… in base64
        b"sm://project/name",
        b"env:DB_PASSWORD",
        b"@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/b)",
        b"{{resolve:secretsmanager:db:SecretString:password}}",
        b"<%= ENV['X'] %>",
        b":'password'",
    ],
)
def test_references_and_masks_of_every_kind(value: bytes) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", [b"$ecret1234", b"$Summer2024"])
def test_single_quotes_expand_nothing(value: bytes) -> None:
    assert is_reference(value)
    assert not is_reference(value, literal=True)
    assert is_reference(b"$DB_PASSWORD", literal=True)
    assert is_reference(b"${db_password}", literal=True)
    assert is_reference(b"$db_password", literal=True)


NAMED = (
    'let apiKey: String = "{}"',
    "acme_token = '{}'",
    "const clientSecret = `{}`;",
    'config.secret_key = "{}"',
    "'access_token' => '{}',",
)


def shown(path: str, text: str) -> bool:
    return bool(detectors("auto").look_into(Blob(path, text.encode()))[0])


@pytest.mark.parametrize(
    ("signs", "length", "least"), [(LETTERS, 24, 0.99), (string.ascii_letters, 20, 0.97)]
)
def test_a_token_needs_no_digit_at_any_place(signs: str, length: int, least: float) -> None:
    rng = random.Random(length)
    lines = [rng.choice(NAMED).format("".join(rng.choices(signs, k=length))) for _ in range(400)]
    assert sum(shown("src/app.unknown", line) for line in lines) >= least * len(lines)


def test_a_short_token_under_the_name_of_one() -> None:
    rng = random.Random(12)
    lines = [rng.choice(NAMED).format("".join(rng.choices(LETTERS, k=12))) for _ in range(400)]
    assert sum(shown("src/app.unknown", line) for line in lines) >= 0.82 * len(
        lines
    )  # one in eight has no digit, and is too short without


@pytest.mark.parametrize(
    "value",
    [
        "getTokenFromResponse",
        "AuthenticationManagerFactory",
        "userPasswordResetTokenExpired",
        "XMLHttpRequestFactoryBean",
        "myOAuthClientSecretName",
        "applicationDefaultCredentials",
        "RS256WithPublicKey",
        "accessTokenV2",
        "base64EncodedKey2",
        "my-secret-key-2",
        "IDTokenAndAccessToken",
        "UserJWTAuthGuard",
        "AWSSecretsManagerKeyProvider",
        "iOSDeviceTokenHandler",
    ],
)
def test_words_joined_by_capitals_are_not_drawn(value: str) -> None:
    assert not [line for line in NAMED if shown("src/app.unknown", line.format(value))]


@pytest.mark.parametrize("rest", ["", ".", ".eyJp", ".eyJzdWIiOiI"])
@pytest.mark.parametrize(
    "head", [{"alg": "HS256", "typ": "JWT"}, {"typ": "JWT", "alg": "RS256"}, {"kid": "k1"}]
)
def test_a_piece_of_a_web_token_opens_nothing(head: dict[str, str], rest: str) -> None:
    text = urlsafe_b64encode(json.dumps(head, separators=(",", ":")).encode()).decode().rstrip("=")
    assert not [line for line in NAMED if shown("src/app.unknown", line.format(text + rest))]
