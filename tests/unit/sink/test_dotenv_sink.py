"""A dotenv file as a sink: read exactly, edited in place, and never outside of the work tree."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, RefusedError
from secopskit.secret import SecretValue
from secopskit.sink import build_sink
from secopskit.sink.dotenv import DotenvSink
from secopskit.sink.interface import EntryKind, SinkPlace
from support.sync import surroundings_of

CONTENT = b"# first\nA=1 # one\n\nexport B='two\nlines'\nC=\"3\"\n# last\n"


def sink(base: Path, name: str = ".env") -> DotenvSink:
    made = build_sink("dotenv", SinkPlace(EntryKind.SECRET, name), surroundings_of(base))
    assert isinstance(made, DotenvSink)
    return made


def held(base: Path) -> dict[str, bytes]:
    return {name: entry.value.reveal() for name, entry in sink(base).entries().items() if entry.value}


def test_a_file_is_edited_in_place(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(CONTENT)
    assert held(tmp_path) == {"A": b"1", "B": b"two\nlines", "C": b"3"}
    one = sink(tmp_path)
    assert (one.address, one.readable, one.kind) == ("dotenv .env", True, EntryKind.SECRET)
    assert one.put("A", SecretValue(b"new")) is None
    one.put("D", SecretValue(b"a $b'c\r\n"))
    data = (tmp_path / ".env").read_bytes()
    assert data.startswith(CONTENT.replace(b"A=1", b"A=new"))
    assert held(tmp_path) == {"A": b"new", "B": b"two\nlines", "C": b"3", "D": b"a $b'c\r\n"}
    assert os.name == "nt" or stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    before = (tmp_path / ".env").stat()
    one.put("A", SecretValue(b"new"))
    assert (tmp_path / ".env").stat().st_ino == before.st_ino, "nothing changed, and it was written"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("A", b"# first\n\nexport B='two\nlines'\nC=\"3\"\n# last\n"),
        ("B", b'# first\nA=1 # one\n\nC="3"\n# last\n'),
        ("C", b"# first\nA=1 # one\n\nexport B='two\nlines'\n# last\n"),
        ("NONE", CONTENT),
    ],
)
def test_an_assignment_is_removed_whole(tmp_path: Path, name: str, left: bytes) -> None:
    (tmp_path / ".env").write_bytes(CONTENT)
    sink(tmp_path).remove(name)
    assert (tmp_path / ".env").read_bytes() == left


def test_the_last_line_may_lack_its_end(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=2")
    sink(tmp_path).remove("B")
    assert (tmp_path / ".env").read_bytes() == b"A=1\n"


def test_a_file_that_is_missing_is_made(tmp_path: Path) -> None:
    assert sink(tmp_path).entries() == {}
    assert sink(tmp_path).exists()
    sink(tmp_path).remove("A")
    assert not (tmp_path / ".env").exists()
    sink(tmp_path).put("A", SecretValue(b"1"))
    assert (tmp_path / ".env").read_bytes() == b"A=1\n"


def test_what_the_file_cannot_carry_is_told_beforehand(tmp_path: Path) -> None:
    for name, value in (("A", b"\0"), ("A", b"\xff"), ("not a name", b"x")):
        with pytest.raises(ConfigError):
            sink(tmp_path).check(name, SecretValue(value))
    sink(tmp_path).check("A", SecretValue(b"-----BEGIN\nx\n"))
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", ".git/config", "sub/.git/hooks/x", "link"])
def test_only_files_of_the_work_tree_are_written_to(tmp_path: Path, name: str) -> None:
    base = tmp_path / "tree"
    base.mkdir()
    (base / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="is not a file of the work tree"):
        sink(base, name)


def test_a_link_within_the_work_tree_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"A=1\n")
    (tmp_path / ".env").symlink_to("real")
    one = sink(tmp_path)
    one.put("A", SecretValue(b"2"))
    assert one.address == "dotenv real"
    assert ((tmp_path / ".env").is_symlink(), (tmp_path / "real").read_bytes()) == (True, b"A=2\n")


def test_a_file_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="names no dotenv file"):
        sink(tmp_path, "")
