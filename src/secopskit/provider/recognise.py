"""Which provider rotates what a rule finds: a row for each rule that one can do, all others are `manual`.

A row says what can be done, not that it is set up: a provider that needs settings asks for them. A value
of our own making (`random`) is recognised by no rule: whether a token is ours or a vendor's, its bytes do
not tell. There the hint says what may be declared.
"""

from __future__ import annotations

import re
from typing import Final

from secopskit.secret import SecretValue

MANUAL: Final = "manual"

PROVIDER_BY_RULE: Final[dict[str, str]] = {
    "aws-access-key-id": "aws",
    "aws-access-key-pair": "aws",
    "aws-secret-access-key": "aws",
    "digitalocean-pat": "digitalocean",
    "digitalocean-spaces-key-id": "digitalocean",
    "digitalocean-spaces-secret": "digitalocean",
    "odoo-admin-password": "odoo",
    "pgpass-password": "postgres",
    "sql-role-password": "postgres",
    "supabase-secret-key": "supabase",
    "supabase-service-role-key": "supabase",
    "yelp-aws-key": "aws",
}

_OWN: Final = "If it is a value of your own making that only your services read, declare `provider: random`."
_URL: Final = "If it opens a PostgreSQL database, declare `provider: postgres`."
_DEPLOY: Final = "If it is a deploy key of a repository, declare `provider: github`."
HINT_BY_RULE: Final[dict[str, str]] = {
    "call-secret": _OWN,
    "compose-secret": _OWN,
    "connection-string-password": _URL,
    "csv-secret": _OWN,
    "django-secret-key": _OWN,
    "dockerfile-secret": _OWN,
    "dotenv-secret": _OWN,
    "dsn-keyword-password": _URL,
    "dsn-password": _URL,
    "generic-byte-string": _OWN,
    "generic-connection-string": _URL,
    "generic-password": _OWN,
    "generic-password-option": _OWN,
    "generic-secret": _OWN,
    "generic-secret-wrapped": _OWN,
    "generic-user-password": _OWN,
    "http-bearer-token": _OWN,
    "ini-secret": _OWN,
    "json-secret": _OWN,
    "kubernetes-secret": _OWN,
    "ldif-secret": _OWN,
    "neon-database-password": _URL,
    "private-key-der": _DEPLOY,
    "private-key-encrypted": _DEPLOY,
    "private-key-pem": _DEPLOY,
    "settings-secret": _OWN,
    "shell-secret": _OWN,
    "sql-secret": _OWN,
    "systemd-secret": _OWN,
    "terraform-secret": _OWN,
    "toml-secret": _OWN,
    "url-password": _URL,
    "url-weak-password": _URL,
    "weak-password": _OWN,
    "web-server-secret": _OWN,
    "workflow-secret": _OWN,
    "xml-secret": _OWN,
    "yaml-secret": _OWN,
    "yelp-base64-high-entropy-string": _OWN,
    "yelp-basic-auth": _URL,
    "yelp-hex-high-entropy-string": _OWN,
    "yelp-keyword": _OWN,
    "yelp-private-key": _DEPLOY,
}

_POSTGRES: Final = re.compile(rb"postgres(?:ql)?(?:\+[a-z0-9]+)?://[^/?#\s]*@([^/?#\s:]*)", re.IGNORECASE)
_SUPABASE: Final = re.compile(rb"\.supabase\.(?:co|com)\Z", re.IGNORECASE)


def provider_of(rule_id: str, value: SecretValue | None = None) -> str:
    """The provider that can rotate what the rule finds; `manual` where none can, and for unknown rules.

    `value` is the whole value in which the finding stands, where it is at hand: a URL tells its database.
    """
    if value is not None and (found := _POSTGRES.match(value.reveal())):
        return "supabase" if _SUPABASE.search(found[1]) else "postgres"
    return PROVIDER_BY_RULE.get(rule_id, MANUAL)


def hint_of(rule_id: str, *, in_url: bool = False) -> str:
    """What may be declared for what the rule finds; empty where there is nothing to say.

    `in_url` tells that it stands in a URL: then it is that which is read, and no value of our own making.
    """
    hint = HINT_BY_RULE.get(rule_id, "")
    return _URL if in_url and hint == _OWN else hint
