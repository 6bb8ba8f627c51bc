"""What is kept of a set of rules: the rules, and apart from them what Hyperscan scans with."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from secopskit.detect import engine
from secopskit.detect.anchors import Anchors
from secopskit.detect.derived_anchors import anchors_for
from secopskit.detect.engine import loaded
from secopskit.detect.ready import kept_rules as module
from secopskit.detect.ready import shipped
from secopskit.detect.ready.beside import beside
from secopskit.detect.ruleset import Ruleset, open_ruleset
from secopskit.errors import ConfigError
from secopskit.rules.location import builtin_directory
from support.engines import examples, rules

pytestmark = pytest.mark.skipif(find_spec("hyperscan") is None, reason="there is only one engine here")

_RULE = "github-pat"
_DATABASE = "rules-database"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a few rules be all that there are; the list grows when they are compiled."""
    chosen, times = [rule for rule in rules() if rule.id.startswith("github-")], list[str]()

    def compile_few(
        _extra: tuple[str, ...], hints: tuple[str, ...]
    ) -> tuple[list[module.Record], Anchors, tuple[str, ...]]:
        times.append("compiled")
        return [module.record_of(rule) for rule in chosen], anchors_for(chosen, hints), ()

    monkeypatch.setattr(module, "_compile", compile_few)
    return times


def _text() -> bytes:
    return next(one.data for one in examples() if one.rule.id == _RULE)


def _open(
    cache: Path, *, later: bool, hint: str = "=", notice: Callable[[str], None] = lambda _: None
) -> Ruleset:
    return open_ruleset(engine="hyperscan", cache=str(cache), hints=(hint,), later=later, notice=notice)


def _finds(opened: Ruleset) -> bool:
    hits = opened.prefilter.scan(_text())
    return any(opened[number].id == _RULE for number, _ in hits if number < len(opened))


@pytest.mark.parametrize("later", [False, True])
def test_what_was_compiled_once_is_kept(tmp_path: Path, compiled: list[str], later: bool) -> None:
    assert _finds(_open(tmp_path, later=later))
    assert len(compiled) == 1
    assert _finds(_open(tmp_path, later=later))
    assert len(compiled) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"store.key", _DATABASE, "rules-hyperscan"}


def _remove(database: Path) -> None:
    database.unlink()


