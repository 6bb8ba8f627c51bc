"""Values and tokens stay where they belong, whatever goes wrong: in no log, no error, no repr, no address."""

from __future__ import annotations

import base64
import logging
import traceback
import urllib.parse
from collections.abc import Callable, Iterator

import pytest

from secopskit.errors import SecopsError
from secopskit.secret import SecretValue
from secopskit.sink.interface import EntryKind, Sink
from support.github import faults, plans
from support.github.connected import Connection
from support.github.server import ContractServer
from support.values import alnum

REPO = "acme/shop"


class Records(logging.Handler):
    """Everything that anybody logs, at whatever level, with its arguments."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts += [record.getMessage(), repr(record.args), repr(record.__dict__)]


@pytest.fixture
def records() -> Iterator[Records]:
    """A log of everything: the root's level, and those of all loggers there are, are lowered to DEBUG."""
    handler, root = Records(), logging.getLogger()
    loggers = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for each, level in zip(loggers, levels, strict=True):
        each.setLevel(level)


class Canaries:
    """Values that are looked for, in each of the spellings in which they travel."""

    def __init__(self, token: str) -> None:
        self.values = [alnum(40) for _ in range(4)]
        self._spelt = [form for text in (*self.values, token) for form in _forms(text)]

    def seen_in(self, *texts: str) -> list[str]:
        return [form[:6] for form in self._spelt for text in texts if form in text]


def _forms(text: str) -> tuple[str, ...]:
    encoded = base64.b64encode(text.encode()).decode()
    return text, text[8:], encoded[:-4], urllib.parse.quote(text + "/").removesuffix("/"), text.encode().hex()


def told_of(error: BaseException) -> list[str]:
    """All that an error shows of itself and of the errors behind it."""
    texts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return [*texts, "".join(traceback.format_exception(error))]


def put_all(server: ContractServer, sink: Sink, canaries: Canaries) -> list[str]:
    """Write the values, and give what the errors on the way say."""
    texts = []
    for number, value in enumerate(canaries.values):
        try:
            sink.put(f"NAME_{number}", SecretValue(value.encode()))
        except SecopsError as error:
            texts += [*told_of(error), error.advice]
            server.clock.advance(3600)
    return texts


STAYING: dict[str, Callable[[str], faults.Fault]] = {
    "401": lambda _: faults.unauthorised(),
    "403": lambda _: faults.forbidden(),
    "404": lambda _: faults.missing(),
    "409": lambda _: faults.conflicting(),
    "422": lambda _: faults.stale_key(),
    "500": lambda _: faults.failing(),
    "limit": lambda _: faults.secondary_limit(),
    "dropped": lambda _: faults.dropped(),
    "garbled": lambda _: faults.garbled(),
    "redirect": lambda value: faults.redirected(f"http://localhost:9/{value}"),
    # A server that quotes what it was sent.
    "quoted": lambda value: faults.answered(422, f"value is not valid: {value}"),
    "quoted 403": lambda value: faults.answered(
        403, value, {"X-Accepted-GitHub-Permissions": value, "X-GitHub-SSO": f"required; url={value}"}
    ),
    "quoted reason": lambda value: faults.answered(500, value, {"Retry-After": value}),
}


@pytest.mark.parametrize("kind", [EntryKind.SECRET, EntryKind.VARIABLE], ids=lambda kind: kind.value)
@pytest.mark.parametrize("name", STAYING)
def test_what_stays_wrong_shows_no_value(
    github: ContractServer, records: Records, name: str, kind: EntryKind
) -> None:
    github.world.repository(REPO)
    connection = Connection(github)
    canaries = Canaries(connection.token)
    sink = connection.sink(holds=kind)
    for method in ("PUT", "PATCH", "POST"):
        github.faults.add(STAYING[name](canaries.values[0]), method=method, nth=None)
    texts = put_all(github, sink, canaries)
    shown = [repr(sink), str(sink), sink.address, repr(connection.client), repr(vars(connection.client))]
    assert canaries.seen_in(*texts, *records.texts, *shown) == []
    assert texts


@pytest.mark.parametrize("plan", plans.PASSING, ids=str)
def test_what_passes_shows_no_value(github: ContractServer, records: Records, plan: plans.FaultPlan) -> None:
    github.world.repository(REPO)
    connection = Connection(github)
    canaries = Canaries(connection.token)
    plan.inject(github)
    assert put_all(github, connection.sink(), canaries) == []
    assert canaries.seen_in(*records.texts) == []
    assert canaries.seen_in(*(each.path + each.query for each in github.log)) == []


def test_the_search_would_find_them(records: Records) -> None:
    canaries = Canaries(alnum(40))
    logging.getLogger("github.Requester").debug("PUT %s", {"value": canaries.values[0]})
    try:
        raise ValueError(canaries.values[1])
    except ValueError as error:
        texts = told_of(error)
    assert canaries.seen_in(*records.texts)
    assert canaries.seen_in(*texts)
