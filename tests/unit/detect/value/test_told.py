"""Passwords that sentences, notes and programs tell, and values whose name says too little."""

from __future__ import annotations

import random
import string
import uuid
from functools import cache

import pytest

from secopskit.detect.name.declaration import identifiers
from secopskit.detect.pattern import PatternDetector
from secopskit.detect.ruleset import Ruleset, ruleset_of
from secopskit.detect.structure.commands import in_text
from secopskit.detect.value.filters import is_placeholder
from secopskit.detect.value.generic_filters import against_password, against_secret
from secopskit.detect.value.logins import against_url_password
from secopskit.detect.value.made_up import is_made_up
from secopskit.findings import Blob
from support.engines import rules

_RULES = (
    "generic-secret",
    "generic-password",
    "generic-variable-password",
    "generic-told-password",
    "generic-told-secret-below",
)


def _drawn(length: int, alphabet: str = string.ascii_letters + string.digits, seed: int = 0) -> str:
    generator = random.Random(f"told{length}{alphabet}{seed}")
    return "".join(generator.choice(alphabet) for _ in range(length))


_HEX = "0123456789abcdef"
_UUID = str(uuid.UUID(int=random.Random(12).getrandbits(128), version=4))
_SIGNED = _drawn(40, string.ascii_letters + string.digits + ";&?=^%[]_$") + "x"


@cache
def _ruleset() -> Ruleset:
    return ruleset_of([rule for rule in rules() if rule.id in _RULES], engine="re")


def _found(text: str, path: str = "notes.txt") -> set[str]:
    blob = Blob(path=path, data=text.encode())
    return {match.rule_id for match in PatternDetector(_ruleset()).detect(blob)}


@pytest.mark.parametrize(
    "text",
    [
        "SHOP_DB_PASS=whitecliff",
        "  MAIL_PASSWORD=garden7gate   # of the relay",
        "export APP_ADMIN_PASSWD=whitecliff\n",
        "STORE_PASSPHRASE_PROD=two.white.cliffs\r\n",
        "# OLD_PASSWORD=gr33n!cliff",
        "warehouse password: Gr33n!cliff",
        "router Passwd = Wh1te#cliff99",
    ],
)
def test_a_text_holds_lines_of_an_environment(text: str) -> None:
    assert "generic-variable-password" in _found(text)


@pytest.mark.parametrize(
    "text",
    [
        "SHOP_DB_PASSWORD=changeme",
        "SHOP_DB_PASSWORD=your_db_password",
        "# SHOP_DB_PASSWORD=whitecliff",
        "SHOP_DB_PASSWORD=${DB_PASSWORD}",
        "SHOP_DB_PASSWORD=/run/secrets/db",
        "set SHOP_DB_PASSWORD=whitecliff before you begin",
        "MAX_PASSWORD_LENGTH=whitecliff",
        "password: whitecliff",
        "password: see https://acme.test/?vault=7",
    ],
)
def test_examples_references_and_words_in_comments_are_none(text: str) -> None:
    assert "generic-variable-password" not in _found(text)


def test_an_unquoted_word_in_code_is_another_variable() -> None:
    assert not _found("SHOP_DB_PASSWORD=whitecliff", path="build.py")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("echo \"The password is '{}'\"", "Garden123"),
        ('the default password for the user "billing" is "{}".', "whitecliff"),
        ("// the passphrase of the store was '{}'", "blue!cliff7"),
        ("# root's password is now `{}`", "whitecliff"),
    ],
)
def test_a_sentence_tells_a_password(text: str, value: str) -> None:
    assert "generic-told-password" in _found(text.format(value))


@pytest.mark.parametrize(
    "text",
    [
        "the password is 'incorrect'",
        "if the password is 'required' then",
        "The default password is 'admin123'.",
        "the password is '<password>'",
        "raise when password is 'None'",
        "a password-less member of the domain is 'claimed'",
        "password.type === 'whitecliff'",
    ],
)
def test_what_is_said_of_a_password_is_none(text: str) -> None:
    assert "generic-told-password" not in _found(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Use this password to proceed to installation:\n\n{_drawn(32, _HEX)}\n\nIt is also found at:",
        f"Password for the elastic user (reset with `bin/reset -u elastic`):\n  {_drawn(20)}\n",
        "*** The admin token of this node: ***\n".replace(" ***\n", "\n") + f"* {_drawn(40)} *\n",
        f"Generated root password:\r\n{_drawn(24)}\r\n",
    ],
)
def test_a_program_prints_what_it_drew_below(text: str) -> None:
    assert "generic-told-secret-below" in _found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your password must have:\n\nat least twelve characters\n",
        "tokens:\n  first-of-many-tokens\n",
        f"password:\n  value: {_drawn(24)}\n",
        f"token list:\n- {_drawn(24)}\n",
    ],
)
def test_other_lines_below_are_none(text: str) -> None:
    assert "generic-told-secret-below" not in _found(text)


@pytest.mark.parametrize(
    "line",
    [
        "FORMCRAFT_KEY={}",
        "loyverse.key = '{}'",
        '"zeroBounceX": 1, "ip2locationKey": "{}"',
        'get("https://api.acme.test/v2/users?limit=1&key={}")',
        "url: https://acme.test/api/v1/users?key={}",
        "[DEBUG] Using Key={}",
    ],
)
@pytest.mark.parametrize("value", [_UUID, _drawn(32, _HEX)])
def test_a_key_that_a_vendor_issues_or_an_api_is_sent(line: str, value: str) -> None:
    assert not against_secret(value.encode(), line.format(value).encode())


