"""The report for a person at a terminal, and the brief one of the hook."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import secopskit.report
from secopskit.findings import ScanResult, Severity
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from secopskit.secret import SecretValue
from support.effort import costs_little
from support.report_samples import (
    CANARY,
    GONE,
    STILL_THERE,
    clean_result,
    finding,
    place,
    rich_result,
    work_tree_result,
)

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def console(result: ScanResult, options: RenderOptions | None = None) -> str:
    return load("console").render(result, options or RenderOptions())


def plain(result: ScanResult, options: RenderOptions | None = None) -> str:
    return load("plain").render(result, options or RenderOptions())


def heads(text: str) -> list[str]:
    """The severities of the groups, in their order."""
    return [line.split()[0] for line in text.splitlines() if re.match(r"[A-Z]+  \S", line)]


def test_the_worst_stands_last_beside_the_summary() -> None:
    text = console(rich_result())
    assert heads(text) == ["INFO", "LOW", "MEDIUM", "HIGH", "HIGH", "CRITICAL", "CRITICAL"]
    assert text.index("CRITICAL") < text.index("scanned ") < text.index("What to do next")


def test_a_place_is_a_line_and_says_whether_it_is_still_there() -> None:
    text = console(rich_result(), RenderOptions(width=120))
    assert "CRITICAL  Github pat  github-pat, 1 finding in 4 places, 1 still there\n  Revoke it at" in text
    there, gone = text.split("CRITICAL  Github pat")[1], text.split("CRITICAL  Postgres password")[1]
    lines = there.split("  still there\n")[1].splitlines()
    assert lines[0].startswith("    src/app/config.py:12:8  ")
    assert re.search(r"  since 2021-11-05 +decoded from base64$", lines[0])
    assert re.fullmatch(r"    docs/how to deploy.md:41:8 +same +since 2021-11-05", lines[1])
    assert re.fullmatch(r"    deploy/.env:7:8 +same +in 2222222222 2024-01-20", lines[3])
    assert "only in history\n    docker-compose.yml:31:8  " in gone
    assert "no commit reaches it" in text
    assert "found      2 critical, 2 high, 1 medium, 1 low, 1 info; 4 still there, 3 only in history" in text


def test_a_narrow_terminal_gets_two_lines_and_no_cut_word() -> None:
    lines = console(rich_result(), RenderOptions(width=60)).splitlines()
    row = lines.index("    src/app/config.py:12:8")
    assert lines[row + 1].endswith("since 2021-11-05  decoded from base64")


def test_the_advice_of_a_rule_is_told_once() -> None:
    findings = tuple(
        finding("github-pat", Severity.HIGH, place(f"src/{number}.py"))._replace(id=f"{number:012x}")
        for number in range(30)
    )
    text = console(ScanResult(target="a tree", findings=findings), RenderOptions(width=120))
    assert text.count("Revoke it at") == 1
    assert "HIGH  Github pat  github-pat, 30 findings\n" in text
    assert all(f"src/{number}.py:12:8" in text for number in range(30))


def many(rules: int, each: int, places: int = 1) -> ScanResult:
    """As many rules, findings of each and places of those; every third one still there."""
    return ScanResult(
        target="history",
        findings=tuple(
            finding(
                f"rule-{rule}",
                Severity(5 - rule % 5),
                *(
                    place(f"r{rule}/f{number}/p{n}.py", 1, GONE if number % 3 else STILL_THERE)
                    for n in range(places)
                ),
            )._replace(id=f"{rule:04x}{number:08x}")
            for rule in range(rules)
            for number in range(each)
        ),
    )


def test_thousands_of_findings_fit_and_what_is_left_out_is_counted() -> None:
    text = console(many(15, 150, places=3), RenderOptions(limit=100))
    assert text.count("\n") < 350
    assert text.count(".py:1:8") == 100
    assert len(heads(text)) == 15
    assert "not shown  2,210 findings, 6,650 places (--limit 0 shows all, -f oneline a line each)" in text
    everything = console(many(15, 150, places=3))
    assert everything.count(".py:1:8") == 15 * 150 * 3
    assert "not shown" not in everything


def test_a_large_rule_hides_no_small_one_and_present_places_come_first() -> None:
    result = many(1, 500)
    small = finding("lonely", Severity.INFO, place("lonely.py"))
    text = console(result._replace(findings=(*result.findings, small)), RenderOptions(limit=10))
    assert "lonely.py:12:8" in text
    assert text.count("/p0.py:1:8") == 9
    assert "only in history" not in text.split("─")[0]  # 167 are still there: they have the lines
    assert "and 491 more findings" in text


def test_more_rules_than_lines() -> None:
    text = console(many(40, 2), RenderOptions(limit=7))
    assert text.count(".py:1:8") == 7
    assert len(heads(text)) == 40


def test_places_of_one_value_are_bounded_with_a_limit_only() -> None:
    text = console(many(1, 1, places=9), RenderOptions(limit=100))
    assert text.count(".py:1:8") == 5
    assert "and 4 more places of it" in text
    assert "not shown  4 places (" in text
    assert console(many(1, 1, places=9)).count(".py:1:8") == 9


def test_thousands_of_findings_are_rendered_in_time() -> None:
    result = many(20, 100)
    names, options = ("console", "oneline", "md", "gitlab"), RenderOptions(limit=0)
    assert all(costs_little(lambda: [load(name).render(result, options) for name in names], 5))


def test_verbose_tells_more_of_each_finding_and_lists_skips() -> None:
    text = console(rich_result(), RenderOptions(verbosity=1, width=120))
    assert "      since 3333333333  2021-11-05  Ada Lovelace\n" in text
    assert "      now   still there, in main, release/2.x, stash and 1 more ref\n" in text
    assert "      until 2222222222  2024-01-20  gone, after 292 days" in text
    assert "in an object that no commit reaches any more" in text
    assert f"      id    {rich_result().findings[0].id}, high confidence\n" in text
    assert "dump.sql  larger than the size limit (81,234,567 bytes)" in text


def test_summary() -> None:
    text = console(rich_result(), RenderOptions(width=120))
    for part in (
        "2 critical, 2 high, 1 medium, 1 low, 1 info",
        "15,132 blobs, 272.8 MiB, in 0.81 s",
        "203 rules, hyperscan engine, 12,000 objects known from the cache",
        "binary content (2), cannot be read (1), larger than the size limit (1)",
        "baseline (1), inline comment (1)",
        "This is a shallow clone",
    ):
        assert part in text


def test_suppressed_are_listed_on_demand() -> None:
    assert "docs/a.md:12:8" not in console(rich_result())
    shown = RenderOptions(show_suppressed=True)
    assert "docs/a.md:12:8  Doc token (inline comment)" in console(rich_result(), shown)
    assert "docs/a.md:12:8  Doc token (inline comment)" in plain(rich_result(), shown)


def test_history_is_rewritten_only_where_there_is_history() -> None:
    assert "secops purge-history" in console(rich_result())
    assert "Rotate each secret" in console(work_tree_result())
    assert "secops purge-history" not in console(work_tree_result())
    assert "What to do next" not in console(clean_result())


def test_clean_is_one_line() -> None:
    assert console(clean_result()) == "✓ No secrets in the staged changes: 11 blobs, 47.1 KiB, in 0.02 s.\n"
    assert plain(clean_result()).count("\n") == 1


def test_clean_but_not_whole_says_so() -> None:
    partial = clean_result()._replace(limits=("A submodule is missing.",), skipped=rich_result().skipped)
    for text in (console(partial), plain(partial)):
        assert "A submodule is missing." in text
        assert "binary content (2)" in text


@pytest.mark.parametrize("width", [20, 60, 80, 120])
def test_only_places_and_lists_are_wider_than_asked(width: int) -> None:
    lines = console(rich_result(), RenderOptions(width=width)).splitlines()
    wide = [line for line in lines if len(line) > max(width, 40)]
    assert all(re.fullmatch(r"    \S.*:\d+:\d+", line) for line in wide)
    assert "docker-compose.yml:31:8" in "\n".join(lines)


@pytest.mark.parametrize("name", ["console", "plain"])
def test_colour_is_only_paint(name: str) -> None:
    reporter = load(name)
    bare = reporter.render(rich_result(), RenderOptions())
    painted = reporter.render(rich_result(), RenderOptions(color=True))
    assert "\x1b" not in bare
    assert painted != bare
    assert [line.rstrip() for line in ANSI.sub("", painted).split("\n")] == bare.split("\n")


def test_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    before = console(rich_result(), RenderOptions(color=True))
    for key, value in {"NO_COLOR": "1", "COLUMNS": "30", "TERM": "dumb", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(key, value)
    assert console(rich_result(), RenderOptions(color=True)) == before


def test_values_only_when_asked_and_made_visible() -> None:
    options = RenderOptions(show_secrets=True, width=120)
    assert f"value {CANARY.decode()}" in console(rich_result(), options)
    hostile = rich_result().findings[0]._replace(secret=SecretValue(b"a\x1b[2J\xff\nb"))
    text = console(rich_result()._replace(findings=(hostile,)), options)
    assert "value a\\x1b[2J\\xff\\nb" in text


def test_plain_says_what_where_why_and_the_ways_out() -> None:
    text = plain(work_tree_result())
    assert "secops: 2 findings in the staged changes" in text
    for part in (
        "CRITICAL  Github pat",
        "src/app/config.py:12:8",
        "key admin_passwd",
        "# secops: allow[github-pat] reason",
        "git commit --no-verify",
        "SKIP=secops-scan",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("rule", "path"), [("dotenv-secret", "dist.zip!.env"), ("keystore", "app.jks"), ("a", "x.zip!y.zip!z")]
)
def test_no_comment_is_advised_where_nobody_can_write_one(rule: str, path: str) -> None:
    found = finding(rule, Severity.HIGH, place(path))
    text = plain(work_tree_result()._replace(findings=(found,)))
    assert path in text
    assert "secops: allow" not in text
    assert "End its line with the comment" not in text


def test_values_are_revealed_in_one_place() -> None:
    """`reveal` and `to_wire` are called once in the whole package, in the console format."""
    modules = sorted(Path(next(iter(secopskit.report.__path__))).rglob("*.py"))
    called = [
        (module.name, node.attr)
        for module in modules
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"reveal", "to_wire", "_value"}
    ]
    assert called == [("console.py", "reveal")]
