"""Files with thousands of findings, or of documents: each costs the same, however long the file is."""

from __future__ import annotations

from functools import cache
from itertools import count

import pytest

from secopskit.findings import Blob
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from secopskit.scan.content.occurrence import Occurrence
from support.cli import rules_cache
from support.effort import costs_little
from support.values import alnum, github_token

VALUE = alnum(14)
RULE = """\
  - id: r{}
    title: A
    severity: high
    confidence: high
    pattern: 'x'
    examples: ['password={}']
    negative_examples: ['a']
    remediation: A
"""


@cache
def detectors() -> Detectors:
    return Detectors.open(DetectorOptions(cache=str(rules_cache())))


def found(path: str, text: str) -> list[Occurrence]:
    return list(detectors().examine(Blob(path=path, data=text.encode())))


# A search of the whole file for each of them takes ten times as long.
@pytest.mark.parametrize(
    ("path", "line", "number"),
    [
        ("a.txt", f"password={VALUE}\n", 20_000),
        ("a.txt", f"{github_token()}\n", 12_000),
        ("a.log", f"https://app:{VALUE}@db.acme.io/\n", 12_000),
    ],
    ids=["password", "token", "URL"],
)
def test_many_findings(path: str, line: str, number: int) -> None:
    found(path, line)
    assert len(costs_little(lambda: found(path, line * number), 3)) == number


@pytest.mark.parametrize(
    ("path", "document"), [("a.json", '{"level": "info", "n": 1}\n'), ("a.yml", "---\nlevel: info\n")]
)
def test_many_documents(path: str, document: str) -> None:
    text = f'{{"password": "{VALUE}"}}\n' + document * 30_000
    found(path, text[:1000])
    assert [one.line for one in costs_little(lambda: found(path, text), 5)] == [1]


def test_many_examples_of_rules() -> None:
    numbers = count()
    text = "rules:\n" + "".join(RULE.format(next(numbers), VALUE) for _ in range(1500))
    found("a.txt", text[:1000])
    assert len(costs_little(lambda: found("a.txt", text), 5)) == 1500
