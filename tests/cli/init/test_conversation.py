"""The word that a person gives for a finding: a yes is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from secopskit.cli.init.conversation import Conversation
from secopskit.cli.terminal.voice import Voice
from secopskit.findings import Location, Severity
from secopskit.harden import run
from secopskit.harden.model import FileEdit
from support.hardening import project_at
from support.report_samples import finding
from support.repos import Repo


@dataclass
class Listener:
    """A voice that keeps what is said."""

    said: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.said.append(text)


@dataclass
class Person:
    """Answers one question after the other; nobody is asked more than that."""

    words: Iterator[str]
    present: bool = True

    def types(self, prompt: str) -> str:
        return next(self.words)

    def agrees(self, question: str) -> bool:
        raise AssertionError(question)


@pytest.mark.parametrize(
    ("words", "accepted"),
    [
        (["a test of ours", "ada"], True),
        ([" "], False),
        (["y"], False),
        (["No"], False),
        (["a test of ours", "yes"], False),
        (["a test of ours", ""], False),
    ],
)
def test_a_finding_is_accepted_for_a_reason_and_by_somebody(
    tmp_path: Path, words: list[str], accepted: bool
) -> None:
    repo = Repo.create(tmp_path / "shop")
    repo.commit({"a.py": "x\n"})
    place = Location("a.py", 1, 1, 1, 9)
    known = finding("token", Severity.HIGH, place)
    project = project_at(repo.path, only=["baseline"], findings=[known])
    listener = Listener()
    conversation = Conversation(cast(Voice, listener), project, yes=False)
    conversation._person = Person(iter(words))
    agreed = conversation.hold(run.plan(project))
    changes = agreed.steps[0].changes
    assert [type(each) for each in changes] == ([FileEdit] if accepted else [])
    assert any("(1 of 1)" in each for each in listener.said)
