"""The store on disk and the fingerprint key: what is not surely ours is not there."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from secopskit.state.fingerprint_key import KEY_SIZE, fingerprint_key
from secopskit.state.store import Store

posix_only = pytest.mark.skipif(os.name == "nt", reason="modes and links as POSIX has them")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store"


def test_what_was_saved_is_loaded(place: Path) -> None:
    store = Store(str(place))
    assert store.load("a", b"label") is None
    store.save("a", b"label", b"body")
    store.save("b", b"label", b"")
    assert Store(str(place)).load("a", b"label") == b"body"
    store.save("a", b"label", b"newer")
    assert store.load("a", b"label") == b"newer"
    assert store.load("a", b"other label") is None
    assert store.load("c", b"label") is None


def test_an_entry_is_not_taken_for_another(place: Path) -> None:
    store = Store(str(place))
    store.save("a", b"labelx", b"body")
    assert store.load("a", b"label") is None
    assert store.load("a", b"labelxbody") is None


@pytest.mark.parametrize("at", [0, 31, 32, -1])
def test_a_changed_byte_is_noticed(place: Path, at: int) -> None:
    Store(str(place)).save("a", b"", b"body")
    content = bytearray((place / "a").read_bytes())
    content[at] ^= 1
    (place / "a").write_bytes(content)
    assert Store(str(place)).load("a", b"") is None


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 32, b"\0" * 100])
def test_what_was_never_ours(place: Path, content: bytes) -> None:
    Store(str(place)).save("a", b"", b"body")
    (place / "a").write_bytes(content)
    assert Store(str(place)).load("a", b"") is None


def test_another_key_unlocks_nothing(place: Path, tmp_path: Path) -> None:
    Store(str(place), keys=str(tmp_path / "one")).save("a", b"", b"body")
    assert Store(str(place), keys=str(tmp_path / "one")).load("a", b"") == b"body"
    Store(str(place), keys=str(tmp_path / "two")).save("b", b"", b"x")
    assert Store(str(place), keys=str(tmp_path / "two")).load("a", b"") is None


@posix_only
def test_all_of_it_is_private(place: Path) -> None:
    Store(str(place)).save("a", b"", b"body")
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert {path.name for path in place.iterdir()} == {"a", "store.key"}, "nothing temporary stays"


@posix_only
@pytest.mark.parametrize("mode", [0o750, 0o707, 0o777])
def test_a_directory_that_others_can_enter_is_not_trusted(place: Path, mode: int) -> None:
    Store(str(place)).save("a", b"", b"body")
    place.chmod(mode)
    assert Store(str(place)).load("a", b"") is None
    Store(str(place)).save("b", b"", b"body")
    assert not (place / "b").exists()


@posix_only
def test_a_directory_that_is_a_link_is_not_followed(place: Path, tmp_path: Path) -> None:
    Store(str(place)).save("a", b"", b"body")
    link = tmp_path / "link"
    link.symlink_to(place)
    assert Store(str(link)).load("a", b"") is None
    Store(str(link)).save("b", b"", b"x")
    assert not (place / "b").exists()


@posix_only
@pytest.mark.parametrize("name", ["a", "store.key"])
@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_an_entry_that_is_no_file_is_not_there(place: Path, tmp_path: Path, name: str, kind: str) -> None:
    Store(str(place)).save("a", b"", b"body")
    (place / name).rename(tmp_path / "real")
    match kind:
        case "link":
            (place / name).symlink_to(tmp_path / "real")
        case "fifo":
            os.mkfifo(place / name)
        case _:
            (place / name).mkdir()
    assert Store(str(place)).load("a", b"") is None
    Store(str(place)).save("a", b"", b"again")  # raises nothing, whether or not it can


def test_a_place_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = Store(str(tmp_path / "file" / "store"))
    store.save("a", b"", b"body")
    assert store.load("a", b"") is None


# --- the fingerprint key ----------------------------------------------------------------------


def test_the_key_stays(place: Path) -> None:
    key = fingerprint_key(str(place))
    assert len(key) == KEY_SIZE
    assert fingerprint_key(str(place)) == key
    assert fingerprint_key(str(place.with_name("other"))) != key
    assert fingerprint_key(None) != fingerprint_key(None)


@posix_only
def test_the_key_is_private_and_alone(place: Path) -> None:
    fingerprint_key(str(place))
    fingerprint_key(str(place))
    assert [path.name for path in place.iterdir()] == ["fingerprint.key"]
    assert stat.S_IMODE((place / "fingerprint.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_scans_at_once_end_up_with_one_key(place: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(fingerprint_key(str(place)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1


@posix_only
@pytest.mark.parametrize("kind", ["link", "fifo", "directory", "short", "long"])
def test_a_key_that_is_none_is_not_used(place: Path, tmp_path: Path, kind: str) -> None:
    place.mkdir(parents=True)
    file = place / "fingerprint.key"
    (tmp_path / "known").write_bytes(bytes(KEY_SIZE))
    match kind:
        case "link":
            file.symlink_to(tmp_path / "known")
        case "fifo":
            os.mkfifo(file)
        case "directory":
            file.mkdir()
        case "short":
            file.write_bytes(b"x")
        case _:
            file.write_bytes(bytes(KEY_SIZE + 1))
    key = fingerprint_key(str(place))
    assert len(key) == KEY_SIZE
    assert key != bytes(KEY_SIZE)


@posix_only
@pytest.mark.parametrize("mode", [0o644, 0o620, 0o602])
def test_a_key_that_others_may_know_is_replaced_and_that_is_said(place: Path, mode: int) -> None:
    key, said = fingerprint_key(str(place)), list[str]()
    (place / "fingerprint.key").chmod(mode)
    fresh = fingerprint_key(str(place), notice=said.append)
    assert (fresh != key, len(said)) == (True, 1)
    assert fingerprint_key(str(place), notice=said.append) == fresh
    assert len(said) == 1
    assert stat.S_IMODE((place / "fingerprint.key").stat().st_mode) == 0o600


@posix_only
def test_a_state_directory_that_is_a_link_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "secops").symlink_to(tmp_path / "elsewhere")
    fingerprint_key(str(tmp_path / "secops"))
    assert not list((tmp_path / "elsewhere").iterdir())


@posix_only
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_key_in_a_read_only_directory_is_used(place: Path) -> None:
    key = fingerprint_key(str(place))
    place.chmod(0o500)
    assert fingerprint_key(str(place)) == key
