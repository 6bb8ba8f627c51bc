"""Making files: private, whole or not at all, and never through what stands in their place."""

from __future__ import annotations

import ast
import os
import stat
import threading
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.state import private
from secopskit.state.private import replace_file
from support.cli import SOURCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and links as POSIX has them")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_files_are_created_in_one_module() -> None:
    found = {
        path.relative_to(SOURCE / "secopskit").as_posix()
        for path in (SOURCE / "secopskit").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute) and node.attr in ("O_CREAT", "mkstemp", "NamedTemporaryFile")
    }
    assert found == {"state/private.py"}


@pytest.mark.parametrize("before", [0o755, 0o777, 0o500, None])
def test_a_directory_is_shut(tmp_path: Path, before: int | None) -> None:
    place = tmp_path / "deep" / "state"
    if before is not None:
        place.mkdir(parents=True)
        place.chmod(before)
    private.private_directory(str(place))
    private.private_directory(str(place))
    assert mode(place) == 0o700


def test_a_directory_that_is_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(RefusedError, match="leads elsewhere"):
        private.private_directory(str(tmp_path / "link"))
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        private.private_directory(str(tmp_path / "file"))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(RefusedError, match="another user"):
        private.private_directory(str(tmp_path / "real"))
    assert mode(tmp_path / "real") == 0o755


@pytest.mark.parametrize("kind", ["file", "link", "dangling", "fifo", "directory"])
def test_a_new_file_is_new(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "new"
    match kind:
        case "file":
            path.touch()
        case "link":
            (tmp_path / "target").touch()
            path.symlink_to(tmp_path / "target")
        case "dangling":
            path.symlink_to(tmp_path / "target")
        case "fifo":
            os.mkfifo(path)
        case _:
            path.mkdir()
    with pytest.raises(FileExistsError):
        private.write_new(path, b"x")
    assert not private.create_whole(path, b"x")
    assert {entry.name for entry in tmp_path.iterdir()} <= {"new", "target"}


def test_a_new_file_is_private(tmp_path: Path) -> None:
    private.write_new(tmp_path / "new", b"x")
    assert private.create_whole(tmp_path / "whole", b"x")
    os.close(private.open_lasting(tmp_path / "lock"))
    os.close(private.open_lasting(tmp_path / "lock"))
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}


def test_of_many_who_create_at_once_one_wins(tmp_path: Path) -> None:
    won: list[bytes] = []

    def attempt(data: bytes) -> None:
        if private.create_whole(tmp_path / "key", data):
            won.append(data)

    threads = [threading.Thread(target=attempt, args=(b"%d" % number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [(tmp_path / "key").read_bytes()]


@pytest.mark.parametrize(("given", "mask", "expected"), [(0o755, 0o077, 0o755), (None, 0o027, 0o640)])
def test_a_replaced_file_has_its_mode(tmp_path: Path, given: int | None, mask: int, expected: int) -> None:
    path, target = tmp_path / ("n" * 255), tmp_path / "target"
    target.write_bytes(b"old")
    path.symlink_to(target)
    before = os.umask(mask)
    try:
        private.replace_whole(path, b"new", mode=given)
    finally:
        os.umask(before)
    assert (path.is_symlink(), path.read_bytes(), mode(path)) == (False, b"new", expected)
    assert target.read_bytes() == b"old"


def test_what_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        private.replace_whole(path, b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_a_name_without_a_directory_is_replaced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    replace_file("file", b"new")
    assert Path("file").read_bytes() == b"new"
