"""A scan of a history in which nothing has changed: values are read anew from their places."""

from __future__ import annotations

import base64

import pytest

from secopskit.findings import SkipReason
from secopskit.scan.content.detectors import Detectors
from secopskit.scan.history.memory import unchanged
from support.history import line, only, scan, told, varied
from support.repos import Repo
from support.values import github_token


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the detectors are given to look at."""
    seen: list[object] = []
    for name in ("examine", "settle"):
        before = getattr(Detectors, name)

        def noting(self: Detectors, *words: object, _before: object = before) -> object:
            seen.append(words[0])
            return _before(self, *words)  # type: ignore[operator]  # a method of the class

        monkeypatch.setattr(Detectors, name, noting)
    return seen


def test_nothing_is_looked_at_again(repo: Repo, looks: list[object]) -> None:
    varied(repo)
    first = scan(repo, cache=True)
    assert looks
    looks.clear()
    assert told(scan(repo, cache=True)) == told(first) == told(scan(repo))
    looks.clear()
    assert scan(repo, cache=True).findings == first.findings
    assert not looks


def test_what_does_not_stand_there_as_it_is(repo: Repo, looks: list[object]) -> None:
    """Decoded, or in another encoding: the object is looked at again."""
    hidden = base64.b64encode(f"token = {github_token()}".encode()).decode()
    repo.commit({"a.py": f'DATA = "{hidden}"\n', "plain.py": line(github_token())})
    (repo.path / "wide.txt").write_bytes(f"token = {github_token()}\n".encode("utf-16"))
    repo.git("add", "-A")
    repo.commit({})
    first = scan(repo, cache=True)
    assert {x.path for f in first.findings for x in f.locations} == {"a.py", "plain.py", "wide.txt"}

    looks.clear()
    again = scan(repo, cache=True)
    assert again.findings == first.findings
    assert again.skipped == first.skipped
    assert looks


def test_an_object_that_is_not_what_it_was(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing of what was kept is believed."""
    repo.commit({"a.py": line(github_token())})
    found = only(scan(repo, cache=True))
    oid = found.locations[0].oid or ""
    loose = repo.path / ".git" / "objects" / oid[:2] / oid[2:]
    loose.chmod(0o600)
    other = repo.git("hash-object", "-w", "--stdin", stdin=line(github_token()).encode()).strip()
    loose.write_bytes((repo.path / ".git" / "objects" / other[:2] / other[2:]).read_bytes())
    (repo.path / ".git" / "objects" / other[:2] / other[2:]).unlink()
    again, cold = scan(repo, cache=True), scan(repo)
    assert found.secret not in [one.secret for one in again.findings]
    assert told(again) == told(cold)
    assert [(one.path, one.reason) for one in again.skipped] == [("a.py", SkipReason.UNREADABLE)]


def test_another_state_is_told_apart(repo: Repo) -> None:
    """A ref alone, and an object alone, make another state."""
    repo.commit({"a.py": line(github_token())})
    first = scan(repo, cache=True)
    repo.git("branch", "other")
    again = scan(repo, cache=True)
    assert [x.provenance.refs for f in again.findings for x in f.locations if x.provenance] != [
        x.provenance.refs for f in first.findings for x in f.locations if x.provenance
    ]
    assert told(again) == told(scan(repo))
    repo.git("hash-object", "-w", "--stdin", stdin=line(github_token()).encode())
    assert told(scan(repo, cache=True)) == told(scan(repo))
    assert len(scan(repo, cache=True).findings) == 2


def test_a_text_of_another_format_is_not_read() -> None:
    assert unchanged.read_back(b'{"format": 0}', "", None) is None  # type: ignore[arg-type]  # is not asked
