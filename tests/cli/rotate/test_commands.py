"""`secops rotate` as its users meet it: pages, forms, exit codes."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from secopskit.provider import PROVIDERS
from secopskit.report.page import Commands
from secopskit.rotate.model import RotationStep
from secopskit.rotate.tell.facts import RecordFacts, RotationStatusFacts
from secopskit.rotate.tell.story import status_story
from support.cli import UNMEASURED, Outcome, run
from support.forked import Fork
from support.values import alnum, github_token
from support.workshop import CONFIG, OPENED, ForkedWorkshop

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no fork")


@pytest.fixture
def shop(tmp_path: Path) -> ForkedWorkshop:
    return ForkedWorkshop(tmp_path / "shop")


def document(outcome: Outcome) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(outcome.out)
    return known


# --- plan -------------------------------------------------------------------------------------


def test_a_plan_says_what_happens_and_what_breaks(shop: ForkedWorkshop) -> None:
    compose = f"services:\n  web:\n    image: w\n    environment:\n      T: {shop.token}\n"
    shop.repo.write("compose.yml", compose)
    shop.repo.write(".github/workflows/ci.yml", "jobs:\n  a:\n    env:\n      T: ${{ secrets.API_TOKEN }}\n")
    outcome = shop.rotate("plan")
    assert outcome.code == 1
    assert "Plan: 2 credentials to be rotated" in outcome.out
    assert "1. production/API_TOKEN (fake-dual)" in outcome.out
    assert "Cost: Whoever has not the new value yet is locked out." in outcome.out
    by_hand, _, rest = outcome.out.partition("Will break, edit by hand:")[2].partition("Read here")
    assert "compose.yml:5 compose file, T: is the value" in by_hand
    assert ".env.production:2 dotenv file, API_TOKEN: is the value" in rest
    assert ".github/workflows/ci.yml:4 workflow" in rest
    assert "secops rotate apply" in outcome.err
    assert shop.token not in outcome.text
    assert shop.notebook == ["journal.json", "lock"]


def test_a_plan_keeps_mentions_short(shop: ForkedWorkshop) -> None:
    """Who reads the name is listed; documents, templates, reports and other environments are counted."""
    report = '{"schema_version": "1", "tool": {"name": "secops"}, "note": "API_TOKEN"}'
    files = {
        "app/settings.py": "import os\nT = os.environ['API_TOKEN']\n\nU = os.environ['API_TOKEN']\n",
        "README.md": "Set `API_TOKEN`.\nAPI_TOKEN is the one of the vendor.\n",
        ".env.example": "API_TOKEN=\nAUTH=Bearer ${API_TOKEN}\n",
        ".env.staging": f"API_TOKEN={alnum(32)}\n",
        "out/findings.data": report,
    }
    for name, text in files.items():
        shop.repo.write(name, text)
    out = shop.rotate("plan", "API_TOKEN").out
    changed, _, named = out.partition("Read here")[2].partition("Refer to its name")
    assert ".env.production:2 dotenv file, API_TOKEN: is the value" in changed
    listed, _, counted = " ".join(named.split()).partition("And named in")
    assert "app/settings.py:2, 4 configuration" in listed
    assert ".env.example:2 dotenv file" in listed, "it makes a value of it"
    for name in ("README.md", ".env.staging", "out/findings.data"):
        assert name not in listed
        assert name in counted
    assert counted.startswith(" 4 other files: ")
    everything = shop.rotate("plan", "API_TOKEN", "-v").out
    assert "README.md:1, 2 other file" in everything
    assert "And named in" not in everything
    (one,) = document(shop.rotate("plan", "API_TOKEN", "--format", "json"))["rotations"]
    mentions = {reader["place"] for reader in one["readers"] if reader["mention"]}
    assert mentions == {
        "README.md:1",
        "README.md:2",
        ".env.example:1",
        ".env.staging:1",
        "out/findings.data:1",
    }
    assert {reader["place"] for reader in one["readers"]} > mentions


def test_a_plan_says_whose_the_sinks_are(shop: ForkedWorkshop) -> None:
    config = CONFIG.replace("sinks: [shelf]", "sinks: [environment, 'organization:acme', shelf]")
    shop.repo.write(".secops.yaml", config)
    shop.repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    words = " ".join(shop.rotate("plan", "API_TOKEN").out.split())
    assert (
        "API_TOKEN of production in .env.production, then GitHub environment production of acme/shop, "
        "GitHub Actions of the organisation acme, shelf" in words
    )


def test_a_dotenv_sink_is_changed_for_you(shop: ForkedWorkshop) -> None:
    """It is published there; and where git tracks it, that is told."""
    shop.repo.write(".secops.yaml", CONFIG.replace("sinks: [shelf]", "sinks: ['dotenv:app/run.env']"))
    shop.repo.write("app/run.env", f"API_TOKEN={shop.token}\nELSEWHERE={shop.token}\n")
    shop.repo.git("add", "--force", "app/run.env")
    out = shop.rotate("plan", "API_TOKEN").out
    by_hand, _, changed = out.partition("Will break, edit by hand:")[2].partition("Read here")
    assert "app/run.env:2" in by_hand
    assert "app/run.env:1" not in by_hand
    assert "app/run.env:1 dotenv file, API_TOKEN: is the value" in changed
    assert "git tracks app/run.env" in " ".join(out.split())


def test_a_source_that_is_not_there_is_named_once(shop: ForkedWorkshop) -> None:
    shop.dotenv.unlink()
    out = " ".join(shop.rotate("plan", "API_TOKEN").out.split())
    assert ".env.production: is not there" in out
    assert "cannot be read: .env.production" not in out


def test_a_plan_for_machines(shop: ForkedWorkshop) -> None:
    facts = document(shop.rotate("plan", "DB_PASSWORD", "--format", "json"))
    assert facts["kind"] == "rotation-plan"
    (one,) = facts["rotations"]
    assert (one["id"], one["provider"], one["phase"]) == ("production/DB_PASSWORD", "fake-single", "single")
    assert [write["name"] for write in one["writes"]] == ["DB_PASSWORD", "DATABASE_URL"]
    assert one["writes"][0] == {
        "environment": "production",
        "name": "DB_PASSWORD",
        "source": ".env.production",
        "written": True,
        "sinks": ["shelf"],
    }
    markdown = shop.rotate("plan", "--format", "md")
    assert markdown.out.startswith("# Plan: 2 credentials")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan", "NO_SUCH"), "NO_SUCH: is not declared"),
        (("plan", "--env", "moon"), "nothing is declared"),
        (("plan", "API_TOKEN", "--from-findings", "x.json"), "exclude each other"),
        (("plan", "--from-findings", "none.json"), "cannot be read"),
        (("apply",), "no plan to carry out"),
        (("apply", "--resume", "API_TOKEN"), "stands alone"),
        (("apply", "API_TOKEN", "--drain-timeout", "soon"), "no time"),
        (("providers", "--rule", "none"), "no rule"),
        (("providers", "none"), "no provider"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: ForkedWorkshop, arguments: tuple[str, ...], words: str) -> None:
    outcome = shop.rotate(*arguments)
    assert outcome.code == 2, outcome.text
    assert words in outcome.err
    assert "hint:" in outcome.err


def test_outside_of_a_repository(tmp_path: Path) -> None:
    shop = ForkedWorkshop(tmp_path / "shop")
    shop.path = tmp_path
    assert shop.rotate("plan").code == 2


def test_a_wrong_declaration_is_told_in_the_plan(shop: ForkedWorkshop) -> None:
    config = CONFIG.replace("fake-single", "no-such").replace("api}", "api, colour: red}")
    (shop.path / ".secops.yaml").write_text(config)
    outcome = shop.rotate("plan")
    assert outcome.code == 2
    assert "no rotation provider called `no-such`" in outcome.out
    assert "unknown key `rotate.environments.production.API_TOKEN.colour`" in " ".join(outcome.out.split())
    assert "0 credentials" in outcome.out
    applied = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert applied.code == 2
    assert "not begun" in applied.out


# --- a place for the new value ----------------------------------------------------------------

UNDECLARED = """
rotate:
  environments:
    production:
      API_TOKEN: {provider: fake-dual, account: api}
