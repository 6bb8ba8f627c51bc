"""`secops explain`: every decision about a value, and never the value."""

from __future__ import annotations

import json
from pathlib import Path

from support.archives import zipped
from support.cli import secops as run
from support.values import alnum, github_token


def explained(place: str, directory: Path) -> dict[str, object]:
    result = run("explain", place, "--json", cwd=directory)
    assert result.code == 0
    return dict(json.loads(result.out))


def test_a_line_with_all_that_was_decided(tmp_path: Path) -> None:
    token, drawn = github_token(), alnum(24)
    (tmp_path / "compose.yaml").write_text(
        "services:\n  db:\n    image: postgres\n    environment:\n"
        f"      DB_PASSWORD: ${{DB_PASSWORD}}\n      API_TOKEN: {drawn}\n      HUB: {token}\n"
        f"      OTHER: {token} # secops:allow rotated last year\n      SHADE: grey\n"
    )
    steps = {}
    for line in (5, 6, 7, 8, 9):
        told = explained(f"compose.yaml:{line}", tmp_path)
        values = told["values"]
        assert isinstance(values, list)
        steps[line] = [(value["reported"], value["steps"]) for value in values]
        assert token not in json.dumps(told)
        assert drawn not in json.dumps(told)
    assert [reported for reported, _ in steps[5]] == [False]
    assert "reference" in steps[5][0][1][-1]["text"]
    assert [reported for reported, _ in steps[6]] == [True]
    assert "surest" in json.dumps(steps[6])
    assert "github-pat" in json.dumps(steps[7])
    assert any("inline comment" in step["text"] for _, one in steps[8] for step in one)
    assert "not that of a secret" in json.dumps(steps[9])


def test_a_line_that_repeats_is_explained_each_time(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("password = 'your-password-here'\n" * 3)
    told = explained("a.py", tmp_path)
    assert isinstance(told["values"], list)
    assert [value["line"] for value in told["values"]] == [1, 2, 3]


def test_for_people(tmp_path: Path) -> None:
    token = github_token()
    (tmp_path / "a.txt").write_text(f"first\n{token}\n")
    shown = run("explain", "a.txt:2", cwd=tmp_path).out
    assert "reported: severity critical" in shown
    assert token not in shown
    assert "No rule's expression matches on this line" in run("explain", "a.txt:1", cwd=tmp_path).out


def test_what_cannot_be_read(tmp_path: Path) -> None:
    missing = run("explain", "nothing.txt:3", cwd=tmp_path)
    assert missing.code == 2
    assert "no such file" in missing.err
    (tmp_path / "image").write_bytes(bytes(range(256)) * 40)
    assert "not scanned" in run("explain", "image", cwd=tmp_path).out


def test_a_file_in_an_archive_as_reports_name_it(tmp_path: Path) -> None:
    drawn, other = alnum(24), alnum(24)
    inner = zipped({".env": f"A_TOKEN={other}\n".encode()})
    members = {".env": f"# ours\nDB_PASSWORD={drawn}\n".encode(), "in.zip": inner}
    (tmp_path / "dist.zip").write_bytes(zipped(members))
    for place, line in (("dist.zip!.env:2", 2), ("dist.zip!in.zip!.env:1", 1)):
        told = explained(place, tmp_path)
        assert told["path"] == place.rpartition(":")[0]
        assert [(one["line"], one["reported"]) for one in told["values"]] == [(line, True)]  # type: ignore[attr-defined]  # JSON
    for place, words in (
        ("dist.zip:1", "Name one of them"),
        ("dist.zip!b.env", "nothing was read"),
        ("no.zip!a", "no such"),
    ):
        refused = run("explain", place, cwd=tmp_path)
        assert refused.code == 2
        assert words in refused.err


def test_a_line_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    assert run("explain", "a.txt:2", cwd=tmp_path).code == 0
    for line in (0, 3):
        outcome = run("explain", f"a.txt:{line}", cwd=tmp_path)
        assert outcome.code == 2
        assert f"has 2 lines, and no line {line}" in outcome.err


def test_a_file_that_is_read_in_parts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nothing to see\n" * 20_000)
    (tmp_path / ".secops.yaml").write_text("scan: {max_file_size: 65536}\n")
    outcome = run("explain", "a.txt:2", cwd=tmp_path)
    assert outcome.code == 2
    assert "in parts" in outcome.err


def test_what_is_no_file_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for place, words in (("d", "d: a directory"), ("d:1", "d: a directory"), ("-", "standard input")):
        outcome = run("explain", place, cwd=tmp_path)
        assert outcome.code == 2
        assert words in outcome.err
