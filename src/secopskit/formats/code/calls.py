"""Calls of well-known libraries that take a password or a key by its position: `HTTPBasicAuth("a", "…")`.

`CALLS` is the table: a new call is a row. Each argument that is a literal text in the place of the secret is
a `Setting`, of form PASSWORD where it is a password, else with the key "secret key".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting, SettingForm
from secopskit.lazy_regex import LazyRegex, prepared
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY: Final = "secret key"
"""The key of a `Setting` that is no password."""


class KnownCall(NamedTuple):
    """The names of functions (expressions) whose argument number `at`, counted from 0, is the secret.

    All arguments before it may be anything; `before` of them, at least, are literal texts too. With
    `is_last`, none follows it.
    """

    at: int
    names: tuple[str, ...]
    is_password: bool = True
    before: int = 0
    is_last: bool = False


def _call(
    at: int, names: str, *, is_password: bool = True, before: int = 0, is_last: bool = False
) -> KnownCall:
    return KnownCall(at, tuple(names.split()), is_password, before, is_last)


CALLS: Final = (
    _call(
        1,
        r"HTTPBasicAuth HTTPDigestAuth HTTPProxyAuth NetworkCredential SetBasicAuth basicAuth httpBasic"
        r" Credentials\.basic AuthTokens\.basic auth\.basic basic_auth BasicAuthentication"
        r" BasicAuthInterceptor BasicAuthCredentials http_basic_authenticate_with UsernamePassword"
        r" UsernamePasswordCredentials"
        r" UsernamePasswordAuthenticationToken PasswordAuthentication PasswordCredential PSCredential"
        r" PlainCredentials PlainTextAuthProvider PlainTextAuthenticator username_pw_set simple_bind_s"
        r" simple_bind oci_connect auth[\t\x20]{0,4}[=:]",
    ),
    _call(1, r"(?:smtp|imap|pop|mail|ftp|server|client|session|conn\w{0,7})\w{0,12}\.login"),
    _call(
        1,
        r"\w{0,40}\.auth \w{1,40}\.login \w{1,40}\.log_in \$?\w{1,40}->login \w{0,40}\.basic"
        r" \w{0,40}\.authenticate \w{0,40}signInWithEmailAndPassword \w{0,40}createUserWithEmailAndPassword",
        before=1,
        is_last=True,
    ),
    _call(
        1,
        r"UserPassword Credentials::new (?:cx_Oracle|oracledb)\.connect"
        r" (?:ldap|l|conn)\w{0,12}\.bind",
        before=1,
    ),
    _call(
        2,
        r"(?:pymysql|MySQLdb|mysql\.connector|pg8000|Mysql2?)\.connect FTP(?:_TLS)? Sequelize odbcConnect"
        r" \w{0,12}client\w{0,12}\.connect \w{1,40}\.login \w{0,40}\.authenticate",
        before=2,
    ),
    _call(2, r"execute_kw Sequelize (?:signIn|createUser)WithEmailAndPassword", before=1),
    _call(3, r"(?:ssh|sftp|client|transport)\w{0,12}\.connect", before=2),
    _call(0, r"Jedis\([^()\n]{0,60}\)\.auth", is_last=True),
    _call(1, r"WiFi\w{0,12}\.(?:begin|beginAP|softAP|addAP|connect) (?:wlan|sta_if|station|nic)\.connect"),
    _call(
        2,
        r"PDO mysqli mysqli_connect mysql_connect mysql_pconnect DriverManager\.getConnection DBI->connect"
        r" ldap_bind smtp\.PlainAuth odbc_connect imap_open ssh2_auth_password ftp_login pg_pconnect"
        r" ibase_connect db2_connect sqlsrv_connect",
    ),
    _call(2, r"keyring\.set_password"),
    _call(3, r"mysql_real_connect PQsetdbLogin"),
    _call(3, r"Credentials", before=3),  # of sbt: realm, host, user, password
    _call(0, r"redis\w{0,12}\.auth requirepass"),
    _call(
        1,
        r"jwt\.(?:sign|encode|decode|verify) createHmac createCipher(?:iv)? createDecipher(?:iv)? signWith"
        r" (?:New)?StaticCredentials(?:Provider)? BasicAWSCredentials AwsBasicCredentials\.create"
        r" Aws::Credentials\.new",
        is_password=False,
    ),
    _call(2, r"hash_hmac openssl_encrypt openssl_decrypt", is_password=False),
    _call(
        0,
        r"hmac\.new SecretKeySpec Fernet SymmetricSecurityKey HMAC(?:256|384|512) HMACSHA256 cookieParser"
        r" AES\.new ChaCha20Poly1305 hmacShaKeyFor",
        is_password=False,
    ),
)
"""All of them. `secopskit.detect.structure.signs` has their names once more, for the engine."""

_LONGEST: Final = 600  # bytes of the arguments
_LONGEST_NAME: Final = 80  # bytes, with the bracket; see the tests
_NO_LITERAL: Final = prepared(r"\(\?:[^()]*\)\??|\[[^\]]*\]|\{[\d,]+\}|\\\w|\W")


def _word(name: str) -> bytes:
    """The longest word that stands in every use of `name`, an expression, in small letters."""
    return max(_NO_LITERAL.sub(" ", name).split(), key=len).lower().encode()


_USES: Final = tuple(
    (_word(name), LazyRegex(rf"(?i)(?<![A-Za-z0-9$-])(?:{name})[ \t]{{0,4}}\(".encode()), call)
    for call in CALLS
    for name in call.names
)
_TEXT: Final = LazyRegex(
    rb"\s{0,40}(?:[\w.\[\]]{1,40}\(\s{0,20}){0,2}[bruBRU@]{0,2}(?:\"((?:[^\"\\\n]|\\.){1,300})\"|'((?:[^'\\\n]|\\.){1,300})')"
)
_SKIPPED: Final = LazyRegex(rb"\"(?:[^\"\\\n]|\\.){0,300}\"|'(?:[^'\\\n]|\\.){0,300}'|[()\[\]{},]")
_CLOSE: Final = ord(")")
_DEEPER: Final = frozenset(b"([{")


def settings(data: bytes) -> Iterator[Setting]:
    """What calls in `data` are handed in the place of a password or a key, as literal texts."""
    text = data.lower()
    for word, pattern, call in _USES:
        for found in _uses(data, text, word, pattern):
            yield from _secret(call, data, found.end())


def _uses(data: bytes, text: bytes, word: bytes, pattern: LazyRegex[bytes]) -> Iterator[re.Match[bytes]]:
    """The matches of `pattern` in `data`: looked for where `word` stands in `text`, which is far cheaper."""
    at, end = text.find(word), 0
    while at >= 0:
        found = pattern.search(data, max(end, at - _LONGEST_NAME), at + _LONGEST_NAME)
        if found:
            yield found
            end = found.end()
        at = text.find(word, max(at + 1, end))


def _secret(call: KnownCall, data: bytes, start: int) -> Iterator[Setting]:
    arguments = list(_arguments(data, start, call.at + 1))
    if len(arguments) <= call.at or (call.is_last and data[arguments[-1][1]] != _CLOSE):
        return
    texts = [_TEXT.match(data, begin, end) for begin, end in arguments]
    found = texts[call.at]
    if found is None or sum(text is not None for text in texts[: call.at]) < call.before:
        return
    group = 1 if found[1] is not None else 2
    form = SettingForm.PASSWORD if call.is_password else SettingForm.ASSIGNED
    yield Setting(
        key="password" if call.is_password else KEY,
        value=found[group],
        span=Span(*found.span(group)),
        quote='"' if group == 1 else "'",
        form=form,
    )


def _arguments(data: bytes, start: int, most: int) -> Iterator[tuple[int, int]]:
    """Where the first `most` arguments of a call stand whose bracket opened before `start`."""
    depth, begin, count = 0, start, 0
    for found in _SKIPPED.finditer(data, start, start + _LONGEST):
        sign = found[0]
        if len(sign) > 1:
            continue
        if sign[0] in _DEEPER:
            depth += 1
        elif depth and sign != b",":
            depth -= 1
        elif not depth:
            yield begin, found.start()
            count, begin = count + 1, found.end()
            if sign != b"," or count == most:
                return