def _forge(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[len(content) // 2] ^= 1
    database.write_bytes(content)


def _exchange(database: Path) -> None:
    database.write_bytes((database.parent / "rules-hyperscan").read_bytes())


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("harm", [_remove, _forge, _exchange])
def test_a_database_that_is_not_surely_ours_is_made_anew(
    tmp_path: Path, compiled: list[str], harm: Callable[[Path], None], later: bool
) -> None:
    _open(tmp_path, later=False)
    harm(tmp_path / _DATABASE)
    told = list[str]()
    assert _finds(_open(tmp_path, later=later, notice=told.append))
    assert len(told) == 1
    assert len(compiled) == 2
    assert _finds(_open(tmp_path, later=later))
    assert len(compiled) == 2, "it is kept again"


@pytest.mark.parametrize("later", [False, True])
def test_a_database_of_other_rules_is_not_taken(tmp_path: Path, compiled: list[str], later: bool) -> None:
    _open(tmp_path, later=False)
    kept = (tmp_path / "rules-hyperscan").read_bytes()
    _open(tmp_path, later=False, hint="[:=]")  # another process, with other rules
    (tmp_path / "rules-hyperscan").write_bytes(kept)
    assert _finds(_open(tmp_path, later=later))
    assert len(compiled) == 3


def test_the_database_is_read_beside_the_rules_and_waited_for(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(tmp_path, later=False)
    may_read = threading.Event()

    def slowly(content: bytes) -> object:
        assert threading.current_thread() is not threading.main_thread()
        may_read.wait(20)
        return loaded(content)

    monkeypatch.setattr(module, "loaded", slowly)
    opened = _open(tmp_path, later=True)
    threading.Timer(0.1, may_read.set).start()
    assert _finds(opened)
    assert len(compiled) == 1


@pytest.fixture
def ships(compiled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of rules that came with an installation; they have been compiled once."""
    monkeypatch.setattr(shipped, "FILE", str(tmp_path / "shipped"))
    module.ship("hyperscan", ("=",), shipped.FILE)
    assert compiled == ["compiled"]
    return tmp_path / "shipped"


@pytest.mark.parametrize("later", [False, True])
def test_what_was_shipped_need_not_be_compiled(
    ships: Path, compiled: list[str], tmp_path: Path, later: bool
) -> None:
    told = list[str]()
    assert _finds(_open(tmp_path / "cache", later=later, notice=told.append))
    ships.unlink()
    assert _finds(_open(tmp_path / "cache", later=later, notice=told.append)), "it was kept"
    assert (told, len(compiled)) == ([], 1)


def _damage(file: Path, _: pytest.MonkeyPatch) -> None:
    _forge(file)


def _cut_off(file: Path, _: pytest.MonkeyPatch) -> None:
    file.write_bytes(file.read_bytes()[:1000])


def _change_rules(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = file.parent / "rules"
    shutil.copytree(builtin_directory(), changed)
    with (changed / "github.yml").open("a", encoding="utf-8") as one:
        one.write("# changed\n")
    monkeypatch.setattr(shipped, "builtin_directory", lambda: str(changed))


def _change_processor(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> object:
        import hyperscan

        raise hyperscan.error("another platform")

    monkeypatch.setattr(engine, "loaded", refuse)


@pytest.mark.parametrize("change", [_damage, _cut_off, _change_rules, _change_processor])
def test_what_was_shipped_for_something_else_is_not_taken(
    ships: Path,
    compiled: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    change(ships, monkeypatch)
    told = list[str]()
    assert _finds(_open(tmp_path / "cache", later=False, notice=told.append))
    assert (len(told), len(compiled)) == (1, 2)


def test_rules_of_somebodys_own_are_compiled(ships: Path, compiled: list[str], tmp_path: Path) -> None:
    open_ruleset(engine="hyperscan", cache=None, hints=("=",), extra=(str(tmp_path / "own.yml"),))
    assert len(compiled) == 2


def test_rules_that_are_not_there_are_not_passed_over(tmp_path: Path) -> None:
    _open(tmp_path, later=False)
    with pytest.raises(ConfigError, match=r"own\.yml: No such file"):
        open_ruleset(
            engine="hyperscan", cache=str(tmp_path), hints=("=",), extra=(str(tmp_path / "own.yml"),)
        )


def test_line_ends_do_not_make_other_rules(ships: Path, compiled: list[str], tmp_path: Path) -> None:
    changed = tmp_path / "rules"
    shutil.copytree(builtin_directory(), changed)
    for file in changed.iterdir():
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert shipped._content(str(changed)) == shipped._content(builtin_directory())


def test_a_thread_hands_over_what_it_makes_and_what_it_raises() -> None:
    assert beside(lambda: threading.current_thread() is threading.main_thread())() is False
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 // 0)()


def test_without_threads_it_is_made_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    assert beside(lambda: threading.current_thread() is threading.main_thread())() is True


def test_the_expressions_of_all_detectors_are_kept() -> None:
    script = """
from importlib import import_module
from pathlib import Path
from secopskit import lazy_regex
from secopskit.detect.ready import kept_rules
forms, source = kept_rules._forms([]), Path(kept_rules.__file__).parents[3]
for package in kept_rules._WITH_EXPRESSIONS:
    for file in (source / package.replace(".", "/")).rglob("*.py"):
        import_module(".".join(file.relative_to(source).with_suffix("").parts).removesuffix(".__init__"))
print(len(forms), sorted(lazy_regex._made - forms.keys()))
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    count, left = told.stdout.split(" ", 1)
    assert int(count) > 200
    assert left.strip() == "[]"