@pytest.mark.parametrize(
    "line",
    [
        "widget_key={}",
        "https://www.acme.test/share?key={}",
        "using cache key={}",
        "using the row whose key={}",
    ],
)
def test_another_uuid_may_be_the_key_of_any_object(line: str) -> None:
    assert against_secret(_UUID.encode(), line.format(_UUID).encode())


def test_a_key_that_calls_itself_live_is_one_whatever_its_name() -> None:
    value = f"live_{_drawn(27)}"
    assert not against_secret(value.encode(), f'column_key: "{value}"'.encode())
    other = f"row_{_drawn(27)}"
    assert against_secret(other.encode(), f'column_key: "{other}"'.encode())


@pytest.mark.parametrize(
    "line",
    [
        'jwtSecret: "{}"',
        "const API_TOKEN = '{}';",
        'acme token = " {} "',
        "acme_secret: '{}'",
    ],
)
def test_a_value_may_hold_the_other_quote_brackets_of_tags_and_blanks_around(line: str) -> None:
    quote = "'" if '"' in line else '"'
    for value in (_SIGNED[:20] + quote + _SIGNED[20:], _SIGNED[:20] + ">" + _SIGNED[20:] + "<="):
        assert "generic-secret" in _found(line.format(value)), value


@pytest.mark.parametrize(
    "text",
    [
        """x = {token:"'+e.token9+'&first=Xa1+'"};""",
        """<a data-token="abc1234d<b>first</b>e">""",
        """auth = "it's-not-1-token-but-a-caption";""",
    ],
)
def test_code_and_markup_in_quotes_are_none(text: str) -> None:
    assert "generic-secret" not in _found(text)


def test_a_function_returns_it_in_go() -> None:
    for head in (
        b'func AcmeToken() string { return "',
        b'func (c *C) ApiKey() (string, error) {\n\treturn "',
        b'func secret() *string {return "',
    ):
        assert any(name in (b"AcmeToken", b"ApiKey", b"secret") for name in identifiers(head)), head


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('$host = "db1"; $user = "shop"; $password = "{}";', "whitecliff"),
        ("connect({{host: 'db1', user: 'shop', password: '{}'}})", "whitecliff"),
        (r"$server = \"db1\"; $username = \"shop\"; $password = \"{}\";", "whitecliff"),
        ("session({{ secret: '{}' }})", "garden#gate"),
        ("'vm_password': '{}'", "Pass2024!"),
    ],
)
def test_words_are_passwords_where_all_around_says_so(line: str, value: str) -> None:
    assert not against_password(value.encode(), line.format(value).encode())
    assert "generic-password" in _found(line.format(value), path="a.php")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('login(username="ann", password="whitecliff")', "whitecliff"),
        ("connect({host: 'db1', user: 'user', password: 'whitecliff'})", "whitecliff"),
        ("connect({host: 'db1', user: 'shop', password: 'password'})", "password"),
        ("secret: 'billing-tls2'", "billing-tls2"),
    ],
)
def test_and_else_they_are_words(line: str, value: str) -> None:
    assert against_password(value.encode(), line.encode())


def test_a_password_of_all_kinds_of_characters_is_made_up_though_it_calls_itself_one() -> None:
    assert is_made_up(b"Pass2024!")
    assert not is_made_up(b"Pass2024")
    assert not is_made_up(b"SuperSecret1!")
    assert not is_made_up(b"getSecret(2)!")


def test_a_run_of_signs_within_a_long_token_is_no_mask() -> None:
    head, tail = _drawn(46), _drawn(11, seed=1)
    assert not is_placeholder(f"{head}_____w{tail}".encode())
    assert is_placeholder(f"{head[:6]}_____{tail[:4]}".encode())
    assert is_placeholder(f"{head}____".encode())


def test_the_identity_of_an_object_is_no_host() -> None:
    value = b"8080,org.acme.Pool"
    assert against_url_password(value, b"http://db1:" + value + b"@1fc032aa")


def test_a_key_that_counts_up_is_an_example_wherever_it_is_read() -> None:
    counted = "".join(f"{letter}{number % 10}" for number, letter in enumerate("abcdefghijklmnopqrst", 1))
    for value, count in ((counted, 0), (_drawn(40), 1)):
        data = f"helm install acme --set global.licenseKey={value}\n".encode()
        assert len(list(in_text.detect(Blob(path="INSTALL.md", data=data)))) == count


@pytest.mark.parametrize(
    "command",
    [
        r"PSEXEC \\10.0.94.120 -u Administrator -p {} CMD /C ECHO",
        r"PsExec64.exe -accepteula \\build7 -u ACME\deploy -p {} cmd",
        r"C:\tools\psexec.exe @hosts.txt -u deploy -P {} -d notepad.exe",
    ],
)
def test_programs_of_windows_are_written_in_any_case(command: str) -> None:
    data = command.format("Gr33n!cliff").encode()
    assert list(in_text.detect(Blob(path="run.txt", data=data)))
    assert not list(in_text.detect(Blob(path="run.txt", data=command.format("%PASS%").encode())))