"""


def test_a_new_value_that_nobody_would_have_is_not_made(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(UNDECLARED)
    outcome = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert outcome.code == 1
    assert "there is no place for its new value" in outcome.out
    assert "--to-file" in outcome.out
    assert shop.vendor.live("api") == [shop.token]


def test_a_file_of_its_own(shop: ForkedWorkshop, tmp_path: Path) -> None:
    (shop.path / ".secops.yaml").write_text(UNDECLARED)
    file = tmp_path / "new.env"
    outcome = shop.rotate("apply", "API_TOKEN", "--to-file", str(file), *OPENED)
    assert outcome.code == 0, outcome.text
    (value,) = (one for one in shop.vendor.live("api") if one != shop.token)
    assert file.read_text() == f"API_TOKEN={value}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert value not in outcome.text


@pytest.mark.parametrize(
    ("option", "file", "words"),
    [
        ("--to-file", "nowhere/new.env", "nowhere/new.env: its directory is not there"),
        ("--to-file", ".", "is not a regular file"),
        ("--edit", "nosuch.env", "nosuch.env: is not there"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_made(
    shop: ForkedWorkshop, option: str, file: str, words: str
) -> None:
    outcome = shop.rotate("apply", "API_TOKEN", option, file, *OPENED)
    assert outcome.code == 1
    assert words in " ".join(outcome.out.split())
    assert shop.vendor.live("api") == [shop.token] == [shop.values["API_TOKEN"]]
    assert words in " ".join(shop.rotate("plan", "API_TOKEN", option, file).out.split())


def test_so_is_a_declared_one(shop: ForkedWorkshop) -> None:
    shop.repo.write(".secops.yaml", CONFIG.replace("sinks: [shelf]", "sinks: ['dotenv:app/run.env']"))
    outcome = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert outcome.code == 1
    assert "app/run.env: its directory is not there" in " ".join(outcome.out.split())
    directory = shop.path / "app"
    directory.mkdir(0o500)
    if not os.access(directory, os.W_OK):  # root may write everywhere
        refused = shop.rotate("apply", "API_TOKEN", *OPENED)
        assert "its directory cannot be written to" in " ".join(refused.out.split())
    assert shop.vendor.live("api") == [shop.token]


def test_a_file_that_nobody_declares_is_edited_when_told_to(shop: ForkedWorkshop) -> None:
    (shop.path / ".secops.yaml").write_text(UNDECLARED)
    below = shop.path / "deploy"
    below.mkdir()
    (below / ".env").write_text(
        f"# by hand\nAPI_TOKEN={shop.token}\nURL=https://u:{shop.token}@example.org/\n"
    )
    shop.path, top = below, shop.path
    outcome = shop.rotate("apply", "API_TOKEN", "--edit", ".env", *OPENED)
    shop.path = top
    assert outcome.code == 0, outcome.text
    (value,) = shop.vendor.live("api")
    expected = f"# by hand\nAPI_TOKEN={value}\nURL=https://u:{value}@example.org/\n"
    assert (below / ".env").read_text() == expected
    assert ".env.production:2 dotenv file, API_TOKEN: is the value" in outcome.out.partition("by hand:")[2]


def test_a_kept_plan_with_a_place_named_afterwards(shop: ForkedWorkshop, tmp_path: Path) -> None:
    (shop.path / ".secops.yaml").write_text(UNDECLARED)
    assert shop.rotate("plan", "API_TOKEN").code == 1
    outcome = shop.rotate("apply", "--to-file", str(tmp_path / "new.env"), *OPENED)
    assert outcome.code == 0, outcome.text


def test_a_source_that_we_cannot_write_to(shop: ForkedWorkshop, tmp_path: Path) -> None:
    config = CONFIG.replace("source: {dotenv: .env.production}", "source: environment")
    (shop.path / ".secops.yaml").write_text(config)
    blocked = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert blocked.code == 1
    assert "we cannot write to" in blocked.out
    outcome = shop.rotate("apply", "API_TOKEN", "--to-file", str(tmp_path / "new.env"), *OPENED)
    assert outcome.code == 0, outcome.text
    (value,) = (one for one in shop.vendor.live("api") if one != shop.token)
    assert shop.shelf == {"API_TOKEN": value}


# --- from findings ----------------------------------------------------------------------------


def test_from_the_leak_to_the_purge(shop: ForkedWorkshop) -> None:
    """What was rotated needs no `--rotated` when it is purged."""
    token, password = github_token(), alnum(24)
    shop.vendor.only("api", token)
    shop.vendor.only("db", password)
    text = shop.dotenv.read_text().replace(shop.token, token).replace(shop.password, password)
    shop.dotenv.write_text(text)
    url = f"postgres://shop:{password}@db.internal/shop"
    shop.repo.commit(
        {".gitignore": ".env*\n*.json*\n.secops.yaml\n", "app.py": f"T = '{token}'\nU = '{url}'\n"}
    )
    shop.repo.commit({"app.py": "import os\n"}, "no more")
    report = str(shop.path / "report.json")
    assert shop.secops("scan", "--history", "--format", "json", "--output", report).code == 1
    before = shop.secops("purge-history", "--format", "json")
    assert {one["rotated"] for one in document(before)["values"]} == {False}

    plan = shop.rotate("plan", "--from-findings", report)
    assert plan.code == 1, plan.text
    assert "github-pat" in plan.out
    assert "2. production/DB_PASSWORD" in plan.out
    outcome = shop.rotate("apply", *OPENED)
    assert outcome.code == 0, outcome.text
    assert "secops purge-history" in outcome.out

    after = shop.secops("purge-history", "--format", "json")
    assert {one["rotated"] for one in document(after)["values"]} == {True}
    again = shop.rotate("plan", "--from-findings", report)
    assert again.code == 0, again.text
    assert "Nothing to rotate" in again.out
    assert "rotated at 2" in again.out
    purged = shop.secops("purge-history", "--apply", "--yes", "--no-backup")
    assert purged.code == 0, purged.text
    assert token not in shop.repo.git("log", "-p", "--all")


def test_what_is_not_recognised_is_manual_and_not_left_out(shop: ForkedWorkshop) -> None:
    token = github_token()
    shop.repo.commit({"app.py": f"T = '{token}'\n"})
    report = str(shop.path / "report.json")
    shop.secops("scan", "--format", "json", "--output", report)
    facts = document(shop.rotate("plan", "--from-findings", report, "--format", "json"))
    (one,) = (one for one in facts["rotations"] if one["rule"] == "github-pat")
    assert (one["provider"], one["phase"]) == ("manual", "manual")
    assert any("No provider is declared" in note for note in one["notes"])
    assert one["readers"][0]["place"] == "app.py:1"


def test_a_value_in_an_ignored_file_is_found_again(shop: ForkedWorkshop) -> None:
    report = str(shop.path / "report.json")
    token = github_token()
    shop.vendor.only("api", token)
    shop.dotenv.write_text(shop.dotenv.read_text().replace(shop.token, token))
    scanned = shop.secops("scan", ".env.production", "--format", "json", "--output", report)
    assert scanned.code == 1, scanned.text
    facts = document(shop.rotate("plan", "--from-findings", report, "--format", "json"))
    (one,) = (one for one in facts["rotations"] if one["id"] == "production/API_TOKEN")
    assert one["provider"] == "fake-dual"
    assert facts["not_found"] == []


def test_a_value_that_is_gone_is_told(shop: ForkedWorkshop) -> None:
    report = str(shop.path / "report.json")
    shop.repo.write("app.py", f"T = '{github_token()}'\n")
    shop.secops("scan", "app.py", "--format", "json", "--output", report)
    shop.repo.write("app.py", "T = None\n")
    outcome = shop.rotate("plan", "--from-findings", report)
    assert outcome.code == 1
    assert "not found again" in outcome.out
    assert "github-pat" in outcome.out
    assert "app.py:1" in outcome.out


# --- apply, status, rollback ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "back"),
    [
        ({"a": "published"}, "secops rotate rollback"),
        ({"a": "published", "b": "planned"}, "secops rotate rollback"),
        ({"a": "published", "b": "revoking"}, "secops rotate rollback a"),
        ({"a": "revoking"}, ""),
        ({"a": "revoked", "b": "rolled-back"}, ""),
    ],
)
def test_no_way_back_is_named_that_is_not_open(steps: dict[str, str], back: str) -> None:
    records = tuple(
        RecordFacts(
            id=name, provider="random", step=step, ended=RotationStep(step).ended, times={}, told=(),
            problem="", advice="",
        )
        for name, step in steps.items()
    )  # fmt: skip
    facts = RotationStatusFacts(state="unfinished", started="", rotations=records, last=())
    (commands,) = [block for block in status_story(facts) if isinstance(block, Commands)]
    assert commands.lines == ("secops rotate apply --resume", *filter(None, [back]))


def test_stopped_looked_at_and_gone_on_with(shop: ForkedWorkshop) -> None:
    config = shop.path / ".secops.yaml"
    config.write_text(CONFIG.replace("account: api", "account: api, busy: 'true'"))
    assert shop.rotate("status").code == 0
    assert shop.rotate("plan", "API_TOKEN").code == 1
    assert "planned" in shop.rotate("status").out
    stopped = shop.rotate("apply", "--yes")
    assert stopped.code == 4
    assert "secops rotate apply --resume" in stopped.out
    looked = shop.rotate("status", "--format", "json")
    assert looked.code == 4
    facts = document(looked)
    assert (facts["state"], facts["rotations"][0]["step"]) == ("unfinished", "published")
    assert shop.rotate("plan").code == 4
    config.write_text(CONFIG)
    ended = shop.rotate("apply", "--resume", "--yes")
    assert ended.code == 0, ended.text
    status = shop.rotate("status")
    assert status.code == 0
    assert "production/API_TOKEN: done" in status.out


def test_rolled_back(shop: ForkedWorkshop) -> None:
    config = shop.path / ".secops.yaml"
    config.write_text(CONFIG.replace("account: api", "account: api, busy: 'true'"))
    assert shop.rotate("apply", "API_TOKEN", "--yes").code == 4
    outcome = shop.rotate("rollback", "--yes")
    assert outcome.code == 0, outcome.text
    assert "rolled-back" in outcome.out
    assert ".env.production has API_TOKEN as it was" in outcome.out
    assert shop.values["API_TOKEN"] == shop.token
    assert "nothing to undo" in shop.rotate("rollback").out
    assert "nothing to go on with" in shop.rotate("apply", "--resume", "--yes").out


def test_a_plan_is_forgotten(shop: ForkedWorkshop) -> None:
    shop.rotate("plan")
    assert "forgotten" in shop.rotate("apply", "--abort").out
    assert "no plan" in shop.rotate("apply", "--abort").out


def test_a_damaged_journal_is_told(shop: ForkedWorkshop) -> None:
    shop.rotate("plan")
    (shop.path / ".git" / "secops" / "rotate" / "journal.json").write_text("{}")
    outcome = shop.rotate("apply", *OPENED)
    assert outcome.code == 4
    assert "is not a journal of a rotation" in outcome.err


def test_one_rotation_at_a_time(shop: ForkedWorkshop) -> None:
    from secopskit.git.repository import Repository
    from secopskit.rotate.keep.journal import RotationNotebook

    repository = Repository.open(str(shop.path))
    assert repository
    notebook = RotationNotebook.of(repository)
    notebook.open()
    with notebook.held():
        outcome = shop.rotate("apply", "API_TOKEN", *OPENED)
    assert outcome.code == 5
    assert "another rotation of this repository is running" in outcome.err


def test_one_that_runs_is_not_taken_for_one_that_stopped(shop: ForkedWorkshop) -> None:
    fork = waiting_for_readers(shop)
    for arguments in (("apply", "DB_PASSWORD", *OPENED), ("plan",), ("rollback", "--yes")):
        other = shop.rotate(*arguments, log="other")
        assert other.code == 5, other.text
        assert "another rotation of this repository is running" in other.err
        assert "secops rotate status" in other.err
    assert "is running" in shop.rotate("status", log="other").out
    fork.kill()
    shop.ended(fork)
    assert shop.rotate("plan").code == 4


def test_who_interrupts_it_is_told_how_to_go_on(shop: ForkedWorkshop) -> None:
    fork = waiting_for_readers(shop)
    os.kill(fork.pid, signal.SIGINT)
    stopped = shop.ended(fork)
    assert stopped.code == 130
    assert "secops rotate apply --resume" in stopped.err
    assert shop.rotate("rollback", "--yes").code == 0
    assert shop.vendor.live("api") == [shop.token]


def waiting_for_readers(shop: ForkedWorkshop) -> Fork:
    """The fork of a rotation that waits, with the new value published and the old one alive."""
    (shop.path / ".secops.yaml").write_text(CONFIG.replace("account: api", "account: api, busy: 'true'"))
    fork = shop.start("rotate", "apply", "API_TOKEN", "--yes", "--drain-timeout", "10min")
    while "Waiting until" not in shop.ended_so_far().err:
        time.sleep(0.02)
    return fork


def test_files_that_git_tracks_are_told(shop: ForkedWorkshop) -> None:
    assert "git tracks" not in shop.rotate("plan").out
    shop.repo.git("add", "-f", ".env.production")
    told = " ".join(shop.rotate("plan").out.split())
    assert "git tracks .env.production: a commit would publish the new value" in told
    assert "git rm --cached .env.production" in told


# --- providers --------------------------------------------------------------------------------


def test_the_providers(shop: ForkedWorkshop) -> None:
    outcome = shop.rotate("providers")
    assert outcome.code == 0
    assert all(f"{name} (" in outcome.out for name in PROVIDERS)
    facts = document(shop.rotate("providers", "--format", "json"))
    rules = {one["name"]: one["rules"] for one in facts["providers"]}
    assert "supabase-service-role-key" in rules["supabase"]
    assert "github-pat" in rules["manual"]


def test_the_provider_of_a_rule(shop: ForkedWorkshop) -> None:
    outcome = shop.rotate("providers", "--rule", "supabase-service-role-key")
    assert outcome.code == 0
    assert "are rotated by the provider supabase" in outcome.out
    assert "manual (" not in outcome.out
    settings = shop.rotate("providers", "fake-dual")
    assert "account" in settings.out


# --- help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["plan", "apply", "status", "rollback", "providers"])
def test_the_help_loads_nothing_of_the_work(command: str) -> None:
    program = (
        "import sys\n"
        "from secopskit.cli.boundary import run\n"
        f"assert run(['rotate', '{command}', '--help']) == 0\n"
        "print([name for name in sys.modules if name.startswith('secopskit.')], file=sys.stderr)\n"
    )
    outcome = run(sys.executable, "-c", program, cwd=Path.cwd(), env=UNMEASURED)
    assert outcome.code == 0, outcome.text
    for room in ("rotate.", "scan", "detect", "sync.", "git", "github", "provider."):
        assert f"'secopskit.{room}" not in outcome.err
