"""A file that lists repositories."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, SecopsError
from secopskit.fleet.model import FleetRepository, RepositoryKind
from secopskit.fleet.select.listed import listed
from support.repos import Repo


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
        "./not/there",
        "just words",
    ],
)
def test_what_cannot_be_one_is_told_with_its_line(line: str) -> None:
    with pytest.raises(ConfigError, match=r"list:2: ") as caught:
        _read(f"acme/app\n{line}\n")
    assert "owner/name" in caught.value.advice


@pytest.mark.parametrize("scheme", ["https", "ssh"])
def test_credentials_in_an_address_are_refused_and_not_told(scheme: str) -> None:
    with pytest.raises(SecopsError, match="holds credentials") as caught:
        _read(f"{scheme}://user:hunter2secret@git.example.com/a/b\n")
    assert "hunter2secret" not in str(caught.value) + caught.value.advice
