"""Logins and keys that code hands to well-known calls by their position."""

from __future__ import annotations

import re

import pytest

from secopskit.detect.structure import DETECTORS
from secopskit.detect.structure.signs import CALL, LOGIN_CALL
from secopskit.findings import Blob
from secopskit.formats.code.calls import _LONGEST_NAME, CALLS
from secopskit.rules.loosened import width
from support.values import alnum

REAL = alnum(20)
MADE_UP = "blue!Harbor" + "77x"


def found(path: str, text: str) -> list[bytes]:
    blob = Blob(path=path, data=text.encode())
    detector = next(each for each in DETECTORS if each.name == "calls")
    assert detector.wants(path)
    return [match.secret.reveal() for match in detector.detect(blob) if match.secret]


@pytest.mark.parametrize("secret", [REAL, MADE_UP], ids=["drawn", "made up"])
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "requests.get(url, auth=('api', '%s'))"),
        ("a.py", 'r = s.get(url, auth=HTTPBasicAuth("api", "%s"), timeout=3)'),
        ("a.py", "driver = GraphDatabase.driver(uri, auth = (\n    'neo4j',\n    '%s',\n)\n)"),
        ("a.py", "smtp_server.login(SENDER['a, b'], '%s') if True else conn.login('bot@acme.io', '%s')"),
        ("a.py", "server.login(sender, '%s')"),
        ("a.py", "client.username_pw_set('bot', password) or client.username_pw_set('bot', '%s')"),
        ("a.py", "keyring.set_password('mail', 'bot', '%s')"),
        ("a.py", "l.simple_bind_s('cn=admin,dc=acme', b'%s')"),
        ("a.php", "$db = new PDO('mysql:host=db;dbname=shop', 'shop', '%s', [PDO::ATTR_ERRMODE => 2]);"),
        ("a.php", '$link = mysqli_connect("db", "shop", "%s", "shop") or die();'),
        ("a.php", "$m = new mysqli ('db', 'shop', '%s');"),
        ("a.cs", 'client.Credentials = new NetworkCredential("bot", "%s");'),
        ("a.go", 'req.SetBasicAuth("bot", "%s")'),
        ("a.go", 'auth := smtp.PlainAuth("", "bot@acme.io", "%s", host)'),
        ("A.java", 'Connection c = DriverManager.getConnection("jdbc:mysql://db/x", "shop", "%s");'),
        ("A.java", 'return new PasswordAuthentication("bot", "%s".toCharArray());'),
        ("A.kt", 'val c = Credentials.basic("bot", "%s")'),
        ("a.js", "await request(app).get('/').auth('bot', '%s')"),
        ("a.pl", "my $dbh = DBI->connect($dsn, 'shop', '%s', { RaiseError => 1 });"),
        ("a.c", 'mysql_real_connect(conn, "db", "shop", "%s", "shop", 0, NULL, 0);'),
        ("notes.md", "auth=('api', '%s')"),
        ("script", "auth=('api', '%s')"),
    ],
)
def test_a_login_in_its_place_is_found(path: str, line: str, secret: str) -> None:
    text = line.replace("%s", secret)
    assert set(found(path, text + "\n")) == {secret.encode()}
    assert re.search(CALL.encode(), text.lower().encode())


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.js", "const t = jwt.sign({ id: user.id, roles: ['a', 'b'] }, '%s', { expiresIn: '1h' });"),
        ("a.py", "jwt.decode(token, '%s', algorithms=['HS256'])"),
        ("a.js", "crypto.createHmac('sha256', '%s').update(body)"),
        ("A.java", 'new SecretKeySpec("%s".getBytes(UTF_8), "AES")'),
        ("a.cs", 'new SymmetricSecurityKey(Encoding.UTF8.GetBytes("%s"))'),
        ("a.py", "cipher = Fernet(b'%s')"),
        ("a.php", "hash_hmac('sha256', $body, '%s')"),
        ("a.go", 'credentials.NewStaticCredentials("AKIA", "%s", "")'),
    ],
)
def test_a_key_in_its_place_is_found(path: str, line: str) -> None:
    assert found(path, line.replace("%s", REAL)) == [REAL.encode()]


@pytest.mark.parametrize(
    "line",
    [
        "requests.get(url, auth=(user, password))",
        "requests.get(url, auth=('user', 'pass'))",
        "requests.get(url, auth=('user', os.environ['API_PASSWORD_2']))",
        "page.login('Sign in', 'Welcome back')",
        "get('/').auth(handler, '%s')",  # a second argument of anything
        "login('bot', '%s')",  # whose login, nobody knows
        "smtp.login(user, getPassword('%s'))",
        "jwt.verify(token, publicKey)",
        "jwt.verify('%s', key)",
        "new PDO($dsn, 'root', '')",
        "createHmac('sha256', 'secret')",
        "new NetworkCredential(user, String.Empty)",
        "auth=('a', ",
        "auth=(" + "(" * 700,
        "auth=('a', '%s",
    ],
)
def test_what_is_no_literal_secret_in_its_place(line: str) -> None:
    assert found("a.py", line.replace("%s", REAL)) in ([], [REAL.encode()][: "getPassword" in line])


def test_the_sign_of_calls_knows_every_name() -> None:
    sign = re.compile(f"(?i:{CALL}|{LOGIN_CALL})".encode())
    for call in CALLS:
        for name in call.names:
            plain = re.sub(r"\(\?:([^|)]*)[^)]*\)\??", r"\1", name)
            plain = re.sub(r"\\w\{\d,\d+\}|\[[^\]]*\]\{\d,\d\}|\\(?=\.)|\[|:\]", "", plain)
            assert sign.search(plain.encode() + b"("), name


def test_names_of_calls_are_no_longer_than_is_looked_for_them() -> None:
    widths = [width(f"(?i:{name})") for call in CALLS for name in call.names]
    assert max(widths) + len("    (") < _LONGEST_NAME
