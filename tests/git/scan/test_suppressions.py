"""A change that brings its own permission: told of, and with `--suppressions-from` not heeded."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, UsageError
from secopskit.findings import ScanResult, SuppressedBy
from secopskit.known.baseline import create
from secopskit.report.facts.clean import Clean, cleanness
from secopskit.report.facts.summary import by_reason, by_suppression, held_back
from secopskit.scan.choose import FilesRequest, HistoryRequest, Request, StagedRequest, scan_requested
from secopskit.scan.session import Overrides, ScanSession
from support.cli import rules_cache
from support.history import line
from support.repos import Repo
from support.values import alnum, github_token

MODES: dict[str, Request] = {
    "tree": FilesRequest(),
    "staged": StagedRequest(),
    "range": HistoryRequest("main..HEAD"),
    "history": HistoryRequest(cache=False),
}


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A branch `topic` on top of `main`, where a comment allows a value."""
    repo = Repo.create(tmp_path / "repo")
    repo.commit({"a.py": "x = 1\n", "lib/old.py": allowed("old")})
    repo.git("checkout", "-q", "-b", "topic")
    monkeypatch.chdir(repo.path)
    return repo


def scanned(repo: Repo, request: Request, revision: str | None = None, **more: object) -> ScanResult:
    overrides = Overrides(suppressions_from=revision, engine="re", **more)  # type: ignore[arg-type]  # real fields
    return scan_requested(ScanSession(str(repo.path), overrides), request)


def allowed(reason: str) -> str:
    """A line with a new value and the comment that allows it."""
    return line(github_token()).rstrip("\n") + f"  # secops: allow {reason}\n"


def paths(result: ScanResult) -> list[str]:
    return sorted({place.path for finding in result.findings for place in finding.locations})


def judged_by_itself(repo: Repo, kind: SuppressedBy) -> dict[str, str | bytes]:
    """Files of a change with a secret in `new.py`, and of what allows it."""
    secret = line(github_token())
    files: dict[str, str | bytes] = {"new.py": secret}
    match kind:
        case SuppressedBy.INLINE:
            files["new.py"] = allowed("mine")
        case SuppressedBy.IGNORE_FILE:
            files[".gitleaksignore"] = "new.py:any:1\n"
        case SuppressedBy.RULE:
            files[".secops.yaml"] = "scan: {disable_rules: [github-pat]}\n"
        case SuppressedBy.PATH:
            files[".secops.yaml"] = "scan: {exclude_paths: [new.py]}\n"
        case SuppressedBy.SEVERITY:
            files = {"new.py": f"DB_PASSWORD = '{alnum(14)}'\n"}
            files[".secops.yaml"] = "scan: {min_severity: critical}\n"
        case SuppressedBy.BASELINE:
            repo.stage(files)
            found = scanned(repo, StagedRequest()).findings
            files[".secops.baseline.json"] = create(found, today=date(2026, 1, 1)).dump()
    return files


# All but what only the command line can say, and what no file says.
_BY_NO_FILE = (SuppressedBy.PRESENCE, SuppressedBy.TESTS, SuppressedBy.MOVED)
_BY_FILES = [kind for kind in SuppressedBy if kind not in _BY_NO_FILE]


@pytest.mark.parametrize("mode", ["staged", "range"])
@pytest.mark.parametrize("kind", _BY_FILES, ids=lambda kind: kind.name.lower())
def test_a_change_that_judges_itself_is_told_of_and_can_be_denied_it(
    repo: Repo, kind: SuppressedBy, mode: str
) -> None:
    files = judged_by_itself(repo, kind)
    repo.stage(files)
    if mode == "range":
        repo.commit({})
    own, of_main = scanned(repo, MODES[mode]), scanned(repo, MODES[mode], "main")
    assert not own.findings
    told = held_back(own)
    if kind is SuppressedBy.PATH and mode == "staged":
        assert told == "not scanned: 1 file that the settings exclude, which this change touches"
    else:
        assert [one.by for one in own.suppressed] == [kind]
        assert told.startswith("suppressed: 1 ")
        assert own.suppressed[0].fresh is (kind is not SuppressedBy.INLINE)
        assert ("that this change touches" in told) is own.suppressed[0].fresh
    assert paths(of_main) == ["new.py"]
    assert not of_main.suppressed


