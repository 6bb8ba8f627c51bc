"""Files that the user names for a report: nobody else may read them, whatever was there before."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secopskit.errors import RefusedError, SecopsError
from secopskit.state import named_file
from secopskit.state.named_file import write_private
from support.cli import SOURCE, secops

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes and links as POSIX has them")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("mask", [0, 0o022, 0o077, 0o277, 0o777])
@pytest.mark.parametrize("before", [None, 0o644, 0o666, 0o600])
def test_only_the_user_may_read_it(tmp_path: Path, mask: int, before: int | None) -> None:
    file = tmp_path / "report.json"
    if before is not None:
        file.write_text("an older and longer report")
        file.chmod(before)
    with umask(mask):
        write_private(file, "report é")
    assert mode(file) == 0o600
    assert file.read_text(encoding="utf-8") == "report é"
    assert list(tmp_path.iterdir()) == [file], "nothing temporary stays"


def test_who_has_the_old_file_open_does_not_get_the_new_report(tmp_path: Path) -> None:
    file, other = tmp_path / "report", tmp_path / "other"
    file.write_text("old")
    file.chmod(0o644)
    os.link(file, other)
    with file.open() as reader:
        write_private(file, "new")
        assert reader.read() == "old"
    assert other.read_text() == "old"


@pytest.mark.parametrize("kind", ["file", "nothing", "directory", "device"])
def test_a_link_is_replaced_and_not_followed(tmp_path: Path, kind: str) -> None:
    target, link = tmp_path / "target", tmp_path / "report"
    match kind:
        case "file":
            target.write_text("somebody else's")
        case "directory":
            target.mkdir()
        case "device":
            target = Path(os.devnull)
        case _:
            pass
    link.symlink_to(target)
    write_private(link, "report")
    assert not link.is_symlink()
    assert (mode(link), link.read_text()) == (0o600, "report")
    match kind:
        case "file":
            assert target.read_text() == "somebody else's"
        case "nothing":
            assert not target.exists()
        case "directory":
            assert not list(target.iterdir())
        case _:
            pass


def test_a_fifo_or_a_socket_is_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for name in ("fifo", "socket"):
            with pytest.raises(RefusedError, match="not a regular file"):
                write_private(name, "report")


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "no" / "report", tmp_path / "file" / "report"):
        with pytest.raises(SecopsError, match="cannot be written") as caught:
            write_private(path, "report")
        assert caught.value.advice


def test_devices_and_streams_are_written_to(tmp_path: Path) -> None:
    before = mode(Path(os.devnull))
    write_private(os.devnull, "report")
    assert mode(Path(os.devnull)) == before
    code = "import sys; from secopskit.state.named_file import write_private as w; w(sys.argv[1], 'report')"
    file = tmp_path / "out"
    for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        command = [sys.executable, "-c", code, name]
        environ = {"PYTHONPATH": str(SOURCE)}
        assert subprocess.run(command, env=environ, capture_output=True, check=True).stdout == b"report"
        with file.open("w") as output:
            output.write("before ")
            output.flush()
            subprocess.run(command, env=environ, stdout=output, check=True)
        assert file.read_text() == "before report"


@contextmanager
def fixed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A directory in which nothing can be replaced, as where single files are mounted."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(16, "Device or resource busy")

    with monkeypatch.context() as patch:
        patch.setattr(named_file, "replace_whole", refuse)
        yield


def test_a_file_that_cannot_be_replaced_is_shut_before_it_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "report"
    file.write_text("an older and longer report")
    file.chmod(0o644)
    with fixed(monkeypatch):
        write_private(file, "report")
        assert (mode(file), file.read_text()) == (0o600, "report")
        os.link(file, tmp_path / "second")
        with pytest.raises(RefusedError, match="not a file of yours alone"):
            write_private(file, "more")
        link = tmp_path / "link"
        link.symlink_to(file)
        with pytest.raises(SecopsError, match="cannot be written"):
            write_private(link, "more")
        with pytest.raises(SecopsError, match="busy"):
            write_private(tmp_path / "new", "more")
        (tmp_path / "second").unlink()
        monkeypatch.setattr(named_file, "_is_ours", lambda _: False)
        with pytest.raises(RefusedError, match="not a file of yours alone"):
            write_private(file, "more")
    assert file.read_text() == "report"


def test_a_report_of_a_scan_takes_over_a_file_that_others_could_read(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    report = tmp_path / "report.json"
    report.write_text("{}")
    report.chmod(0o644)
    assert secops("scan", ".", "-f", "json", "-o", str(report), cwd=tmp_path).code == 0
    assert mode(report) == 0o600
    streamed = secops("scan", ".", "-f", "json", "-o", "/dev/stdout", cwd=tmp_path)
    assert streamed.code == 0
    assert json.loads(streamed.out).keys() == json.loads(report.read_text()).keys()
