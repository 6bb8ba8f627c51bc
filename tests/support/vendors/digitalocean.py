"""DigitalOcean's API v2 as far as rotations need it, and one region of Spaces, with scopes that count.

The contract is https://github.com/digitalocean/openapi. What it leaves open and is checked here: unknown
and read-only properties, grants that contradict each other, a body where none belongs, a body that is
missing, signatures that do not fit.
"""

from __future__ import annotations

import secrets
import string
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.values import alnum
from support.vendors.server import Asked, Reply, Route, Vendor

_SCOPES = frozenset(
    {
        "account:read",
        "spaces_key:read",
        "spaces_key:create_credentials",
        "spaces_key:delete",
        "database:read",
        "database:update",
        "database:view_credentials",
    }
)
_GRANT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["bucket", "permission"],
    "properties": {
        "bucket": {"type": "string"},
        "permission": {"enum": ["", "read", "readwrite", "fullaccess"]},
    },
}
_KEY = {
    "properties": {"name": {"type": "string", "minLength": 1}, "grants": {"type": "array", "items": _GRANT}},
    "required": ["name"],
}
_MYSQL = {"auth_plugin": {"enum": ["mysql_native_password", "caching_sha2_password"]}}
_RESET = {
    "properties": {
        "mysql_settings": {
            "type": "object",
            "additionalProperties": False,
            "properties": _MYSQL,
            "required": ["auth_plugin"],
        }
    }
}


@dataclass
class SpacesKeyEntry:
    """A Spaces key; `secret` is shown once."""

    name: str
    grants: list[dict[str, str]]
    id: str = field(
        default_factory=lambda: "DO00" + "".join(secrets.choice(string.ascii_uppercase) for _ in range(16))
    )
    secret: str = field(default_factory=lambda: alnum(43))

    def shown(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "access_key": self.id,
            "grants": self.grants,
            "created_at": "2026-11-27T00:00:00Z",
        }