@pytest.mark.parametrize("mode", MODES)
def test_what_the_target_has_accepted_stays_accepted(repo: Repo, mode: str) -> None:
    old = (repo.path / "lib/old.py").read_text()
    repo.commit({"lib/old.py": "import os\n" + old, "other.py": "y = 1\n"})
    if mode == "staged":
        repo.stage({"lib/old.py": "import os, re\n" + old})
    assert paths(scanned(repo, MODES[mode], "main")) == []


def test_a_renamed_directory_takes_its_comments_along(repo: Repo) -> None:
    repo.git("mv", "lib", "src")
    repo.commit({"src/old.py": "import os\n" + (repo.path / "src/old.py").read_text()})
    for mode in ("tree", "range", "history"):
        assert paths(scanned(repo, MODES[mode], "main")) == []


def test_an_old_comment_allows_no_other_value(repo: Repo) -> None:
    repo.commit({"lib/old.py": allowed("old")})
    for mode in ("tree", "range", "history"):
        assert paths(scanned(repo, MODES[mode], "main")) == ["lib/old.py"]


def test_a_line_of_an_ignore_file_is_for_what_stood_there(repo: Repo) -> None:
    repo.git("checkout", "-q", "main")
    repo.commit({"old.py": line(github_token()), ".gitleaksignore": "old.py:any:1\n"})
    repo.git("checkout", "-q", "-B", "topic")
    repo.commit({"b.py": "y = 1\n"})
    assert paths(scanned(repo, MODES["tree"], "main")) == []
    before = repo.commit({"old.py": line(github_token())})
    assert paths(scanned(repo, MODES["range"])) == []
    for mode in ("tree", "range", "history"):
        assert paths(scanned(repo, MODES[mode], "main")) == ["old.py"]
    repo.git("checkout", "-q", "main")
    repo.commit({".gitleaksignore": f"{before}:old.py:any:1\nold.py:any:1\n"})
    repo.git("checkout", "-q", "topic")
    # What a commit has in a line is nobody else's.
    assert paths(scanned(repo, HistoryRequest("main~1..topic"), "main")) == []


def test_rule_files_are_those_of_the_target(repo: Repo) -> None:
    """A change that empties a rule file of the project finds nothing by it, unless the target's is read."""
    rule = Path(__file__).parents[3] / "rules" / "github.yml"
    own = rule.read_text().replace("id: github-", "id: own-").replace("ghp_", "xyz_")
    repo.git("checkout", "-q", "main")
    repo.commit({".secops.yaml": "scan: {extra_rules: [rules/own.yml]}\n", "rules/own.yml": own})
    repo.git("checkout", "-q", "-B", "topic")
    repo.commit({"rules/own.yml": "rules: []\n", "new.py": line(github_token().replace("ghp_", "xyz_"))})
    assert "new.py" in paths(scanned(repo, MODES["range"], "main"))


def test_an_older_object_is_accepted_where_the_target_has_it_in_its_history(repo: Repo) -> None:
    repo.git("checkout", "-q", "main")
    repo.git("rm", "-q", "lib/old.py")
    repo.commit({})
    assert paths(scanned(repo, MODES["history"], "main")) == []
    assert paths(scanned(repo, MODES["history"], "main~1")) == []


def test_a_file_that_the_user_names_is_the_target_s_too(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"new.py": line(github_token()), "ci/known.json": create((), today=date(2026, 1, 1)).dump()})
    repo.git("branch", "-f", "main")
    found = scanned(repo, HistoryRequest("main~1..HEAD")).findings
    repo.commit({"ci/known.json": create(found, today=date(2026, 1, 1)).dump()})
    named = Path("ci/known.json")
    assert paths(scanned(repo, FilesRequest(), baseline=named)) == []
    assert paths(scanned(repo, FilesRequest(), "main", baseline=named)) == ["new.py"]
    outside = tmp_path / "known.json"
    outside.write_bytes((repo.path / named).read_bytes())
    assert paths(scanned(repo, FilesRequest(), "main", baseline=outside)) == []


@pytest.mark.parametrize("name", ["", "nope", "--all", "main:a.py"])
def test_a_revision_that_is_not_there_is_a_mistake(repo: Repo, name: str) -> None:
    with pytest.raises(UsageError, match="git knows no such commit"):
        scanned(repo, FilesRequest(), name)


