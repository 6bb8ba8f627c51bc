"""Documents and code are read near the signs of commands and calls; nothing is lost by it."""

from __future__ import annotations

import pytest

from secopskit.findings import Blob
from secopskit.scan.detectors import DetectorOptions, Detectors, near
from secopskit.secret import SecretValue
from support.cli import rules_cache
from support.values import alnum

PROSE = "Nothing of note stands here.\n" * 40


@pytest.mark.parametrize("engine", ["auto", "re"])
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("notes.md", "$ mysql -u root -p{} shop\n"),
        ("notes.md", "$ curl \\\n  -sS \\\n  -X POST \\\n  -u bot:{} \\\n  https://acme.test\n"),
        ("a.py", "r = get(\n    url,\n    auth=(\n        'bot',\n        '{}',\n    ),\n)\n"),
        ("A.java", 'c = DriverManager.getConnection(\n    url,\n    "shop",\n    "{}"\n);\n'),
    ],
)
def test_a_value_is_found_at_its_place_wherever_it_stands(engine: str, path: str, text: str) -> None:
    detectors = Detectors.open(DetectorOptions(engine=engine, cache=str(rules_cache())))
    for before in ("", PROSE, PROSE + text.format(alnum(16)) + PROSE):
        value = alnum(18)
        data = (before + text.format(value) + PROSE).encode()
        secret = SecretValue(value.encode())
        found = [one for one in detectors.examine(Blob(path, data)) if one.secret == secret]
        line = data[: data.index(value.encode())].count(b"\n") + 1
        assert [one.line for one in found] == [line]


def test_lines_near_signs_are_read_once() -> None:
    data = b"".join(b"%03d\n" % number for number in range(100))
    ends = [3 + 4 * line for line in (0, 1, 50, 53, 99)]
    spans = list(near(data, ends))
    assert [(span.start // 4, span.end // 4) for span in spans] == [(0, 9), (44, 61), (93, 100)]
    assert list(near(data, [])) == []
    assert list(near(b"one line", [3])) == [(0, 8)]
