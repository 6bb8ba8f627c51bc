"""One repository looked at by a worker."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from secopskit.errors import GitError
from secopskit.fleet.document import read_document, result_of
from secopskit.fleet.model import (
    NEVER,
    FleetRepository,
    Outcome,
    OutcomeKind,
    RepositoryKind,
    ScanLabel,
    WorkUnit,
)
from secopskit.fleet.worker import examine as module
from secopskit.fleet.worker.examine import Workplace, examine
from secopskit.fleet.worker.shelf import CloneShelf
from support.cli import home, rules_cache
from support.repos import Repo
from support.values import github_token

KEY = bytes(range(32))
_LARGE = 2 * 1024 * 1024


def _manifest(token: str, word: str) -> bytes:
    return f"kind: Secret\nmetadata: {{name: {word}}}\ndata:\n  t: {_base64(token)}\n".encode()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _zip(token: str, word: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.py", f'token = "{token}"\n')
        archive.writestr("word.txt", word)
    return made.getvalue()


_FORMS: dict[str, Callable[[str, str], bytes]] = {
    "base64": _manifest,
    "UTF-16": lambda token, word: f'{word} = 1\ntoken = "{token}"\n'.encode("utf-16"),
    "archive": _zip,
    "large": lambda token, word: f'{word}\n{"x y z " * (_LARGE // 6)}\ntoken = "{token}"\n'.encode(),
}
_NAMES = {"base64": "secret.yaml", "UTF-16": "wide.txt", "archive": "dist.zip", "large": "large.txt"}


@pytest.fixture(autouse=True)
def _own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home()))
    monkeypatch.setenv("SECOPS_CACHE_DIR", str(rules_cache()))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo")


def _examined(repo: Repo, *, last: ScanLabel = NEVER, judged: bool = True) -> Outcome:
    place, around = str(repo.path), repo.path.parent
    workplace = Workplace(KEY, CloneShelf(str(around / "shelf")), str(around / "bin"), "rules")
    repository = FleetRepository(place, RepositoryKind.DIRECTORY, place)
    return examine(WorkUnit(1, repository, last=last, judged=judged), workplace, None)


def _told(repo: Repo) -> dict[str, Any]:
    outcome = _examined(repo)
    assert outcome.kind is OutcomeKind.SCANNED
    return read_document(outcome.document)


class TestWhatIsTold:
    def test_owners_and_whether_the_default_branch_has_it(self, repo: Repo) -> None:
        old, new = github_token(), github_token()
        repo.commit({"CODEOWNERS": "* @all\nold.py @old\n", "old.py": f'a = "{old}"\n'})
        repo.git("rm", "-q", "old.py")
        repo.commit({"new.py": f'a = "{new}"\n'})
        found = {one["locations"][0]["path"]: one for one in _told(repo)["findings"]}
        assert {path: (one["owners"], one["in_head"], one["value"]) for path, one in found.items()} == {
            "old.py": (["@old"], False, True),
            "new.py": (["@all"], True, True),
        }

    def test_a_file_that_should_not_be_is_there_as_long_as_it_is(self, repo: Repo) -> None:
        repo.commit({"keys.kdbx": b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5" + bytes(60)})
        (found,) = _told(repo)["findings"]
        assert (found["value"], found["in_head"]) == (False, True)
        repo.git("rm", "-q", "keys.kdbx")
        repo.commit({})
        (found,) = _told(repo)["findings"]
        assert found["in_head"] is False

    @pytest.mark.parametrize("form", sorted(_FORMS))
    def test_the_default_branch_has_it_though_another_branch_has_it_later(
        self, repo: Repo, form: str
    ) -> None:
        name, token = _NAMES[form], github_token()
        repo.commit({name: _FORMS[form](token, "first"), ".secops.yaml": "scan: {max_file_size: 1MiB}\n"})
        repo.git("checkout", "-q", "-b", "later")
        repo.commit({name: _FORMS[form](token, "second")})
        repo.git("checkout", "-q", "main")
        (found,) = _told(repo)["findings"]
        assert found["in_head"] is True
        repo.git("rm", "-q", name)
        repo.commit({})
        (found,) = _told(repo)["findings"]
        assert (found["in_head"], found["locations"][0]["present"]) == (False, True)

    def test_where_it_now_has_what_was_not_read_nobody_knows(self, repo: Repo) -> None:
        repo.commit({"a.txt": f'a = "{github_token()}"\n'})
        repo.commit({"a.txt": bytes(range(256)) * 40})
        (found,) = _told(repo)["findings"]
        assert found["in_head"] is None

    def test_equal_values_have_equal_fingerprints_in_all_repositories(self, tmp_path: Path) -> None:
        token = github_token()
        prints = set()
        for name in ("one", "two"):
            repo = Repo.create(tmp_path / name)
            repo.commit({f"{name}.py": f'a = "{token}"\n'})
            prints |= {one["fingerprint"] for one in _told(repo)["findings"]}
        assert len(prints) == 1

    def test_no_value_is_in_it(self, repo: Repo) -> None:
        token = github_token()
        repo.commit({f"{token}.py": f'a = "{token}"\n'}, f"about {token}")
        repo.git("branch", f"x-{token}")
        outcome = _examined(repo)
        assert _told(repo)["findings"]
        assert token not in str(read_document(outcome.document))

    def test_what_was_passed_over_is_counted(self, repo: Repo) -> None:
        token = github_token()
        repo.commit({"a.py": f'a = "{token}"  # secops: allow\n', "binary": b"\0\1\2" * 100})
        told = _told(repo)
        assert told["suppressed"] == {"inline comment": 1}
        assert told["skipped_for"] == {"binary content": 1}
        result = result_of(told)
        assert not result.findings
        assert any("1 finding held back" in limit for limit in result.limits)

    def test_what_is_held_back_is_known_by_its_fingerprint(self, repo: Repo) -> None:
        token = github_token()
        repo.commit({"a.py": f'a = "{token}"\n'})
        (found,) = _told(repo)["findings"]
        repo.commit({".gitleaksignore": f"a.py:{found['rule_id']}:1\n"})
        told = _told(repo)
        assert (told["findings"], told["held"]) == ([], [[found["fingerprint"], found["rule_id"]]])

    def test_a_repository_without_a_commit(self, repo: Repo) -> None:
        told = _told(repo)
        assert told["findings"] == []
        assert any("no commit" in limit for limit in told["limits"])

    def test_the_document_is_the_result(self, repo: Repo) -> None:
        repo.commit({"a.py": f'a = "{github_token()}"\n', "b.py": f'b = "{github_token()}"\n'})
        told = _told(repo)
        again = result_of(told)
        assert [one.fingerprint.text for one in again.findings] == [
            one["fingerprint"] for one in told["findings"]
        ]
        place = again.findings[0].locations[0]
        assert place.provenance is not None
        assert place.provenance.first_commit == repo.head


class TestUnchanged:
    def test_nothing_is_scanned_twice(self, repo: Repo) -> None:
        repo.commit({"a.py": f'a = "{github_token()}"\n'})
        label = _examined(repo).label
        assert _examined(repo, last=label).kind is OutcomeKind.UNCHANGED
        repo.commit({"b": "1"})
        assert _examined(repo, last=label).kind is OutcomeKind.SCANNED

    def test_other_rules_are_a_reason(self, repo: Repo) -> None:
        repo.commit({"a.py": "1\n"})
        label = _examined(repo).label
        assert _examined(repo, last=label._replace(rules="others")).kind is OutcomeKind.SCANNED

    def test_so_is_another_say_of_the_repository(self, repo: Repo) -> None:
        repo.commit({"a.py": "1\n"})
        label = _examined(repo).label
        assert _examined(repo, last=label, judged=False).kind is OutcomeKind.SCANNED

    def test_what_depends_on_the_day_holds_for_it_alone(
        self, repo: Repo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_is_dated", lambda _: True)
        repo.commit({"a.py": "1\n"})
        label = _examined(repo).label
        assert label.day
        assert _examined(repo, last=label).kind is OutcomeKind.UNCHANGED
        assert _examined(repo, last=label._replace(day="2020-01-01")).kind is OutcomeKind.SCANNED


def test_the_work_tree_has_no_say(repo: Repo) -> None:
    token = github_token()
    repo.commit({"a.py": f'a = "{token}"\n'})
    repo.write(".secops.yaml", "scan: {exclude_paths: ['**']}\n")
    assert len(_told(repo)["findings"]) == 1


def test_a_directory_that_is_none_any_more(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="no git repository"):
        _examined(Repo(tmp_path))
