"""`secops status` as its users run it: forms, the gate, and nothing where nothing is."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from support.cli import COMMAND, ROOT, Outcome
from support.forked import secops
from support.leak import Leak
from support.repos import Repo
from support.terminal import on_terminal
from support.values import alnum, github_token

SCHEMA = json.loads((ROOT / "docs/schema/incident-v1.schema.json").read_text("utf-8"))


class Planted:
    """A repository with three different leaked secrets, one of them as the name of a file, too."""

    def __init__(self, path: Path) -> None:
        self.token, self.password, self.key = github_token(), alnum(24), alnum(40)
        self.repo = Repo.create(path)
        dotenv = f"DATABASE_URL=postgres://shop:{self.password}@db.example.org/shop\nADMIN_TOKEN={self.key}\n"
        self.repo.commit({".env.production": dotenv}, "deploy")
        self.repo.commit({f"notes-{self.token}.py": f"token = '{self.token}'\n"}, "notes")
        self._said = dict[tuple[str, ...], Outcome]()

    def status(self, *arguments: str) -> Outcome:
        """What the command says; nothing changes here, so it is asked once."""
        if arguments not in self._said:
            self._said[arguments] = secops("status", *arguments, cwd=self.repo.path)
        return self._said[arguments]

    def seen_in(self, text: str) -> list[str]:
        """The values of which more than a preview stands in `text`."""
        found = []
        for value in (self.token, self.password, self.key):
            encoded = base64.b64encode(value.encode()).decode()[4:-4]
            if any(form in text for form in (value[6:], value[:-6], encoded, value.encode().hex())):
                found.append(value[:4])
        return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return Planted(tmp_path_factory.mktemp("planted") / "shop")


@pytest.mark.parametrize("form", ["text", "json", "md", "html"])
def test_every_form_tells_all_and_no_value(planted: Planted, tmp_path: Path, form: str) -> None:
    file = tmp_path / "report"
    to_file = ("-o", str(file)) if form == "md" else ("-v",)
    outcome = planted.status("-f", form, *to_file)
    assert outcome.code == 0, outcome.err
    text = file.read_text() if form == "md" else outcome.out
    assert text.count("found") >= 3
    assert "ADMIN_TOKEN" in text.replace("\\_", "_")
    assert planted.seen_in(text) == []
    assert form != "md" or file.stat().st_mode & 0o077 == 0
    for path in (planted.repo.path / ".git" / "secops").rglob("*"):
        assert (
            not path.is_file()
            or path.name == "history-scan"
            or planted.seen_in(path.read_text("latin-1")) == []
        )


@pytest.mark.parametrize("form", ["text", "json", "md", "html"])
def test_every_form_tells_of_an_archive_that_was_not_opened(leaky: Repo, tmp_path: Path, form: str) -> None:
    file = tmp_path / "report"
    told = secops("status", "-f", form, *(("-o", str(file)) if form == "md" else ()), cwd=leaky.path)
    text = file.read_text() if form == "md" else told.out
    assert "Not read: 1 part of an archive, archive not opened, or not to its end." in " ".join(text.split())


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with a secret, and an archive of a kind that is not opened."""
    made = Repo.create(tmp_path_factory.mktemp("leaky") / "shop")
    archive = b"7z\xbc\xaf\x27\x1c" + bytes(range(256)) * 4
    made.commit({"app.py": f"token = '{github_token()}'\n", "old.7z": archive})
    return made


def test_the_page_loads_nothing(planted: Planted) -> None:
    page = planted.status("-f", "html", "-v").out
    assert "default-src 'none'" in page
    assert "http://" not in page
    assert 'src="' not in page


def test_the_document_fits_the_schema(planted: Planted) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(planted.status("-f", "json", "-v").out)
    Draft202012Validator(SCHEMA).validate(document)
    assert (document["counts"], document["gating"]) == ({"found": 3}, 3)
    assert [one["kind"] for one in document["secrets"]] == ["value"] * 3


