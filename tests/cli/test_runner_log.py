"""What leaves for the log of a CI runner: no command but ours, in whatever pieces it is written."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secopskit.cli.boundary import run
from secopskit.cli.runner_log import guarded, our_commands
from support.forked import secops
from support.repos import Repo
from support.runner_commands import obeyed
from support.values import github_token

NAME = "  ::error::owned ##[error]owned ##vso[task.x]"


def written(pieces: list[str], monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        with guarded():
            for piece in pieces:
                sys.stdout.write(piece)
    return text_of(stream)


def text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode(stream.encoding)


@given(
    st.lists(st.text(alphabet=":#[] \nex\u00a0é", max_size=4) | st.sampled_from(["::error", "##", "[error]"]))
)
def test_commands_are_taken_out_of_pieces(pieces: list[str]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        text = written(pieces, monkeypatch)
    assert obeyed(text) == []
    assert text.replace("\\u003a", ":").replace("\\u005b", "[") == "".join(pieces)


def test_an_encoding_that_click_distrusts_is_guarded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        with guarded():
            click.echo(NAME)
            click.echo(NAME.encode())
            with our_commands():
                click.echo("::notice::ours")
            click.echo("::notice::theirs")
    assert obeyed(text_of(stream)) == ["::notice::ours"]
    assert text_of(stream).count("owned") == 4


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", ""])
def test_errors_are_guarded_where_a_runner_reads(
    variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "true")
    assert run(["scan", f"./##[error]{NAME}"]) == 2
    assert ("##[" in capsys.readouterr().err) is not bool(variable)


def test_a_scan_gives_a_runner_no_commands(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "repo")
    repo.stage({f"{NAME}.py": f"t = '{github_token()}'\n"})
    runner = {"GITHUB_ACTIONS": "true"}
    for arguments in (("scan", "-f", "plain"), ("scan",), ("scan", "-f", "csv"), ("hook", "run")):
        text = secops(*arguments, cwd=repo.path, env=runner).text
        assert "owned" in text
        assert obeyed(text) == []
        assert "##vso[" not in text
    told = secops("scan", "-f", "github", cwd=repo.path, env=runner).out
    assert [line[:14] for line in obeyed(told)] == ["::error title="]
    secops("scan", "-f", "plain", "-o", tmp_path / "report", cwd=repo.path, env=runner)
    assert obeyed((tmp_path / "report").read_text()) == []
