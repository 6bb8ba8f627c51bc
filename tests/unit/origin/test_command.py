"""Commands as sources: an argument list, no shell, the user's word, and none of the output in a message."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.origin import build_origin
from secopskit.origin.interface import Origin
from secopskit.origin.output import captured
from secopskit.settings.declaration import OriginChoice
from support.origins import Somebody, TrustAll, origin_surroundings
from support.values import alnum

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")


def made(base: Path, *words: str, kind: str = "command", trust: TrustAll | None = None) -> Origin:
    surroundings = origin_surroundings(base, trust=TrustAll() if trust is None else trust)
    return build_origin(OriginChoice(kind, words), surroundings)


def read(origin: Origin, *keys: str) -> dict[str, bytes]:
    return {key: found.value.reveal() for key, found in origin.read(keys).items()}


def python(script: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script, *arguments)


def test_what_it_prints_is_the_value_without_one_line_end(tmp_path: Path) -> None:
    for printed, expected in [
        ("a b", b"a b"), ("a\\n", b"a"), ("a\\n\\n", b"a\n"), ("a\\r\\n", b"a"), ("a\\r", b"a\r"),
        ("\\377$x", b"\xff$x"),
    ]:  # fmt: skip
        assert read(made(tmp_path, "printf", printed), "A") == {"A": expected}
    assert read(made(tmp_path, "printf", "a\\n", kind="command-exact"), "A") == {"A": b"a\n"}
    assert read(made(tmp_path, "true"), "A") == {}


def test_keys_take_their_place_in_the_words(tmp_path: Path) -> None:
    origin = made(tmp_path, "printf", "%s:{{.Data}}", "-field={key}")
    assert read(origin, "A", "b/c") == {"A": b"-field=A:{{.Data}}", "b/c": b"-field=b/c:{{.Data}}"}


@pytest.mark.parametrize("key", ["-rf", "a b", "../x", "a/../b", "", "a\n", "$(id)"])
def test_a_key_is_no_option_and_no_way_upwards(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="a key that no program is given"):
        made(tmp_path, "printf", "{key}").read([key])


def test_no_shell_reads_the_words(tmp_path: Path) -> None:
    assert read(made(tmp_path, "printf", "%s", "$(touch x); `id` $HOME *"), "A") == {
        "A": b"$(touch x); `id` $HOME *"
    }
    assert os.listdir(tmp_path) == []


def test_it_does_not_run_without_the_users_word(tmp_path: Path) -> None:
    choice = OriginChoice("command", python(f"open({str(tmp_path / 'ran')!r}, 'w')"))
    for person in (Somebody(present=False), Somebody(agreeing=True)):
        with pytest.raises(RefusedError, match="would run a program: ") as caught:
            build_origin(choice, origin_surroundings(tmp_path, person=person)).read(["A"])
        assert sys.executable in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_what_is_asked_shows_the_words_and_speaks_to_no_terminal(tmp_path: Path) -> None:
    trust = TrustAll()
    made(tmp_path, "printf", "a b\x1b[2J\nyes", trust=trust).read(["A"])
    assert trust.reached[0].danger == r"run a program: printf 'a b\x1b[2J\nyes'"


def test_programs_come_from_absolute_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho here\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([".", "", "bin", os.environ["PATH"]]))
    monkeypatch.chdir(tmp_path)
    for name in ("tool", "./tool", "sub/../tool", "no-such-program-here"):
        with pytest.raises(SecopsError, match="no such program"):
            made(tmp_path, name).read(["A"])
    assert read(made(tmp_path, str(tool)), "A") == {"A": b"here"}


def test_its_environment_is_the_users_without_our_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "SECOPS_SYNC_API_URL"):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example.org")
    found = read(made(tmp_path, "env"), "A")["A"].decode()
    assert "VAULT_ADDR=https://vault.example.org" in found
    assert "canary" not in found


def test_what_fails_tells_a_code_and_no_output(tmp_path: Path) -> None:
    canary = alnum(20)
    script = "import sys; print(sys.argv[1]); print(sys.argv[1], file=sys.stderr); sys.exit(3)"
    with pytest.raises(SecopsError, match="ended with code 3") as caught:
        made(tmp_path, *python(script, canary)).read(["A"])
    assert canary not in str(caught.value) + caught.value.advice + repr(caught.value)


def test_it_gets_no_input_and_stands_in_the_work_tree(tmp_path: Path) -> None:
    script = "import os, sys; print(repr(sys.stdin.read()), os.getcwd(), end='')"
    assert read(made(tmp_path, *python(script)), "A")["A"].decode() == f"'' {tmp_path.resolve()}"


def test_too_much_and_too_long_end_it(tmp_path: Path) -> None:
    place = (str(tmp_path), dict(os.environ))
    with pytest.raises(SecopsError, match="prints more than 1000 bytes"):
        captured("/bin/sh", ["sh", "-c", "yes"], place, limit=1000)
    with pytest.raises(SecopsError, match="took longer than"):
        captured("/bin/sh", ["sh", "-c", "exec sleep 60"], place, deadline=0.2)
    with pytest.raises(SecopsError, match="took longer than"):
        captured("/bin/sh", ["sh", "-c", "exec >&-; exec sleep 60"], place, deadline=0.2)


def test_what_it_leaves_behind_is_not_waited_for(tmp_path: Path) -> None:
    place = (str(tmp_path), dict(os.environ))
    assert captured("/bin/sh", ["sh", "-c", "sleep 30 & echo value"], place, deadline=20.0) == b"value\n"
