"""The report that GitLab ingests, held against what its published schema asks for.

What is checked here are facts of secret-detection-report-format.json of
https://gitlab.com/gitlab-org/security-products/security-report-schemas: which members are required, which
values they may have. A report that breaks one of them is not ingested at all.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from secopskit.findings import ScanResult, Severity
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from support.report_samples import clean_result, finding, place, rich_result, work_tree_result

_ENDED = datetime(2026, 5, 4, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


def report(result: ScanResult, ended: datetime | None = _ENDED) -> dict[str, Any]:
    text = load("gitlab").render(result, RenderOptions(ended=ended))
    assert text.isascii()
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _tool(tool: dict[str, Any]) -> None:
    assert all(tool[name] for name in ("id", "name", "version"))
    assert tool["vendor"]["name"]


def _address(text: str) -> None:
    assert re.match(r"https?://.+", text)


@pytest.mark.parametrize("result", [rich_result(), clean_result(), work_tree_result(), ScanResult(target="")])
def test_it_has_what_the_schema_asks_for(result: ScanResult) -> None:
    document = report(result)
    assert re.fullmatch(r"15\.\d+\.\d+", document["version"])
    _address(document["schema"])
    scan = document["scan"]
    _tool(scan["analyzer"])
    _tool(scan["scanner"])
    assert (scan["type"], scan["status"]) == ("secret_detection", "success")
    assert _TIME.fullmatch(scan["start_time"])
    assert _TIME.fullmatch(scan["end_time"])
    assert all(one["level"] in {"info", "warn", "fatal"} and one["value"] for one in scan["messages"])
    for one in document["vulnerabilities"]:
        _vulnerability(one)
    ids = [one["id"] for one in document["vulnerabilities"]]
    assert len(ids) == len(set(ids)) == sum(len(each.locations) for each in result.findings)


def _vulnerability(one: dict[str, Any]) -> None:
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one["id"])
    assert len(one["name"]) <= 255
    assert len(one["description"]) <= 1048576
    assert len(one["solution"]) <= 7000
    assert one["severity"] in {"Info", "Unknown", "Low", "Medium", "High", "Critical"}
    assert one["identifiers"]
    for identifier in one["identifiers"]:
        assert all(identifier[name] for name in ("type", "name", "value"))
    for link in one["links"]:
        _address(link["url"])
    location = one["location"]
    assert location["commit"]["sha"]
    assert isinstance(location["start_line"], int)
    assert isinstance(location["end_line"], int)
    assert location.get("file", "a name") != ""
    assert "raw_source_code_extract" not in one  # it would be the value


def test_times_are_utc_and_as_long_as_the_scan() -> None:
    scan = report(rich_result()._replace(stats=rich_result().stats._replace(seconds=63.0)))["scan"]
    assert (scan["start_time"], scan["end_time"]) == ("2026-05-03T23:01:00", "2026-05-03T23:02:03")
    assert report(rich_result(), None)["scan"]["end_time"] == "1970-01-01T00:00:00"


def test_a_place_in_history_has_its_commit_and_one_in_a_tree_has_none() -> None:
    first = report(rich_result())["vulnerabilities"][0]
    assert first["location"] == {
        "file": "src/app/config.py",
        "start_line": 12,
        "end_line": 12,
        "commit": {"sha": "3" * 40, "author": "Ada Lovelace", "date": "2021-11-05T10:00:00-08:00"},
    }
    assert first["description"].endswith("`decoded from base64`, high confidence, still there")
    tree = report(work_tree_result())["vulnerabilities"][0]
    assert tree["location"]["commit"] == {"sha": "0000000"}


def test_what_was_left_out_are_messages_of_the_scan() -> None:
    levels = [(one["level"], one["value"].split(":")[0]) for one in report(rich_result())["scan"]["messages"]]
    assert levels == [("warn", "not seen"), ("warn", "not scanned"), ("info", "suppressed")]


def test_an_address_that_is_none_is_no_link_and_ids_are_stable() -> None:
    one = finding("rule", Severity.HIGH, place("a.py"), references=("javascript:x", "https://example.com/"))
    result = ScanResult(target="x", findings=(one,))
    (told,) = report(result)["vulnerabilities"]
    assert told["links"] == [{"url": "https://example.com/"}]
    assert told == report(result, None)["vulnerabilities"][0]