def test_a_terminal_of_80_columns_is_enough(planted: Planted) -> None:
    lines = planted.status().out.splitlines()
    commands = [line for line in lines if "secops " in line]
    assert len(commands) >= 5
    assert lines[0].startswith("3 exposed secrets: 3 found")
    assert "3 are neither rotated nor accepted: do that before anything is merged." in lines
    assert [line for line in lines if len(line) > 100 and str(planted.repo.path) not in line] == []


def test_the_gate(planted: Planted, tmp_path: Path) -> None:
    assert planted.status("--check").code == 1
    empty = Repo.create(tmp_path / "empty")
    empty.commit({"README": "x\n"})
    again = secops("status", "--check", cwd=empty.path)
    assert (again.code, again.out.splitlines()[0][:21]) == (0, "No exposed secret  in")
    empty.commit({"README": "y\n"})
    shallow = empty.clone(tmp_path / "shallow", "--depth=1")
    cut = secops("status", "--check", cwd=shallow.path)
    assert cut.code == 3
    assert "fetch-depth: 0" in cut.err


def test_outside_of_a_repository(tmp_path: Path) -> None:
    outcome = secops("status", cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith("No exposed secret in what was there to look at")
    assert "no history: this is not a git repository" in outcome.out
    document = json.loads(secops("status", "-f", "json", cwd=tmp_path).out)
    Draft202012Validator(SCHEMA).validate(document)
    assert secops("status", "--check", cwd=tmp_path).code == 2


def test_the_committed_record_opens_the_gate(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({"a.py": f"token = '{github_token()}'\n"})
    identity = json.loads(secops("status", "-f", "json", cwd=repo.path).out)["secrets"][0]["id"]
    assert "No dead secret" in secops("status", "--write-record", cwd=repo.path).err
    walked = secops("remediate", "--yes", "--revoked", identity, "--no-backup", cwd=repo.path)
    assert walked.code == 0, walked.text
    assert "1 closed" in walked.out


def test_a_walk_goes_by_the_committed_record_and_names_the_file_that_stays(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({".env": f"API_TOKEN={github_token()}\n"})
    identity = json.loads(secops("status", "-f", "json", cwd=repo.path).out)["secrets"][0]["id"]
    state = repo.path / ".git/secops"
    fingerprint = next(iter(json.loads((state / "incident/record.json").read_text())["secrets"]))
    (state / "rotations.json").write_text(
        json.dumps({"version": 1, "rotated": {fingerprint: "2030-01-01T00:00:00+00:00"}})
    )
    assert secops("status", "--write-record", cwd=repo.path).code == 0
    (state / "rotations.json").unlink()
    assert fingerprint.startswith(identity)
    walked = secops("remediate", "--yes", "--no-backup", cwd=repo.path)
    assert walked.code == 0, walked.text
    assert "secops purge-history --path .env --apply" in walked.err


@pytest.fixture
def leak(tmp_path: Path) -> Leak:
    return Leak(tmp_path)


def test_a_walk_goes_on_where_it_was(leak: Leak) -> None:
    where = leak.repo.path
    assert secops("remediate", cwd=where).code == 2, "nobody is here to be asked"
    assert secops("remediate", "--yes", "--only", "ffff", cwd=where).code == 2
    left = secops("remediate", "--yes", "--no-backup", cwd=where)
    assert left.code == 4, left.text
    assert "say in .secops.yaml where its value is kept" in left.out
    assert "Left, rotate:" in left.err
    identity = left.err.split("--revoked ")[1][:12]

    unpushed = secops("remediate", "--yes", "--revoked", identity, "--no-backup", cwd=where)
    assert unpushed.code == 1, unpushed.text
    assert "secops purge-history --push" in unpushed.err
    assert leak.server.git("log", "-p", "--all").count(leak.token) > 0

    report = leak.place / "incident.md"
    done = secops("remediate", "--yes", "--push", "-f", "json", "--report", str(report), cwd=where)
    assert done.code == 0, done.text
    document = json.loads(done.out)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["counts"] == {"closed": 1}
    assert document["secrets"][0]["rotated_how"].startswith("revoked by hand, confirmed by ")
    assert leak.token not in leak.server.git("log", "-p", "--all")
    assert "For everybody with a clone" in report.read_text()
    assert any("with `git rebase --onto`" in task["what"] for task in document["tasks"])
    again = secops("remediate", "--yes", "--push", cwd=where)
    assert again.code == 0
    for text in (left.text, unpushed.text, done.text, again.text, report.read_text()):
        assert leak.token[6:] not in text


def test_a_hostile_name_is_no_command(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({"x ::error::gotcha\n::warning::x##[error].py": f"token = '{github_token()}'\n"})
    for form in ("text", "md", "html", "json"):
        out = secops("status", "-v", "-f", form, cwd=repo.path).out
        assert "gotcha" in out
        assert "##[" not in out
        assert not [line for line in out.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.skipif(os.name == "nt", reason="no terminal that a test can answer on")
def test_a_person_can_say_no_and_go_on_later(leak: Leak) -> None:
    command, where = [*COMMAND, "remediate", "--no-backup"], leak.repo.path
    answers = {"is it revoked": "y", "type app": "another"}
    declined = on_terminal(command, cwd=where, env={}, answers=answers)
    assert declined.code == 5, declined.text
    assert "it finds where it was" in " ".join(declined.text.split())
    assert leak.token in leak.repo.git("log", "-p"), "nothing was purged"

    answers = {"type app": "app", "under a lease": "y", "looked at for": "y"}
    walked = on_terminal(command, cwd=where, env={}, answers=answers)
    assert walked.code == 0, walked.text
    assert "is it revoked" not in walked.text, "that was said before"
    assert (where / ".git/hooks/pre-commit").exists()
    assert leak.token[6:] not in declined.text + walked.text


def test_the_history_is_rewritten_once(leak: Leak) -> None:
    leak.repo.commit({"other.py": f"token = '{github_token()}'\n"})
    document = json.loads(secops("status", "-f", "json", cwd=leak.repo.path).out)
    first = document["secrets"][0]["id"]
    arguments = ("remediate", "--yes", "--no-backup", "--revoked", first)
    waits = secops(*arguments, cwd=leak.repo.path)
    assert waits.code == 4, waits.text
    assert "1 secret cannot be purged yet, and the history is better rewritten once" in waits.err
    alone = secops(*arguments, "--only", first, cwd=leak.repo.path)
    assert alone.code == 1, "it waits for its push"
    after = json.loads(secops("status", "-f", "json", cwd=leak.repo.path).out)
    assert after["counts"] == {"found": 1, "verified": 1}


def test_what_has_vanished_is_asked_about_and_nothing_else_is_rotated(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "app")
    repo.commit({"a.py": f"token = '{github_token()}'\n"}, "oops")
    identity = json.loads(secops("status", "-f", "json", cwd=repo.path).out)["secrets"][0]["id"]
    repo.git("checkout", "-q", "--orphan", "new")
    repo.git("rm", "-q", "-f", "--cached", "a.py")
    declared = "sync: {environments: {live: {source: {dotenv: .env}, secrets: [OTHER_TOKEN]}}}\n"
    rotated = "rotate: {environments: {live: {OTHER_TOKEN: {provider: random}}}}\n"
    repo.commit({".secops.yaml": declared + rotated, ".gitignore": ".env\n"}, "begin")
    other = repo.write(".env", f"OTHER_TOKEN={alnum(30)}\n")
    before = other.read_bytes()
    repo.git("branch", "-D", "main")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")
    walk = ("remediate", "--yes", "--accept-outage", "all", "--no-backup")
    left = secops(*walk, cwd=repo.path)
    assert left.code == 4, left.text
    assert f"--revoked {identity}" in left.err
    assert other.read_bytes() == before, "it is declared, and nobody has found it"
    again = secops(*walk, "--revoked", identity, cwd=repo.path)
    assert again.code == 1, again.text
    assert "nobody has said who took it out" in again.err
    answers = {"by other means?": "y", "looked at for": "n"}
    there = on_terminal([*COMMAND, "remediate"], cwd=repo.path, env={}, answers=answers)
    assert there.code == 1, there.text
    assert f"still in a.py of the work tree: {identity}" in there.text, "the next commit would take it along"
    (repo.path / "a.py").unlink()
    done = secops("remediate", "--yes", cwd=repo.path)
    assert done.code == 0, done.text
    assert "1 closed" in done.out
