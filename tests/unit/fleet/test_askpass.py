"""git is answered for one host, and for no other."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from secopskit.fleet.worker.askpass import answers_for
from secopskit.secret import SecretValue
from support.values import github_token


@pytest.mark.parametrize("origin", ["https://github.com", "http://127.0.0.1:8080"])
def test_the_token_goes_to_its_host_alone(tmp_path: Path, origin: str) -> None:
    token = github_token()
    answers = answers_for(f"{origin}/acme/app.git", SecretValue(token.encode()), str(tmp_path / "bin"))
    scheme, _, host = origin.partition("://")

    def asked(question: str) -> tuple[int, str]:
        done = subprocess.run(
            [answers["GIT_ASKPASS"], question], env=dict(answers), capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    assert asked(f"Username for '{origin}': ") == (0, "x-access-token\n")
    assert asked(f"Password for '{scheme}://x-access-token@{host}': ") == (0, f"{token}\n")
    for other in (
        "Password for 'https://x-access-token@evil.example': ",
        f"Password for '{scheme}://other@{host}': ",
        f"Password for '{scheme}://x-access-token@{host}.evil.example': ",
        f"Username for '{origin}.evil.example': ",
        "",
    ):
        assert asked(other) == (1, "")


def test_the_program_holds_no_token_and_is_ours_alone(tmp_path: Path) -> None:
    token = github_token()
    answers = answers_for("https://github.com/a/b", SecretValue(token.encode()), str(tmp_path / "bin"))
    program = Path(answers["GIT_ASKPASS"])
    assert token not in program.read_text()
    assert os.stat(program).st_mode & 0o777 == 0o700
    assert os.stat(program.parent).st_mode & 0o777 == 0o700


def test_a_program_that_was_changed_is_written_anew(tmp_path: Path) -> None:
    token = SecretValue(github_token().encode())
    program = Path(answers_for("https://github.com/a/b", token, str(tmp_path))["GIT_ASKPASS"])
    known = program.read_bytes()
    program.write_bytes(b"#!/bin/sh\nexit 0\n")
    answers_for("https://github.com/a/b", token, str(tmp_path))
    assert program.read_bytes() == known
