"""GitHub's deploy keys of one repository, as published: https://docs.github.com/rest/deploy-keys/deploy-keys."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from support.values import github_token
from support.vendors.server import Asked, Reply, Route, Vendor

_KEY = {
    "properties": {"title": {"type": "string"}, "key": {"type": "string"}, "read_only": {"type": "boolean"}},
    "required": ["key"],
}
_NUMBER = "[1-9][0-9]*"


@dataclass
class DeployKeys(Vendor):
    """A repository. `enabled` is what an organisation allows; `page` the size of a page, at most."""

    repository: str = "acme/shop"
    token: str = field(default_factory=github_token)
    keys: list[dict[str, Any]] = field(default_factory=list)
    enabled: bool = True
    page: int = 2
    made: int = 40

    def routes(self) -> list[Route]:
        base = f"/repos/{self.repository}/keys"
        pages = {"per_page": _NUMBER, "page": _NUMBER}
        return [
            Route("GET", base, self._list, query=pages),
            Route("POST", base, self._create, schema=_KEY),
            Route("GET", f"{base}/{{id}}", self._get),
            Route("DELETE", f"{base}/{{id}}", self._delete),
        ]

    def admits(self, asked: Asked, route: Route | None) -> Reply | None:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "token") or token != self.token:
            return Reply(401, {"message": "Bad credentials"})
        return None if route else Reply(404, {"message": "Not Found"})

    def add(self, title: str, half: str, *, read_only: bool) -> dict[str, Any]:
        self.made += 1
        key = {
            "id": self.made,
            "key": half,
            "title": title,
            "read_only": read_only,
            "verified": True,
            "created_at": f"2026-11-27T10:{self.made:02}:00Z",
            "last_used": None,
            "enabled": self.enabled,
            "url": f"{self.url}/repos/{self.repository}/keys/{self.made}",
        }
        self.keys.append(key)
        return key

    def _list(self, asked: Asked) -> Reply:
        page, size = int(asked.query.get("page", "1")), min(self.page, int(asked.query.get("per_page", "30")))
        here = self.keys[(page - 1) * size : page * size]
        more = page * size < len(self.keys)
        link = f'<{self.url}{asked.path}?per_page={size}&page={page + 1}>; rel="next"'
        return Reply(200, here, {"Link": link} if more else {})

    def _create(self, asked: Asked) -> Reply:
        kind, _, data = asked.body["key"].partition(" ")
        if kind != "ssh-ed25519" or kind.encode() not in base64.b64decode(data.split()[0]):
            return self._violated(asked, "the key", 422)
        if any(key["key"] == asked.body["key"] for key in self.keys):
            return self._violated(asked, "key is already in use", 422)
        key = self.add(
            asked.body.get("title", ""), asked.body["key"], read_only=asked.body.get("read_only", False)
        )
        return Reply(201, key)

    def _found(self, asked: Asked) -> dict[str, Any] | None:
        return next((key for key in self.keys if str(key["id"]) == asked.parameters["id"]), None)

    def _get(self, asked: Asked) -> Reply:
        key = self._found(asked)
        return Reply(200, key) if key else Reply(404, {"message": "Not Found"})

    def _delete(self, asked: Asked) -> Reply:
        key = self._found(asked)
        if key is None:
            return Reply(404, {"message": "Not Found"})
        self.keys.remove(key)
        return Reply(204)
