"""Hashes of passwords: what a server keeps to check a password, not the password.

Forms are those of crypt(5), of Argon2's and SCRAM's encodings, and of frameworks and servers.
"""

from __future__ import annotations

from typing import Final

from secopskit.lazy_regex import LazyRegex

HASH: Final = "is the hash of a password, which has a rule of its own"
_MOST: Final = 600
# A dollar is written twice in Compose files and makefiles, and behind a backslash in shells.
_DOLLAR: Final = LazyRegex(rb"\$\$|\\\$")
_HASH: Final = LazyRegex(
    # crypt(5), bcrypt, Argon2, scrypt, phpass, PBKDF2 of passlib.
    rb"\{?(?:crypt|bcrypt|blf-crypt|sha512-crypt|sha256-crypt|md5-crypt|argon2\w{0,6}|pbkdf2\w{0,8}|scrypt)?\}?"
    rb"\$(?:2[abxy]?|[1567y]|7|gy|sha1|md5|apr1|P|H|scrypt|argon2(?:id|i|d)|pbkdf2(?:-sha\d{1,3})?|bcrypt(?:-sha256)?)\$"
    rb"[\w./$=,+:@-]{16,400}"
    rb"|\$[PH]\$[\w./]{31}"
    # Django, Werkzeug and Grafana, ASP.NET's and Spring's prefixes, Odoo.
    rb"|(?:pbkdf2(?:_sha(?:1|256|512))?|bcrypt(?:_sha256)?|argon2|scrypt|sha1|md5)\$[\w./$=,+:-]{16,400}"
    rb"|(?:pbkdf2:sha\d{1,3}|scrypt:\d{1,9}:\d{1,3})(?::\d{1,9})?\$[\w./$=+-]{16,400}"
    # LDAP and htpasswd; PostgreSQL; MySQL; Tor.
    rb"|\{(?:s?sha(?:256|512)?|s?md5|pbkdf2[\w-]{0,10})\}[A-Za-z0-9+/.$=]{16,400}"
    rb"|SCRAM-SHA-(?:1|256|512)\$\d{1,9}:[A-Za-z0-9+/=]{4,200}\$[A-Za-z0-9+/=]{16,200}:[A-Za-z0-9+/=]{16,200}"
    rb"|md5[0-9a-f]{32}|\*[0-9A-F]{40}|16:[0-9A-F]{58}",
)


def is_password_hash(value: bytes) -> bool:
    """Whether `value` is what a server keeps of a password: an attacker has to guess it first."""
    text = value.strip()
    if not 20 <= len(text) <= _MOST:
        return False
    if b"$" in text:
        text = _DOLLAR.sub(b"$", text)
    # Names of the schemes are written in any case where braces hold them.
    return bool(_HASH.fullmatch(text)) or (text[:1] == b"{" and bool(_HASH.fullmatch(text.lower())))
