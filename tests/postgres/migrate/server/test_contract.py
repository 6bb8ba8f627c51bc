"""schemathesis holds the API against its own OpenAPI document; the guide is held against it, too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from secopskit.migrate.server.api.openapi import OPERATIONS, document
from secopskit.migrate.server.api.problems import MEDIA_TYPE
from secopskit.migrate.server.backend import Backend
from secopskit.migrate.server.job import JobResult
from secopskit.migrate.server.settings import Limits
from support.api import Api, listening, serving
from support.cli import ROOT
from support.links import initialised
from support.postgres import Servers, create_database, drop_database, need_version, versions
from support.runner import write

GUIDE = ROOT / "docs" / "MIGRATE_HTTP_API.md"
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
]
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.fixture(scope="module")
def api(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    database = create_database(servers.of(need_version(max(versions(), default=None))))
    initialised(database.dsn).close()
    directory = write(
        tmp_path_factory.mktemp("api") / "migrations", {"1_users.sql": "CREATE TABLE users ();"}
    )
    with pytest.MonkeyPatch.context() as patch, serving(database, directory) as api:
        # A dry run would start a PostgreSQL each time: that it works is tested elsewhere.
        patch.setattr(Backend, "dry_run", lambda *_: JobResult(ok=True, data={}))
        yield api
    drop_database(database)


@pytest.fixture(scope="module")
def url(api: Api) -> Iterator[str]:
    with listening(api.server) as port:
        yield f"http://127.0.0.1:{port}"


schema = schemathesis.openapi.from_dict(document(Limits()))


@schema.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_the_api_is_as_its_document_says(case: schemathesis.Case[Any], api: Api, url: str) -> None:
    where: dict[str, Any] = {"base_url": url}
    response = case.call(headers=api.headers, **where)
    case.validate_response(response, checks=CHECKS, headers=api.headers, transport_kwargs=where)
    for name, value in SECURITY_HEADERS.items():
        assert response.headers[name] == [value]
    assert api.token not in response.text


def test_the_guide_names_every_operation_and_every_answer() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    described = document(Limits())
    named = set(re.findall(r"`(GET|POST) (/[^`? ]*)", text))
    assert named == {(operation.method.upper(), operation.path) for operation in OPERATIONS}
    answers = {
        status
        for methods in described["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
    }
    assert set(re.findall(r"^\| (\d{3}) \|", text, re.MULTILINE)) == answers | {"405"}


def test_the_guide_names_every_problem() -> None:
    source = ROOT / "src" / "secopskit" / "migrate" / "server"
    code = re.compile(
        r"""\bproblem\(\s*\d{3},\s*"([a-z-]+)"|\bcode="([a-z-]+)"|^    ExitCode.*"([a-z-]+)"\)""",
        re.MULTILINE,
    )
    codes = {
        "".join(found)
        for path in source.rglob("*.py")
        for found in code.findall(path.read_text(encoding="utf-8"))
    }
    assert len(codes) > 20
    listed = set(re.findall(r"`([a-z-]+)`", GUIDE.read_text(encoding="utf-8")))
    assert codes <= listed


def test_the_document_is_closed() -> None:
    described = document(Limits())
    names = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert names == set(described["components"]["schemas"])
    for path, methods in described["paths"].items():
        for operation in methods.values():
            public = operation.get("security") == []
            assert public == (path in {"/healthz", "/v1/openapi.json"})
            assert public or "401" in operation["responses"]
            for status, answer in operation["responses"].items():
                assert (MEDIA_TYPE in answer["content"]) == (int(status) >= 400)
