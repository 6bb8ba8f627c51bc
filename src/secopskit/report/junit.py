"""JUnit XML, as test reports of CI systems read it: one failed test case a finding."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET  # writes only; no XML is parsed here

from secopskit.findings import Finding, ScanResult
from secopskit.report.facts.clean import Clean, clean_words, cleanness
from secopskit.report.facts.exposure import exposure, since, until
from secopskit.report.facts.live import noted
from secopskit.report.facts.summary import asides, by_suppression, what_was_read
from secopskit.report.interface import RenderOptions, Reporter
from secopskit.report.text import in_a_file, place, role_words, visible


class JunitReporter:
    """One test suite. A clean scan is one passed test case; a skipped one where not all was looked at."""

    name = "junit"
    complete = True

    def render(self, result: ScanResult, options: RenderOptions) -> str:
        """The whole report. `visible` leaves no character that XML forbids."""
        suppressed = result.suppressed if options.show_suppressed else ()
        cases = len(result.findings) + len(suppressed) or 1
        unsure = not result.findings and not suppressed and cleanness(result) is not Clean.WHOLLY
        counts = {
            "tests": str(cases),
            "failures": str(len(result.findings)),
            "errors": "0",
            "skipped": str(len(suppressed) + unsure),
            "time": f"{result.stats.seconds:.3f}",
        }
        root = ET.Element("testsuites", {"name": "secops", **counts})
        suite = ET.SubElement(root, "testsuite", {"name": visible(result.target), **counts})
        _properties(suite, result)
        for finding in result.findings:
            _failure(_case(suite, finding), finding)
        for item in suppressed:
            message = f"{item.by.value}: {item.reason}" if item.reason else item.by.value
            ET.SubElement(_case(suite, item.finding), "skipped", {"message": visible(message)})
        if not result.findings and not suppressed:
            _clean(suite, result)
        ET.SubElement(suite, "system-out").text = "\n".join([what_was_read(result.stats), *asides(result)])
        ET.indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _clean(suite: ET.Element, result: ScanResult) -> None:
    """The one case of a scan without findings: passed only where all was looked at that was asked for."""
    worth = cleanness(result)
    name = "no secrets found" if worth is Clean.WHOLLY else clean_words(result)
    case = ET.SubElement(suite, "testcase", {"classname": "secops", "name": name, "time": "0"})
    if worth is not Clean.WHOLLY:
        ET.SubElement(case, "skipped", {"message": "; ".join(asides(result)) or "nothing was read"})


def _properties(suite: ET.Element, result: ScanResult) -> None:
    """How many findings each kind of suppression kept out, where there were any."""
    if counts := by_suppression(result):
        properties = ET.SubElement(suite, "properties")
        for kind, number in counts.items():
            ET.SubElement(properties, "property", {"name": f"suppressed: {kind}", "value": str(number)})


def _case(suite: ET.Element, finding: Finding) -> ET.Element:
    where = place(finding.locations[0]) if finding.locations else "(no place)"
    attributes = {
        "classname": f"secops.{visible(finding.rule_id)}",
        "name": f"{visible(finding.title)} in {where} [{visible(finding.id)}]",
        "time": "0",
    }
    if finding.locations and in_a_file(finding.locations[0]):
        attributes |= {
            "file": visible(finding.locations[0].path),
            "line": str(finding.locations[0].line),
        }
    return ET.SubElement(suite, "testcase", attributes)


def _failure(case: ET.Element, finding: Finding) -> None:
    message = f"{finding.severity.label}: {visible(finding.title)} {visible(finding.preview)}"
    failure = ET.SubElement(case, "failure", {"type": finding.severity.label, "message": message})
    roles = ((place(one), role_words(one)) for one in finding.locations)
    lines = [f"{where} ({words})" if words else where for where, words in roles]
    lines.append(visible(noted(finding)))
    if known := exposure(finding):
        lines += [f"since {since(known)}", until(known)]
    lines.append(visible(finding.remediation))
    failure.text = "\n".join(line for line in lines if line)


REPORTER: Final[Reporter] = JunitReporter()