@dataclass
class DigitalOcean(Vendor):
    """One account: a token with scopes, Spaces keys, a database cluster with a user.

    `page` is the size of a page whatever is asked for, as a small list would never have a second one.
    `lag` is how many signed requests a new key is refused before it is known.
    """

    token: str = field(default_factory=lambda: "dop_v1_" + secrets.token_hex(32))
    tokens: set[str] = field(default_factory=set)
    scopes: set[str] = field(default_factory=lambda: set(_SCOPES))
    keys: list[SpacesKeyEntry] = field(default_factory=list)
    buckets: list[str] = field(default_factory=lambda: ["assets", "backups"])
    cluster: str = field(default_factory=lambda: str(uuid.uuid4()))
    user: str = "shop"
    password: str = field(default_factory=lambda: "AVNS_" + alnum(19))
    resets: int = 0
    page: int = 2
    lag: int = 0

    def __post_init__(self) -> None:
        self.forms = {"cluster": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "bucket": "[a-z]*"}
        self.tokens.add(self.token)

    def routes(self) -> list[Route]:
        user = "/v2/databases/{cluster}/users/{user}"
        pages = {"per_page": "[1-9][0-9]?|1[0-9]{2}|200", "page": "[1-9][0-9]*"}
        keys = pages | {"name": ".+", "sort": "created_at", "sort_direction": "asc|desc"}
        return [
            Route("GET", "/v2/account", self._account),
            Route("GET", "/v2/spaces/keys", self._list, query=keys),
            Route("POST", "/v2/spaces/keys", self._create, schema=_KEY),
            Route("DELETE", "/v2/spaces/keys/{id}", self._delete),
            Route("GET", user, self._user),
            Route("POST", f"{user}/reset_auth", self._reset, schema=_RESET),
            Route("GET", "/{bucket}", self._bucket),
        ]

    def problem(self, status: int, text: str) -> Reply:
        return Reply(status, {"id": "bad_request", "message": text, "request_id": str(uuid.uuid4())})

    def admits(self, asked: Asked, route: Route | None) -> Reply | None:
        if not asked.path.startswith("/v2/"):
            return None
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply(401, {"id": "Unauthorized", "message": "Unable to authenticate you"})
        return None

    def _lacks(self, scope: str) -> Reply | None:
        if scope in self.scopes:
            return None
        return Reply(403, {"id": "Forbidden", "message": f"You are not authorized: {scope}"})

    def _account(self, asked: Asked) -> Reply:
        return self._lacks("account:read") or Reply(200, {"account": {"status": "active"}})

    def _list(self, asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        size = min(self.page, int(asked.query.get("per_page", "20")))
        more = page * size < len(self.keys)
        pages = {"next": f"{self.url}/v2/spaces/keys?page={page + 1}&per_page={size}"} if more else {}
        shown = [key.shown() for key in self.keys[(page - 1) * size : page * size]]
        body = {"keys": shown, "links": {"pages": pages}, "meta": {"total": len(self.keys)}}
        return self._lacks("spaces_key:read") or Reply(200, body)

    def _create(self, asked: Asked) -> Reply:
        if refused := self._lacks("spaces_key:create_credentials"):
            return refused
        grants = asked.body.get("grants", [])
        if len(grants) > 1 and any(grant["permission"] == "fullaccess" for grant in grants):
            return self._violated(asked, "fullaccess beside other grants", 400)
        if any(key.name == asked.body["name"] for key in self.keys):
            return self._violated(asked, "the name is taken", 409)
        key = SpacesKeyEntry(asked.body["name"], grants)
        self.keys.append(key)
        return Reply(201, {"key": key.shown() | {"secret_key": key.secret}})

    def _delete(self, asked: Asked) -> Reply:
        if refused := self._lacks("spaces_key:delete"):
            return refused
        key = next((key for key in self.keys if key.id == asked.parameters["id"]), None)
        if key is None:
            return Reply(
                404, {"id": "not_found", "message": "The resource you requested could not be found."}
            )
        self.keys.remove(key)
        return Reply(204)

    def _known(self, asked: Asked) -> bool:
        return (asked.parameters["cluster"], asked.parameters["user"]) == (self.cluster, self.user)

    def _shown_user(self) -> dict[str, Any]:
        shown = {"password": self.password} if "database:view_credentials" in self.scopes else {}
        return {"user": {"name": self.user, "role": "normal"} | shown}

    def _user(self, asked: Asked) -> Reply:
        if not self._known(asked):
            return Reply(404, {"id": "not_found", "message": "user not found"})
        return self._lacks("database:read") or Reply(200, self._shown_user())

    def _reset(self, asked: Asked) -> Reply:
        if refused := self._lacks("database:update"):
            return refused
        if not self._known(asked):
            return Reply(404, {"id": "not_found", "message": "user not found"})
        self.password, self.resets = "AVNS_" + alnum(19), self.resets + 1
        return Reply(200, self._shown_user())

    def _bucket(self, asked: Asked) -> Reply:
        key = next((key for key in self.keys if self._signed_by(asked, key)), None)
        if key is None:
            return Reply(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>")
        if self.lag and key is self.keys[-1]:
            self.lag -= 1
            return Reply(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>")
        bucket = asked.parameters["bucket"]
        may = {grant["bucket"] for grant in key.grants}
        if not any(grant["permission"] == "fullaccess" for grant in key.grants) and bucket not in may:
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>")
        return Reply(200, b"<ListBucketResult/>") if not bucket or bucket in self.buckets else Reply(404)

    def _signed_by(self, asked: Asked, key: SpacesKeyEntry) -> bool:
        """Whether the request is the one that AWS' own signer would have made with the key."""
        given = asked.headers.get("authorization", "")
        if f"Credential={key.id}/" not in given:
            return False
        request = AWSRequest("GET", f"{self.url}{quote(asked.path)}", headers={"Host": asked.headers["host"]})
        request.headers["X-Amz-Content-SHA256"] = asked.headers["x-amz-content-sha256"]
        request.context["timestamp"] = asked.headers["x-amz-date"]
        request.headers["X-Amz-Date"] = asked.headers["x-amz-date"]
        signer = S3SigV4Auth(Credentials(key.id, key.secret), "s3", "us-east-1")
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        return given.endswith(f"Signature={signature}")
