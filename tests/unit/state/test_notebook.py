"""The notebook of any command that changes the world, killed wherever it may be."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from secopskit.errors import IncompleteError, RefusedError, SecopsError
from secopskit.state.notebook import LAST, JournalForm, Notebook

STEPS = ("one", "two", "three")


class ToyStep(Enum):
    PLANNED = "planned"
    UNDER_WAY = "under way"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Toy:
    step: ToyStep
    done: tuple[str, ...] = ()


def decoded(document: Any) -> Toy:
    if document["version"] != 1:
        raise ValueError
    return Toy(step=ToyStep(document["step"]), done=tuple(document["done"]))


FORM = JournalForm[Toy](
    encode=lambda toy: {"version": 1, "step": toy.step.value, "done": list(toy.done)},
    decode=decoded,
    of="a toy",
    running="another toy",
    advice="Wind it up.",
)


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook[Toy]:
    return Notebook(str(tmp_path / "secops" / "toy"), FORM)


@pytest.mark.skipif(os.name == "nt", reason="owners as POSIX has them")
@pytest.mark.parametrize("foreign", ["", "journal.json"])
def test_a_journal_of_another_user_is_not_believed(
    notebook: Notebook[Toy], monkeypatch: pytest.MonkeyPatch, foreign: str
) -> None:
    notebook.open()
    notebook.write(Toy(step=ToyStep.UNDER_WAY))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    honest = os.lstat
    theirs = os.path.join(notebook.path, foreign).rstrip(os.sep)

    def owned(path: str) -> Any:
        found = honest(path)
        return SimpleNamespace(st_uid=54321 if path == theirs else 12345, st_mode=found.st_mode)

    monkeypatch.setattr(os, "lstat", owned)
    with pytest.raises(RefusedError, match="another user"):
        notebook.read()


def test_what_was_written_is_read(notebook: Notebook[Toy]) -> None:
    notebook.open()
    assert notebook.read() is None
    toy = notebook.write(Toy(step=ToyStep.PLANNED))
    assert notebook.read() == toy
    toy = notebook.advance(toy, ToyStep.UNDER_WAY, done=("one",))
    assert notebook.read() == toy == Toy(step=ToyStep.UNDER_WAY, done=("one",))
    notebook.keep_lines("names", ["a b", os.fsdecode(b"\xff")])
    assert notebook.lines("names") == ["a b", os.fsdecode(b"\xff")]
    assert notebook.lines("others") == []
    Path(notebook.file("stage")).mkdir()
    Path(notebook.file("link")).symlink_to(notebook.path)
    notebook.close(toy)
    assert notebook.read() is None
    assert notebook.read(LAST) == toy
    assert os.listdir(notebook.path) == [LAST]


@pytest.mark.skipif(os.name == "nt", reason="modes as POSIX has them")
def test_all_of_it_is_private(notebook: Notebook[Toy], tmp_path: Path) -> None:
    notebook.open()
    notebook.write(Toy(step=ToyStep.PLANNED))
    with notebook.held():
        pass
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secops").rglob("*")}
    assert modes == {0o700, 0o600}
    assert stat.S_IMODE((tmp_path / "secops").stat().st_mode) == 0o700


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"version": 2}', b"\xff", b"[" * 10_000])
def test_a_damaged_journal_is_told_in_the_words_of_the_command(notebook: Notebook[Toy], text: bytes) -> None:
    notebook.open()
    Path(notebook.file("journal.json")).write_bytes(text)
    with pytest.raises(IncompleteError, match="is not a journal of a toy") as caught:
        notebook.read()
    assert caught.value.advice == "Wind it up."


def test_one_at_a_time(notebook: Notebook[Toy]) -> None:
    assert not notebook.is_held()  # there is no directory yet
    notebook.open()
    assert not notebook.is_held()
    with notebook.held():
        assert notebook.is_held()
        with pytest.raises(RefusedError, match="another toy is running"), notebook.held(wait=0.05):
            pass
    with notebook.held():
        pass


def test_a_place_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "secops").symlink_to(tmp_path)
    with pytest.raises(RefusedError, match="leads elsewhere"):
        Notebook(str(tmp_path / "secops" / "toy"), FORM).open()
    (tmp_path / "file").touch()
    with pytest.raises(SecopsError, match="cannot be made"):
        Notebook(str(tmp_path / "file" / "toy"), FORM).open()


def carry_out(notebook: Notebook[Toy], world: Path) -> None:
    """Do all steps, or those that are left: each is recorded, and may be done twice."""
    notebook.open()
    with notebook.held(wait=5):
        toy = notebook.read() or notebook.write(Toy(step=ToyStep.PLANNED))
        for name in STEPS[len(toy.done) :]:
            (world / name).touch()
            toy = notebook.advance(toy, ToyStep.UNDER_WAY, done=(*toy.done, name))
        notebook.close(notebook.advance(toy, ToyStep.DONE))


def killed(at: int, work: Callable[[], None]) -> bool:
    """Whether a child that does `work` was killed at its `at`-th change on the disk."""
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    left = at

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **more)

        return wrapper

    try:
        for name in ("replace", "unlink", "fsync", "makedirs", "open"):
            setattr(os, name, deadly(getattr(os, name)))
        work()
    finally:
        os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_killed_anywhere_it_is_finished_by_the_next_run(tmp_path: Path) -> None:
    moments = 0
    while True:
        here = tmp_path / str(moments)
        here.mkdir()
        notebook = Notebook(str(here / "secops" / "toy"), FORM)
        if not killed(moments + 1, lambda: carry_out(notebook, here)):  # noqa: B023 - it is called at once
            break
        moments += 1
        if (toy := notebook.read()) is not None:  # whole, at every moment
            assert all((here / name).exists() for name in toy.done)
        carry_out(notebook, here)
        assert sorted(entry.name for entry in here.iterdir()) == sorted([*STEPS, "secops"])
        assert sorted(os.listdir(notebook.path)) == [LAST, "lock"]
        assert notebook.read(LAST) == Toy(step=ToyStep.DONE, done=STEPS)
    assert moments > 20
