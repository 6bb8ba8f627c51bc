"""Who may do what: tokens with their permissions, apps with their installations, and the proof of an app.

An app proves itself with a JWT: RS256, `iat` not in the future, `exp` at most ten minutes ahead, `iss`
the app's id or client id. From
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.github.answers import Refused, message, not_found, unauthorised
from support.github.operations import Operation
from support.github.vault import Clock
from support.values import alnum

_LEVELS = {"read": 1, "write": 2, "admin": 3}
_LONGEST_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token. `permissions` are None for a classic one, which may do everything.

    `repositories` are those it sees, in lower case, None for all. `installation` is an app's, 0 for none.
    """

    login: str
    permissions: Mapping[str, str] | None = None
    repositories: frozenset[str] | None = None
    expires_at: datetime | None = None
    installation: int = 0

    def sees(self, full_name: str) -> bool:
        """Whether a repository is in its reach."""
        return self.repositories is None or full_name.lower() in self.repositories

    def check(self, operation: Operation) -> None:
        """Refuse what the permissions do not cover."""
        if self.permissions is None:
            return
        for name, level in operation.permissions.items():
            if name == "metadata":
                continue  # every token has it
            if _LEVELS.get(self.permissions.get(name, ""), 0) < _LEVELS[level]:
                accepted = ",".join(f"{name}={level}" for name, level in operation.permissions.items())
                who = "integration" if self.installation else "personal access token"
                raise Refused(
                    message(
                        403, f"Resource not accessible by {who}", {"X-Accepted-GitHub-Permissions": accepted}
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An app installed for an account. `repositories` are in lower case, None for all of the account."""

    id: int
    account: str
    permissions: Mapping[str, str]
    repositories: frozenset[str] | None
    created_at: datetime

    def covers(self, full_name: str) -> bool:
        """Whether a repository is within it."""
        if self.repositories is not None:
            return full_name.lower() in self.repositories
        return full_name.lower().startswith(f"{self.account.lower()}/")


@dataclass(slots=True)
class App:
    """An app. `pem` is its private key, as a user has it in a file."""

    id: int
    client_id: str
    slug: str
    key: RSAPrivateKey
    installations: dict[int, Installation] = field(default_factory=dict)

    @property
    def pem(self) -> str:
        """The private key in the form that GitHub hands out (PKCS #1)."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


class Doors:
    """All tokens and apps there are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}

    def token(
        self,
        login: str,
        permissions: Mapping[str, str] | None,
        repositories: Iterable[str] | None = None,
        *,
        installation: int = 0,
        lasts: timedelta | None = None,
    ) -> str:
        """A new token. An installation's has the long form, which is not forty characters."""
        start = "github_pat_" if permissions is not None else "ghp_"
        text = f"ghs_{installation}_{alnum(180)}" if installation else start + alnum(36)
        self.tokens[text] = Token(
            login=login,
            permissions=permissions,
            repositories=None if repositories is None else frozenset(each.lower() for each in repositories),
            expires_at=self._clock.now() + lasts if lasts else None,
            installation=installation,
        )
        return text

    def app(self, number: int, slug: str) -> App:
        """A new app with a key of its own."""
        made = self.apps[number] = App(
            number, f"Iv23{secrets.token_hex(8)}", slug, generate_private_key(65537, 2048)
        )
        return made

    def caller(self, authorization: str, operation: Operation) -> Token | App:
        """Who asks: an app where the operation is for apps, else the holder of a token."""
        scheme, _, credential = authorization.partition(" ")
        if scheme.lower() not in ("bearer", "token") or not credential:
            raise unauthorised("Requires authentication")
        if operation.app_only:
            return self._app_of(credential)
        found = self.tokens.get(credential)
        if found is None or (found.expires_at is not None and found.expires_at <= self._clock.now()):
            raise unauthorised()
        return found

    def _app_of(self, proof: str) -> App:
        try:
            claims = jwt.decode(proof, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            raise unauthorised("A JSON web token could not be decoded") from None
        now = int(self._clock.now().timestamp())
        app = next(
            (app for app in self.apps.values() if claims.get("iss") in (app.id, str(app.id), app.client_id)),
            None,
        )
        if app is None:
            raise Refused(message(401, "'Issuer' claim ('iss') must be the app's id"), "iss is no app's id")
        if not _whole(claims.get("iat")) or claims["iat"] > now:
            raise Refused(
                message(401, "'Issued at' claim ('iat') is wrong"), "iat is missing or in the future"
            )
        if not _whole(claims.get("exp")) or claims["exp"] > now + _LONGEST_S:
            raise Refused(
                message(401, "'Expiration time' claim ('exp') is too far in the future"), "exp is wrong"
            )
        if claims["exp"] <= now:
            raise unauthorised("'Expiration time' claim ('exp') must be in the future")
        try:
            options = {"verify_exp": False, "verify_iat": False, "verify_sub": False}
            jwt.decode(proof, app.key.public_key(), algorithms=["RS256"], options=options)  # type: ignore[arg-type]  # a plain dictionary of options
        except jwt.InvalidTokenError:
            raise unauthorised("A JSON web token could not be decoded") from None
        return app


def installation_of(app: App, number: str) -> Installation:
    """The installation of that number."""
    found = app.installations.get(int(number)) if number.isdigit() else None
    if found is None:
        raise not_found()
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
