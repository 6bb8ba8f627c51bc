"""Many questions: those of one host one after the other, those of several at the same time, and an end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final, TypeAlias

from secopskit.findings import VerificationState
from secopskit.verify.ask import PreparedQuestion
from secopskit.verify.model import IssuerAnswer

_ForHost: TypeAlias = list[tuple[str, PreparedQuestion]]
_Part: TypeAlias = list[tuple[str, IssuerAnswer]]

_HOSTS_AT_ONCE: Final = 8
_LONGEST_S: Final = 600.0
_OVER: Final = IssuerAnswer(
    VerificationState.UNKNOWN, f"not asked: {_LONGEST_S:.0f} s of asking were over", answered=False
)


_MOST_SILENT: Final = 2
_SILENT: Final = IssuerAnswer(
    VerificationState.UNKNOWN, f"not asked: its host gave no answer {_MOST_SILENT} times", answered=False
)


def hosts_of(questions: Mapping[str, PreparedQuestion]) -> tuple[tuple[str, int], ...]:
    """How many values go to which host, most first."""
    counts = Counter(question.host for question in questions.values())
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def ask_all(
    questions: Mapping[str, PreparedQuestion], *, clock: Callable[[], float] = time.monotonic
) -> dict[str, IssuerAnswer]:
    """The answers under the names of their questions. Each host is asked by one thread only.

    One that gives no answer twice in a row is not asked any more.
    """
    by_host: dict[str, _ForHost] = {}
    for name, question in questions.items():
        by_host.setdefault(question.host, []).append((name, question))
    if not by_host:
        return {}
    round_ = _Round(by_host.values(), clock)
    # Threads that hold up no exit: who interrupts the program does not wait for the answer of a slow host.
    for number in range(min(_HOSTS_AT_ONCE, len(by_host))):
        Thread(target=round_.work, name=f"verify-{number}", daemon=True).start()
    answers = round_.answers(len(by_host))
    return {name: answers[name] for these in by_host.values() for name, _ in these}


class _Round:
    """What threads share that ask several hosts: the questions of each, the answers, and the end."""

    def __init__(self, by_host: Iterable[_ForHost], clock: Callable[[], float]) -> None:
        self._waiting = SimpleQueue[_ForHost]()
        self._done = SimpleQueue[_Part | BaseException]()
        self._stop = Event()
        self._clock = clock
        self._until = clock() + _LONGEST_S
        for these in by_host:
            self._waiting.put(these)

    def work(self) -> None:
        """Ask one host after the other, until none waits."""
        while True:
            try:
                self._done.put(self._asked(self._waiting.get_nowait()))
            except Empty:
                return
            except BaseException as error:  # noqa: BLE001 - raised where the answers are awaited
                self._done.put(error)

    def answers(self, hosts: int) -> dict[str, IssuerAnswer]:
        """What so many hosts have said. Raises what asking has raised."""
        answers = dict[str, IssuerAnswer]()
        try:
            for _ in range(hosts):
                part = self._done.get()
                if isinstance(part, BaseException):
                    raise part  # noqa: TRY301 - what a thread has raised, where it is awaited
                answers.update(part)
        except BaseException:
            self._stop.set()  # no thread begins another question
            raise
        return answers

    def _asked(self, these: _ForHost) -> _Part:
        answers, silent = _Part(), 0
        for name, question in these:
            if silent == _MOST_SILENT:
                answers.append((name, _SILENT))
                continue
            over = self._stop.is_set() or self._clock() > self._until
            answer = _OVER if over else question.ask()
            silent = silent + 1 if answer.silent else 0
            answers.append((name, answer))
        return answers
