"""Documents and code are read near the signs of commands and calls; nothing is lost by it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secopskit.detect import structure
from secopskit.detect.structure import FormatDetector
from secopskit.findings import Blob, Match, Span
from secopskit.scan.content.detectors import DetectorOptions, Detectors
from secopskit.scan.content.near_signs import near, stretched, without_encoded
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


@given(
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=80),
    lines=st.lists(st.integers(0, 79), max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_a_part_has_the_lines_around_each_of_its_signs(lengths: list[int], lines: list[int]) -> None:
    text = b"\n".join(b"x" * length for length in lengths)
    starts = [sum(lengths[:number]) + number for number in range(len(lengths))]
    signs = sorted({line % len(lengths) for line in lines if lengths[line % len(lengths)]})
    expected = list[list[int]]()
    for line in signs:
        first, last = max(line - 6, 0), min(line + 8, len(lengths) - 1)
        if expected and first <= expected[-1][1]:
            expected[-1][1] = last
        else:
            expected.append([first, last])
    spans = [Span(starts[first], starts[last] + lengths[last]) for first, last in expected]
    assert list(near(text, [starts[line] + 1 for line in signs])) == spans


def test_parts_stretch_over_what_they_touch() -> None:
    wholes = [Span(0, 4), Span(10, 30), Span(28, 40), Span(60, 70)]
    assert list(stretched([Span(15, 20), Span(35, 50), Span(80, 90)], wholes)) == [Span(10, 50), Span(80, 90)]
    assert list(stretched([], wholes)) == []


@pytest.mark.parametrize("path", ["tool", "tool.sh"])
@pytest.mark.parametrize(
    "text",
    [
        "psql -p{} \nexport API_TOKEN={}\n",
        "cat > app.ini <<END\n[mail]\n" + "retries = 3\n" * 20 + "password = {}\nEND\n",
        'psql -c "INSERT INTO t (login, password) VALUES\n' + "('a', null),\n" * 20 + "('b', '{}')\"\n",
        "psql <<-X; true\nUPDATE t SET\n"
        + "a = 1,\n" * 20
        + "password = '{}',\n"
        + "b = 2,\n" * 20
        + "c = 3;\n",
    ],
)
def test_scripts_hold_in_parts_what_they_hold_as_a_whole(path: str, text: str) -> None:
    detectors = Detectors.open(DetectorOptions(cache=str(rules_cache())))
    value = "Vx9" + alnum(18)
    data = ("#!/bin/sh\n" + PROSE + text.replace("{}", value) + PROSE).encode()
    shell = next(row for row in structure.DETECTORS if row.name == "shell")
    whole = {(match.rule_id, match.secret) for match in shell.detect(Blob(path, data))}
    assert whole
    assert whole <= {(found.rule_id, found.secret) for found in detectors.examine(Blob(path, data))}


@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/usr/bin/env python", "#!/usr/bin/perl"])
@pytest.mark.parametrize("path", ["tool", "tool.py", "tool.sh"])
def test_what_versions_of_a_script_share_is_read_once(
    first: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    detectors = Detectors.open(DetectorOptions(cache=str(rules_cache())))
    whole_detect, read = FormatDetector.detect, list[int]()

    def detect(self: FormatDetector, blob: Blob) -> Iterator[Match]:
        read.append(len(blob.data))
        return whole_detect(self, blob)

    monkeypatch.setattr(FormatDetector, "detect", detect)
    parts = [f"{PROSE}mysql -u root -p$PASSWORD shop {number}\n" for number in range(30)]
    for changed in range(30):
        versions = [part if number != changed else part + "again\n" for number, part in enumerate(parts)]
        list(detectors.examine(Blob(path, (first + "\n" + "".join(versions)).encode())))
    assert sum(read) < 5 * len("".join(parts))


BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\"
PICTURE = base64.b64encode(bytes(range(256)) * 60).decode()


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                PICTURE,
                PICTURE[:4100],
                PICTURE[:3000],
                "\n",
                ' "image/png": "',
                '",\n',
                "mysql -u root -p{} shop\n",
                "password={}&",
                "x",
            ]
        ),
        max_size=12,
    )
)
@settings(max_examples=200, deadline=None)
def test_only_the_inner_of_a_run_is_left_out(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    whole = Span(0, len(data))
    parts = list(without_encoded(data, [whole]))
    assert (parts[0].start, parts[-1].end) == whole
    for one, other in pairwise(parts):
        gap = data[one.end - 1024 : other.start + 1024]
        assert len(gap) >= 4096
        assert not gap.strip(BASE64)
        assert one.end < other.start
    longest = max((len(run) for run in re.findall(rb"[A-Za-z0-9+/=\\]+", data)), default=0)
    assert (len(parts) > 1) == (longest >= 4096 and len(data) > 8192)


@pytest.mark.parametrize("engine", ["auto", "re"])
def test_a_command_beside_a_picture_is_found(engine: str) -> None:
    detectors = Detectors.open(DetectorOptions(engine=engine, cache=str(rules_cache())))
    value = alnum(18)
    command = "mysql -u root -p{} shop".format(value)  # noqa: UP032 - our own scan takes an f-string for one
    for text in (f"{PICTURE} {command}", f"{command} {PICTURE}"):
        data = f'{{"image/png": "{PICTURE}", "text": "{text}"}}\n'.encode()
        found = [one for one in detectors.examine(Blob("a.ipynb", data)) if one.secret]
        assert SecretValue(value.encode()) in [one.secret for one in found]
        (one,) = (one for one in found if one.secret == SecretValue(value.encode()))
        assert data[one.column - 1 :].startswith(value.encode())


def test_of_a_picture_the_detectors_of_commands_see_the_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = list[int]()
    found = FormatDetector.detect

    def detect(self: FormatDetector, blob: Blob) -> Iterator[Match]:
        seen.append(len(blob.data))
        return found(self, blob)

    monkeypatch.setattr(FormatDetector, "detect", detect)
    detectors = Detectors.open(DetectorOptions(cache=str(rules_cache())))
    command = "mysql -u root -p{} shop".format(alnum(18))  # noqa: UP032 - as above
    data = f'<img src="{PICTURE}"> <code>{command}</code>\n'.encode()
    assert list(detectors.examine(Blob("a.html", data)))
    assert 0 < sum(seen) < len(data) / 2
