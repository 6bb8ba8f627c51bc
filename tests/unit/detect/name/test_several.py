"""Names of several secrets before a list, names that were not known, and passwords with a dot."""

from __future__ import annotations

import random
import string

import pytest

from secopskit.detect.name.naming import Name, name_before
from secopskit.detect.value.filters import FILTERS, KeyKind, sensitive_key
from secopskit.detect.value.other_things import is_code
from support.values import alnum

MADE_UP = "Falcon_51" + "!Mar"
ONE, TWO = "k7" + alnum(30), "x4" + alnum(30)
LISTS = r"""
api_keys = ["ONE", "TWO"]
API_TOKENS: list[str] = ['ONE', 'TWO']
SECRET_KEY_FALLBACKS = ["ONE", "TWO"]
cookieKeys: ['ONE', 'TWO'],
const apiKeys: string[] = ['ONE', 'TWO'];
"api_keys": ["ONE", "TWO"],
'api_keys' => ['ONE', 'TWO'],
'api_keys' => array('ONE', 'TWO'),
ApiKeys: []string{"ONE", "TWO"},
String[] apiKeys = {"ONE", "TWO"};
var apiKeys = new string[] { "ONE", "TWO" };
List<String> signingKeys = List.of("ONE", "TWO");
ACCESS_TOKENS = ("ONE", "TWO")
client_secrets = {"ONE", "TWO"}
"""
NO_LISTS = r"""
keys = ["ONE", "TWO"]
public_keys = ["ONE", "TWO"]
primaryKeys: ['ONE', 'TWO'],
names = ["ONE", "TWO"]
page_tokens = ["ONE", "TWO"]
csrf_tokens = ["ONE", "TWO"]
find_tokens(["ONE", "TWO"])
token_ids = ["ONE", "TWO"]
"""


def _dropped(rule_filter: str, value: str, line: str) -> str:
    return FILTERS[rule_filter](value.encode(), line.encode())


def _both_dropped(line: str) -> list[bool]:
    line = line.replace("ONE", ONE).replace("TWO", TWO)
    return [bool(_dropped("unlikely-secret", value, line)) for value in (ONE, TWO)]


@pytest.mark.parametrize("line", LISTS.strip().split("\n"))
def test_each_of_several(line: str) -> None:
    assert _both_dropped(line) == [False, False]


@pytest.mark.parametrize("line", NO_LISTS.strip().split("\n"))
def test_lists_of_other_things(line: str) -> None:
    assert _both_dropped(line) == [True, True]


def test_passwords_in_a_list() -> None:
    assert not _dropped("unlikely-password", MADE_UP, f'passwords = ["{MADE_UP}"]')
    assert _dropped("unlikely-password", "password123", 'passwords = ["password123"]')
    value = MADE_UP.encode()
    assert name_before(value, b"password: ['%b', required]" % value) is Name.OTHER
    assert name_before(value, b"['--password', '%b']" % value) is Name.PASSWORD


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("masterauth", KeyKind.PASSWORD),
        ("RELEASE_COOKIE", KeyKind.SECRET),
        ("erlang_cookie", KeyKind.SECRET),
        ("RABBITMQ_ERLANG_COOKIE", KeyKind.SECRET),
        ("pre_shared_key", KeyKind.PASSWORD),
        ("tunnel1_preshared_key", KeyKind.PASSWORD),
        ("PresharedKey", KeyKind.PASSWORD),
        ("wifi_key", KeyKind.PASSWORD),
        ("github_pat", KeyKind.TOKEN),
        ("PAT", KeyKind.TOKEN),
        ("FERNET", KeyKind.SECRET),
        ("SESSION_HMAC", KeyKind.SECRET),
        ("STRIPE_WEBHOOK_SIGNING", KeyKind.SECRET),
        ("db_kennwort", KeyKind.PASSWORD),
        ("contrasena", KeyKind.PASSWORD),
        ("motDePasse", KeyKind.PASSWORD),
        ("MOT_DE_PASSE", KeyKind.PASSWORD),
        ("motdepasse", KeyKind.PASSWORD),
        ("salasana", KeyKind.PASSWORD),
        ("parola", KeyKind.PASSWORD),
        ("dbWachtwoord", KeyKind.PASSWORD),
        ("haslo", KeyKind.PASSWORD),
        ("lozinka", KeyKind.PASSWORD),
        ("jelszo", KeyKind.PASSWORD),
        ("SECRET_KEY_FALLBACK", KeyKind.SECRET),
    ],
)
def test_names_that_say_what_they_hold(name: str, kind: KeyKind) -> None:
    assert sensitive_key(name) is kind


@pytest.mark.parametrize(
    "name",
    [
        "cookie",
        "session_cookie",
        "release",
        "hmac",
        "pattern",
        "path",
        "compat",
        "shared_pattern",
        "webhook",
        "signing",
        "document_signing",
        "parole",
        "mot",
        "wifi",
        "wifi_key_mgmt",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert sensitive_key(name) is None


def _drawn_around_a_dot(seed: int) -> str:
    draw = random.Random(seed)
    parts = ("".join(draw.choices(string.ascii_letters + string.digits, k=7)) for _ in range(2))
    return "aR4{}.q7{}".format(*parts)


@pytest.mark.parametrize(
    "line",
    [
        "password = '{}'",
        "{{ password: '{}' }}",
        'String password = "{}";',
        "'password' => '{}',",
        'Password: "{}",',
    ],
)
@pytest.mark.parametrize(
    "value", ["maria.Cedar47", "Cedar.Falcon1987", _drawn_around_a_dot(1), _drawn_around_a_dot(2)]
)
def test_passwords_with_a_dot(line: str, value: str) -> None:
    assert not _dropped("unlikely-password", value, line.format(value))


@pytest.mark.parametrize(
    "value",
    [
        "config.password",
        "Config.Http2",
        "settings.DB_PASSWORD2",
        "user.password_v12",
        "a.b2.c3",
        "Acme.Api.V12",
        "draw(8)",
    ],
)
def test_members(value: str) -> None:
    assert is_code(value.encode())
    assert _dropped("unlikely-password", value, f"password = '{value}'")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://user:{}@pypi.internal/simple", True),
        ("postgres://user:{}@db:5432/shop", True),
        ("https://user:{}@example.com/", False),
        ("https://user:{}@localhost:8080/", False),
        ("https://user:{}@127.0.0.1/", False),
        ("https://user:{}@your-host/", False),
    ],
)
def test_a_user_called_user(url: str, told: bool) -> None:
    assert bool(_dropped("unlikely-url-password", MADE_UP, url.format(MADE_UP))) is not told


@pytest.mark.parametrize("value", ["MyPassword1!", "whitecliff", "Cedar4711", "ThePassw0rd1!"])
def test_what_documentation_gives_him(value: str) -> None:
    assert _dropped("unlikely-url-password", value, f"https://user:{value}@pypi.internal/simple")
