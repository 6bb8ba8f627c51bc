"""`secops audit` as its users run it: exit codes, baseline, forms, errors; and no value anywhere."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secopskit.audit.tell import FORMS
from secopskit.cli.boundary import run
from support.cli import Outcome
from support.repos import Repo
from support.values import alnum, github_token

Audit = Callable[..., Outcome]


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Runs the command in a directory, in this process."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")

    def audit(*arguments: str, cwd: Path) -> Outcome:
        monkeypatch.chdir(cwd)
        capsys.readouterr()
        code = run(["audit", *arguments])
        told = capsys.readouterr()
        return Outcome(code, told.out, told.err)

    return audit


class AuditedShop:
    """A project with values of its own in every kind of file that is read, and mistakes that rules find."""

    def __init__(self, path: Path) -> None:
        self.values = (*(alnum(24) for _ in range(12)), github_token())
        v = iter(self.values)
        self.path = path
        self.files = {
            "compose.yml": (
                "name: shop\n"
                "services:\n"
                "  db:\n"
                "    image: postgres:16\n"
                "    ports: ['5432:5432']\n"
                f"    environment: {{POSTGRES_USER: app, POSTGRES_PASSWORD: {next(v)}}}\n"
                "  web:\n"
                "    build: {context: ., args: [UNKNOWN_ARG]}\n"
                "    environment:\n"
                f"      DATABASE_URL: postgres://app:{next(v)}@db:5433/shop\n"
                f"      GOES_NOWHERE: {next(v)}\n"
                "      OTHER: ${NOT_TOLD}\n"
            ),
            ".env.production": f"SECRET_KEY={next(v)}\nDATABASE_URL=postgres://u:{next(v)}@db.example.com/app\n",
            ".env.sample": f"SECRET_KEY={next(v)}\nUNUSED={next(v)}\n",
            "Dockerfile": f"FROM python:3.12\nARG KEY={next(v)}\nENV API_TOKEN={next(v)}\nCOPY . .\n",
            "app.py": f"import os\nos.environ['SECRET_KEY']\nos.getenv('MISSING', '{next(v)}')\n",
            "odoo.conf": f"[options]\nadmin_passwd = {next(v)}\ndb_host = db\ndb_port = 5432\n",
            ".github/workflows/deploy.yml": (
                "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n"
                f"    env: {{TOKEN: {next(v)}}}\n"
                "    steps: [{run: './migrate', env: {DATABASE_URL: '${{ secrets.PROD_DATABASE_URL }}'}}]\n"
            ),
            "broken.yml": f"password: {next(v)}\n  : [\n",
        }
        repo = Repo.create(path)
        repo.commit(self.files, "all of it")

    def seen_in(self, text: str) -> list[str]:
        """The values of which more than a few letters stand in `text`, spelt out or encoded."""
        found = []
        for value in self.values:
            encoded = base64.b64encode(value.encode()).decode()[4:-4]
            if any(
                part in text for part in (value[6:], value[:-6], value[::-1], encoded, value.encode().hex())
            ):
                found.append(value[:4])
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> AuditedShop:
    return AuditedShop(tmp_path_factory.mktemp("audited") / "shop")


@pytest.mark.parametrize("form", FORMS)
def test_no_form_shows_a_value(form: str, shop: AuditedShop, audit: Audit, tmp_path: Path) -> None:
    svg = tmp_path / "picture.svg"
    done = audit(
        "-f", form, "--min-severity=info", "--show-suppressed", "-v", "--svg", str(svg), cwd=shop.path
    )
    assert done.code == 1, done.text
    assert "open-port" in done.out or "5432" in done.out
    assert shop.seen_in(done.text + svg.read_text()) == []


def test_nobody_is_asked_and_nothing_but_git_is_run(
    shop: AuditedShop, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, start = [], subprocess.Popen.__init__

    def watched(self: Any, arguments: Any, *rest: Any, **options: Any) -> None:
        started.append(Path(arguments[0]).name)
        start(self, arguments, *rest, **options)

    def refused(*_: Any) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(subprocess.Popen, "__init__", watched)
    monkeypatch.setattr(socket.socket, "connect", refused)
    assert audit("--local-env", cwd=shop.path).code == 1
    assert set(started) == {"git"}


def test_neither_does_the_baseline(shop: AuditedShop, audit: Audit, tmp_path: Path) -> None:
    place = tmp_path / "baseline.json"
    done = audit("--update-baseline", "--baseline", str(place), "--min-severity=info", cwd=shop.path)
    assert done.code == 0, done.text
    assert json.loads(place.read_text())["accepted"]
    assert shop.seen_in(done.text + place.read_text()) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_same_project_elsewhere_gives_the_same_bytes(
    form: str, shop: AuditedShop, audit: Audit, tmp_path: Path
) -> None:
    there = tmp_path / "another" / "clone"
    shutil.copytree(shop.path, there)
    for place in (shop.path, there):
        (place / ".secops.yaml").write_text("audit: {name: shop}\n")
    reports = []
    for number, place in enumerate((shop.path, there)):
        file = tmp_path / f"report-{number}"
        assert audit("-f", form, "-o", str(file), str(place), cwd=tmp_path).code == 1
        reports.append(file.read_bytes())
    (shop.path / ".secops.yaml").unlink()
    assert reports[0] == reports[1]
    assert str(tmp_path).encode() not in reports[0]


def test_what_is_accepted_is_held_back_and_what_is_new_fails_the_check(
    shop: AuditedShop, audit: Audit, tmp_path: Path
) -> None:
    project = tmp_path / "shop"
    shutil.copytree(shop.path, project)
    planned = audit("--update-baseline", "--dry-run", cwd=project)
    assert planned.code == 0
    assert "would write" in planned.out
    assert not (project / ".secops.audit.json").exists()
    written = audit("--update-baseline", "--reason", "known", "--owner", "ops", cwd=project)
    assert "wrote" in written.out
    clean = audit("--check", cwd=project)
    assert (clean.code, clean.out.splitlines()[0][:19]) == (0, "✓ No new mismatches")
    assert "held back" in clean.out
    shutil.copytree(project, tmp_path / "a-clone-of-another-name")
    assert audit("--check", cwd=tmp_path / "a-clone-of-another-name").code == 0
    assert "ops" in audit("--show-suppressed", cwd=project).out
    again = audit("--update-baseline", cwd=project)
    assert "nothing to change" in again.out

    compose = project / "compose.yml"
    compose.write_text(compose.read_text() + "  cache:\n    image: redis:7\n    ports: ['6379:6379']\n")
    found = audit("--check", cwd=project)
    assert found.code == 1
    assert found.out.splitlines()[0].startswith("compose.yml:")
    assert audit("--exit-zero", cwd=project).code == 0
    assert audit("--no-baseline", cwd=project).out.count("P") > found.out.count("P")

    compose.write_text("services: {}\n")
    gone = audit(cwd=project)
    assert "no longer met" in gone.out
    dropped = audit("--update-baseline", cwd=project)
    assert "\n- compose.yml" in f"\n{dropped.out}"


def test_only_a_rule_or_all_but_one(shop: AuditedShop, audit: Audit) -> None:
    only = json.loads(audit("--rule", "open-port", "-f", "json", cwd=shop.path).out)
    assert {one["rule_id"] for one in only["mismatches"]} == {"open-port"}
    without = json.loads(audit("--disable", "open-port", "-f", "json", cwd=shop.path).out)
    assert "open-port" not in {one["rule_id"] for one in without["mismatches"]}
    assert {one["by"] for one in without["held_back"] if one["rule_id"] == "open-port"} == {"rule"}


def test_excluded_files_are_counted(shop: AuditedShop, audit: Audit) -> None:
    document = json.loads(audit("--exclude", "compose.yml", "-f", "json", cwd=shop.path).out)
    assert {"path": "compose.yml", "reason": "excluded", "detail": ""} in document["skipped"]
    assert document["summary"]["services"] == 0


def test_the_rules_are_told(shop: AuditedShop, audit: Audit) -> None:
    table = audit("--list-rules", cwd=shop.path)
    assert table.code == 0
    assert "open-port" in table.out
    told = audit("--explain", "open-port", cwd=shop.path)
    assert told.code == 0
    assert "Right" in told.out


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("--rule", "open-prot"), "there is no rule 'open-prot'", "open-port"),
        (("--disable", "zzzzzz"), "there is no rule 'zzzzzz'", "--list-rules"),
        (("--explain", "open-porst"), "there is no rule", "open-port"),
        (("nowhere",), "does not exist", "--help"),
        (("--baseline", "none.json"), "no such file", "--update-baseline"),
        (("--check", "--update-baseline"), "exclude each other", "one of them"),
        (("--reason", "x"), "says nothing here", "--update-baseline"),
        (("--repo", "a/b"), "says nothing here", "--ask-github"),
        (("--ask-database", "SECOPS_NOT_SET"), "is not set", "Set it"),
        (("--update-baseline", "--rule", "open-port"), "exclude each other", "--rule"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    arguments: tuple[str, ...], message: str, hint: str, shop: AuditedShop, audit: Audit
) -> None:
    done = audit(*arguments, cwd=shop.path)
    assert done.code == 2, done.text
    assert message in done.err
    assert hint in done.err


def test_a_damaged_baseline_or_configuration_is_no_open_gate(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / ".secops.audit.json").write_text("<<<<<<< HEAD\n")
    damaged = audit(cwd=tmp_path)
    assert damaged.code == 2
    assert "is not JSON" in damaged.err
    (tmp_path / ".secops.audit.json").unlink()
    (tmp_path / ".secops.yaml").write_text("audit: {disabel: [open-port]}\n")
    assert "Did you mean disable?" in audit(cwd=tmp_path).err
    (tmp_path / ".secops.yaml").write_text("audit: {baseline: ../elsewhere.json}\n")
    assert "leads out of the project" in audit(cwd=tmp_path).err


@pytest.mark.parametrize("form", FORMS)
def test_a_file_gives_the_runner_no_commands(
    form: str, audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "::error::owned ##[error]owned"
    folder.mkdir()
    (folder / "compose.yml").write_text(
        "services:\n  db:\n    image: postgres:16\n    ports: ['5432:5432']\n"
    )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")  # the fixture has unset it
    summary = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    out = audit("-f", form, "-v", cwd=tmp_path).out
    lines = [line.strip() for line in out.splitlines()]
    commands = [line for line in lines if line.startswith("::")]
    assert "owned" in out
    if form == "github":
        assert all(
            line.startswith(("::error title=", "::warning title=", "::notice title=")) for line in commands
        )
        assert "## Reconciliation plan" in summary.read_text()
    else:
        assert not summary.exists()
        assert commands == []
        assert "##[" not in out
