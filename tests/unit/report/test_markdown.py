"""Markdown for comments: it says it all, fits, and no name from the repository means anything in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from secopskit.findings import ScanResult, Severity
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from secopskit.report.markup import element_text, prose
from support.report_samples import GONE, clean_result, finding, place, rich_result

_HOSTILE = (
    "a|b `c` <img src=x> @team #123 [x](https://evil.example) **b**.py",
    "``` ``fence`` ```",
    "`",
    "</details><details open>",
    "| --- |\n# Title",
)


def markdown(result: ScanResult, options: RenderOptions | None = None) -> str:
    return load("md").render(result, options or RenderOptions())


def tokens(text: str) -> Iterator[Token]:
    """All tokens, as GitHub's and GitLab's dialect has them."""
    for token in MarkdownIt().enable("table").parse(text):
        yield token
        yield from token.children or ()


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_name_is_code_and_nothing_else(name: str) -> None:
    one = finding(
        "a|rule`<b>@team #123",
        Severity.HIGH,
        place(name, 1, GONE._replace(author=name, last_date=name)),
        title=name,
        note=name,
        preview=name,
        remediation=f"Read this. {name}",
    )
    found = list(tokens(markdown(ScanResult(target=name, findings=(one,), limits=(name,)))))
    kinds = {token.type for token in found}
    assert not {"link_open", "image", "strong_open", "fence", "code_block"} & kinds
    assert [token.tag for token in found if token.type == "heading_open"] == ["h2"]
    rows = [token for token in found if token.type == "td_open"]
    assert len(rows) == 6  # one row of six cells: no name made another
    for html in (token.content for token in found if token.type in {"html_block", "html_inline"}):
        left = html.replace("<!-- -->", "").replace("&lt;", "").replace("&gt;", "")
        assert left.count("<") <= 3
        assert "<img" not in left
        assert "open>" not in left
    for token in found:
        if token.type in {"text", "html_block"}:
            assert "@team" not in token.content
            assert "#123" not in token.content


def test_signs_that_hosts_read_are_parted_from_the_name() -> None:
    assert prose("@team #1") == "@<!-- -->team \\#<!-- -->1"
    assert element_text("<b> @team #1 &'") == "&lt;b&gt; @<!-- -->team #<!-- -->1 &amp;&#x27;"


def test_it_says_what_where_and_what_to_do() -> None:
    text = markdown(rich_result())
    assert text.startswith("## secops: 7 findings in `history of /srv/app`\n\n2 critical, 2 high")
    assert "; 4 still there, 3 only in history." in text
    assert "| critical | Github pat | `github-pat` | 1 | 1 | 4 |" in text
    assert "<summary>critical: Github pat (1 finding in 4 places, 1 still there)</summary>" in text
    assert "- `src/app/config.py:12:8`, `" in text
    assert "- `deploy/.env:7:8`, the same value, only in history in 2222222222 2024-01-20" in text
    assert "1. Rotate each secret" in text
    assert "- suppressed: baseline (1), inline comment (1)" in text


def test_clean_is_short_and_says_what_was_read() -> None:
    text = markdown(clean_result())
    assert text == "## secops: no secrets in `the staged changes`\n\n- read: 11 blobs, 47.1 KiB, in 0.02 s\n"


def test_with_a_limit_it_fits_a_comment_whatever_the_names() -> None:
    findings = tuple(
        finding(f"rule-{number % 7}", Severity.HIGH, place(f"{number}/{'deep/' * 500}x.py"))._replace(
            id=f"{number:012x}"
        )
        for number in range(300)
    )
    text = markdown(ScanResult(target="x", findings=findings), RenderOptions(limit=100))
    assert len(text) <= 65_536
    assert "more findings that `--limit 0` shows" in text
    assert text.count("x.py:12:8") > 7
    assert markdown(ScanResult(target="x", findings=findings)).count("x.py:12:8") == 300
