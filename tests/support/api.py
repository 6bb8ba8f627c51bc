"""The HTTP API of `secops migrate` in the test's own process, and a client that checks every answer."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import uvicorn
from starlette.testclient import TestClient

from secopskit.git.repository import Repository
from secopskit.migrate.context import MigrationContext
from secopskit.migrate.server.api.openapi import document
from secopskit.migrate.server.app import ApiServer
from secopskit.migrate.server.auth import TokenRing, token_of
from secopskit.migrate.server.serving import config_of, listen
from secopskit.migrate.server.settings import Limits, ServerSettings
from secopskit.secret import SecretValue
from secopskit.settings.migrate import load_migrate
from support.links import settings_of
from support.postgres import Database

ROOMY = Limits(per_minute=1_000_000, burst=100_000, failures=100_000)


def make_token() -> str:
    return secrets.token_urlsafe(32)


def ring(*tokens: str) -> TokenRing:
    names = ("current", "previous")
    return TokenRing(
        [
            token_of(name, SecretValue(token.encode()), origin="T")
            for name, token in zip(names, tokens, strict=False)
        ]
    )


@dataclass(slots=True)
class Api:
    """A server, a client of it with a valid token, and what the server has logged."""

    server: ApiServer
    client: TestClient
    token: str
    log: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.call("GET", path, **more)

    def post(self, path: str, body: object = None, *, key: str = "", **more: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.call("POST", path, json={} if body is None else body, headers=headers, **more)

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        response: httpx.Response = self.client.request(method, path, headers=headers, **more)
        check(response, method, path)
        return response

    def plan(self) -> str:
        found = self.get("/v1/plan").json()["hash"]
        assert isinstance(found, str)
        return found

    def wait(self, job: str, *, until: tuple[str, ...] = ("succeeded", "failed", "cancelled")) -> Any:
        deadline = time.monotonic() + 60
        while (data := self.get(f"/v1/jobs/{job}").json())["state"] not in until:
            assert time.monotonic() < deadline, data
            time.sleep(0.02)
        return data

    def apply(self, **body: object) -> httpx.Response:
        return self.post("/v1/apply", {"plan": self.plan()} | body, key=secrets.token_hex(8))


@contextmanager
def serving(
    database: Database,
    directory: Path,
    *,
    limits: Limits = ROOMY,
    environment: str = "",
    proxies: frozenset[str] = frozenset(),
    apply_guarded: bool = False,
    repository: Repository | None = None,
    **settings: Any,
) -> Iterator[Api]:
    """A server of the database and a client of it; `settings` are of `MigrateConfig`."""
    token, log = make_token(), list[str]()
    configured = load_migrate(directory, environ={})._replace(
        **{"countdown": 0, "dry_run_max_age": 3_600_000} | settings
    )
    served = ServerSettings(
        context=MigrationContext(
            connection=settings_of(database.dsn),
            directory=str(directory),
            settings=configured,
            environment=environment,
            repository=repository,
            apply_guarded=apply_guarded,
        ),
        commit="c0ffee",
        tokens=ring(token, make_token()),
        limits=limits,
        proxies=proxies,
    )
    server = ApiServer.of(served, log.append)
    with TestClient(server.app(), client=("127.0.0.1", 40000)) as client:
        yield Api(server, client, token, log)
    server.finish()


@contextmanager
def listening(server: ApiServer) -> Iterator[int]:
    """Serve on loopback, from a thread; the port."""
    listener = listen("127.0.0.1", 0)
    serving = uvicorn.Server(config_of(server))
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        serving.should_exit = True
        thread.join(20)
        listener.close()


def check(response: httpx.Response, method: str, path: str) -> None:
    """Hold an answer against the OpenAPI document."""
    described = document(ROOMY)
    path = path.partition("?")[0]
    parts = path.split("/")
    if path.startswith("/v1/jobs/"):
        parts[3] = "{job}"
    operation = described["paths"].get("/".join(parts), {}).get(method.lower())
    if operation is None:
        assert response.status_code in {401, 404, 405, 429}
        return
    assert str(response.status_code) in operation["responses"], response.text
    (media_type, content), *_ = operation["responses"][str(response.status_code)]["content"].items()
    assert response.headers["content-type"] == media_type
    schema = {"components": described["components"], **content["schema"]}
    jsonschema.Draft202012Validator(schema).validate(response.json())