@pytest.mark.parametrize("name", [".gitleaks.toml", ".betterleaks.toml", ".gitleaksignore", ".secops.yaml"])
def test_a_judge_that_is_no_file_is_a_mistake(repo: Repo, name: str) -> None:
    (repo.path / name).mkdir()
    with pytest.raises(ConfigError, match=name):
        scanned(repo, FilesRequest())
    (repo.path / name).rmdir()
    (repo.path / name).symlink_to("nowhere")
    with pytest.raises(ConfigError, match=name):
        scanned(repo, FilesRequest())


def test_a_broken_judge_is_named_as_the_target_s(repo: Repo) -> None:
    repo.commit({".secops.yaml": "scan: [\n"})
    repo.commit({".secops.yaml": "", ".secrets.baseline": "{"})
    repo.commit({".secrets.baseline": json.dumps({})})
    with pytest.raises(ConfigError, match=r"^HEAD~2:\.secops\.yaml: not valid YAML"):
        scanned(repo, FilesRequest(), "HEAD~2")
    with pytest.raises(ConfigError, match=r"^HEAD~1:\.secrets\.baseline: "):
        scanned(repo, FilesRequest(), "HEAD~1")


def test_a_link_is_no_judge(repo: Repo) -> None:
    (repo.path / ".gitleaksignore").symlink_to("a.py")
    repo.git("add", ".gitleaksignore")
    repo.commit({})
    with pytest.raises(ConfigError, match=r"HEAD:\.gitleaksignore: is not a regular file"):
        scanned(repo, FilesRequest(), "HEAD")


def test_what_a_range_did_not_bring_it_did_not_hide(repo: Repo) -> None:
    repo.commit({"lib/old.py": "import os\n" + (repo.path / "lib/old.py").read_text()})
    assert by_suppression(scanned(repo, MODES["range"])) == {}
    assert by_suppression(scanned(repo, MODES["tree"])) == {"inline comment": 1}


def test_paths_that_the_change_itself_excludes_are_told_of(repo: Repo) -> None:
    repo.write("new.py", line(github_token()))
    repo.write(".secops.yaml", "scan:\n  exclude_paths: [new.py]\n")
    repo.git("add", ".")
    result = scanned(repo, StagedRequest())
    assert by_reason(result) == {"excluded by configuration that this change touches": 1}
    assert cleanness(result) is Clean.OWN
    repo.git("commit", "-q", "-m", "excluded")
    repo.write("new.py", line(github_token()))
    repo.git("add", ".")
    later = scanned(repo, StagedRequest())
    assert by_reason(later) == {"excluded by configuration": 1}


# --- rules and ids -----------------------------------------------------------------------------

RULES = '[[rules]]\nid = "acme"\nregex = "acme_[a-z0-9]{24}"\n'


def test_the_rules_of_a_gitleaks_file_are_used_and_told(repo: Repo) -> None:
    value = f"acme_{alnum(24).lower()}"
    repo.commit({".gitleaks.toml": RULES, "b.txt": f"{value}\n"})
    told: list[str] = []
    session = ScanSession(str(repo.path), Overrides(engine="re"), notice=told.append)
    result = scan_requested(session, FilesRequest(("b.txt",)))
    assert [one.rule_id for one in result.findings] == ["acme"]
    assert told[-1] == ".gitleaks.toml: 1 rule of it used"
    assert not scanned(repo, FilesRequest(("b.txt",)), "main").findings  # there was no such rule yet
    repo.write(".secops.yaml", "scan:\n  gitleaks_rules: false\n")
    assert not scanned(repo, FilesRequest(("b.txt",))).findings


def test_a_rule_that_is_not_there_is_named(repo: Repo) -> None:
    repo.write("c.py", f"{line(github_token()).strip()}  # secops: allow[gihub-pat] no\n")
    (finding,) = scanned(repo, FilesRequest(("c.py",))).findings
    assert "names no rule 'gihub-pat': Did you mean github-pat" in finding.note
    repo.write(".secops.yaml", "scan:\n  disable_rules: [gihub-pat]\n")
    with pytest.raises(ConfigError, match=r"disable_rules`: there is no rule 'gihub-pat'") as refused:
        scanned(repo, FilesRequest(("c.py",)))
    assert "github-pat" in (refused.value.advice or "")
