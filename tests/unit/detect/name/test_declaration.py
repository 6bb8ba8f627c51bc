"""Which identifier a value is assigned to, in the ways that languages write it."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.detect.name.callee import given_to, hands_on
from secopskit.detect.name.declaration import identifiers
from secopskit.detect.name.naming import Name, name_before
from secopskit.findings import Blob
from support.engines import detectors

_RANDOM = random.Random(12)
_TOKEN = "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=30)) + "7q"
_DJANGO = "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)"

# VALUE stands for the value, and the name is a secret's (or a password's).
ONE_LINE = r"""
static final char[] SIGNING_SECRET = "VALUE".toCharArray();
public static final String ACCESS_TOKEN = "VALUE";
  protected override apiKey = 'VALUE';
api_key: Optional[Dict[str, str]] = "VALUE"
API_TOKEN: "typing.Final[str | None]" = 'VALUE'
access_token: Annotated[str, Header()] = "VALUE"
client_secret: SecretStr = SecretStr("VALUE")
    client_secret: str = Field(default="VALUE", repr=False)
x = config("ACCESS_TOKEN", cast=str, default="VALUE")
x = os.environ.get("ACCESS_TOKEN") or "VALUE"
parser.add_argument("-t", "--access-token", type=str, default="VALUE")
private readonly accessToken?: string | undefined = "VALUE";
const accessToken = <string>"VALUE";
const t = process.env.ACCESS_TOKEN ?? "VALUE";
const jwtSecret = new TextEncoder().encode("VALUE");
<Client apiKey={"VALUE"} />
<input type="hidden" name="api_key" value="VALUE">
map.put("api_key", "VALUE");
client.withAccessToken("VALUE");
String clientSecret() { return "VALUE"; }
override val apiToken: String get() = "VALUE"
val apiToken by lazy { "VALUE" }
val t = System.getenv("API_TOKEN") ?: "VALUE"
fileprivate var secretKey: String { "VALUE" }
pub(crate) const API_KEY: &'static [u8] = b"VALUE";
let t = env::var("API_KEY").unwrap_or_else(|_| "VALUE".into());
const api_key: []const u8 = "VALUE";
var apiToken []byte = []byte("VALUE")
	APIToken string `env:"API_TOKEN" default:"VALUE"`
internal string ApiToken { get; init; } = $"VALUE";
static string ApiToken { get { return "VALUE"; } }
Public Property ApiKey As String = "VALUE"
static NSString *const kApiKey = @"VALUE";
const char apiKey[] PROGMEM = "VALUE";
const std::string apiKey{"VALUE"};
#define SECRET_TOKEN F("VALUE")
private val apiKey: Option[String] = Some("VALUE")
(defparameter *api-key* "VALUE")
{:api-key "VALUE"}
-define(API_KEY, <<"VALUE">>).
@api_key "VALUE"
set(API_KEY "VALUE")
set :api_key, 'VALUE'
DECLARE @api_key NVARCHAR(50) = N'VALUE';
v_token CONSTANT VARCHAR2(64) := 'VALUE';
CONSTANTS lc_api_key TYPE string VALUE 'VALUE'.
Api_Key : constant String := "VALUE";
"name": "API_KEY", "value": "VALUE"
[DEBUG] Using API key: VALUE
$config['x']['api_key'] = 'VALUE';
ENV.fetch("API_KEY") { "VALUE" }
"""
WRAPPED = r"""
const apiKey: string =~    'VALUE';
"api_key":~ "VALUE",
API_KEY = (~    "VALUE"~)
API_KEY = \~    "VALUE"
x = os.getenv(~    "API_KEY",~    "VALUE",~)
parser.add_argument(~    "--api-key",~    default="VALUE",~)
private static final String API_KEY~    = "VALUE";
os.Setenv(~	"API_TOKEN",~	"VALUE",~)
builder.apiKey(~  "VALUE"~)
fun apiKey(): String {~    return "VALUE"~}
args = [~    "--api-key",~    "VALUE",~]
"""


def _found(text: str, value: str, engine: str = "auto") -> bool:
    occurrences = detectors(engine).examine(Blob(path="src/thing.txt", data=text.encode() + b"\n"))
    return any(each.secret is not None and each.secret.reveal() == value.encode() for each in occurrences)


@pytest.mark.parametrize("line", ONE_LINE.strip("\n").split("\n"))
def test_a_declaration_on_one_line(line: str) -> None:
    assert name_before(b"VALUE", line.encode()) is not Name.OTHER
    assert _found(_filled(line, _TOKEN), _TOKEN)


def _filled(line: str, value: str) -> str:
    before, _, after = line.rpartition("VALUE")
    return before + value + after


@pytest.mark.parametrize("text", WRAPPED.strip("\n").split("\n"))
@pytest.mark.parametrize("engine", ["auto", "re"])
def test_a_value_on_a_line_after_its_name(text: str, engine: str) -> None:
    text = "first = 1\n" + text.replace("~", "\n") + "\nlast = 2"
    assert _found(_filled(text, _TOKEN), _TOKEN, engine)


@pytest.mark.parametrize(
    "line",
    [
        "expect(scorePassword('VALUE')).toBe(100)",
        "if verify_token('VALUE'):",
        "login('someone', 'VALUE')",
        "token_type: Secret = 'VALUE'",
        "password_hash: str = 'VALUE'",
        "![cov](https://acme.test/graph/badge.svg?token=VALUE)",
        '"ClientRequestToken": "VALUE"',
        "nextToken: string = 'VALUE'",
        "'token' is not 'VALUE'",
        "checksum/secret: VALUE",
        '"hashed_secret": "VALUE"',
        "const cacheKey: string = 'VALUE'",
        "you can pass 'VALUE' to it",
    ],
)
def test_other_names(line: str) -> None:
    assert name_before(b"VALUE", line.encode()) is Name.OTHER


def test_the_nearest_name_comes_first() -> None:
    assert list(identifiers(b'db_token: str = getenv("OTHER_NAME") or "')) == [b"OTHER_NAME", b"db_token"]
    assert list(identifiers(b"case foo: password = '")) == [b"foo", b"password"]
    assert not list(identifiers(b""))


def test_what_calls_do_with_their_argument() -> None:
    assert given_to(b"builder.withApiKey") == b"apikey"
    assert given_to(b"setPassword") == b"password"
    assert not given_to(b"hashPassword")
    assert not given_to(b"render")
    assert hands_on(b"String::from")
    assert hands_on(b"SecretStr")
    assert not hands_on(b"sha256")


@pytest.mark.parametrize("name", ["SECRET_KEY = ", "secret_key: str = ", "API_SECRET="])
def test_keys_with_punctuation_are_found_whatever_they_begin_with(name: str) -> None:
    generator = random.Random(name)
    for first in _DJANGO:
        body = "".join(generator.choices(string.ascii_lowercase + string.digits + "!%^&*-+=", k=48))
        assert _found(f"{name}'{first}7{body}'", first + "7" + body), first


@given(st.binary(max_size=200))
def test_any_text_is_read(head: bytes) -> None:
    assert all(isinstance(each, bytes) for each in identifiers(head))
