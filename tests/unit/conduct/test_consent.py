"""Consent: what is asked, and what an answer, silence or `--yes` comes to."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from secopskit.conduct.consent import TypedName, YesNo, obtain
from secopskit.errors import ExitCode, RefusedError, UsageError

QUESTION = YesNo(question="Do it?")
NAME = TypedName(name="shop", prompt="Type shop")
GUARDED = TypedName(name="shop", prompt="Type shop", warning="Guarded.", unattended="Name the plan.")


@dataclass
class Person:
    """Somebody who answers `answer` to everything, if present at all."""

    answer: str = ""
    present: bool = True
    asked: list[str] = field(default_factory=list)

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        return self.answer == "yes"

    def types(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answer


def test_a_yes_is_enough() -> None:
    person = Person("yes")
    obtain(QUESTION, person)
    assert person.asked == ["Do it?"]


@pytest.mark.parametrize("answer", ["no", "", "y e s"])
def test_anything_else_is_a_refusal(answer: str) -> None:
    with pytest.raises(RefusedError) as caught:
        obtain(QUESTION, Person(answer))
    assert caught.value.exit_code is ExitCode.REFUSED


def test_the_name_has_to_be_typed() -> None:
    obtain(NAME, Person(" shop "))
    for answer in ("", "yes", "shop2", "SHOP"):
        with pytest.raises(RefusedError, match="not its name"):
            obtain(NAME, Person(answer))


@pytest.mark.parametrize("needed", [QUESTION, NAME])
def test_given_beforehand_nobody_is_asked(needed: YesNo | TypedName) -> None:
    person = Person("no")
    obtain(needed, person, yes=True)
    assert person.asked == []


@pytest.mark.parametrize("needed", [QUESTION, NAME])
def test_without_anybody_to_ask_it_says_so(needed: YesNo | TypedName) -> None:
    with pytest.raises(UsageError, match="nobody is here"):
        obtain(needed, Person("yes", present=False))


@pytest.mark.parametrize("yes", [True, False])
def test_what_is_guarded_needs_more_than_a_yes(yes: bool) -> None:
    with pytest.raises(RefusedError, match="not enough"):
        obtain(GUARDED, Person("shop", present=False), yes=yes)
    with pytest.raises(RefusedError, match="not its name"):
        obtain(GUARDED, Person("yes"), yes=yes)
    person = Person("shop")
    obtain(GUARDED, person, yes=yes)
    assert person.asked == ["Guarded.\nType shop"]
