"""GitLab's secret detection report, which merge requests and the vulnerability report show.

Schema: https://gitlab.com/gitlab-org/security-products/security-report-schemas, version 15.0.7, which every
GitLab from 15.9 on takes. ASCII only, as the JSON format is.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from secopskit import __version__
from secopskit.findings import Finding, Location, ScanResult
from secopskit.report.facts.exposure import presence_words
from secopskit.report.facts.live import live_counts, noted
from secopskit.report.facts.summary import by_reason, phrase, suppressed_words, tests_words
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.markup import code, sentence
from secopskit.report.text import encodable, in_a_file, path_name, role_words, visible

SCHEMA_VERSION: Final = "15.0.7"
_SCHEMA: Final = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/"
    f"v{SCHEMA_VERSION}/dist/secret-detection-report-format.json"
)
_TOOL: Final = {"id": "secops", "name": "secops", "version": __version__, "vendor": {"name": "secops"}}
# A commit is asked for where there is none: GitLab's own analyzer writes this for files without history.
_NO_COMMIT: Final = "0000000"
_NAME_MOST: Final = 255
_SOLUTION_MOST: Final = 7000
_UNKNOWN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_Report = dict[str, Any]


class GitlabReporter:
    """A vulnerability a place; what was not scanned or held back as messages of the scan."""

    name = "gitlab"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report."""
        head = json.dumps(_head(result, options.ended), indent=2, allow_nan=False).removesuffix("\n}")
        # Without indentation the encoder is several times as fast; a line each can still be read.
        rows = ",\n".join(f"    {json.dumps(one)}" for found in result.findings for one in _each(found))
        return f'{head},\n  "vulnerabilities": [\n{rows}\n  ]\n}}\n'


def _head(result: ScanResult, ended: datetime | None) -> _Report:
    end = ended.astimezone(UTC) if ended else _UNKNOWN
    return {
        "version": SCHEMA_VERSION,
        "schema": _SCHEMA,
        "scan": {
            "analyzer": _TOOL,
            "scanner": _TOOL,
            "type": "secret_detection",
            "start_time": _time(end - timedelta(seconds=result.stats.seconds)),
            "end_time": _time(end),
            "status": "success",
            "messages": list(_messages(result)),
        },
    }


def _time(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}"


def _messages(result: ScanResult) -> Iterator[_Report]:
    for limit in result.limits:
        yield {"level": "warn", "value": f"not seen: {visible(limit)}"}
    if result.skipped:
        yield {"level": "warn", "value": f"not scanned: {phrase(by_reason(result))}"}
    if asked := live_counts(result):
        yield {"level": "info", "value": f"asked their issuers: {asked}"}
    if held := suppressed_words(result):
        yield {"level": "info", "value": f"suppressed: {held}"}
    if tests := tests_words(result):
        yield {"level": "info", "value": tests}


def _each(finding: Finding) -> Iterator[_Report]:
    """The vulnerabilities of a finding: what is told of the value, with one place after another."""
    rule = visible(finding.rule_id)
    addresses = [one for one in finding.references if one.startswith(("https://", "http://"))]
    common = {
        "name": visible(finding.title)[:_NAME_MOST],
        "severity": finding.severity.label.capitalize(),
        "solution": sentence(finding.remediation)[:_SOLUTION_MOST],
        "identifiers": [{"type": "secops_rule_id", "name": f"secops rule {rule}", "value": rule}],
        "links": [{"url": visible(address)} for address in addresses],
    }
    about = [code(text) for text in (finding.preview, noted(finding)) if text]
    about.append(f"{finding.confidence.label} confidence")
    for location in finding.locations:
        when = [presence_words(location.provenance)] if location.provenance else []
        when += [words] if (words := role_words(location)) else []
        where = [] if in_a_file(location) else [f"in {code(path_name(location))}"]
        yield {
            "id": _id(finding, location),
            **common,
            "description": ", ".join([*about, *when, *where]),
            "location": _location(location),
        }


def _id(finding: Finding, location: Location) -> str:
    """The same for the same place of the same value in every run of this clone."""
    known = location.provenance
    names = (
        finding.id,
        location.path,
        str(location.line),
        str(location.column),
        known.commit if known else "",
    )
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def _location(location: Location) -> _Report:
    known = location.provenance
    commit = {"sha": visible(known.commit) if known and known.commit else _NO_COMMIT}
    if known and known.commit:
        commit |= {"author": visible(known.author), "date": visible(known.date)}
    lines = {"start_line": location.line, "end_line": location.end_line, "commit": commit}
    return {"file": encodable(location.path), **lines} if in_a_file(location) else lines


REPORTER: Final[Reporter] = GitlabReporter()
