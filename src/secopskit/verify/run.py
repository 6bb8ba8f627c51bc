"""Many questions: those of one host one after the other, those of several at the same time, and an end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final, TypeAlias

from secopskit.findings import VerificationState
from secopskit.verify.ask import PreparedQuestion
from secopskit.verify.model import IssuerAnswer

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
    by_host: dict[str, list[tuple[str, PreparedQuestion]]] = {}
    for name, question in questions.items():
        by_host.setdefault(question.host, []).append((name, question))
    if not by_host:
        return {}
    until, stop = clock() + _LONGEST_S, Event()

    def asked(these: Sequence[tuple[str, PreparedQuestion]]) -> _Part:
        answers, silent = _Part(), 0
        for name, question in these:
            if silent == _MOST_SILENT:
                answers.append((name, _SILENT))
                continue
            answer = _OVER if stop.is_set() or clock() > until else question.ask()
            silent = silent + 1 if answer.silent else 0
            answers.append((name, answer))
        return answers

    waiting, done = SimpleQueue[list[tuple[str, PreparedQuestion]]](), SimpleQueue[_Part | BaseException]()
    for these in by_host.values():
        waiting.put(these)

    def work() -> None:
        while True:
            try:
                done.put(asked(waiting.get_nowait()))
            except Empty:
                return
            except BaseException as error:  # noqa: BLE001 - raised where the answers are awaited
                done.put(error)

    # Threads that hold up no exit: who interrupts the program does not wait for the answer of a slow host.
    for number in range(min(_HOSTS_AT_ONCE, len(by_host))):
        Thread(target=work, name=f"verify-{number}", daemon=True).start()
    answers = dict[str, IssuerAnswer]()
    try:
        for _ in by_host:
            answers.update(_answered(done.get()))
    except BaseException:
        stop.set()  # no thread begins another question
        raise
    return {name: answers[name] for these in by_host.values() for name, _ in these}


def _answered(part: _Part | BaseException) -> _Part:
    if isinstance(part, BaseException):
        raise part
    return part
