"""Supabase's management API and one project's data API, as published, with keys that live and die.

The contract is the OpenAPI description at https://api.supabase.com/api/v1-json. What it leaves open and
is checked here: unknown properties, a body where none belongs, names that are taken, a key used from a
browser, a key in the wrong header.
"""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.values import alnum
from support.vendors.server import Asked, Reply, Route, Vendor

_NAME = r"^[a-z_][a-z0-9_]+$"
_FLAG = "true|false"
_CREATE = {
    "properties": {
        "type": {"enum": ["publishable", "secret"]},
        "name": {"type": "string", "minLength": 4, "maxLength": 64, "pattern": _NAME},
        "description": {"type": ["string", "null"]},
        "secret_jwt_template": {"type": ["object", "null"]},
    },
    "required": ["type", "name"],
}
_PASSWORD = {"properties": {"password": {"type": "string", "minLength": 4}}, "required": ["password"]}


def jwt(role: str, ref: str) -> str:
    """A legacy key: a JWT whose signature nobody checks."""

    def part(data: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256'})}.{part({'iss': 'supabase', 'ref': ref, 'role': role})}.{alnum(43)}"


@dataclass
class SupabaseKeyEntry:
    """A key of the project; `value` is what its holder has."""

    name: str
    kind: str
    value: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def shown(self, reveal: bool) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "prefix": self.value[:15],
            "api_key": self.value if reveal else None,
        }


@dataclass
class Supabase(Vendor):
    """One account with one project.

    `lag` is how many requests a new key is refused at the data API before it is known there, and an old
    one accepted. `lacking` are permissions that the token does not have. `on_password` is told of a password
    that was set.
    """

    ref: str = field(default_factory=lambda: "".join(secrets.choice("abcdefghij") for _ in range(20)))
    token: str = field(default_factory=lambda: "sbp_" + secrets.token_hex(20))
    keys: list[SupabaseKeyEntry] = field(default_factory=list)
    legacy: bool | None = True
    password: str = field(default_factory=lambda: alnum(24))
    lag: int = 0
    reveals: bool = True
    lacking: list[str] = field(default_factory=list)
    deleted: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    pooler: dict[str, Any] | None = None
    on_password: Callable[[str], object] | None = None
    _late: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.forms = {"ref": "[a-z]{20}", "id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"}
        self.service_role, self.anon = jwt("service_role", self.ref), jwt("anon", self.ref)
        self.keys.append(SupabaseKeyEntry("default", "secret", self.new_value()))

    @staticmethod
    def new_value() -> str:
        return f"sb_secret_{alnum(22)}_{alnum(8)}"

    @property
    def old(self) -> SupabaseKeyEntry:
        return self.keys[0]

    def living(self) -> set[str]:
        """The values that open the project."""
        return {key.value for key in self.keys} | ({self.service_role, self.anon} if self.legacy else set())

    def routes(self) -> list[Route]:
        base = "/v1/projects/{ref}"
        return [
            Route("GET", f"{base}/api-keys", self._list, query={"reveal": _FLAG}),
            Route("POST", f"{base}/api-keys", self._create, schema=_CREATE, query={"reveal": _FLAG}),
            Route("GET", f"{base}/api-keys/legacy", self._legacy),
            Route("PUT", f"{base}/api-keys/legacy", self._set_legacy, query={"!enabled": _FLAG}),
            Route(
                "DELETE",
                f"{base}/api-keys/{{id}}",
                self._delete,
                query={"reveal": _FLAG, "was_compromised": _FLAG, "reason": ".*"},
            ),
            Route("PATCH", f"{base}/database/password", self._set_password, schema=_PASSWORD),
            Route("GET", f"{base}/config/database/pooler", self._pooler),
            Route("GET", "/rest/v1/", self._rest),
        ]

    def admits(self, asked: Asked, route: Route | None) -> Reply | None:
        if asked.path.startswith("/rest/"):
            return None
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(401, {"message": "Unauthorized"})
        if route is not None and "ref" in asked.parameters and asked.parameters["ref"] != self.ref:
            return Reply(404, {"message": "Project not found"})
        if self.lacking and asked.method != "GET":
            return Reply(403, {"message": "Forbidden", "missing_permissions": self.lacking})
        return None

    def _reveal(self, asked: Asked) -> bool:
        return self.reveals and asked.query.get("reveal") == "true"

    def _list(self, asked: Asked) -> Reply:
        entries = [key.shown(self._reveal(asked)) for key in self.keys]
        for name, value in (("anon", self.anon), ("service_role", self.service_role)):
            shown = value if self._reveal(asked) else None
            entries.append({"id": None, "name": name, "type": "legacy", "api_key": shown})
        return Reply(200, entries)

    def _create(self, asked: Asked) -> Reply:
        name = asked.body["name"]
        if any(key.name == name for key in self.keys):
            return self._violated(asked, "the name is taken", 409)
        key = SupabaseKeyEntry(name, asked.body["type"], self.new_value())
        self.keys.append(key)
        self._late[key.value] = self.lag
        return Reply(201, key.shown(self._reveal(asked)))

    def _delete(self, asked: Asked) -> Reply:
        key = next((key for key in self.keys if key.id == asked.parameters["id"]), None)
        if key is None:
            return Reply(404, {"message": "API key not found"})
        self.keys.remove(key)
        self.deleted.append((key.value, dict(asked.query)))
        self._late[key.value] = self.lag
        return Reply(200, key.shown(False))

    def _legacy(self, asked: Asked) -> Reply:
        return Reply(404) if self.legacy is None else Reply(200, {"enabled": self.legacy})

    def _set_legacy(self, asked: Asked) -> Reply:
        if self.legacy is None:
            return Reply(404)
        self.legacy = asked.query["enabled"] == "true"
        return Reply(200, {"enabled": self.legacy})

    def _set_password(self, asked: Asked) -> Reply:
        self.password = asked.body["password"]
        if self.on_password:
            self.on_password(self.password)
        return Reply(200, {"message": "Successfully updated password"})

    def _pooler(self, asked: Asked) -> Reply:
        return Reply(200, [self.pooler] if self.pooler else [])

    def _rest(self, asked: Asked) -> Reply:
        if "Mozilla" in asked.headers.get("user-agent", "Mozilla"):
            return self._violated(asked, "a secret key from a browser", 401)
        if "authorization" in asked.headers:
            return self._violated(asked, "more than one credential", 401)
        value = asked.headers.get("apikey", "")
        late = self._late.get(value, 0)
        if late:
            self._late[value] = late - 1
        alive = (value in self.living()) is not bool(late)
        return Reply(200, {"swagger": "2.0"}) if alive else Reply(401, {"message": "Invalid API key"})
