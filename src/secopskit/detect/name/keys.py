"""What the name of a setting says about its value: a password, a token, or neither.

Names come in every spelling (`DB_PASSWORD`, `dbPassword`, `db-password`, `spring.db.password`),
so they are cut into words first. The last words decide: `PASSWORD_FILE` names a file.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Final

from secopskit.lazy_regex import LazyRegex

MAX_NAME: Final = 200


class KeyKind(Enum):
    """What a setting of a sensitive name holds."""

    PASSWORD = 1
    SECRET = 2
    TOKEN = 3
    CREDENTIALS = 4
    URL = 5


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD: Final = LazyRegex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SPLIT_PAIRS: Final = {
    ("pass", "word"),
    ("pass", "wd"),
    ("pass", "phrase"),
    ("api", "key"),
    ("connection", "string"),
    ("pre", "shared"),
    ("mot", "de"),
    ("motde", "passe"),
}

# Words at the end that say which environment or which of several, not what.
_QUALIFIERS: Final = _set(
    "dev develop development prod production test testing stage staging local qa uat live sandbox demo "
    "old new current previous next primary secondary default main value base base64 b64 plain text "
    "plaintext raw encoded fallback fallbacks"
)
_PASSWORD_TAILS: Final = (
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "passcode",
    "pwd",
    "kennwort",
    "wachtwoord",
    "motdepasse",
)
_PASSWORDS: Final = _set(
    "pw psw pswd psk dbpw userpw rootpw adminpw bindpw mdp masterauth presharedkey wifikey wpakey "
    # The word for it in other languages, as programs spell it.
    "senha contrasena contrasenya salasana parola haslo heslo lozinka geslo jelszo parool passord losenord "
    "adgangskode sifre clave"
)
# Words and products that end so.
_NOT_PASS: Final = _set(
    "buypass bypass compass surpass trespass overpass underpass encompass multipass singlepass minipass "
    "pgpass lastpass nordpass protonpass enpass keepass onepass "
    "ftpasswd chpasswd mkpasswd gpasswd kpasswd yppasswd saslpasswd ldappasswd lppasswd"
)
# A product (`one_time_password` has a word between); a keyword, and keys of tables, in Spanish.
_NO_PASSWORDS: Final = {("one", "password"), ("palabra", "clave"), ("palabras", "clave"), ("la", "clave")}
# A pass over something, a product, a directive of a web server.
_BEFORE_PASS: Final = _set(
    "first second third one two multi single final last each per by render test build shadow nord proton"
    " fastcgi uwsgi scgi grpc memcached"
)
_NOT_TOKEN: Final = _set(
    "max min num pad eos bos mask sep unk cls special cancellation cancel next prev stop start end csrf xsrf"
    " page continuation pagination resume skip scroll sync delta change change_set idempotency forgery"
    " dkim"
    " lexer parser syntax keyword operator punctuation whitespace identifier word vocab design theme color"
    " colour image input output prompt current total count unexpected invalid unknown"
)
# What makes of a following `key` something to keep: `api_key`, but not `primary_key` or `sort_key`.
_SECRET_KEYS: Final = _set(
    "secret private priv signing sign encryption encrypt enc crypto cipher master session cookie jwt "
    "hmac aes rsa django flask app application symmetric hash license crypt fernet"
)
_TOKEN_KEYS: Final = _set(
    "api access auth oauth service account storage shared subscription integration admin write ingest "
    "deploy rest restapi sdk server bearer webhook role"
)
# Keys that people make up, as they do passwords: of networks.
_PASSWORD_KEYS: Final = _set("preshared wifi wpa wlan")
# What the nodes of a cluster in Erlang know each other by.
_COOKIES: Final = _set("release erlang")
_SECRET_WORDS: Final = _set("secretkey privatekey privkey signingkey encryptionkey fernet pepper")
# Salts of a whole application, as against those of single hashes.
_SALTED: Final = _set(
    "hash hashid hashids id ids secret app application security auth cookie session crypt encryption site "
    "global token nonce jwt key"
)
# What makes of a bare `key` or `salt` below it something to keep: `jwt: {key: …}`.
_OWNERS: Final = _set("crypt encryption security session cookie jwt signing app hash hashids")
# Several of a kind in one value or list: `API_TOKENS=a,b`.
_PLURALS: Final = ("passwords", "passwds", "secrets", "tokens", "keys", "salts", "peppers")
_DATABASES: Final = _set(
    "database db redis mongo mongodb amqp broker postgres postgresql pg mysql mariadb cache celery jdbc "
    "sqlalchemy rabbitmq datasource sql sentry smtp mail email"
)
# A name that only speaks about secrets: forms, policies, public halves.
_NEVER: Final = _set(
    "public pub min max reset forgot forgotten expired hasher hashers tokenizer tokenize placeholder "
    "example prompt validator validators policy checksum checksums etag existing fake dummy "
    "mock mocked pubkey"
)
# What is done with a password, or asked about it, at the beginning of a name.
_DEEDS: Final = _set(
    "update change validate require requires required enable enabled disable disabled show hide has is allow "
    "toggle remember force skip ignore generate"
)


# Letters of words for a password, as they are spelt without their marks: `contraseña`, `hasło`, `şifre`.
_MARKS: Final = str.maketrans("ñńłşśöóøéèêäåæüçÑŁŞÖÓØÉÄÅÜÇ", "nnlssooo" + "eeeaaauc" + "NLSOOOEAAUC")


def words(name: str) -> list[str]:
    """`dbPassword`, `DB_PASSWORD` and `db-password` are all ["db", "password"]."""
    if not name.isascii():
        name = name.translate(_MARKS)
    found = [word[0].lower() for word in _WORD.finditer(name[-MAX_NAME:])]
    joined: list[str] = []
    for word in found:
        if joined and (joined[-1], word) in _SPLIT_PAIRS:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def sensitive_key(key: bytes | str) -> KeyKind | None:
    """What a setting called `key` holds if it holds a secret; None if it does not, or only mentions one."""
    return _kind(key.decode("utf-8", "replace") if isinstance(key, bytes) else key)


def kind_below(owner: str, key: str) -> KeyKind | None:
    """What a `key` or `salt`, which alone says nothing, holds below a map called `owner` (`security`)."""
    if key.lower() not in ("key", "salt") or owner.lower() not in _OWNERS:
        return None
    return sensitive_key(f"{owner}_{key}")


def kind_of_several(key: str) -> KeyKind | None:
    """What each item is in a setting called `key` that holds several of a kind (`API_TOKENS`)."""
    return _kind(key[:-1]) if key.lower().endswith(_PLURALS) else None


@lru_cache(maxsize=4096)
def _kind(name: str) -> KeyKind | None:
    if name in {"PWD", "OLDPWD", "proxy_pass"}:  # the shell's working directory, a web server's target
        return None
    parts = words(name)
    while len(parts) > 1 and (parts[-1] in _QUALIFIERS or parts[-1].isdigit()):
        parts.pop()
    # A pull secret is named by the object that holds it.
    if not parts or not _NEVER.isdisjoint(parts) or parts[-2:] == ["pull", "secret"]:
        return None
    last, before = parts[-1], parts[-2] if len(parts) > 1 else ""
    if _is_password(last, before):
        if "allow" in parts and "empty" in parts:  # a flag of images of databases
            return None
        return None if len(parts) > 1 and parts[0] in _DEEDS else KeyKind.PASSWORD
    if last == "key":
        return _kind_of_key(before, parts)
    # In small letters it is as often the digest that one makes.
    return KeyKind.SECRET if last == "hmac" and name.isupper() else _kind_of_word(last, parts)


def _is_password(last: str, before: str) -> bool:
    if (before, last) in _NO_PASSWORDS:
        return False
    if last in _PASSWORDS or (last.endswith(_PASSWORD_TAILS) and last not in _NOT_PASS):
        return True
    if last == "key":
        return before in _PASSWORD_KEYS
    if last == "pass":  # `first_pass` is a stage of something
        return before not in _BEFORE_PASS
    return last.endswith("pass") and last not in _NOT_PASS


def _kind_of_key(before: str, parts: list[str]) -> KeyKind | None:
    if any(part.endswith(_PASSWORD_TAILS) for part in parts[:-1]):
        return None  # `passwordKey` names the field of a secret store
    if "secret" in parts or before in _SECRET_KEYS:
        return KeyKind.SECRET
    return KeyKind.TOKEN if before in _TOKEN_KEYS or before.endswith("token") else None


def _is_kept(last: str, before: str) -> bool:
    """Whether a word that says little alone names a secret behind the one before it."""
    if last == "salt":
        return before in _SALTED
    return before in _COOKIES if last == "cookie" else (before, last) == ("webhook", "signing")


def _kind_of_word(last: str, parts: list[str]) -> KeyKind | None:
    before = parts[-2] if len(parts) > 1 else ""
    if last.endswith("secret") or last in _SECRET_WORDS or _is_kept(last, before):
        return KeyKind.SECRET
    if last.endswith("token"):
        return None if before in _NOT_TOKEN or parts[-3:-1] == ["client", "request"] else KeyKind.TOKEN
    if last == "pat" or last.endswith(("apikey", "accesskey", "authkey", "appkey")):
        return KeyKind.TOKEN
    if last in {"credential", "credentials", "creds", "cred", "auth", "authorization"}:
        return KeyKind.CREDENTIALS
    if last in {"dsn", "connectionstring", "connstr"} or (last in {"url", "uri"} and before in _DATABASES):
        return KeyKind.URL
    return None
