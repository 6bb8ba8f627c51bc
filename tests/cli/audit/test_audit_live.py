"""`secops audit --ask-…`: what is looked up outside of the files, and what is said where that fails."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.cli.boundary import run
from support.cli import Outcome
from support.values import alnum

Audit = Callable[..., Outcome]


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Audit:
    """Runs the command in a directory of its own, in this process."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)

    def audit(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run(["audit", *arguments])
        told = capsys.readouterr()
        return Outcome(code, told.out, told.err)

    return audit


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--ask-database", "NOT_SET"], 2, "the variable NOT_SET is not set"),
        (["--ask-database", ".env:NOT_THERE"], 2, ".env has no NOT_THERE"),
        (["--ask-database", "../x/.env:DB"], 5, "outside of the work tree"),
        (["--repo", "acme/shop"], 2, "belongs to --ask-github"),
        (["--ask-github"], 2, "no repository at GitHub is known"),
    ],
)
def test_what_cannot_be_asked(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    Path(".env").write_text("DB=\n")
    outcome = audit(*arguments)
    assert outcome.code == code
    assert says in " ".join(outcome.err.split())


def test_a_database_that_does_not_answer(audit: Audit) -> None:
    password = alnum(20)
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        Path(".env").write_text(f"SHOP_DB=postgresql://u:{password}@127.0.0.1:{port}/x\n")
        outcome = audit("--ask-database", ".env:SHOP_DB")
    assert outcome.code == 3
    assert "cannot connect" in outcome.err
    assert password not in outcome.out + outcome.err


def test_a_port_that_answers_beyond_this_host(audit: Audit) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        db = f"image: 'postgres:17', ports: ['127.0.0.1:{port}:5432'], volumes: ['a:/var/lib/postgresql']"
        Path("compose.yml").write_text(f"services: {{db: {{{db}}}}}\n")
        outcome = audit("--ask-ports")
    assert outcome.code == 1
    assert f"Port {port} of this host" in " ".join(outcome.out.split())
    assert "of this host" not in audit("--ask-ports").out


@pytest.mark.parametrize("rule", ["database-nature", "reachable-port"])
def test_rules_of_live_facts_are_explained(audit: Audit, rule: str) -> None:
    assert rule in audit("--explain", rule).out
    assert rule in audit("--list-rules").out
