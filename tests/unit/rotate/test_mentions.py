"""Who reads a credential, and who merely mentions its name."""

from __future__ import annotations

import pytest

from secopskit.findings import Blob
from secopskit.rotate.look.mentions import is_mention, is_report
from secopskit.rotate.model import Reader, ReaderKind, ReaderLink

NAME = "API_TOKEN"


@pytest.mark.parametrize(
    ("path", "key", "kind", "mention"),
    [
        ("README.md", "", ReaderKind.TEXT, True),
        ("docs/setup.rst", "", ReaderKind.TEXT, True),
        ("config.toml.example", NAME, ReaderKind.CONFIG, True),
        (".env.example", NAME, ReaderKind.DOTENV, True),
        (".env.staging", "", ReaderKind.DOTENV, True),
        (".env", "AUTHORIZATION", ReaderKind.DOTENV, False),
        ("out.json", "", ReaderKind.REPORT, True),
        ("config.json", NAME, ReaderKind.CONFIG, False),
        ("app.py", "", ReaderKind.TEXT, False),
        ("readme.py", "", ReaderKind.TEXT, False),
        ("compose.yml", NAME, ReaderKind.COMPOSE, False),
        (".github/workflows/ci.yml", "", ReaderKind.WORKFLOW, False),
    ],
)
def test_by_the_kind_of_file(path: str, key: str, kind: ReaderKind, mention: bool) -> None:
    assert is_mention(Reader(path, 1, key, kind, ReaderLink.NAMES), NAME) is mention
    for link in (ReaderLink.EQUALS, ReaderLink.CONTAINS):
        assert not is_mention(Reader(path, 1, key, kind, link), NAME), "it has the value"


@pytest.mark.parametrize(
    ("path", "text", "report"),
    [
        ("a.sarif", "", True),
        ("a.json", '{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": []}', True),
        ("a.json", '{\n  "schema_version": "1",\n  "tool": {"name": "secops"}}', True),
        ("report.json", '{"tool": "API_TOKEN"}', False),
        ("app.py", "API_TOKEN", False),
    ],
)
def test_reports_by_their_heads(path: str, text: str, report: bool) -> None:
    assert is_report(Blob(path=path, data=text.encode())) is report
