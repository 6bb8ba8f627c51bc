"""The HTML page: self-contained, inert, and alive where it should be (in headless Chromium)."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from secopskit.findings import ScanResult, Severity
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from support.report_samples import GONE, clean_result, commit, finding, place, rich_result, work_tree_result

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on PATH")


def page(result: ScanResult) -> str:
    return load("html").render(result, RenderOptions(show_suppressed=True))


class Outline(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]


@pytest.mark.parametrize("result", [rich_result(), clean_result(), work_tree_result()])
def test_nothing_is_loaded_and_nothing_injected(result: ScanResult) -> None:
    outline = Outline(page(result))
    assert outline.tags.count("script") == 1
    assert not {"img", "link", "iframe", "object", "embed", "form", "base"} & set(outline.tags)
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name in {"src", "style"}]
    links = [value for name, value in outline.attributes if name == "href"]
    assert all(value.startswith("https://") or value[1:] in outline.ids for value in links)
    assert len(set(outline.ids)) == len(outline.ids)


def test_the_policy_lets_only_our_own_style_and_script_run() -> None:
    text = page(rich_result())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; ")
    assert "unsafe" not in policy[1]
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]


def test_every_place_is_on_the_page() -> None:
    text = page(rich_result())
    assert text.count('<tbody id="f-') == len(rich_result().findings)
    assert "deploy/.env:7:8" in text
    assert "docs/a.md:12:8" in text


def test_timeline_shows_who_is_still_there() -> None:
    text = page(rich_result())
    assert text.count("<rect") == 2  # of four findings in history two have no usable date
    assert "292 days" in text
    assert "<svg" not in page(work_tree_result())


def test_timeline_rows_name_their_places_and_reach_to_the_end_of_the_scan() -> None:
    ended = datetime(2026, 5, 1, tzinfo=UTC)
    text = load("html").render(rich_result(), RenderOptions(ended=ended))
    rows = re.findall(
        r'<span class="where"><bdi>([^<]*)</bdi></span>.*?<rect class="([^"]*)" x="([\d.]+)%"', text
    )
    assert [row[:2] for row in rows] == [
        ("src/app/config.py:12:8", "bar"),
        ("docker-compose.yml:31:8", "bar gone"),
    ]
    assert 0 <= float(rows[0][2]) < float(rows[1][2]) < 100
    assert "The right edge is the end of this scan, 2026-05-01." in text
    assert "the youngest date known, 2026-03-01." in page(rich_result())


def test_advice_stands_once_and_its_backticks_are_code() -> None:
    findings = tuple(
        finding("rule", Severity.HIGH, place(f"{number}.py"), remediation="Run `git rm <x>` now.")._replace(
            id=f"{number:012x}"
        )
        for number in range(9)
    )
    text = page(ScanResult(target="x", findings=findings, limits=("Run `git fetch`.",)))
    assert text.count("Run <code>git rm &lt;x&gt;</code> now.") == 1
    assert text.count('<a class="fix" href="#r-0">') == 9
    body = re.sub(r"<(style|script)>.*?</\1>", "", text, flags=re.DOTALL)
    assert "`" not in body


def test_a_report_of_thousands_stays_small() -> None:
    def text(number: int) -> str:
        found = tuple(
            finding("rule", Severity.HIGH, place(f"src/module_{n}.py", 1, GONE))._replace(id=f"{n:012x}")
            for n in range(number)
        )
        return page(ScanResult(target="x", findings=found))

    assert (len(text(1100)) - len(text(100))) / 1000 < 1300


@pytest.mark.parametrize(
    ("date", "last"),
    [
        ("2024-05-05T00:00:00+00:00", "2024-05-05T00:00:00+00:00"),
        ("2024-05-05T00:00:00+00:00", "2024-05-20T00:00:00+00:00"),
        ("2024-01-31T00:00:00+00:00", "2025-03-01T00:00:00+00:00"),
        ("1991-01-31T00:00:00+00:00", "2099-03-01T00:00:00+00:00"),
        ("2024-05-05T00:00:00+00:00", "2023-05-05T00:00:00+00:00"),
    ],
)
def test_timeline_of_any_span_has_few_dates(date: str, last: str) -> None:
    one = finding("rule", Severity.HIGH, place("x", 1, commit("1", date, last)))
    text = page(ScanResult(target="x", findings=(one,)))
    assert 1 <= text.count('text-anchor="') <= 12
    assert text.count("<rect") == 1


def dump(tmp_path: Path, fragment: str = "", result: ScanResult | None = None) -> str:
    """The page after its script ran, as the browser has it."""
    assert BROWSER is not None
    file = tmp_path / "report.html"
    file.write_text(page(result or rich_result()), encoding="utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"{file.as_uri()}{fragment}"]
    run = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return run.stdout.decode()


def shown(dom: str) -> list[str]:
    """The rules of the findings that are not hidden, in their order."""
    bodies = re.findall(r'<tbody id="f-[^"]*"([^>]*)>(.*?)</tr>', dom, re.DOTALL)
    rules = [
        re.search(r'under mono">\S+\s+([\w-]+)<', head)
        for attributes, head in bodies
        if "hidden" not in attributes
    ]
    return [match[1] for match in rules if match]


@needs_browser
def test_browser_runs_our_script_and_no_other(tmp_path: Path) -> None:
    dom = dump(tmp_path)
    assert "<title>secops: 7 findings in history of /srv/app</title>" in dom
    assert '<html lang="en" class="js">' in dom
    assert "7 of 7 shown" in dom
    assert len(shown(dom)) == 7
    assert dom.count('<tr class="body" hidden="">') == 7


@needs_browser
@pytest.mark.parametrize(
    ("fragment", "rules"),
    [
        ("#q=ADA+production", ["github-pat"]),
        ("#q=%3Cscript%3E", ["slack-webhook"]),
        ("#q=password&severity=medium", ["weak-password"]),
        ("#q=nowhere-at-all", []),
        ("#rule=weak-password&now=yes", ["weak-password"]),
        ("#now=yes&severity=critical", ["github-pat"]),
        ("#now=no", ["postgres-password", "slack-webhook", "stash-token"]),
        ("#q=password&sort=1d", ["weak-password", "postgres-password"]),
    ],
)
def test_browser_filters_and_sorts(tmp_path: Path, fragment: str, rules: list[str]) -> None:
    dom = dump(tmp_path, fragment)
    assert shown(dom) == rules
    assert f"{len(rules)} of 7 shown" in dom


@needs_browser
def test_browser_unfolds_the_finding_of_a_link(tmp_path: Path) -> None:
    dom = dump(tmp_path, f"#f-{rich_result().findings[1].id}")
    assert dom.count('<tr class="body" hidden="">') == 6
    assert dom.count('<a class="fix"') == 5  # one has no advice; of the open one it stands in its place


@needs_browser
def test_browser_shows_the_first_hundreds_of_thousands(tmp_path: Path) -> None:
    found = tuple(
        finding("rule", Severity.HIGH, place(f"{number}.py"))._replace(id=f"{number:012x}")
        for number in range(250)
    )
    dom = dump(tmp_path, result=ScanResult(target="x", findings=found))
    assert "200 of 250 found shown" in dom
    assert "Show 50 more of 50" in dom
    assert len(shown(dom)) == 200
