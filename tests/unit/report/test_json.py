"""The JSON format against its published schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from secopskit.findings import ScanResult, Severity, SkipReason, SuppressedBy
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from support.cli import ROOT
from support.report_samples import CANARY, NOT_UTF8, clean_result, rich_result, work_tree_result

SCHEMA = json.loads((ROOT / "docs/schema/report-v1.schema.json").read_text("utf-8"))


def rendered(result: ScanResult) -> Any:
    return json.loads(load("json").render(result, RenderOptions()))


@pytest.mark.parametrize("result", [rich_result(), clean_result(), work_tree_result()])
def test_output_fits_the_schema(result: ScanResult) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(rendered(result))


def test_the_schema_is_strict() -> None:
    document = rendered(rich_result())
    document["findings"][0]["value"] = "x"
    assert not Draft202012Validator(SCHEMA).is_valid(document)
    document = rendered(rich_result())
    del document["findings"][0]["locations"][0]["author"]
    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_the_schema_knows_every_name() -> None:
    definitions = SCHEMA["$defs"]
    assert definitions["skipped"]["properties"]["reason"]["enum"] == [one.name.lower() for one in SkipReason]
    assert definitions["suppressed"]["properties"]["by"]["enum"] == [one.name.lower() for one in SuppressedBy]
    severities = [one.label for one in sorted(Severity, reverse=True)]
    assert definitions["finding"]["properties"]["severity"]["enum"] == severities


def test_nothing_is_lost() -> None:
    result, document = rich_result(), rendered(rich_result())
    assert [one["id"] for one in document["findings"]] == [one.id for one in result.findings]
    assert [len(one["locations"]) for one in document["findings"]] == [
        len(one.locations) for one in result.findings
    ]
    assert (len(document["skipped"]), len(document["suppressed"])) == (4, 2)
    assert document["stats"]["by_severity"] == {"critical": 2, "high": 2, "medium": 1, "low": 1, "info": 1}
    historic = document["findings"][0]["locations"][1]
    assert (historic["commit"], historic["last_commit"]) == ("1" * 40, "2" * 40)
    assert historic["present"] is False
    assert "commit" not in document["findings"][4]["locations"][0]


def test_names_that_are_no_utf8() -> None:
    text = load("json").render(rich_result(), RenderOptions())
    assert text.isascii()
    assert "caf\\\\xe9/\\\\xff.env" in text
    paths = [place["path"] for one in rendered(rich_result())["findings"] for place in one["locations"]]
    assert NOT_UTF8 not in paths
    assert "café/.env" in paths


def test_the_documented_example_fits_the_schema() -> None:
    page = (ROOT / "docs/report-json.md").read_text("utf-8")
    example = page.split("```json\n")[1].split("```")[0]
    Draft202012Validator(SCHEMA).validate(json.loads(example))
    assert CANARY.decode() not in page
