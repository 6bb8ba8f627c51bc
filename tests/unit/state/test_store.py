"""The store on disk and the fingerprint key: what is not surely ours is not there."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from secopskit.errors import RefusedError
from secopskit.state.fingerprint_key import KEY_SIZE, fingerprint_key, require_same_key, sealed
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


# --- whose key it is --------------------------------------------------------------------------


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes us one user or another: who has a state directory of that name."""

    def become(name: str) -> None:
        monkeypatch.setenv("SECOPS_STATE_DIR", str(tmp_path / "users" / name))

    become("us")
    return become


def test_bytes_that_came_with_a_repository_make_another_key_and_that_is_said_once(
    place: Path, users: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    users("attacker")
    known = fingerprint_key(str(place))
    users("us")
    said = list[str]()
    key = fingerprint_key(str(place), notice=said.append)
    assert key != known
    assert key not in (place / "fingerprint.key").read_bytes()
    assert (len(said), "not made by you" in said[0]) == (1, True)
    assert fingerprint_key(str(place), notice=said.append) == key
    assert len(said) == 1
    assert capfd.readouterr().err == ""  # whoever has no listener hears of it on standard error


def test_bare_bytes_from_an_archive_are_no_key(
    place: Path, users: Callable[[str], None], capfd: pytest.CaptureFixture[str]
) -> None:
    place.mkdir(parents=True, mode=0o700)
    (place / "fingerprint.key").write_bytes(bytes(KEY_SIZE))
    (place / "fingerprint.key").chmod(0o600)
    key = fingerprint_key(str(place))
    assert fingerprint_key(str(place)) == key != bytes(KEY_SIZE)
    err = capfd.readouterr().err
    assert err.startswith("secops: the fingerprint key of this repository was not made by you here")
    assert err.count("\n") == 1


def test_our_key_stays_when_the_repository_is_moved_or_copied(
    place: Path, tmp_path: Path, users: Callable[[str], None]
) -> None:
    said = list[str]()
    key = fingerprint_key(str(place), notice=said.append)
    shutil.copytree(place, tmp_path / "copy")
    place.rename(tmp_path / "moved")
    for name in ("copy", "moved"):
        assert fingerprint_key(str(tmp_path / name), notice=said.append) == key
    assert said == []


def test_of_two_places_each_keeps_its_key(place: Path, users: Callable[[str], None]) -> None:
    said, keys = list[str](), dict[str, bytes]()
    for name in ("host", "container", "host", "container"):
        users(name)
        key = fingerprint_key(str(place), notice=said.append)
        assert keys.setdefault(name, key) == key
    assert len(said) == 1
    assert len(set(keys.values())) == 2


def test_many_places_do_not_spoil_the_file(place: Path, users: Callable[[str], None]) -> None:
    keys = list[bytes]()
    for number in range(12):
        users(f"user{number}")
        keys.append(fingerprint_key(str(place)))
    assert len(set(keys)) == 12
    users("user0")
    assert fingerprint_key(str(place)) == keys[0]  # forgotten is only that it was here


@posix_only
@pytest.mark.parametrize("kind", ["file", "open", "relative"])
def test_without_a_directory_of_ours_a_key_holds_for_this_run(
    place: Path, tmp_path: Path, users: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    kept = fingerprint_key(str(place))
    users(kind)
    home = tmp_path / "users" / kind
    match kind:
        case "file":
            home.write_text("x")
        case "open":
            home.mkdir()
            home.chmod(0o755)
        case _:
            monkeypatch.setenv("SECOPS_STATE_DIR", "relative")
            monkeypatch.delenv("XDG_STATE_HOME", raising=False)
            monkeypatch.setenv("HOME", "relative")
    said = list[str]()
    key = fingerprint_key(str(place), notice=said.append)
    assert key != kept
    assert fingerprint_key(str(place), notice=said.append) == key  # all parts of a command agree
    assert "no directory of your own" in said[0]


def test_what_another_key_has_hidden_is_not_taken_for_gone() -> None:
    seal = sealed(b"a" * KEY_SIZE, b"purpose", "refs/heads/name")
    require_same_key(b"a" * KEY_SIZE, seal, of="a purge")
    assert seal != sealed(b"a" * KEY_SIZE, b"purpose", "refs/heads/other")
    with pytest.raises(RefusedError, match="another fingerprint key"):
        require_same_key(b"b" * KEY_SIZE, seal, of="a purge")
