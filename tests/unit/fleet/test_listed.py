"""A file that lists repositories."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, SecopsError
from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.fleet.select.listed import listed
from support.repos import Repo
from support.values import alnum


def _read(text: str, name: str = "list") -> list[FleetRepository]:
    return list(listed(BytesIO(text.encode()), name, "github.com", ""))


def test_names_addresses_directories_and_comments(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "here")
    found = _read(
        "# all of ours\nacme/app\n\nhttps://git.example.com/a/b/c.git # nested\n"
        "git@git.example.com:acme/ssh.git\nssh://git@git.example.com/acme/ssh2\nhere\n",
        str(tmp_path / "list"),
    )
    assert [(one.name, one.kind) for one in found] == [
        ("github.com/acme/app", RepositoryKind.HOSTED),
        ("git.example.com/a/b/c", RepositoryKind.HOSTED),
        ("git.example.com/acme/ssh", RepositoryKind.HOSTED),
        ("git.example.com/acme/ssh2", RepositoryKind.HOSTED),
        (str(repo.path.resolve()), RepositoryKind.DIRECTORY),
    ]
    assert found[0].address == "https://github.com/acme/app.git"
    assert found[2].address == "git@git.example.com:acme/ssh.git"


@pytest.mark.parametrize(
    "line",
    [
        "http://git.example.com/a/b",
        "file:///etc/x",
        "ext::sh -c evil",
        "--upload-pack=evil",
        "https://git.example.com/",
        "https://git.example.com/../../etc",
        "https://[x/acme/app",
        "just words",
    ],
)
def test_what_cannot_be_one_is_told_with_its_line(line: str) -> None:
    with pytest.raises(ConfigError, match=r"list:2: ") as caught:
        _read(f"acme/app\n{line}\n")
    assert "owner/name" in caught.value.advice


def test_a_directory_that_has_gone_fails_where_it_is_scanned(tmp_path: Path) -> None:
    found = _read("./gone\nacme/app\n", str(tmp_path / "list"))
    assert [(one.name, one.kind) for one in found] == [
        (str(tmp_path.resolve() / "gone"), RepositoryKind.DIRECTORY),
        ("github.com/acme/app", RepositoryKind.HOSTED),
    ]


def test_lines_that_are_wrong_do_not_end_the_list() -> None:
    found = listed(BytesIO(b"ftp://h/x\nacme/app\nfile:///x\nacme/web\n"), "list", "github.com", "")
    names: list[str] = []
    with pytest.raises(ConfigError, match=r"list:1: .*; and 1 more line") as caught:
        names.extend(one.name for one in found)
    assert "owner/name" in caught.value.advice
    assert names == ["github.com/acme/app", "github.com/acme/web"]


def test_a_sign_within_a_path_begins_no_comment(tmp_path: Path) -> None:
    for name in ("C", "C#x"):
        Repo.create(tmp_path / name)
    found = _read("C#x\nC #x\n", str(tmp_path / "list"))
    assert [Path(one.address).name for one in found] == ["C#x", "C"]


@pytest.mark.parametrize(
    "line",
    [
        "http://{}@git.example.com/a/b",
        "http://{}@127.0.0.1/a/b",
        "{}@git.example.com/a/b",
        "https://git.example.com/a/b?access_token={}",
        "https://git.example.com/a/b#{}",
        "ssh://git@git.example.com/a/b?x={}",
        "ftp://x:{}@git.example.com/a/b",
        "https://{}@[x/a/b",
    ],
)
def test_what_may_be_a_token_is_not_told(line: str) -> None:
    token = alnum(40)
    with pytest.raises(SecopsError) as caught:
        _read(line.format(token) + "\n")
    assert token not in str(caught.value) + caught.value.advice


@pytest.mark.parametrize("scheme", ["https", "ssh"])
def test_credentials_in_an_address_are_refused_and_not_told(scheme: str) -> None:
    with pytest.raises(SecopsError, match="holds credentials") as caught:
        _read(f"{scheme}://user:hunter2secret@git.example.com/a/b\n")
    assert "hunter2secret" not in str(caught.value) + caught.value.advice
