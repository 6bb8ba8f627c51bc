"""The report for a person at a terminal, and the brief one of the hook."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import secopskit.report
from secopskit.findings import ScanResult
from secopskit.report import load
from secopskit.report.interface import RenderOptions
from secopskit.secret import SecretValue
from support.report_samples import CANARY, clean_result, rich_result, work_tree_result

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def console(result: ScanResult, options: RenderOptions | None = None) -> str:
    return load("console").render(result, options or RenderOptions())


def plain(result: ScanResult, options: RenderOptions | None = None) -> str:
    return load("plain").render(result, options or RenderOptions())


def test_worst_first() -> None:
    text = console(rich_result())
    heads = [line.split()[0] for line in text.splitlines() if re.match(r"[A-Z]+  \d+ finding", line)]
    assert heads == ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"]


def test_a_finding_says_where_since_when_and_what_to_do() -> None:
    text = console(rich_result(), RenderOptions(width=120))
    assert "src/app/config.py:12:8\n" in text
    assert "+3 more places (-v lists them)" in text
    assert "since 3333333333  2021-11-05  Ada Lovelace" in text
    assert "now   still there, in main, release/2.x, stash and 1 more ref" in text
    assert "2222222222  2024-01-20  gone, after 292 days" in text
    assert "no commit reaches any more" in text
    assert "fix   Revoke it at" in text


def test_verbose_lists_every_place_and_skip() -> None:
    text = console(rich_result(), RenderOptions(verbosity=1))
    assert "deploy/.env:7:8  in 1111111111" in text
    assert "more places" not in text
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
    assert all(re.search(r":\d+:\d+$", line) for line in wide)
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


def test_values_are_revealed_in_one_place() -> None:
    """`reveal` and `to_wire` are called once in the whole package, in the console format."""
    modules = sorted(Path(next(iter(secopskit.report.__path__))).glob("*.py"))
    called = [
        (module.name, node.attr)
        for module in modules
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"reveal", "to_wire", "_value"}
    ]
    assert called == [("console.py", "reveal")]
